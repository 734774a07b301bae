"""What changed for a volunteer in the last day: needs near them, tours that they can join, and news of needs that they
took.

A change names nobody and gives no place finer than a cell: kinds of help and the distance to the cell.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from mapping.out.home.waiting import CARRIED_FOR, CHANGES_FOR, EXAMPLE_DAY, Waiting
from mapping.plans.tour_plans import seat_offers
from mapping.plans.tour_plans.seat_offers import SeatOffer
from needs.conversations.models import Speaker
from needs.enums import SILENT_STATES, NeedState
from needs.help.nearby import nearby
from needs.help.nearby.nearby import MAX_DISTANCE, Nearby
from needs.models import Commitment, Message, Need, NeedStep, PlannedTour
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.kept_query import KeptValues
from volunteers.enums import Audience
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles import standing
from volunteers.places.territories import areas

COMING = timedelta(days=7)
MOST = 6
MOST_OF_A_KIND = 3
MOST_COMPARED = 200
FIRST_COMPARED = 12
"""Usually, so many are enough to find MOST_OF_A_KIND."""
NEWS = (NeedState.PARTLY_MET, NeedState.MET, NeedState.UNMET, NeedState.REOPENED, NeedState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Change:
    """A change. what: the kind of change: new, taken, tour_added, tour_cancelled, carried or message. path: path of the
    page about the changed thing; "" for a need that can no longer be opened. kinds: the kinds of help that the need
    asks for. metres: the distance in metres, rounded. state: the need's new state."""

    at: datetime
    what: str
    path: str = ""
    kinds: tuple[str, ...] = ()
    metres: int | None = None
    state: str = ""
    plan: PlannedTour | None = None
    mine: bool = False


def changes_for(
    viewer: Viewer, near: Sequence[Nearby] | None, offers: Sequence[SeatOffer], waits: Waiting, now: datetime
) -> list[Change]:
    """Return the latest MOST changes, the latest first. near: the reader's open needs; None for people who are not shown
    needs near them. offers: the tours that they can join."""
    since = now - CHANGES_FOR
    found = list(_carried(viewer, since, now)) if waits.carried else []
    if waits.cancelled:
        found += _cancelled(viewer, since, now, all_of_them=near is not None)
    if near is not None:
        found += [*_new(near, since), *_added(offers, since, now)]
        if waits.taken:
            found += _taken(viewer, near, waits, since)
    return sorted(found, key=lambda change: change.at, reverse=True)[:MOST]


_OPENED = f"""
SELECT id, state_at FROM needs_need WHERE id = ANY($1::uuid[]) AND state = '{NeedState.OPEN}' AND state_at >= $2
ORDER BY state_at DESC LIMIT {MOST_OF_A_KIND}
"""


def _new(near: Sequence[Nearby], since: datetime) -> Iterator[Change]:
    """Yield the needs that were opened to volunteers since a datetime."""
    rows = {row.id: row for row in near[:MOST_COMPARED]}
    for key, at in prepared_statements.run(_OPENED, [prepared_statements.array(rows), since]):
        yield Change(at, "new", reverse("needs:open_need", args=[key]), tuple(rows[key].kinds), rows[key].rounded)


@cache
def _taken_within(paths: int, only_cells: bool, most: int) -> KeptValues:
    """Return the query for the latest needs that others took. paths: number of territories to which the needs are
    limited, 0 for all needs. only_cells: leave out needs without a cell."""

    def make(user: int, since: datetime, **tops: str) -> QuerySet[Any, Any]:
        needs = Need.objects.live().without_alarm().exclude(state__in=SILENT_STATES).order_by()
        needs = areas.within_paths(needs, list(tops.values())) if tops else needs
        needs = needs.exclude(cell=None) if only_cells else needs
        others = Commitment.objects.filter(made_at__gte=since, need__in=needs.values("pk")).exclude(volunteer=user)
        return others.order_by("-made_at").values_list("pk", "need", "need__cell", "made_at")[:most]

    tops = {f"top{number}": f"example-{number}/" for number in range(paths)}
    return KeptValues({"user": 123_456_789, "since": EXAMPLE_DAY, **tops}, make)


_PARTS = "SELECT commitment_id, kind FROM needs_commitmentpart WHERE commitment_id = ANY($1::uuid[]) ORDER BY id"


def _taken(viewer: Viewer, near: Sequence[Nearby], waits: Waiting, since: datetime) -> Iterator[Change]:
    """Yield the needs that others took, in places where the reader sees open needs (``nearby.in_reach``). As in their
    list, the distance to a need is measured to its cell."""
    user = viewer.user_or_404
    known = standing.of(user)
    everywhere = user.is_administrator or known.member
    own = () if everywhere or viewer.view_as == Audience.PUBLIC else known.paths[: nearby.MAX_AREAS]
    paths = areas.tops_of(own)
    limited = not everywhere and not paths
    if limited and not waits.based:
        return
    distance = nearby.distance_from(user) if waits.based else _no_distance
    tops = {f"top{number}": path for number, path in enumerate(paths)}
    shown: dict[uuid.UUID, tuple[uuid.UUID, datetime, float | None]] = {}  # by need
    for most in (FIRST_COMPARED, MOST_COMPARED):
        rows = _taken_within(len(paths), limited, most).rows(user=user.pk, since=since, **tops)
        for key, need, cell, at in rows:
            metres = distance(cell)
            if len(shown) < MOST_OF_A_KIND and not (limited and (metres is None or metres > MAX_DISTANCE)):
                shown.setdefault(need, (key, at, metres))
        if len(shown) == MOST_OF_A_KIND or len(rows) < most:
            break
    kinds: dict[uuid.UUID, list[str]] = {}
    if shown:
        commitments = prepared_statements.array(key for key, _at, _metres in shown.values())
        for key, kind in prepared_statements.run(_PARTS, [commitments]):
            kinds.setdefault(key, []).append(kind)
    open_now = {row.id for row in near}
    for need, (key, at, metres) in shown.items():
        path = reverse("needs:open_need", args=[need]) if need in open_now else ""
        yield Change(at, "taken", path, tuple(kinds.get(key, ())), nearby.rounded(metres))


def _no_distance(_cell: int | None) -> None:
    return None


def _added(offers: Sequence[SeatOffer], since: datetime, now: datetime) -> Iterator[Change]:
    for plan, _districts, mine in offers:
        if not mine and plan.made_at >= since and now < plan.start <= now + COMING:
            yield Change(plan.made_at, "tour_added", reverse("mapping:seat", args=[plan.pk]), plan=plan)


def _cancelled(viewer: Viewer, since: datetime, now: datetime, *, all_of_them: bool) -> Iterator[Change]:
    """Yield cancelled tours. all_of_them: if False, return only tours on which the reader had a seat."""
    for plan, _districts, mine in seat_offers.cancelled_for(viewer, since, now):
        if plan.cancelled_at and (mine or all_of_them):
            yield Change(plan.cancelled_at, "tour_cancelled", reverse("mapping:seats"), plan=plan, mine=mine)


def _carried(viewer: Viewer, since: datetime, now: datetime) -> Iterator[Change]:
    """Yield news of the needs that the reader took in the last CARRIED_FOR: new states, and messages from the reporter."""
    user = viewer.user_or_404
    own: dict[uuid.UUID, uuid.UUID] = dict(
        Commitment.objects.of(user)
        .filter(made_at__gte=now - CARRIED_FOR, need__retracted_at=None)
        .order_by("made_at")
        .values_list("need", "pk")
    )
    if not own:
        return
    steps = NeedStep.objects.filter(need__in=list(own), at__gte=since, state__in=NEWS).exclude(by=user)
    for step in steps.exclude(need__state__in=SILENT_STATES).order_by("-at")[:MOST]:
        path = reverse("needs:commitment", args=[own[step.need_id]])
        yield Change(step.at, "carried", path, state=str(step.get_state_display()))
    held = Message.objects.shown().filter(conversation__commitment__in=list(own.values()))
    messages = held.filter(speaker=Speaker.REPORTER, at__gte=since).select_related("conversation")
    for message in messages.order_by("-at")[:MOST]:
        yield Change(message.at, "message", reverse("needs:commitment", args=[message.conversation.commitment_id]))
