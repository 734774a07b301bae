"""Tour mode: one cached page for all tours, so that it opens offline. The phone knows which tour is under way."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from needs.base.dispatch_scope.guards import own_associations, own_tour
from needs.enums import Category, SeenAtStop
from needs.models import PlannedTour, Tour
from needs.reports.danger import alarm_receipts
from needs.tours.next_crew_words import crew_words
from needs.tours.tour_seats import crew_thread, crews
from needs.tours.tour_summary import counts_of, summary_of
from solidarity.lib import grid
from solidarity.lib.site.filled_templates import FixedTemplate
from volunteers.people.accounts.http_types import Request
from volunteers.places.place_names import cell_names
from volunteers.places.territories import areas

MOST_TOURS = 20
MOST_CELLS = 60
FREQUENT = (
    Category.FOOD, Category.WATER, Category.CLOTHES, Category.BLANKET, Category.HYGIENE, Category.HEALTH,
    Category.SHELTER, Category.COMPANY,
)  # fmt: skip
RARE = tuple(kind for kind in Category if kind not in FREQUENT)
_BEFORE = FixedTemplate("needs/tours/tour_mode_before.html", seen=SeenAtStop.choices)
_AFTER = FixedTemplate("needs/tours/tour_mode_after.html", frequent=FREQUENT, rare=RARE)


def tour_mode(request: Request) -> HttpResponse:
    """The page with the big buttons, and with the reader's open tours and the names of their planned cells."""
    own_associations(request.user)
    tours = list(Tour.objects.open().of_associations(request.user).order_by("-at")[:MOST_TOURS])
    tours.sort(key=lambda tour: tour.author_id != request.user.pk)
    plans = {plan.tour_id: plan for plan in PlannedTour.objects.filter(tour__in=tours)}
    cells = crew_words.usual_cells(request.user)
    usual = _named_cells(list(dict.fromkeys(cells))[:MOST_CELLS])
    context = {
        "tours": [
            {**_tour_data(tour, plans.get(tour.pk), usual), "own": tour.author_id == request.user.pk} for tour in tours
        ],
        "usual": usual,
        "usual_territories": areas.territories_of(cells),
        "alarm": alarm_receipts.own_alarm(request.user, timezone.now()),
        "made": _milliseconds(timezone.now()),
        "before": _BEFORE.html(),
        "after": _AFTER.html(),
        "no_tour": uuid.UUID(int=0),  # the phone adds the id of its tour to the address
        "words": _texts(),
    }
    return render(request, "needs/tours/tour_mode.html", context)


@require_safe
def tour_counts(request: Request, tour: uuid.UUID) -> HttpResponse:
    """Return the counts that all phones and forms logged on a tour, without places.

    Add the summary once the tour has ended, and the messages of coordinators that the reader has not marked as read.
    """
    own = own_tour(request.user, tour)
    crew = crew_thread.for_crew(request.user, crews.crew_of_tour(own))
    answer = {
        "rows": counts_of(own),
        "began": _milliseconds(own.at),
        "ended": None if own.ended_at is None else _milliseconds(own.ended_at),
        "summary": "" if own.is_open else summary_of(own).text,
        "words": {
            "texts": [each.said for each in crew.unread],
            "address": reverse("needs:crew", args=[crew.key]),
            "csrf": get_token(request) if crew.unread else "",
        },
    }
    return JsonResponse(answer)


def _milliseconds(at: datetime) -> int:
    """Return milliseconds since 1970, as in JavaScript."""
    return round(at.timestamp() * 1000)


def _tour_data(tour: Tour, plan: PlannedTour | None, usual: list[dict[str, str]]) -> dict[str, Any]:
    """Return a tour as JSON. began, ends: milliseconds since 1970; ends is None without a plan."""
    ends = plan and max(plan.start, tour.at) + timedelta(minutes=plan.minutes)
    return {
        "id": str(tour.pk),
        "began": _milliseconds(tour.at),
        "ends": _milliseconds(ends) if ends else None,
        "note": plan.note if plan else "",
        "cells": _named_cells(list(plan.cells)[:MOST_CELLS], stops=True) if plan and plan.cells else usual,
    }


def _named_cells(cells: list[int], *, stops: bool = False) -> list[dict[str, str]]:
    names = cell_names.named(cells, stops=stops)
    return [{"cell": grid.to_text(each.cell), "name": each.name, "more": each.more} for each in names]


def _texts() -> dict[str, str]:
    """Return the texts in the reader's language; the phone fills in the words in capitals, such as NUMBER."""
    return {
        "looking": _("Looking for your position…"),
        "on": _("This phone records your track. Only cells and minutes are sent."),
        "coarse": _("Your position is not exact enough. Choose below where you are."),
        "off": _("No position. Choose below where you are."),
        "here": _("You are in: NUMBER"),
        "paused": _("Paused. Nothing is recorded."),
        "pause": _("Pause"),
        "resume": _("Resume"),
        "min": _("NUMBER min"),
        "where": _("First choose where you are, then tap again."),
        "full": _("The storage of this phone is full: this was NOT saved. Make some room, then try again."),
        "met": _("Met: NUMBER"),
        "nobody": _("Saved: you saw nobody here."),
        "undone": _("The last entry is undone."),
        "nothing": _("Nothing to undo."),
        "over": _("Time to end the tour"),
        "persons": _("People met: NUMBER"),
        "encounters": _("Encounters: NUMBER"),
        "looked": _("Times you saw nobody: NUMBER"),
        "given": _("Gave something: NUMBER"),
        "title": _("Our tour"),
        "times": _("From FROM to UNTIL: MINUTES min"),
        "soFar": _("From this phone so far"),
        "scopeAll": _("From all phones and forms"),
        "waitsOne": _("One report waits on this phone."),
        "waitsMany": _("NUMBER reports wait on this phone."),
        "nobodyMet": _("You saw nobody here. If you met somebody after that, first tap “Met someone”."),
        "gone": _("That encounter is already sent. Tap “Met someone” for another one."),
        "least": _("Enter whole minutes, 0 or more."),
        "sum": _("MINUTES of LASTED minutes are assigned to cells."),
        "measured": _("Of these, this phone measured NUMBER."),
        "tooMany": _("The cells add up to MINUTES minutes, but the tour lasted LASTED. Remove OVER."),
        "ended": _("The tour has ended."),
        "endedElsewhere": _("The tour was ended on another phone."),
        "gaveNothing": _("Choose what you gave, or say “Not found” or “Refused”."),
        "stopSaid": _("Saved: OUTCOME."),
        "arrived": _("Everything from this phone has arrived. The numbers are from all phones and forms."),
    }
