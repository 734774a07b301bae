"""Models of needs.conversations."""

import uuid
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import UNFINISHED_STATES
from solidarity.lib.pii_check.messages import CONTACTS, look
from volunteers.people.accounts.models import User

SUBJECTS = ("commitment", "need", "plan", "tour", "loan", "event", "group")
"""The subjects of conversations: exactly one of these columns is set. need: the thread of reporter and desk."""
LONGEST = 500
"""Characters of one message."""


class Speaker(models.TextChoices):
    """The role in which somebody writes, as the others see it."""

    REPORTER = "reporter", _("the reporter")
    VOLUNTEER = "volunteer", _("a volunteer")
    DESK = "desk", _("dispatch")
    COORDINATION = "coordination", _("coordination")
    CREW = "crew", _("the crew")
    OWNER = "owner", _("the owner")
    BORROWER = "borrower", _("the borrower")
    ORGANISER = "organiser", _("the organisers")
    MEMBER = "member", _("a member")


class Conversation(models.Model):
    """The one thread about one subject. A conversation is made with its first message and deleted with its subject.

    occurrence: the start of the occurrence, for a conversation about a repeated event; otherwise None.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    commitment = models.ForeignKey("needs.Commitment", on_delete=models.CASCADE, null=True, related_name="+")
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, null=True, related_name="+")
    plan = models.ForeignKey("needs.PlannedTour", on_delete=models.CASCADE, null=True, related_name="+")
    tour = models.ForeignKey("needs.Tour", on_delete=models.CASCADE, null=True, related_name="+")
    loan = models.ForeignKey("needs.Loan", on_delete=models.CASCADE, null=True, related_name="+")
    event = models.ForeignKey("needs.LocalEvent", on_delete=models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey("needs.Group", on_delete=models.CASCADE, null=True, related_name="+")
    occurrence = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Exact(models.Func(*SUBJECTS, function="num_nonnulls", output_field=models.IntegerField()), 1),
                name="a_conversation_has_one_subject",
            ),
            models.UniqueConstraint(
                fields=[*SUBJECTS, "occurrence"], nulls_distinct=False, name="one_conversation_per_subject"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MessageQuerySet(models.QuerySet["Message"]):
    def shown(self) -> Self:
        """Messages that no moderator hid and that do not wait for a moderator."""
        return self.filter(held_at=None, hidden_at=None)

    def shown_to(self, user: User | None) -> Self:
        """Messages that a reader sees: messages shown to everybody, and the reader's own messages that wait for a
        moderator."""
        own = Q(author=user, author__isnull=False)
        return self.filter(Q(held_at=None) | own, hidden_at=None)

    def unread_by(self, user: User) -> Self:
        """Shown messages of others that a person has not read."""
        mine = MessageRead.objects.filter(message=OuterRef("pk"), user=user)
        return self.shown().filter(~Exists(mine)).exclude(author=user)

    def with_readers(self) -> Self:
        """Annotate messages with ``readers``: the number of people who have read the message. The annotation contains
        neither names nor times."""
        return self.select_related("author").annotate(readers=models.Count("read"))

    def of_reporter(self, need: uuid.UUID) -> Self:
        """Messages that the reporter of a need reads: the threads with holders and with dispatch, the oldest message
        first."""
        about = Q(conversation__need=need) | Q(conversation__commitment__need=need)
        return self.filter(about).filter(Q(held_at=None) | Q(speaker=Speaker.REPORTER), hidden_at=None)

    def to_answer(self) -> Self:
        """The last message of each thread between a reporter and dispatch, if the reporter wrote it."""
        thread = Message.objects.filter(conversation=OuterRef("conversation"), at__gt=OuterRef("at"))
        answered = Exists(thread.filter(speaker=Speaker.DESK))
        later = Exists(thread.shown().filter(speaker=Speaker.REPORTER))
        open_need = Q(conversation__need__state__in=UNFINISHED_STATES, conversation__need__retracted_at=None)
        return self.shown().filter(open_need, ~answered, ~later, speaker=Speaker.REPORTER)

    def to_pass_on(self) -> Self:
        """Messages to pass on by telephone that nobody has passed on yet."""
        return self.shown().filter(by_phone=True, passed_at=None, speaker=Speaker.VOLUNTEER)


class Message(models.Model):
    """One message. id: an id made by the writer's phone, so that a message that is sent twice is stored only once.

    author: the account of the author; None for a reporter, who has no account, or after an erasure. held_at: the time
    since which the message is hidden because of a held word, until a moderator decides; hidden_at: the time at which a
    moderator hid the message. by_phone: True if a dispatcher must pass the message on by telephone to a reporter who
    does not open the page; passed_at, passed_by: the time at which this was done and the dispatcher who did it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    speaker = models.CharField(max_length=12, choices=Speaker.choices)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.CharField(_("message"), max_length=LONGEST)
    at = models.DateTimeField(default=timezone.now)
    held_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    by_phone = models.BooleanField(_("a dispatcher passes it on by telephone"), default=False)
    passed_at = models.DateTimeField(null=True, blank=True)
    passed_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["conversation", "at"], name="message_of_conversation")]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.at:%Y-%m-%d %H:%M}"

    @property
    def first_name(self) -> str:
        """The first word of the name that the author shows to teams; "" if it is, or contains, a contact."""
        return self.author.given_name if self.author and not look(self.author.display_name, CONTACTS) else ""


class MessageRead(models.Model):
    """A person with an account has read a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="read")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="a_message_read_once")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.user_id}"


class RefusedMessage(models.Model):
    """A message about a need that was refused although it tells of danger, for example because the need is closed. Only
    the need's dispatchers read it, beside the alarm.

    id: the id made by the writer's phone. The author is not stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="refused_messages")
    speaker = models.CharField(max_length=12, choices=Speaker.choices)
    text = models.CharField(max_length=LONGEST)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.need_id} {self.at:%Y-%m-%d %H:%M}"
