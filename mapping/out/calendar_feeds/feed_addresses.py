"""Addresses of calendar feeds: make, find and revoke them, and list the tours of a feed. Only digests are stored."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from icalendar import Event

from mapping.enums import FeedScope
from mapping.models import CalendarFeed
from mapping.plans.tour_plans.tonight import districts_of
from needs.models import PlannedTour
from needs.neighbours.local_events import event_calendar
from volunteers.models import Association, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Verb
from volunteers.people.roles.second_factor import may_work
from volunteers.people.tokens.tokens import digest

PAST = timedelta(days=7)  # a calendar still contains tours that started within this time
MOST_TOURS = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A person, an association or a territory; a feed contains its tours. key: the name of the source in the form, such
    as "association:7"."""

    scope: FeedScope
    association: Association | None = None
    territory: Territory | None = None

    @property
    def key(self) -> str:
        own = self.association or self.territory
        return f"{self.scope}:{own.pk}" if own else str(self.scope)

    @property
    def columns(self) -> dict[str, Any]:
        return {"scope": self.scope, "association": self.association, "territory": self.territory}


def sources_of(viewer: Viewer) -> list[Source]:
    """Return the sources for which the viewer may have a feed: their own tours, their associations and their
    territories."""
    user = viewer.user_or_404
    memberships = Membership.objects.current().filter(user=user).select_related("association")
    territories = Territory.objects.coordinated_by(viewer).defer("polygon").order_by("path")
    return [
        Source(FeedScope.OWN),
        *(Source(FeedScope.ASSOCIATION, association=each.association) for each in memberships),
        *(Source(FeedScope.TERRITORY, territory=each) for each in territories),
    ]


def feeds_of(user: User) -> QuerySet[CalendarFeed]:
    """Return a person's feeds that were not revoked."""
    rows = CalendarFeed.objects.filter(user=user, revoked_at=None).select_related("association", "territory")
    return rows.defer("territory__polygon")


def make(user: User, source: Source) -> tuple[CalendarFeed, str]:
    """Make an address, and revoke the earlier address of the same source. Return the feed and its token."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        for old in feeds_of(user).filter(**source.columns):
            revoke(old)
        feed = CalendarFeed.objects.create(user=user, digest=digest(token), **source.columns)
        recording.record(user, Verb.FEED_MADE, "feed", feed.pk, details={"scope": str(source.scope)})
    return feed, token


def revoke(feed: CalendarFeed) -> None:
    """Revoke an address. Idempotent."""
    with transaction.atomic():
        if CalendarFeed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=timezone.now()):
            recording.record(feed.user, Verb.FEED_REVOKED, "feed", feed.pk)


def revoke_all(sender: Any, user: User, **_kwargs: Any) -> None:
    """Revoke all addresses of a blocked account (receiver of ``account_blocked``)."""
    for feed in feeds_of(user):
        revoke(feed)


def find(token: str) -> CalendarFeed | None:
    """Return the feed with this token, if its owner may still read its tours; None otherwise. Store today as
    ``used_on``."""
    rows = CalendarFeed.objects.usable().select_related("user", "association", "territory").defer("territory__polygon")
    feed = rows.filter(digest=digest(token)).first()
    if feed is None or not may_work(feed.user) or not _may_read(feed):
        return None
    today = timezone.localdate()
    CalendarFeed.objects.filter(~Q(used_on=today) | Q(used_on=None), pk=feed.pk).update(used_on=today)
    return feed


def _may_read(feed: CalendarFeed) -> bool:
    if feed.scope == FeedScope.ASSOCIATION:
        return Membership.objects.current().filter(user=feed.user, association=feed.association_id).exists()
    if feed.territory is not None:
        coordinated = Territory.objects.coordinated_by(Viewer(feed.user))
        return coordinated.filter(pk=feed.territory.pk).exists()
    return True


def tours_of(feed: CalendarFeed) -> list[tuple[PlannedTour, list[Territory]]]:
    """Return the planned and cancelled tours of a feed with their districts, by start."""
    plans = PlannedTour.objects.filter(start__gt=timezone.now() - PAST)
    if feed.scope == FeedScope.OWN:
        associations = Membership.objects.current().filter(user=feed.user).values("association")
        own = Q(author=feed.user, association__in=associations) | Q(taken__volunteer=feed.user)
        plans = plans.filter(own).distinct()
    elif feed.scope == FeedScope.ASSOCIATION:
        plans = plans.filter(association=feed.association_id)
    elif feed.territory is not None:
        plans = plans.inside(feed.territory.path)
    rows = list(plans.order_by("start", "pk")[:MOST_TOURS])
    districts = districts_of(rows)
    return [(each, districts[each.pk]) for each in rows]


def events_of(feed: CalendarFeed) -> list[Event]:
    """Return the local events of a feed: the events that a person joined, or the events of an association."""
    since = timezone.now() - PAST
    if feed.association is not None:
        return event_calendar.of_association(feed.association, since)
    return event_calendar.of_person(feed.user, since) if feed.scope == FeedScope.OWN else []
