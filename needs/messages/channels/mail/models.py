"""Models of needs.messages.channels.mail."""

from django.db import models


class MailDetails(models.Model):
    """The data about a mail that are needed to answer it.

    number: the Message-ID of the mail as its sender wrote it, with brackets; "" without one. attachments: the number of
    files, which are never stored. sounds: how many of them are sound files, for example voice messages. automatic: True
    if a machine may have written the mail; nothing is ever sent to it automatically.
    """

    message = models.OneToOneField("needs.InboundMessage", on_delete=models.CASCADE, related_name="mail")
    number = models.CharField(max_length=250, blank=True)
    attachments = models.PositiveSmallIntegerField(default=0)
    sounds = models.PositiveSmallIntegerField(default=0)
    automatic = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.number
