"""Models of needs.messages.channels."""

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Medium

MOST_RECEIVED, MOST_SENT = 4000, 480
"""Maximum number of characters of an incoming and of an outgoing message."""


class DialogueStep(models.TextChoices):
    """The person or event for which a dialogue waits. DESK: a dispatcher must read it, because the messages are
    unclear. DONE: nothing."""

    PLACE = "place", _("the place")
    KIND = "kind", _("what is needed")
    PERSONS = "persons", _("how many people")
    DESK = "desk", _("a dispatcher")
    DONE = "done", _("nothing")


class Correspondent(models.Model):
    """A telephone number or e-mail address that wrote to this site. Retention deletes it soon after its last report.

    digest: keyed hash of the address, used to find the correspondent again. address: the encrypted address (E.164, or
    e-mail in lower case). language: a code of PUBLIC_LANGUAGES; empty as long as it is unknown. stopped_at: the time at
    which the person wrote STOP; nothing is sent to them until they write START.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    medium = models.CharField(max_length=5, choices=Medium.choices)
    digest = models.CharField(max_length=64, editable=False)
    address = models.BinaryField(editable=False)
    language = models.CharField(max_length=5, blank=True)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["medium", "digest"], name="one_correspondent_per_address")]

    def __str__(self) -> str:
        return f"{self.medium} {self.pk}"


class Dialogue(models.Model):
    """The messages of one correspondent about one need, from the first message until the need is closed.

    need: the need that was filed from the dialogue; None until the dialogue knows enough to file a report. asked: the
    questions that were asked so far. draft: the values known so far, by field name of ``NeedDraft``. to_desk_at: the
    time since which the dialogue waits for a dispatcher; taken_by: the dispatcher who works on it. guess: the values
    that the rules read in the messages, for the desk: {"kinds", "urgency", "place", "reasons"}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    correspondent = models.ForeignKey(Correspondent, on_delete=models.CASCADE, related_name="dialogues")
    need = models.ForeignKey("needs.Need", on_delete=models.SET_NULL, null=True, blank=True, related_name="dialogues")
    step = models.CharField(max_length=7, choices=DialogueStep.choices, default=DialogueStep.PLACE)
    asked = ArrayField(models.CharField(max_length=7, choices=DialogueStep.choices), default=list, blank=True)
    draft = models.JSONField(default=dict, blank=True)
    guess = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    to_desk_at = models.DateTimeField(null=True, blank=True)
    territory = models.ForeignKey(
        "volunteers.Territory", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    taken_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("opened_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["correspondent"], condition=Q(closed_at=None), name="one_open_dialogue_per_correspondent"
            )
        ]
        indexes = [
            models.Index(fields=["to_desk_at"], name="dialogue_for_the_desk", condition=Q(step="desk", closed_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.step}"


class InboundMessageQuerySet(models.QuerySet["InboundMessage"]):
    def waiting(self) -> Self:
        """Messages that no dialogue has read yet, in the order of reading."""
        return self.filter(read_at=None, failed_at=None).order_by("correspondent", "received_at", "part", "pk")


class InboundMessage(models.Model):
    """An incoming message. ``provider_id`` makes it idempotent: a repeated call of the provider stores nothing.

    gateway: name of the adapter. received_at: the time at which the provider received the message; stored_at: the time
    at which this site stored it. part: the number of this part of a long message, from 1 to ``parts``; all parts have
    the same ``reference``. Most gateways join the parts themselves. danger: flags of ``danger_words`` found. attempts,
    not_before, failed_at, failure: the same fields as in ``Notification``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    correspondent = models.ForeignKey(Correspondent, on_delete=models.CASCADE, related_name="received")
    dialogue = models.ForeignKey(Dialogue, on_delete=models.SET_NULL, null=True, related_name="received")
    gateway = models.CharField(max_length=12)
    provider_id = models.CharField(max_length=200)
    text = models.TextField(max_length=MOST_RECEIVED, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    part = models.PositiveSmallIntegerField(default=1)
    parts = models.PositiveSmallIntegerField(default=1)
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField(default=timezone.now)
    danger = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=120, blank=True)

    objects = InboundMessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "provider_id"], name="one_inbound_message_per_provider_id")
        ]
        indexes = [
            models.Index(fields=["not_before"], name="inbound_waiting", condition=Q(read_at=None, failed_at=None)),
            models.Index(fields=["correspondent", "stored_at"], name="inbound_by_correspondent"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.pk}"


class ReceivedId(models.Model):
    """The keyed hash of the provider's id of a text message that came in. It outlives the message: calls of some
    providers have no signed time, so a recorded call could otherwise be made again after the message is deleted."""

    digest = models.CharField(primary_key=True, max_length=64, editable=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="received_id_by_time")]

    def __str__(self) -> str:
        return f"received {self.at:%Y-%m-%d}"


class OutboundMessageQuerySet(models.QuerySet["OutboundMessage"]):
    def due(self) -> Self:
        """Messages to send, the oldest first."""
        return self.filter(sent_at=None, failed_at=None).order_by("written_at", "pk")


class OutboundMessage(models.Model):
    """An outgoing message. The message is stored in the transaction that causes it; a worker sends it.

    The text never contains a place, a name or a number of a person. by: the dispatcher who wrote the message; None for
    automatic answers. gateway, provider_id: the gateway that sent it and the gateway's id for it, to match delivery
    notes. delivered_at, undelivered: what the provider or a bounce reported later. not_before to failure: as in
    ``Notification``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    correspondent = models.ForeignKey(Correspondent, on_delete=models.CASCADE, related_name="sent")
    dialogue = models.ForeignKey(Dialogue, on_delete=models.SET_NULL, null=True, related_name="sent")
    answers = models.ForeignKey(InboundMessage, on_delete=models.SET_NULL, null=True, related_name="answered_by")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=MOST_SENT)
    written_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=120, blank=True)
    gateway = models.CharField(max_length=12, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    undelivered = models.BooleanField(default=False)

    objects = OutboundMessageQuerySet.as_manager()

    class Meta:
        ordering = ("written_at", "pk")
        indexes = [
            models.Index(fields=["not_before"], name="outbound_waiting", condition=Q(sent_at=None, failed_at=None)),
            models.Index(fields=["gateway", "provider_id"], name="outbound_by_provider_id"),
            models.Index(fields=["sent_at"], name="outbound_by_sending", condition=~Q(sent_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.correspondent_id} {self.written_at:%Y-%m-%d %H:%M}"
