"""Forgetting exact places in time (privacy.md, "Retention")."""

from datetime import datetime

from django.utils import timezone

from needs.models import Aid, CitizenReport, Encounter, Need


def fade_points(now: datetime | None = None) -> dict[str, int]:
    """Drop exact points after EXACT_POINT_HOURS and fine cells after FINE_CELL_DAYS; how many of each were dropped."""
    moment = now or timezone.now()
    points = fine = 0
    for model in (Encounter, CitizenReport, Need, Aid):
        words = {"place_text": ""} if model is Encounter else {}  # an address is as exact as a point
        points += model.objects.with_old_points(moment).update(point=None, **words)
        fine += model.objects.with_old_fine_cells(moment).update(fine_cell=None)
    return {"points": points, "fine_cells": fine}
