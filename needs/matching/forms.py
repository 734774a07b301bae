"""Forms of matching: choosing people to ask, a batch, an association's capacities."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.enums import Category
from solidarity.lib.grid import snap
from solidarity.lib.number_fields import Whole
from volunteers.territories.areas import Area

RADII_M = (1000, 2000, 3000, 5000, 10_000, 20_000)


class AskForm(forms.Form):
    people = forms.MultipleChoiceField(required=False)
    association = forms.SlugField(required=False)

    def __init__(self, *args: Any, tokens: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["people"].choices = [(each, each) for each in tokens]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and not (self.cleaned_data["people"] or self.cleaned_data["association"]):
            raise forms.ValidationError(_("Choose whom to ask."))
        return self.cleaned_data


class BatchForm(forms.Form):
    area = forms.ChoiceField(label=_("Territory"), required=False)

    def __init__(self, *args: Any, areas: Sequence[Area], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("everywhere")), *((area.slug, area.name) for area in areas)]
        self.fields["area"].choices = choices  # type: ignore[attr-defined]


class CapacityForm(forms.Form):
    """Weekly capacities of an association: a number per kind (0: none), base and radius."""

    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90, localize=True)
    longitude = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180, localize=True)
    radius = forms.TypedChoiceField(label=_("How far do you go?"), coerce=int, initial=5000)
    place_problem = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("latitude", "longitude"):
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        for kind in Category:
            self.fields[kind.value] = Whole(label=kind.label, most=500, required=False)
        self.fields["radius"].choices = [  # type: ignore[attr-defined]
            (metres, _("%(km)d km") % {"km": metres // 1000}) for metres in RADII_M
        ]

    def clean(self) -> dict[str, Any]:
        super().clean()
        missing = [self.cleaned_data.get(name, 0) is None for name in ("latitude", "longitude")]
        if any(missing) and not all(missing):
            self.place_problem = str(_("A place needs both latitude and longitude. Tap the map once more."))
            self.add_error(None, self.place_problem)
        return self.cleaned_data

    @property
    def place_is_wrong(self) -> bool:
        return bool(self.place_problem or self.errors.keys() & {"latitude", "longitude"})

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[kind.value] for kind in Category]

    @property
    def per_week(self) -> dict[str, int]:
        """The number of needs per week for each kind, without zeros. The form must be valid."""
        return {kind.value: number for kind in Category if (number := self.cleaned_data.get(kind.value) or 0)}

    @property
    def base(self) -> tuple[float, float] | None:
        """(latitude, longitude) of the centre of the chosen cell; None without a place."""
        here = self.cleaned_data["latitude"], self.cleaned_data["longitude"]
        return None if None in here else snap(*here)
