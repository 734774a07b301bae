"""Tour mode: one page for any tour, so that it opens without network, too. The phone knows which tour it walks."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from needs import areas, grid
from needs.enums import Category
from needs.models import PlannedTour, Tour, TourCell
from needs.views.own import own_associations
from solidarity.lib.typed import Request

MOST_TOURS = 20
MOST_CELLS = 60
CHOICES = (
    Category.FOOD, Category.WATER, Category.CLOTHES, Category.BLANKET, Category.HYGIENE, Category.HEALTH,
    Category.SHELTER, Category.COMPANY, Category.OTHER,
)  # fmt: skip


@never_cache
@login_required
def walk(request: Request) -> HttpResponse:
    """The big buttons; the page holds the reader's open tours, with the cells of their plans and what they are called."""
    own_associations(request.user)
    tours = list(Tour.objects.open().of_associations(request.user).order_by("-at")[:MOST_TOURS])
    tours.sort(key=lambda tour: tour.author_id != request.user.pk)
    plans = {plan.tour_id: plan for plan in PlannedTour.objects.filter(tour__in=tours)}
    walked = TourCell.objects.filter(tour__in=Tour.objects.live().of_associations(request.user).order_by("-at")[:5])
    usual = list(dict.fromkeys(walked.values_list("cell", flat=True)))[:MOST_CELLS]
    context = {
        "tours": [_told(tour, plans.get(tour.pk), usual) for tour in tours],
        "usual": named(usual),
        "choices": CHOICES,
        "words": _words(),
    }
    return render(request, "needs/walk.html", context)


def _told(tour: Tour, plan: PlannedTour | None, usual: list[int]) -> dict[str, Any]:
    """began, ends: milliseconds since 1970; ends is None without a plan."""
    ends = plan and max(plan.start, tour.at) + timedelta(minutes=plan.minutes)
    return {
        "id": str(tour.pk),
        "began": round(tour.at.timestamp() * 1000),
        "ends": round(ends.timestamp() * 1000) if ends else None,
        "cells": named(list(plan.cells)[:MOST_CELLS] if plan and plan.cells else usual),
    }


def named(cells: list[int]) -> list[dict[str, str]]:
    """Cells with a name to tick them by: their area, and a number where an area has several."""
    names = areas.names_of(cells)
    seen: dict[str, int] = {}
    told = []
    for cell in cells:
        name = names.get(cell) or str(_("Outside"))
        seen[name] = seen.get(name, 0) + 1
        told.append({"cell": grid.to_text(cell), "name": f"{name} · {seen[name]}"})
    return told


def _words() -> dict[str, str]:
    """In the reader's language; NUMBER is filled in on the phone."""
    return {
        "looking": _("Looking for your position…"),
        "on": _("Your way is measured on this phone. Only cells and minutes leave it."),
        "coarse": _("The position is too vague. Tick below where you are."),
        "off": _("No position. Tick below where you are."),
        "here": _("You are in: NUMBER"),
        "paused": _("Paused. Nothing is measured."),
        "where": _("Tick first where you are, then tap again."),
        "full": _("The storage of this phone is full: this was NOT kept. Make some room, then try again."),
        "met": _("Met: NUMBER"),
        "nobody": _("Looked here, saw nobody."),
        "undone": _("Undone."),
        "nothing": _("Nothing to undo."),
        "over": _("Time to end the tour"),
        "persons": _("People met: NUMBER"),
        "encounters": _("Encounters: NUMBER"),
        "looked": _("Looked and saw nobody: NUMBER"),
        "given": _("Gave something: NUMBER"),
        "minutes": _("Minutes walked: NUMBER"),
        "title": _("Our tour"),
        "copied": _("Copied"),
        "ended": _("The tour is closed. It is sent as soon as there is a network."),
    }
