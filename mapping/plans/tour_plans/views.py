"""Comparison of tonight's plans with the zones, tour suggestions, and planned tours that volunteers can join."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mapping.enums import STATUS_KEYS
from mapping.map.estimates import reader_estimate
from mapping.map.pages import zone_list
from mapping.map.releases import reading as readings
from mapping.map.releases.reading import Reading
from mapping.plans.territory_setup.count_views import missing_count
from mapping.plans.tour_plans import planning_map, seat_offers, zone_actions
from mapping.plans.tour_plans import tonight as nights
from mapping.plans.tour_plans.forms import SuggestForm
from mapping.plans.tour_plans.tonight_wording import people, reason
from mapping.plans.tour_plans.tour_suggestions import Reason
from needs.base.dispatch_scope.guards import own_associations
from needs.models import TourRequest
from needs.tours.tour_requests import views as tour_requests
from needs.tours.tour_seats import crew_thread, crews, seats
from needs.tours.tour_seats.seats import SeatOutcome
from needs.tours.views import numbered_hexagons
from solidarity.lib import datetimes, grid
from volunteers.models import Association, Profile, Territory
from volunteers.people.accounts.http_types import Request
from volunteers.places.place_names import cell_names
from volunteers.places.territories import access

GAPS_LISTED = 10
"""The page lists so many zones without a plan; all are in the list of zones."""
ASKED_MINUTES = 120


def _reading(request: Request, slug: str) -> Reading:
    """Return the reading of a territory for its coordinators and for members of associations; raise Http404 for other
    readers."""
    territory = access.territory_for(request.viewer, slug)
    found = readings.read(request.viewer, territory)
    if not found.live and not access.is_member(request.viewer):
        raise Http404
    return found


def _day(text: str | None) -> date:
    """Parse the text and return its day; without a valid day, return tonight's day."""
    return datetimes.read_day(text or "") or nights.this_night()


@require_safe
def start(request: Request) -> HttpResponse:
    """Redirect to tonight's plan of the reader's territory. Redirect volunteers without an association to the planned
    tours that they can join."""
    territory = readings.start_of(request.viewer, request.session.get(readings.SESSION_KEY))
    if territory is None:
        return redirect("mapping:seats")
    live = Territory.objects.coordinated_by(request.viewer).filter(pk=territory.pk).exists()
    if not live and not access.is_member(request.viewer):
        return redirect("mapping:seats")
    return redirect("mapping:tonight", slug=territory.slug)


@require_safe
def tonight(request: Request, slug: str) -> HttpResponse:
    """One night: planned coverage, gaps and overlaps, as a map and a list."""
    found = _reading(request, slug)
    readings.remember(request.session, found.territory)
    day = _day(request.GET.get("date"))
    night = _night(request, found, day)
    sort = zone_list.sort_of(request.GET.get("sort"))
    gaps = list(enumerate(_gaps(found, night, sort), start=1))
    context = {
        "reading": found,
        "territory": found.territory,
        "night": night,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "is_tonight": day == nights.this_night(),
        "exact": found.live,
        "seen": people(night.seen, found.detail),
        "unseen": people(night.unseen, found.detail),
        "counted": night.known.counted,
        "missing": missing_count(request.viewer, found.territory),
        "estimate": reader_estimate.of_reading(found) if night.known.counted else None,
        "plans": [(seen, people(seen.persons, found.detail), found.live or seen.own) for seen in night.plans],
        "overlaps": [(each, found.live or each.one.own, found.live or each.other.own) for each in night.overlaps],
        "gaps": gaps[:GAPS_LISTED],
        "more_gaps": max(0, len(gaps) - GAPS_LISTED),
        "sorts": zone_list.sort_choices(sort),
        "recent_days": round(night.known.recent_days),
        "children": access.visible_territories(request.viewer).filter(parent=found.territory),
        "above": access.visible_territories(request.viewer).filter(children=found.territory).first(),
        **_acting(found, day),
        "shapes_url": f"{reverse('mapping:tonight_shapes', args=[slug])}?date={day:%Y-%m-%d}&sort={sort}",
    }
    return render(request, "mapping/tour_plans/tonight.html", context)


def _acting(found: Reading, day: date) -> dict[str, Any]:
    """Return the data that only coordinators see: the associations that they asked for the night, and tours without a
    plan."""
    if not found.live:
        return {}
    begins, ends = nights.night_of(day)
    asked = TourRequest.objects.filter(territory__in=Territory.objects.under(found.territory).values("pk"))
    running = crews.running_without_plan(found.territory, timezone.now()) if day == nights.this_night() else []
    return {
        "asked": asked.filter(start__gte=begins, start__lt=ends).select_related("association"),
        "running": running,
    }


def _night(request: Request, found: Reading, day: date) -> nights.Tonight:
    return nights.tonight(found, day, Association.objects.of(request.user).values_list("pk", flat=True))


def _gaps(found: Reading, night: nights.Tonight, sort: str) -> list[zone_list.Row]:
    """Return the zones without a plan as rows of the list of zones."""
    wanted = {str(zone.key) for zone in night.gaps}
    if not night.known.counted:
        every = {row.key: row for row in zone_list.rows(found, [], sort)}
        return [every[str(zone.key)] for zone in night.gaps if str(zone.key) in every]
    statuses = [STATUS_KEYS[status] for status in nights.GAPS]
    return [row for row in zone_list.rows(found, statuses, sort) if row.key in wanted]


@require_safe
def tonight_shapes(request: Request, slug: str) -> JsonResponse:
    """The night as GeoJSON for the map. The zones without a plan have the numbers of the list."""
    found = _reading(request, slug)
    night = _night(request, found, _day(request.GET.get("date")))
    rows = _gaps(found, night, zone_list.sort_of(request.GET.get("sort")))[:GAPS_LISTED]
    shapes = nights.shapes(night)
    shapes["features"] += [
        {
            "type": "Feature",
            "properties": {"kind": "gap_number", "number": number},
            "geometry": {"type": "Point", "coordinates": [float(part) for part in row.centre.split(",")]},
        }
        for number, row in enumerate(rows, start=1)
        if row.centre
    ]
    return JsonResponse(shapes)


@require_safe
def planning_layers(request: Request) -> JsonResponse:
    """Zones and open needs for the map on which a member plans a tour. Open needs are shown as numbers by cell."""
    own_associations(request.user)
    viewer = request.viewer
    return JsonResponse({"zones": planning_map.zone_sources(viewer), "needs": planning_map.needs_by_cell(viewer)})


# --- suggestions ---------------------------------------------------------------------------------------------------


def suggest(request: Request, slug: str) -> HttpResponse:
    """Compute a suggestion and show it. The request is a POST, so that no address names a place. Nothing is stored."""
    found = _reading(request, slug)
    associations = list(Association.objects.of(request.user))
    initial = {"start": _evening(_day(request.GET.get("date")))}
    form = SuggestForm(request.POST or None, associations=associations, initial=initial)
    context: dict[str, Any] = {"form": form, "reading": found, "territory": found.territory}
    context |= {"missing": (missing := missing_count(request.viewer, found.territory)), "counted": missing is None}
    if form.is_bound and form.is_valid():
        context |= _suggested(form, found, planning_map.open_needs_of(request.viewer, found.territory.slug))
    status = 400 if form.is_bound and not form.is_valid() else 200
    return render(request, "mapping/tour_plans/tonight_suggest.html", context, status=status)


@require_safe
def ask_for_zone(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """The form that asks an association for a tour of two hours through a zone. Only for the zone's coordinators."""
    territory = access.coordinated_territory(request.viewer, slug)
    found = readings.read(request.viewer, territory)
    zone = readings.zone_or_404(found, key)
    begins = _evening(_day(request.GET.get("date")))
    cells = nights.cell_estimates(found)
    inside = cells.only(cells.rows_of(zone_actions.cells_of(zone)))
    needs = planning_map.open_needs_of(request.viewer, territory.slug)
    budget = nights.budget_of(territory, ASKED_MINUTES, None)
    made = nights.suggestion(inside, nights.this_night(begins), budget, needs=needs)
    return tour_requests.show_form(request, territory, made.route, timezone.localtime(begins), ASKED_MINUTES)


def _evening(day: date) -> datetime:
    """Return eight in the evening of a day, or the next full hour if it is already later."""
    evening = nights.night_of(day)[0] + timedelta(hours=14)
    soon = (timezone.localtime() + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return max(evening, soon)


def _suggested(form: SuggestForm, found: Reading, needs: Mapping[int, int]) -> dict[str, Any]:
    cells = nights.cell_estimates(found)
    begins = form.cleaned_data["start"]
    minutes, number = form.budget
    where, about, outside = None, None, False
    if form.cell is not None:
        rows = cells.rows_of([form.cell])
        where, outside = (rows[0], False) if rows else (None, True)
    elif form.owner is not None:
        about = nights.usual_place(form.owner.pk, cells)
    budget = nights.budget_of(found.territory, minutes, number)
    made = nights.suggestion(cells, nights.this_night(begins), budget, needs=needs, start=where, about=about)
    names = cell_names.unique(cell_names.of(pick.cell for pick in made.cells))
    steps = [(pick, names[pick.cell], reason(pick, found.detail)) for pick in made.cells]
    return {
        "made": made,
        "steps": steps,
        "outside": outside,
        "expected": people(made.persons, found.detail),
        "unseen": people(made.unseen, found.detail),
        "recent_days": round(cells.recent_days),
        "shapes": _steps_shapes(made.cells),
        "route": ",".join(grid.to_text(cell) for cell in made.route),
        "begins": timezone.localtime(begins),
        "minutes": min(720, made.minutes or max(20, 20 * len(made.cells))),
        "mode": form.cleaned_data["mode"],
        "owner": form.owner,
        "fresh_id": uuid.uuid4(),
    }


def _steps_shapes(picks: Sequence[nights.Suggested]) -> dict[str, Any]:
    found = numbered_hexagons(pick.cell for pick in picks)
    for feature, pick in zip(found["features"], picks, strict=True):
        feature["properties"]["kind"] = "oldest" if pick.reason is Reason.OLDEST_UNSEARCHED else "planned"
    return found


# --- places for volunteers -----------------------------------------------------------------------------------------


@require_safe
def seat_list(request: Request) -> HttpResponse:
    """Planned tours that need volunteers: their time, association and districts, but not their cells. The address may
    name a territory, to which the list is then limited."""
    district = access.visible_territories(request.viewer).filter(slug=request.GET.get("in", "")).first()
    context = {
        "offers": seat_offers.offers_for(request.viewer, district=district),
        "district": district,
        "may_join": seat_offers.may_join(request.viewer),
        "based": Profile.objects.filter(user=request.user).exclude(base=None).exists(),
    }
    return render(request, "mapping/tour_plans/tonight_seats.html", context)


@require_safe
def seat(request: Request, plan: uuid.UUID) -> HttpResponse:
    """One planned tour. Only people who have taken a seat see its cells and the crew's thread."""
    offer = seat_offers.offer_for(request.viewer, plan)
    own, may_join = offer.plan, seat_offers.may_join(request.viewer)
    mine = offer.mine and may_join
    context: dict[str, Any] = {"plan": own, "districts": offer.districts, "mine": mine, "may_join": may_join}
    ahead = seats.waiting_before(own, request.user)
    context |= {"free": max(0, own.seats - own.taken.count()), "waits": ahead is not None, "ahead": ahead}
    if mine:
        crew = crew_thread.for_crew(request.user, crews.crew_of_plan(own))
        context |= {"shapes": numbered_hexagons(own.cells), "stops": cell_names.named(own.cells), "crew": crew}
    return render(request, "mapping/tour_plans/tonight_seat.html", context)


@require_POST
def take_seat(request: Request, plan: uuid.UUID) -> HttpResponse:
    """Take a seat in a tour, or a place on the waiting list (``wait``). If several people want the last seat, only one
    gets it."""
    own, _districts, _mine = seat_offers.offer_for(request.viewer, plan)
    if not seat_offers.may_join(request.viewer):
        messages.warning(request, _("An association has to know you before you join a tour. Ask one to vouch for you."))
        return redirect("mapping:seat", own.pk)
    ask = seats.wait_for_seat if "wait" in request.POST else seats.take_seat
    _say(request, ask(own.pk, request.user.pk))
    return redirect("mapping:seat", own.pk)


def _say(request: Request, outcome: SeatOutcome) -> None:
    words = {
        SeatOutcome.TAKEN: _("You have a place on this tour. Thank you for joining."),
        SeatOutcome.WAITING: _("You are on the waiting list. We tell you when a place is free."),
        SeatOutcome.FULL: _("Somebody else has just taken the last place."),
        SeatOutcome.OVER: _("This tour has started or was cancelled."),
        SeatOutcome.TOO_MANY: _("You have taken many places today. Ask again tomorrow."),
    }
    good = outcome in (SeatOutcome.TAKEN, SeatOutcome.WAITING)
    (messages.success if good else messages.warning)(request, words[outcome])


@require_POST
def leave_seat(request: Request, plan: uuid.UUID) -> HttpResponse:
    """Give back a seat or a place on the waiting list."""
    offer = seat_offers.offer_for(request.viewer, plan)
    if seats.give_back(offer.plan.pk, request.user.pk):
        given = _("You gave your place back. Somebody else can take it.")
        messages.success(request, given if offer.mine else _("You are no longer on the waiting list."))
    return redirect("mapping:seats")
