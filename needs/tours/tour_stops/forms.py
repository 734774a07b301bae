"""Forms of tour stops: adding a stop, putting stops in order, recording the outcome of a stop."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.enums import Category, SeenAtStop, StopKind, StopOutcome
from needs.models import Place
from needs.reports.forms import MintedForm
from needs.tours.tour_stops.stop_accepting import MOST_STOPS
from needs.tours.tour_stops.stop_outcomes import Report
from solidarity.lib import grid
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING

UNKNOWN_CELL = _("This cell is unknown. Choose one of the list.")


class NoteForm(PiiCheckedForm, forms.Form):
    """A note for the crew."""

    pii_checked = {"text": EVERYTHING}

    text = forms.CharField(
        label=_("A note for the crew"),
        max_length=200,
        help_text=_("What to look at or to bring. No names, no telephone numbers, no addresses."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CellForm(forms.Form):
    """A cell to search."""

    cell = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def clean_cell(self) -> int:
        try:
            return grid.evidence_cell(self.cleaned_data["cell"].strip())
        except ValueError:
            raise forms.ValidationError(UNKNOWN_CELL) from None


class PlaceStopForm(forms.Form):
    """A place to visit. places: the places to choose from."""

    place = forms.ModelChoiceField(label=_("Place"), queryset=Place.objects.none())

    def __init__(self, *args: Any, places: Sequence[Place], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["place"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Place.objects.filter(pk__in=[place.pk for place in places])


class NeedsForm(forms.Form):
    """Form with the needs to add: the ticked needs, in the order of the list."""

    def needs(self) -> list[uuid.UUID]:
        return _uuids(self.data.getlist("need") if hasattr(self.data, "getlist") else [])


class OrderForm(forms.Form):
    """The ids of the stops in the order that a person chose; or one stop and the direction in which it moves."""

    stop = forms.UUIDField(required=False)
    steps = forms.IntegerField(required=False, min_value=-1, max_value=1)

    def keys(self) -> list[uuid.UUID]:
        return _uuids(self.data.getlist("order") if hasattr(self.data, "getlist") else [])


def _uuids(words: Sequence[str]) -> list[uuid.UUID]:
    """Return the ids among some words. Words that are not ids, and ids beyond the limit, are left out."""
    found = []
    for word in words[: 2 * MOST_STOPS]:
        try:
            found.append(uuid.UUID(word))
        except ValueError:
            continue
    return found


class StopKindForm(forms.Form):
    """The kind of stop to add."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in (StopKind.CELL, StopKind.PLACE, StopKind.NOTE)])


class OutcomeForm(MintedForm):
    """The outcome of a stop. given: the kinds that were given; without ``some``, all kinds that the need asks for."""

    stop = forms.UUIDField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label=_("What came of it?"), choices=StopOutcome.choices)
    some = forms.BooleanField(required=False)
    given = forms.MultipleChoiceField(label=_("What did you give?"), required=False, choices=Category.choices)
    seen = forms.ChoiceField(label=_("What did you see?"), required=False, choices=[("", ""), *SeenAtStop.choices])

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("outcome") == StopOutcome.HELPED and data.get("some") and not data.get("given"):
            self.add_error("given", _("Say what you gave, or choose another outcome."))
        return data

    def report(self) -> Report:
        """Return the outcome of a valid form."""
        data = self.cleaned_data
        return Report(
            id=self.minted,
            outcome=StopOutcome(data["outcome"]),
            at=self.now,
            given=data["given"] if data["some"] else None,
            seen=data["seen"] or SeenAtStop.NOBODY,
        )
