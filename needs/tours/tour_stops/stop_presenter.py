"""Stops and offers as pages, the printed sheet and phones show them. Names and distances come from the cell."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from needs.enums import Category, CommitmentState, StopKind, Urgency
from needs.help.commitments.commitment_presenter import held_kinds
from needs.models import TourStop
from needs.tours.tour_stops import route_order, stop_offers, stop_places
from needs.tours.tour_stops.route_order import Slot
from needs.tours.tour_stops.stop_accepting import minutes_left, visit_of
from needs.tours.tour_stops.stop_offers import StopOffer
from needs.tours.tour_stops.stop_outcomes import outcomes_of
from needs.tours.tour_stops.trips import Trip
from solidarity.lib import grid
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names import cell_names

ICONS = {StopKind.CELL: "eye", StopKind.PLACE: "home", StopKind.NOTE: "edit"}


@dataclass(frozen=True, slots=True)
class Row:
    """A stop in a list. number: number of the stop on the map; None once the stop is done.

    slot: the time at which it is reached, None once it is done. held: False for a need that the crew no longer holds.
    """

    stop: TourStop
    number: int | None
    name: str
    more: str
    kinds: list[str]
    slot: Slot | None
    held: bool

    @property
    def is_need(self) -> bool:
        return self.stop.kind == StopKind.NEED

    @property
    def icon(self) -> str:
        return ICONS.get(StopKind(self.stop.kind), "hand")

    @property
    def walk(self) -> int:
        """Minutes on foot, by bicycle or by car from the previous stop."""
        return round(self.slot.walk) if self.slot is not None else 0

    @property
    def fits(self) -> bool:
        return self.slot is None or self.slot.fits


@dataclass(frozen=True, slots=True)
class StopList:
    """The stops of a trip: the stops ahead in order, the stops that do not fit in the time, and the stops that are
    done."""

    ahead: list[Row]
    beyond: list[Row]
    done: list[Row]
    minutes: int

    @property
    def cells(self) -> list[int]:
        """The cells of the stops ahead, in the order of their numbers."""
        return [row.stop.cell for row in (*self.ahead, *self.beyond)]


def stops_of(trip: Trip) -> StopList:
    """Return the stops of a trip for a list."""
    related = ("need", "place", "commitment")
    every = list(trip.stops().select_related(*related).prefetch_related("commitment__parts"))
    done = [stop for stop in every if stop.outcome]
    ahead = [stop for stop in every if not stop.outcome]
    for stop in ahead:
        stop.follow_need()
    latest = max(done, key=lambda each: each.outcome_at or each.made_at) if done else None
    start = latest.cell if latest is not None else next(iter(trip.route()), None)
    budget = minutes_left(trip)
    slots = route_order.timetable(start, [visit_of(stop) for stop in ahead], budget, trip.speed)
    names = cell_names.of({stop.cell for stop in every})
    rows = [
        _row(stop, number, str(names[stop.cell].street_line or names[stop.cell].sided_area), slot)
        for number, (stop, slot) in enumerate(zip(ahead, slots, strict=True), start=1)
    ]
    return StopList(
        [row for row in rows if row.fits],
        [row for row in rows if not row.fits],
        [_row(stop, None, str(names[stop.cell].street_line or names[stop.cell].sided_area), None) for stop in done],
        round(max((row.slot.leaves for row in rows if row.slot is not None and row.fits), default=0)),
    )


def _row(stop: TourStop, number: int | None, name: str, slot: Slot | None) -> Row:
    own = stop.commitment
    kinds: list[str] = []
    if stop.need is not None:
        kinds = held_kinds(own) if own is not None else list(stop.need.kinds)
    held = stop.kind != StopKind.NEED or (
        own is not None and own.state == CommitmentState.ACTIVE and own.expires_at > timezone.now()
    )
    return Row(stop, number, stop.place.name if stop.place else name, name if stop.place else "", kinds, slot, held)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer in a list, with the name of its cell and hints for the crew."""

    offer: StopOffer
    name: str
    hints: Sequence[str]


def offer_rows(viewer: Viewer, trip: Trip) -> list[OfferRow]:
    """Return the needs that the crew can add, for a list."""
    found = stop_offers.offers_for(viewer, trip)
    names = cell_names.of({each.cell for each in found})
    return [
        OfferRow(each, str(names[each.cell].street_line or names[each.cell].sided_area), _hints(each)) for each in found
    ]


def _hints(offer: StopOffer) -> list[str]:
    hints = []
    if offer.undone:
        hints.append(_("The last crew had no time left for it."))
    if words := hour_hint(offer.looked_at):
        hints.append(words)
    return hints


def hour_hint(looked: Sequence[datetime]) -> str:
    """Return a hint to try another hour, if a need was not found twice; else ""."""
    if not stop_offers.asks_for_another_hour(tuple(looked)):
        return ""
    times = sorted({date_format(localtime(at), "TIME_FORMAT") for at in looked[:3]})
    return _("Not found at %(times)s. Try another hour.") % {"times": ", ".join(times)}


def for_need(need: uuid.UUID) -> str:
    """Return the hint for one need."""
    return hour_hint(stop_offers.looked_at([need]).get(need, ()))


# --- the phone -----------------------------------------------------------------------------------------------------


def for_phone(trip: Trip, user: User) -> dict[str, Any]:
    """Return the stops that are still to be visited, with the exact places that the user may see, as JSON. The phone
    deletes them when the tour ends. until: milliseconds since 1970 after which the phone deletes them in any case."""
    places = {stop.pk: place for stop, place in stop_places.places_of(trip, user).items()}
    listed = stops_of(trip)
    rows = [_on_phone(row, places.get(row.stop.pk)) for row in (*listed.ahead, *listed.beyond)]
    return {"stops": rows, "until": round((trip.begins + timedelta(hours=18)).timestamp() * 1000)}


def _on_phone(row: Row, place: stop_places.StopPlace | None) -> dict[str, Any]:
    stop, seen = row.stop, place.seen if place is not None else None
    said: dict[str, Any] = {
        "id": str(stop.pk),
        "kind": stop.kind,
        "number": row.number,
        "name": row.name,
        "more": row.more,
        "cell": grid.to_text(stop.cell),
        "walk": row.walk,
        "fits": row.fits,
        "text": stop.text,
        "title": capfirst(str(StopKind(stop.kind).label)),
        "outcomes": [str(outcome) for outcome in outcomes_of(stop)] if row.held else [],
        "kinds": [{"kind": kind, "label": str(Category(kind).label)} for kind in row.kinds],
    }
    if stop.need is not None:
        said["title"] = capfirst(", ".join(str(Category(kind).label) for kind in row.kinds))
        said["urgency"] = {"code": stop.need.urgency, "label": str(Urgency(stop.need.urgency).label)}
    if place is not None:
        said["problem"] = place.problem
    if seen is not None:
        said |= {"words": seen.text, "where": seen.place_text, "near": place.name if place else "", "exact": seen.exact}
        if seen.place is not None:
            said["point"] = [seen.place.latitude, seen.place.longitude]
    return said
