"""The page of the reader's recent reports."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from needs.base.records.models import LISTED_FOR
from needs.models import Encounter, Need
from needs.reports.filing import follow_token
from solidarity.lib import cell_geometry
from volunteers.people.accounts.http_types import Request

MOST_ON_MAP = 500


def mine(request: Request) -> HttpResponse:
    """Show the reader's own needs and their associations' encounters, with exact points for EXACT_POINT_HOURS only."""
    now = timezone.now()
    encounters = Encounter.objects.listed_for(request.user, now)
    page = Paginator(encounters, 50).get_page(request.GET.get("page"))
    retractable = set(
        Encounter.objects.retractable_by(request.user)
        .filter(pk__in=[each.pk for each in page])
        .values_list("pk", flat=True)
    )
    needs = Need.objects.live().filter(author=request.user, at__gte=now - LISTED_FOR)[:50]
    exact = {
        each.pk for each in page if each.point and each.filed_at >= now - timedelta(hours=settings.EXACT_POINT_HOURS)
    }
    context = {
        "page": page,
        "retractable": retractable,
        "exact": exact,
        "hours": settings.EXACT_POINT_HOURS,
        "places": places_of(encounters, now),
        "needs": [(need, follow_token(need.pk)) for need in needs],
    }
    return render(request, "needs/reports/mine.html", context)


def places_of(encounters: QuerySet[Encounter], now: datetime) -> dict[str, Any]:
    """Return the shapes of the small map: points of recent encounters, cells of older encounters."""
    recent = Encounter.objects.filter(pk__in=encounters.values("pk")).recent_points(now).exclude(point=None)
    points = [
        {"lng": point.x, "lat": point.y, "persons": persons}
        for point, persons in recent.values_list("point", "persons")[:MOST_ON_MAP]
        if point is not None
    ]
    older = encounters.filter(filed_at__lt=now - timedelta(hours=settings.EXACT_POINT_HOURS)).exclude(cell=None)
    cells = older.order_by().values_list("cell", flat=True).distinct()[:MOST_ON_MAP]
    return {"points": points, "cells": [cell_geometry.outline(cell) for cell in cells if cell is not None]}
