"""The form to request a tour suggestion."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import TourMode
from needs.reports.forms import PlaceForm
from solidarity.lib import grid
from solidarity.lib.datetimes import MomentField
from solidarity.lib.number_fields import Whole
from volunteers.models import Association
from volunteers.people.associations.own_association import OwnAssociationForm

MINUTES, CELLS = "minutes", "cells"
MOST_MINUTES, MOST_CELLS = 720, 36


class SuggestForm(OwnAssociationForm, PlaceForm):
    """Budget, start time and start place of a tour. associations: the reader's own; a coordinator may have none."""

    association = forms.TypedChoiceField(label=_("For which association?"))
    start = MomentField(
        label=_("Date and time of the start"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    amount = Whole(label=_("How much can you search?"), least=1, most=MOST_MINUTES, initial=120)
    unit = forms.ChoiceField(
        label=_("Counted in"),
        choices=[(MINUTES, _("minutes")), (CELLS, _("cells"))],
        initial=MINUTES,
        widget=forms.RadioSelect,
    )
    mode = forms.ChoiceField(
        label=_("How do you travel?"), choices=TourMode.choices, initial=TourMode.FOOT, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["place_text"]

    def clean_start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        if start < timezone.now():
            raise forms.ValidationError(_("This time has passed. Choose a time in the future."))
        return start

    def clean(self) -> dict[str, Any]:
        super().clean()
        amount = self.cleaned_data.get("amount")
        if amount is not None and self.cleaned_data.get("unit") == CELLS and amount > MOST_CELLS:
            self.add_error("amount", _("One tour can search up to 36 cells. Choose fewer, or count in minutes."))
        elif amount is not None and self.cleaned_data.get("unit") == MINUTES and amount < 20:
            self.add_error("amount", _("Searching one cell takes 20 minutes. Choose more minutes, or count in cells."))
        return self.cleaned_data

    @property
    def owner(self) -> Association | None:
        """The association that gets the suggestion, for a valid form."""
        own: Association | None = self.cleaned_data.get("association")
        return own

    @property
    def budget(self) -> tuple[int | None, int | None]:
        """The budget as (minutes, cells). One of the two budgets is None."""
        amount: int = self.cleaned_data["amount"]
        return (amount, None) if self.cleaned_data["unit"] == MINUTES else (None, amount)

    @property
    def cell(self) -> int | None:
        """The cell of resolution 9 where the tour starts; None if not given."""
        place = self.place
        return None if place is None else grid.cell_of(place.latitude, place.longitude)
