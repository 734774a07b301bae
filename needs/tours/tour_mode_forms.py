"""Forms of tour mode: taps and the end of a tour. The forms send cells and minutes, never points."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.base.records.time_per_cell import passes_of
from needs.models import Tour
from needs.reports.forms import MintedForm, SentForm, form_field
from needs.tours.forms import LONGEST_TOUR, MOST_CELLS
from solidarity.lib import grid

LEEWAY = timedelta(minutes=5)  # allowed difference between the clocks of phone and server


def _cell(text: str) -> int:
    try:
        return grid.evidence_cell(text.strip())
    except ValueError:
        raise forms.ValidationError(_("This cell is unknown.")) from None


class TapForm(MintedForm):
    """A tap: people met, or nobody, in a cell of a tour. tours: the tours to choose from."""

    tour = forms.TypedChoiceField(label=_("Part of a tour?"))
    cell = forms.CharField(max_length=20, widget=forms.HiddenInput)
    persons = form_field(EncounterDraft, "persons", initial=None)
    asked = form_field(EncounterDraft, "asked")
    given = form_field(EncounterDraft, "given")

    def __init__(self, *args: Any, tours: Sequence[Tour], **options: Any) -> None:
        super().__init__(*args, **options)
        known = {str(tour.pk): tour for tour in tours}
        field = self.fields["tour"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(key, key) for key in known]
        field.coerce = known.__getitem__

    def clean_cell(self) -> int:
        return _cell(self.cleaned_data["cell"])

    @property
    def joined(self) -> Tour:
        """The chosen tour of a valid form."""
        tour: Tour = self.cleaned_data["tour"]
        return tour

    def draft(self) -> EncounterDraft:
        """Return the encounter, placed at the centre of its cell."""
        data = self.cleaned_data
        return EncounterDraft(
            id=self.minted,
            at=self.now,
            place=DraftPlace(*grid.centre(data["cell"])),
            persons=data["persons"],
            asked=data["asked"] if data["persons"] else (),
            given=data["given"] if data["persons"] else (),
            tour=self.joined.pk,
        )


class TourMinutesForm(SentForm):
    """The end of a tour, with "cell:minutes" for each pass through a cell, in order. The sum of the minutes may not
    exceed the tour's duration. passes: the minutes of each pass, by cell."""

    def __init__(self, *args: Any, tour: Tour, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tour = tour
        self.passes: dict[int, tuple[float, ...]] = {}

    def clean(self) -> dict[str, Any]:
        super().clean()
        pairs = self.data.getlist("cells") if hasattr(self.data, "getlist") else []
        if len(pairs) > MOST_CELLS:
            raise forms.ValidationError(_("You have ticked too many cells for one tour. Please untick some."))
        stays = []
        for pair in pairs:
            text, _colon, spent = pair.partition(":")
            stays.append((_cell(text), self._minutes(spent)))
        lasted = self.ended_at - self.tour.at
        if lasted > LONGEST_TOUR + LEEWAY:
            raise forms.ValidationError(_("This tour lasted longer than 18 hours."))
        if sum(spent for _in, spent in stays) > (lasted + LEEWAY) / timedelta(minutes=1):
            raise forms.ValidationError(_("The minutes add up to more than the tour lasted."))
        self.passes = passes_of(stays)
        return self.cleaned_data

    @staticmethod
    def _minutes(text: str) -> float:
        try:
            spent = float(text)
        except ValueError:
            spent = -1.0
        if not math.isfinite(spent) or spent < 0:
            raise forms.ValidationError(_("Minutes must be 0 or more."))
        return spent

    @property
    def ended_at(self) -> datetime:
        """The end of the tour."""
        return max(self.now, self.tour.at)
