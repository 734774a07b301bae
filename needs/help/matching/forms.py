"""Forms of matching: choosing people to ask, a batch, an association's capacities."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.enums import Category
from solidarity.lib.grid import snap
from solidarity.lib.number_fields import Whole
from volunteers.people.availability.base_point_forms import BasePointForm
from volunteers.places.territories.areas import Area

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


class CapacityForm(BasePointForm):
    """Weekly capacities of an association: a number per kind (0: none), base and radius."""

    radius = forms.TypedChoiceField(label=_("How far do you go?"), coerce=int, initial=5000)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for kind in Category:
            self.fields[kind.value] = Whole(label=kind.label, most=500, required=False)
        self.fields["radius"].choices = [  # type: ignore[attr-defined]
            (metres, _("%(km)d km") % {"km": metres // 1000}) for metres in RADII_M
        ]

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
        return snap(*self.point) if self.point else None
