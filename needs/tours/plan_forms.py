"""The form of a planned tour."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import TourMode
from needs.models import PlannedTour
from needs.reports.forms import OwnForm
from needs.tours.forms import MOST_CELLS, DrawnLineForm
from needs.tours.planning import PlanDraft
from solidarity.lib import grid
from solidarity.lib.datetimes import MomentField
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING

FARTHEST = timedelta(days=183)


class PlanForm(PiiCheckedForm, OwnForm, DrawnLineForm):
    """A planned tour. plan: the plan to change; None for a new one."""

    pii_checked = {"note": EVERYTHING}

    start = MomentField(
        label=_("Date and time of the start"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = Whole(label=_("Minutes in all"), least=10, most=720, initial=120)
    mode = forms.ChoiceField(
        label=_("How do you go?"), choices=TourMode.choices, initial=TourMode.FOOT, widget=forms.RadioSelect
    )
    seats = Whole(
        label=_("Places for volunteers"),
        most=50,
        required=False,
        initial=0,
        help_text=_("Volunteers of the district see the date, your association and the district, and can join."),
    )
    repeats = forms.BooleanField(
        label=_("Every week"), required=False, help_text=_("The next four weeks are planned at once.")
    )
    following = forms.BooleanField(label=_("Also change the later dates of this weekly tour"), required=False)
    note = forms.CharField(
        label=_("A note for those who come"),
        required=False,
        max_length=300,
        help_text=_("Where you meet, what to bring. No names, no telephone numbers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, plan: PlannedTour | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.plan = plan
        if plan is None or not plan.repeats:
            del self.fields["following"]

    def clean_start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        if start < timezone.now() - timedelta(minutes=5):
            raise forms.ValidationError(_("This time is in the past. Choose a later one."))
        if start > timezone.now() + FARTHEST:
            raise forms.ValidationError(_("This is more than half a year ahead. Choose an earlier day."))
        return start

    def clean(self) -> dict[str, Any]:
        super().clean()
        if "line" in self.errors or "cells" in self.errors:
            return self.cleaned_data
        if not self.route:
            self.add_error("cells", _("Show where the tour goes: draw a line or tick cells."))
        elif len(self.route) > MOST_CELLS:
            self.add_error("cells", _("You have ticked too many cells for one tour. Please untick some."))
        return self.cleaned_data

    @property
    def route(self) -> list[int]:
        """The stops in order, H3 resolution 9: cells along the line, then the ticked cells."""
        data = self.cleaned_data
        return list(dict.fromkeys([*grid.cells_along(data["line"]), *data["cells"]]))

    def draft(self) -> PlanDraft:
        data = self.cleaned_data
        return PlanDraft(
            id=self.minted,
            start=data["start"],
            minutes=data["minutes"],
            cells=self.route,
            mode=data["mode"],
            seats=data["seats"] or 0,
            repeats=data["repeats"],
            note=data["note"],
        )


class StartPlanForm(forms.Form):
    """The number of people who start a planned tour."""

    walkers = Whole(label=_("How many of you?"), least=1, most=100, initial=2)


class PrefillForm(DrawnLineForm):
    """Values that another page suggests for a new plan."""

    start = MomentField(required=False)
    minutes = forms.IntegerField(required=False, min_value=10, max_value=720)
    mode = forms.ChoiceField(required=False, choices=TourMode.choices)
    association = forms.SlugField(required=False)
