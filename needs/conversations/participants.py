"""The participants of a conversation, by its subject: who reads and writes it, in which role, and until when.

There is a class for each kind of subject. ``threads.find`` creates its objects; all other code uses only the methods of
the base class.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, override

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from needs.conversations.models import Message, Speaker
from needs.desk import scope
from needs.enums import UNFINISHED_STATES
from needs.groups.models import GroupRole
from needs.loans import loan_people, loan_protection
from needs.loans.loan_states import LoanSide
from needs.local_events import joining, occurrences
from needs.models import Commitment, Group, GroupMember, Loan, LocalEvent, Need, PlannedTour, Tour
from needs.tour_seats import crews
from needs.tour_seats.crews import Crew
from solidarity.lib.pii_check.messages import CONTACTS, look
from volunteers.accounts.viewer import Viewer
from volunteers.models import Membership, User

AFTER_AN_EVENT = timedelta(days=2)
"""Time after an event in which people can still write, for example about lost property."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a conversation. occurrence: the start of the occurrence, for a repeated event.

    most: maximum number of messages of one writer. shared: True if more than two sides read the conversation; the page
    then tells people apart by first name and counts readers.
    """

    row: Any
    occurrence: datetime | None = None

    kind: ClassVar[str]
    most: ClassVar[int] = 20
    shared: ClassVar[bool] = False

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that identify the subject's conversation."""
        return {self.kind: self.row, "occurrence": self.occurrence}

    @property
    def need(self) -> Need | None:
        """The need of the conversation, if the reporter of this need reads the conversation; otherwise None."""
        return None

    @property
    def path(self) -> str:
        """The address of the conversation."""
        when = f"?on={self.occurrence.astimezone(UTC):%Y%m%dT%H%MZ}" if self.occurrence else ""
        return reverse("needs:conversation_about", args=[self.kind, self.row.pk]) + when

    def page_for(self, speaker: Speaker) -> tuple[str, str] | None:
        """Return the address and name of the page about the subject; None if there is no such page for this person."""
        return None

    @property
    def title(self) -> str:
        raise NotImplementedError

    def speaker_of(self, viewer: Viewer) -> Speaker | None:
        """Return the role in which somebody reads and writes; None for people who may not read the conversation.

        With “view as”, nobody has a role.
        """
        if viewer.account is None or viewer.view_as is not None:
            return None
        return self._speaker_of(viewer, viewer.account)

    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        raise NotImplementedError

    def is_over(self, now: datetime) -> bool:
        """Whether writing has ended for everybody."""
        raise NotImplementedError

    def is_closed(self, now: datetime) -> bool:
        """Whether reading has ended for everybody."""
        return False

    def people(self) -> Collection[User]:
        """Return all people with an account who are notified of messages, including the writer."""
        raise NotImplementedError

    def name_of(self, message: Message, reader: Speaker) -> str:
        """Return the name to show beside the role: the first name for people who help together, "" for a reporter."""
        return message.first_name if self.shared else ""

    def contact_problem(self, text: str) -> str:
        """Return the reason why a text must not be sent here even if its writer confirms it; "" if it may be sent."""
        if self.shared and look(text, CONTACTS):
            return _("Leave out telephone numbers and e-mail addresses. Everybody reads and answers here.")
        return ""


class AboutCommitment(Subject):
    """Holder and reporter. Neither side learns who the other side is."""

    row: Commitment
    kind = "commitment"

    @property
    @override
    def need(self) -> Need:
        return self.row.need

    @override
    def page_for(self, speaker: Speaker) -> tuple[str, str]:
        return reverse("needs:commitment", args=[self.row.pk]), _("Your commitment")

    @property
    @override
    def title(self) -> str:
        return _("Messages with the person who reported it")

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        return Speaker.VOLUNTEER if self.row.volunteer_id == user.pk else None

    @override
    def is_over(self, now: datetime) -> bool:
        live = Need.objects.live().filter(pk=self.row.need_id).exists()
        return not (live and Commitment.objects.running(now).filter(pk=self.row.pk).exists())

    @override
    def people(self) -> Collection[User]:
        return [self.row.volunteer]


class AboutNeed(Subject):
    """The reporter of a need and its dispatchers.

    The reporter writes on the private page, or by text message or e-mail.
    """

    row: Need
    kind = "need"
    most = 60

    @property
    @override
    def need(self) -> Need:
        return self.row

    @override
    def page_for(self, speaker: Speaker) -> tuple[str, str]:
        if speaker is Speaker.DESK:
            return reverse("needs:triage_need", args=[self.row.pk]), _("Open the need")
        return reverse("needs:mine"), _("My reports")

    @property
    @override
    def title(self) -> str:
        return _("Messages between the reporter and dispatch")

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        if scope.needs_for(viewer).live().filter(pk=self.row.pk).exists():
            return Speaker.DESK
        return Speaker.REPORTER if self.row.author_id == user.pk and self.row.retracted_at is None else None

    @override
    def is_over(self, now: datetime) -> bool:
        return self.row.retracted_at is not None or self.row.state not in UNFINISHED_STATES

    @override
    def people(self) -> Collection[User]:
        return list(scope.dispatchers_of(self.row))

    @override
    def name_of(self, message: Message, reader: Speaker) -> str:
        among = reader is Speaker.DESK and message.speaker == Speaker.DESK
        return message.first_name if among else ""


class AboutTour(Subject):
    """The crew of a planned or running tour, volunteers with a seat, and coordinators of its territory."""

    row: PlannedTour | Tour
    shared = True

    @property
    @override
    def kind(self) -> str:  # type: ignore[override]
        return "plan" if isinstance(self.row, PlannedTour) else "tour"

    @property
    @override
    def path(self) -> str:
        return reverse("needs:crew", args=[self.row.pk])

    @override
    def page_for(self, speaker: Speaker) -> tuple[str, str]:
        crew = self.crew
        if speaker is Speaker.CREW and crew.tour is not None:
            return reverse("needs:tour", args=[crew.tour.pk]), _("Back to the tour")
        if speaker is Speaker.CREW:
            return reverse("needs:plan", args=[crew.key]), _("Back to the plan")
        if speaker is Speaker.VOLUNTEER:
            return reverse("mapping:seat", args=[crew.key]), _("Back to the tour")
        return reverse("mapping:tonight_start"), _("Tonight")

    @property
    def crew(self) -> Crew:
        return Crew(self.row, self.row.tour) if isinstance(self.row, PlannedTour) else Crew(None, self.row)

    @property
    @override
    def title(self) -> str:
        when = date_format(localtime(self.crew.start), "SHORT_DATETIME_FORMAT")
        return _("Tour of %(association)s, %(when)s") % {"association": self.crew.association.name, "when": when}

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        if crews.is_member(viewer, self.crew):
            return Speaker.CREW
        if crews.has_seat(viewer, self.crew):
            return Speaker.VOLUNTEER
        return Speaker.COORDINATION if crews.coordinates(viewer, self.crew) else None

    @override
    def is_over(self, now: datetime) -> bool:
        return self.crew.is_over(now)

    is_closed = is_over

    @override
    def people(self) -> Collection[User]:
        wrote = Message.objects.filter(**{f"conversation__{self.kind}": self.row})
        crew = self.crew.people(wrote.exclude(speaker=Speaker.COORDINATION).values_list("author", flat=True))
        asked = wrote.filter(speaker=Speaker.COORDINATION).values("author")
        return [*crew, *User.objects.filter(pk__in=asked).exclude(pk__in=[person.pk for person in crew])]


class AboutLoan(Subject):
    """Borrower and owner of a loan. Neither side sees the contacts of the other side."""

    row: Loan
    kind = "loan"
    most = 30

    @override
    def page_for(self, speaker: Speaker) -> tuple[str, str]:
        return reverse("needs:loan", args=[self.row.pk]), _("Loan")

    @property
    @override
    def title(self) -> str:
        return str(self.row.item.name)

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        side = loan_people.side_of(user, self.row)
        return None if side is None else Speaker(side.value)

    @override
    def is_over(self, now: datetime) -> bool:
        return not self.row.is_open or loan_people.are_apart(self.row)

    @override
    def people(self) -> Collection[User]:
        return [each for side in LoanSide for each in loan_people.people_of(self.row, side)]

    @override
    def name_of(self, message: Message, reader: Speaker) -> str:
        return loan_people.first_name(message.author)

    @override
    def contact_problem(self, text: str) -> str:
        return str(loan_protection.CONTACT_WORDS) if loan_protection.tells_contact(text) else ""


class AboutEvent(Subject):
    """The people who joined one occurrence of an event, and its organisers."""

    row: LocalEvent
    kind = "event"
    shared = True

    @property
    @override
    def title(self) -> str:
        when = date_format(localtime(self._start), "SHORT_DATETIME_FORMAT")
        return f"{self.row.title}, {when}"

    @property
    def _start(self) -> datetime:
        return self.occurrence or self.row.starts_at

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        if joining.is_organiser(user, self.row):
            return Speaker.ORGANISER
        return Speaker.MEMBER if joining.has_place(user, self.row, self._start) else None

    @override
    def is_over(self, now: datetime) -> bool:
        own = occurrences.at(self.row, self._start)
        return own is None or now > own.ends_at + AFTER_AN_EVENT or (own.cancelled and now > own.starts_at)

    @override
    def people(self) -> Collection[User]:
        """Return the people with a place, the association's dispatchers, the group's hosts, and the author if they
        organise it."""
        dispatchers = Membership.objects.dispatching().filter(association=self.row.association).values("user")
        hosts = GroupMember.objects.filter(group=self.row.group, role=GroupRole.HOST).values("user")
        organisers = User.objects.filter(Q(pk__in=dispatchers) | Q(pk__in=hosts) | Q(pk=self.row.author_id))
        told = [person for person in organisers if joining.is_organiser(person, self.row)]
        return list({person.pk: person for person in [*told, *joining.people_in(self.row, self._start)]}.values())


class AboutGroup(Subject):
    """The members of a neighbourhood group and its hosts, by the rules of ``group_membership``."""

    row: Group
    kind = "group"
    shared = True
    most = 200

    @property
    @override
    def title(self) -> str:
        return str(self.row.name)

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        role = GroupMember.objects.filter(group=self.row, user=user).values_list("role", flat=True).first()
        if role is None:
            return None
        return Speaker.ORGANISER if role == GroupRole.HOST else Speaker.MEMBER

    @override
    def is_over(self, now: datetime) -> bool:
        return self.row.closed_at is not None

    @override
    def people(self) -> Collection[User]:
        members = GroupMember.objects.filter(group=self.row, group__closed_at=None).values("user")
        return list(User.objects.filter(pk__in=members, is_active=True))
