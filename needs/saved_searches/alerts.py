"""Alerts: what is new in a saved search is told once, with a count and a link, never with a place.

Who dispatches hears of every report that the search finds, by the middle of its cell. Everybody else hears that needs
are open, without a number, in an area of at least one cell of resolution 8 and by the middle of the cell of
resolution 8: areas drawn side by side or over each other tell nothing finer than that.
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

from needs.enums import TAKEABLE_STATES, NeedState, SearchPage
from needs.models import Need, NeedQuerySet, NeedStep, SavedSearch
from needs.open_needs import nearby
from needs.saved_searches.need_filters import SearchQuery
from solidarity.lib import grid
from volunteers.accounts.viewer import Viewer
from volunteers.enums import Topic
from volunteers.models import Membership, User
from volunteers.notifications.notifying import Message, notify
from volunteers.territories import areas

SETTLING = timedelta(minutes=1)  # a report that is being stored now may carry an earlier time
MOST_ALERTS = 20
MOST_TOLD = 500
COARSE = 8
LEAST_AREA = grid.average_area_m2(COARSE)
_CORNERS = 48


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new alert. area: drawn or round; None: the territory of the search, or everywhere."""

    name: str
    search: SearchQuery
    area: Polygon | None


# --- looking for what is new -----------------------------------------------------------------------------------------


def tell_new(now: datetime | None = None) -> int:
    """Tell everybody what is new in the searches that they have an alert on; how many alerts were told.

    Safe twice and at once: a search is looked at under a lock, and its notification is written in the same transaction as
    the moment up to which it was told.
    """
    until = (now or timezone.now()) - SETTLING
    waiting = SavedSearch.objects.filter(alert=True, alerted_until__lt=until, user__is_active=True)
    since = waiting.aggregate(first=Min("alerted_until"))["first"]
    if since is None:
        return 0
    if not _anything(since, until):
        waiting.update(alerted_until=until)
        return 0
    return sum(_tell_one(search, until) for search in waiting.order_by("alerted_until").values_list("pk", flat=True))


def _anything(since: datetime, until: datetime) -> bool:
    """Whether any need came in, or went a step, in (since, until]."""
    filed = Need.objects.filter(filed_at__gt=since, filed_at__lte=until)
    stepped = NeedStep.objects.filter(at__gt=since, at__lte=until)
    return filed.exists() or stepped.exists()


def _tell_one(key: uuid.UUID, until: datetime) -> bool:
    with transaction.atomic():
        locked = SavedSearch.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
        search = locked.filter(pk=key, alert=True, alerted_until__lt=until).first()
        if search is None:
            return False
        since, search.alerted_until = search.alerted_until, until
        search.save(update_fields=["alerted_until"])
        dispatches = is_dispatcher(search.user)
        count = len(matches(search, since, until, dispatches=dispatches))
        if not count:
            return False
        notify([search.user], Topic.ALERT, f"alert:{key}:{until:%Y%m%d%H%M%S%f}", lambda: words(key, count, dispatches))
    return True


def words(search: uuid.UUID, count: int, dispatches: bool) -> Message:
    """What an alert says. Its name is not said: people name searches after places."""
    path = reverse("needs:alert", args=[search])
    if not dispatches:
        return Message(_("Needs have opened where you want to help"), _("Look which of them you could take."), path)
    title = ngettext(
        "%(count)d new report in a search of yours", "%(count)d new reports in a search of yours", count
    ) % {"count": count}
    return Message(title, _("They came in since the last time we told you."), path)


def matches(search: SavedSearch, since: datetime, until: datetime, *, dispatches: bool) -> list[uuid.UUID]:
    """The needs that became new for a reader in (since, until], at most MOST_TOLD; archives are never new.

    New is what was filed, or what came to a state that the search asks for. Readers who do not dispatch find what can be
    taken and what their own list of open needs shows.
    """
    query = SearchQuery.from_json(search.query)
    if not dispatches:
        if not is_wide_enough(search.area):
            return []
        query = SearchQuery(query.kinds, query.urgency, tuple(TAKEABLE_STATES), query.area)
    if query.area and query.area not in {area.slug for area in areas.areas_for(Viewer(search.user))}:
        return []
    found = query.apply(_new(query, since, until, opened_only=not dispatches), until)
    if search.crisis_id:
        found = found.filter(crisis=search.crisis_id)
    rows = found.order_by("-filed_at").values_list("pk", "cell")[:MOST_TOLD]
    keys = list(_inside(search.area, rows, coarse=not dispatches))
    if keys and not dispatches:
        shown = {row.id for row in nearby.open_needs(Viewer(search.user), nearby.Wanted())}
        keys = [key for key in keys if key in shown]
    return keys


def _new(query: SearchQuery, since: datetime, until: datetime, *, opened_only: bool) -> NeedQuerySet:
    states = (NeedState.OPEN,) if opened_only else query.states
    stepped = NeedStep.objects.filter(need=OuterRef("pk"), at__gt=since, at__lte=until, state__in=states)
    new = Q(filed_at__gt=since, filed_at__lte=until)
    return Need.objects.live().filter(archive=False).filter(new | Exists(stepped) if states else new)


def _inside(area: Polygon | None, rows: Iterable[tuple[uuid.UUID, int | None]], *, coarse: bool) -> Iterable[uuid.UUID]:
    """The keys of rows whose cell's middle (coarse: that of the cell of resolution 8 above) lies in an area."""
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


def is_wide_enough(area: Polygon | None) -> bool:
    """Whether an area is as large as a cell of resolution 8, so that it cannot point at one person."""
    return area is None or square_metres(area) >= LEAST_AREA


def square_metres(area: Polygon) -> float:
    """The size of an area in longitude and latitude."""
    return float(area.transform(6933, clone=True).area)  # an equal-area projection


def circle(latitude: float, longitude: float, metres: float) -> Polygon:
    """The polygon of a circle around a place in degrees."""
    tall = metres / 111_195
    wide = tall / max(math.cos(math.radians(latitude)), 0.01)
    turns = [2 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
    ring = [(longitude + wide * math.cos(turn), latitude + tall * math.sin(turn)) for turn in turns]
    return Polygon([*ring, ring[0]], srid=4326)


# --- keeping them ----------------------------------------------------------------------------------------------------


def is_dispatcher(user: User) -> bool:
    return Membership.objects.dispatching().filter(user=user).exists()


def own_searches(user: User) -> QuerySet[SavedSearch]:
    """The searches that a person can have an alert on: alerts, and their searches of the queue and of crises."""
    searches = SavedSearch.objects.filter(user=user).select_related("crisis").prefetch_related("crisis__categories")
    if not is_dispatcher(user):
        searches = searches.filter(page=SearchPage.ALERTS)
    return searches.order_by("-alert", "name")


class TooMany(Exception):
    """A person has MOST_ALERTS alerts already."""


def keep(user: User, wanted: Wanted) -> SavedSearch:
    """Store an alert; one of the same name is replaced. What is there now counts as told. Raises TooMany."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        others = SavedSearch.objects.filter(user=user, page=SearchPage.ALERTS).exclude(name=wanted.name)
        if others.count() >= MOST_ALERTS:
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
    """Switch the alert on a search on or off; what came in while it was off is not told afterwards."""
    SavedSearch.objects.filter(pk=search.pk).update(alert=on, alerted_until=timezone.now())


def drop(search: SavedSearch) -> None:
    """Delete an alert; a search of another page stays, without alert."""
    if search.page == SearchPage.ALERTS:
        search.delete()
    else:
        switch(search, on=False)


def lately(search: SavedSearch, now: datetime) -> list[Need]:
    """What a dispatcher's search found in the last week, the latest first."""
    keys = matches(search, now - timedelta(days=7), now, dispatches=True)[:50]
    return list(Need.objects.filter(pk__in=keys).order_by("-filed_at"))
