"""Forms of tours: the start, the route, the end."""

import math
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from needs.base.records.declarations import TourDraft
from needs.models import Tour
from needs.reports.forms import MomentForm, OwnForm, form_field
from solidarity.lib import grid
from solidarity.lib.http.json_bodies import read_json

MOST_LINE_POINTS = 2000
MOST_CELLS = 500
LONGEST_TOUR = timedelta(hours=18)


class TourStartForm(OwnForm, MomentForm):
    """The start of a tour."""

    mode = form_field(TourDraft, "mode", required=True)
    walkers = form_field(TourDraft, "walkers")


class DrawnLineForm(forms.Form):
    """The route of a tour: a drawn line, ticked cells, both or neither."""

    line = forms.CharField(required=False, widget=forms.HiddenInput)
    cells = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_line(self) -> list[tuple[float, float]]:
        """Return the corners as (longitude, latitude) in degrees; [] for fewer than two."""
        text = self.cleaned_data["line"]
        try:
            points = [(float(lng), float(lat)) for lng, lat in read_json(text or "[]")]
        except (ValueError, TypeError):
            raise forms.ValidationError(_("We cannot read the line that you drew. Please draw it again.")) from None
        if not all(math.isfinite(lng + lat) and abs(lng) <= 180 and abs(lat) <= 90 for lng, lat in points):
            raise forms.ValidationError(_("A part of the line is not on the map. Please draw the line again."))
        if len(points) > MOST_LINE_POINTS:
            raise forms.ValidationError(_("The line has too many corners. Please draw it again with fewer corners."))
        return points if len(points) > 1 else []

    def clean_cells(self) -> list[int]:
        """Return H3 cells of resolution 9."""
        words = [word for word in self.cleaned_data["cells"].split(",") if word.strip()]
        if len(words) > MOST_CELLS:
            raise forms.ValidationError(_("You have ticked too many cells for one tour. Please untick some."))
        try:
            return [grid.evidence_cell(word.strip()) for word in words]
        except ValueError:
            raise forms.ValidationError(_("One of the ticked cells is unknown. Please tick them again.")) from None


class TourStopForm(DrawnLineForm, MomentForm):
    """The end of a tour: its time and its route."""

    def __init__(self, *args: Any, tour: Tour, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tour = tour

    def clean(self) -> dict[str, Any]:
        super().clean()
        if "at" in self.errors or "when" in self.errors:
            return self.cleaned_data
        began = date_format(timezone.localtime(self.tour.at), "SHORT_DATETIME_FORMAT")
        if self.moment < self.tour.at and not self.is_now:
            self.add_error("at", _("This tour began at %(began)s. Choose a later moment.") % {"began": began})
        elif self.moment - self.tour.at > LONGEST_TOUR:
            message = _(
                "This tour began at %(began)s, more than 18 hours before. Choose “earlier” and say when it ended."
            )
            self.add_error("at", message % {"began": began})
        return self.cleaned_data

    @property
    def ended_at(self) -> datetime | None:
        """The end of the tour; None without a line or cells, because then no time is logged."""
        has_route = self.cleaned_data["line"] or self.cleaned_data["cells"]
        return self.over_at if has_route else None

    @property
    def over_at(self) -> datetime:
        """The time at which the tour was over, with or without a route."""
        return max(self.moment, self.tour.at)
