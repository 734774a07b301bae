"""The conversation of a crew, on the pages of a plan, a seat and a tour."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Self, override

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from needs.conversations.conversation_presenter import Line, lines_for
from needs.conversations.models import Conversation, Message, Speaker
from needs.conversations.subjects import Subject
from needs.models import PlannedTour, Tour
from needs.tours.next_crew_words import crew_words
from needs.tours.tour_seats import crews
from needs.tours.tour_seats.crews import Crew
from volunteers.models import Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import areas


class AboutTour(Subject):
    """The crew of a planned or running tour, volunteers with a seat, and coordinators of its territory."""

    row: PlannedTour | Tour
    shared = True
    kinds = ("plan", "tour")
    answered_to_coordinators = True

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

    @classmethod
    @override
    def find(cls, id: uuid.UUID, on: str = "") -> Self:
        return cls.about(crews.crew_of(id))

    @classmethod
    @override
    def of(cls, stored: Conversation, kind: str) -> Self:
        """Find the tour also if it was taken back: moderators still decide about its messages."""
        return cls.about(crews.crew_of_tour(stored.tour)) if stored.tour is not None else cls(stored.plan)

    @classmethod
    def about(cls, crew: Crew) -> Self:
        """Return the subject of a crew: its plan, or its tour if it was started without one."""
        return cls(crew.plan or crew.tour)

    @classmethod
    @override
    def near(cls, viewer: Viewer, user: User) -> Q:
        own = Membership.objects.current().filter(user=user).values("association")
        return Q(plan__association__in=own) | Q(tour__association__in=own) | Q(plan__in=user.seats.values("plan"))

    @property
    @override
    def territory(self) -> Territory | None:
        if isinstance(self.row, PlannedTour):
            return next(iter(areas.territories_of(self.row.cells)), None)
        return next(iter(crew_words.of_tour(self.row)), None)

    @override
    def news(self, message: Message) -> tuple[str, str]:
        read = _("Open the page to read the message and to answer.")
        if message.speaker == Speaker.COORDINATION:
            return _("A coordinator wrote to your crew"), read
        return _("Somebody wrote to your crew"), read


@dataclass(frozen=True, slots=True)
class CrewThread:
    """The conversation on the pages of a plan, a seat and a tour. unread: messages of others that the reader has not
    marked as read. any: whether there are messages at all. open: whether the reader can write."""

    key: uuid.UUID
    unread: list[Line]
    any: bool
    open: bool


def for_crew(user: User, crew: Crew) -> CrewThread:
    """Return the messages for a member of the crew; none after the tour."""
    if crew.is_over(timezone.now()):
        return CrewThread(crew.key, [], any=False, open=False)
    lines = lines_for(AboutTour.about(crew), Speaker.CREW, user)
    return CrewThread(crew.key, [line for line in lines if line.new], any=bool(lines), open=True)
