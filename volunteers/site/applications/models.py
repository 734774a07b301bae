"""The table of applications."""

import uuid
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApplicationQuerySet(models.QuerySet["Application"]):
    def waiting(self) -> Self:
        """Return the applications without an answer, the oldest first."""
        return self.filter(accepted=None).order_by("asked_at")


class Application(models.Model):
    """An association's request to work on this site. Retention deletes the row soon after the answer.

    accepted: whether the application was accepted; None as long as nobody has answered. word: the message of the
    coordinator to the applicant. association: the association that was created for an accepted application. language:
    the language of the answer by mail.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name of the association"), max_length=120)
    website = models.URLField(_("website"), blank=True)
    about = models.TextField(_("what you do"), max_length=1000)
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="applications")
    person = models.CharField(_("your name"), max_length=80)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(max_length=5, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    accepted = models.BooleanField(null=True, blank=True)
    answered_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    word = models.CharField(max_length=300, blank=True)
    association = models.ForeignKey("volunteers.Association", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application of an association")
        verbose_name_plural = _("applications of associations")
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=models.Q(accepted=None), name="one_waiting_application_per_address"
            )
        ]

    def __str__(self) -> str:
        return self.name
