"""The conversation about an event."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self, override

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from needs.conversations.models import Conversation, Message, Speaker
from needs.conversations.subjects import READ_AND_ANSWER, Subject
from needs.models import GroupMember, LocalEvent
from needs.neighbours.groups.models import GroupRole
from needs.neighbours.local_events import joining, occurrences
from volunteers.models import Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer

AFTER_AN_EVENT = timedelta(days=2)
"""Time after an event in which people can still write, for example about lost property."""


class AboutEvent(Subject):
    """The people who joined one occurrence of an event, and its organisers."""

    row: LocalEvent
    kind = "event"
    told_once = True
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

    @classmethod
    @override
    def find(cls, id: uuid.UUID, on: str = "") -> Self:
        event = get_object_or_404(LocalEvent, pk=id)
        if not event.repeats:
            return cls(event)
        when = occurrences.read(on)
        if when is None or occurrences.at(event, when) is None:
            raise Http404
        return cls(event, when)

    @classmethod
    @override
    def of(cls, stored: Conversation, kind: str) -> Self:
        return cls(stored.event, stored.occurrence)

    @classmethod
    @override
    def near(cls, viewer: Viewer, user: User) -> Q:
        own = Membership.objects.current().filter(user=user).values("association")
        return Q(event__in=user.event_seats.values("event")) | Q(event__association__in=own) | Q(event__author=user)

    @property
    @override
    def territory(self) -> Territory | None:
        return self.row.territory

    @override
    def news(self, message: Message) -> tuple[str, str]:
        return _("A message about an event that you joined"), str(READ_AND_ANSWER)
