"""The form with which the phone queue sends that a team told somebody about a place."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.guide.find_help.signposting import SignpostDraft
from needs.guide.places.place_kinds import PlaceKind
from needs.models import Place, Tour
from needs.reports.forms import OwnForm
from solidarity.lib import grid
from volunteers.models import Association


class SignpostForm(OwnForm):
    """A place and the kind of service for which the team named it. tours: the tours to choose from.

    Without an association, the sender's first association counts.
    """

    place = forms.ModelChoiceField(Place.objects.listed(), label=_("place"))
    kind = forms.ChoiceField(label=_("what there is"), choices=PlaceKind.choices)
    cell = forms.CharField(max_length=20, required=False)
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False)
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False)
    tour = forms.TypedChoiceField(required=False, empty_value=None)

    def __init__(self, *args: Any, associations: list[Association], tours: Sequence[Tour], **options: Any) -> None:
        super().__init__(*args, associations=associations, **options)
        self.fields["association"].required = False
        known = {str(tour.pk): tour for tour in tours}
        field = self.fields["tour"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(key, key) for key in known]
        field.coerce = known.__getitem__

    def clean_cell(self) -> int | None:
        text = self.cleaned_data["cell"].strip()
        try:
            return grid.evidence_cell(text) if text else None
        except ValueError:
            raise forms.ValidationError(_("This cell is unknown.")) from None

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "place" in values and "kind" in values and values["kind"] not in values["place"].kinds:
            self.add_error("kind", _("This place does not offer that."))
        return values

    @property
    def told_for(self) -> Association:
        """The association of the tour, else the chosen one."""
        tour: Tour | None = self.cleaned_data["tour"]
        if tour is not None:
            return tour.association
        return self.cleaned_data["association"] or next(iter(self.associations.values()))

    def draft(self) -> SignpostDraft:
        """Return the draft. If a point was sent, only its cell is kept."""
        data = self.cleaned_data
        cell, latitude, longitude = data["cell"], data["latitude"], data["longitude"]
        if cell is None and latitude is not None and longitude is not None:
            cell = grid.cell_of(latitude, longitude)
        return SignpostDraft(self.minted, data["place"], data["kind"], cell, data["tour"], self.now)
