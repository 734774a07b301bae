"""Alerts: one notification about new needs in a saved search, with a link and never with a place.

Dispatchers learn the number of new reports in their area; a report is in the area if the centre of its cell is. All
other people only learn that needs are open, without a number. Their areas are at least as large as an H3 cell of
resolution 8, and needs are located by the centre of such a cell. Several adjacent or overlapping areas therefore reveal
nothing more precise.
"""

import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point, Polygon
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from needs.base.dispatch_scope import scope
from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import TAKEABLE_STATES, NeedState, SearchPage
from needs.help.nearby import nearby
from needs.models import Correction, Need, NeedQuerySet, NeedStep, SavedSearch
from solidarity.lib import grid
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import areas, duties

SETTLING = timedelta(minutes=1)  # because a transaction that commits now may have stored an earlier time
MAX_ALERTS = 20
MAX_MATCHES = 500
COARSE = 8
LEAST_AREA = grid.average_area_m2(COARSE)
_CORNERS = 48


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new alert. area: drawn polygon or circle; None for the territory of the search, or everywhere."""

    name: str
    search: SearchQuery
    area: Polygon | None


# --- finding new needs -----------------------------------------------------------------------------------------------


def send_new(now: datetime | None = None) -> int:
    """Notify people of new needs in their searches that have an alert; return the number of notifications.

    Safe to repeat and to run in parallel, because each search is locked. One transaction stores the notification and
    the end of the period that the notification covers.
    """
    until = (now or timezone.now()) - SETTLING
    waiting = SavedSearch.objects.filter(alert=True, alerted_until__lt=until, user__is_active=True)
    since = waiting.aggregate(first=Min("alerted_until"))["first"]
    if since is None:
        return 0
    if not _anything(since, until):
        waiting.update(alerted_until=until)
        return 0
    return sum(_send_one(search, until) for search in waiting.order_by("alerted_until").values_list("pk", flat=True))


def _anything(since: datetime, until: datetime) -> bool:
    """Return whether a need was filed, changed its state or got its place in (since, until]."""
    filed = Need.objects.filter(filed_at__gt=since, filed_at__lte=until)
    stepped = NeedStep.objects.filter(at__gt=since, at__lte=until)
    placed = Correction.objects.that_gave_a_place(since, until)
    keys = [rows.order_by().values_list("pk") for rows in (filed, placed)]
    return stepped.exists() or keys[0].union(keys[1], all=True).exists()


def _send_one(key: uuid.UUID, until: datetime) -> bool:
    with transaction.atomic():
        locked = SavedSearch.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
        search = locked.filter(pk=key, alert=True, alerted_until__lt=until).first()
        if search is None:
            return False
        since, search.alerted_until = search.alerted_until, until
        search.save(update_fields=["alerted_until"])
        dispatches = duties.is_dispatcher(search.user)
        count = len(matches(search, since, until, dispatches=dispatches))
        if not count:
            return False
        notify(
            [search.user],
            Topic.ALERT,
            f"alert:{key}:{until:%Y%m%d%H%M%S%f}",
            lambda: message_for(key, count, dispatches),
        )
    return True


def message_for(search: uuid.UUID, count: int, dispatches: bool) -> Message:
    """Return the message of an alert, without the search's name, because people name searches after places."""
    path = reverse("needs:alert", args=[search])
    if not dispatches:
        return Message(_("New open needs where you want to help"), _("See which of them you could take."), path)
    title = ngettext(
        "%(count)d new report in one of your searches", "%(count)d new reports in one of your searches", count
    ) % {"count": count}
    return Message(title, _("They came in since our last notification."), path)


def matches(search: SavedSearch, since: datetime, until: datetime, *, dispatches: bool) -> list[uuid.UUID]:
    """Return at most MAX_MATCHES needs of a search that are new in (since, until], without archives.

    A need is new if it was filed, got its place, or reached a state that the search names. Dispatchers get only needs
    that they work on. All other people get only needs in their list of open needs.
    """
    query = SearchQuery.from_json(search.query)
    if not dispatches:
        if not is_large_enough(search.area):
            return []
        query = SearchQuery(query.kinds, query.urgency, tuple(TAKEABLE_STATES), query.area)
    if query.area and query.area not in {area.slug for area in areas.areas_for(Viewer(search.user))}:
        return []
    needs = scope.needs_for(Viewer(search.user)) if dispatches else Need.objects.all()
    found = query.apply(_new(needs, query, since, until, opened_only=not dispatches), until)
    if search.crisis_id:
        found = found.filter(crisis=search.crisis_id)
    rows = found.order_by("-filed_at").values_list("pk", "cell")[:MAX_MATCHES]
    keys = list(_inside(search.area, rows, coarse=not dispatches))
    if keys and not dispatches:
        shown = {row.id for row in nearby.open_needs(Viewer(search.user), nearby.Wanted())}
        keys = [key for key in keys if key in shown]
    return keys


def _new(
    needs: NeedQuerySet, query: SearchQuery, since: datetime, until: datetime, *, opened_only: bool
) -> NeedQuerySet:
    states = (NeedState.OPEN,) if opened_only else query.states
    stepped = NeedStep.objects.filter(need=OuterRef("pk"), at__gt=since, at__lte=until, state__in=states)
    placed = Correction.objects.that_gave_a_place(since, until).values("report")
    new = Q(filed_at__gt=since, filed_at__lte=until) | Q(pk__in=placed)
    return needs.live().filter(archive=False).filter(new | Exists(stepped) if states else new)


def _inside(area: Polygon | None, rows: Iterable[tuple[uuid.UUID, int | None]], *, coarse: bool) -> Iterable[uuid.UUID]:
    """Yield the keys of the rows in an area, by the centre of their cell (with ``coarse``, by the centre of the cell's
    parent of resolution 8)."""
    prepared = area.prepared if area is not None else None
    known: dict[int, bool] = {}
    for key, cell in rows:
        if prepared is None:
            yield key
            continue
        if cell is None:
            continue
        if cell not in known:
            latitude, longitude = grid.centre(grid.parent(cell, COARSE) if coarse else cell)
            known[cell] = prepared.contains(Point(longitude, latitude, srid=4326))
        if known[cell]:
            yield key


# --- areas -----------------------------------------------------------------------------------------------------------


def is_large_enough(area: Polygon | None) -> bool:
    """Return whether an area is as large as a cell of resolution 8, so that it cannot single out a person."""
    return area is None or square_metres(area) >= LEAST_AREA


def square_metres(area: Polygon) -> float:
    """Return the size of an area given in degrees."""
    return float(area.transform(6933, clone=True).area)  # an equal-area projection


def circle(latitude: float, longitude: float, metres: float) -> Polygon:
    """Return a polygon of _CORNERS corners for a circle around a place in degrees."""
    tall = metres / 111_195
    wide = tall / max(math.cos(math.radians(latitude)), 0.01)
    turns = [2 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
    ring = [(longitude + wide * math.cos(turn), latitude + tall * math.sin(turn)) for turn in turns]
    return Polygon([*ring, ring[0]], srid=4326)


# --- managing alerts ---------------------------------------------------------------------------------------------


def own_searches(user: User) -> QuerySet[SavedSearch]:
    """Return a person's searches that can have an alert; for dispatchers also searches of the queue and of crises."""
    searches = SavedSearch.objects.filter(user=user).select_related("crisis").prefetch_related("crisis__categories")
    if not duties.is_dispatcher(user):
        searches = searches.filter(page=SearchPage.ALERTS)
    return searches.order_by("-alert", "name")


class TooMany(Exception):
    """A person has MAX_ALERTS alerts already."""


def save_alert(user: User, wanted: Wanted) -> SavedSearch:
    """Save an alert, or replace the one with the same name. Existing needs cause no notification. Raises TooMany."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        others = SavedSearch.objects.filter(user=user, page=SearchPage.ALERTS).exclude(name=wanted.name)
        if others.count() >= MAX_ALERTS:
            raise TooMany
        search, _made = SavedSearch.objects.update_or_create(
            user=user,
            page=SearchPage.ALERTS,
            name=wanted.name,
            defaults={
                "query": wanted.search.to_json(),
                "area": wanted.area,
                "alert": True,
                "alerted_until": timezone.now(),
            },
        )
    return search


def switch(search: SavedSearch, *, on: bool) -> None:
    """Switch a search's alert on or off. If a need was filed while the alert was off, nobody is notified later."""
    SavedSearch.objects.filter(pk=search.pk).update(alert=on, alerted_until=timezone.now())


def delete_alert(search: SavedSearch) -> None:
    """Delete an alert. A search that belongs to another page stays, but without an alert."""
    if search.page == SearchPage.ALERTS:
        search.delete()
    else:
        switch(search, on=False)


def found_last_week(search: SavedSearch, now: datetime) -> list[Need]:
    """Return at most 50 needs that a dispatcher's search found in the last week, the latest first."""
    keys = matches(search, now - timedelta(days=7), now, dispatches=True)[:50]
    return list(Need.objects.filter(pk__in=keys).order_by("-filed_at"))
