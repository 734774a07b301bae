"""Forms of free beds: the number that is free, and the total number."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.guide.places.free_beds.free_numbers import MOST
from needs.guide.places.place_kinds import CapacityKind, ReservationEnd
from solidarity.lib.number_fields import Whole


class NumberForm(forms.Form):
    """The number that is free: a number, or a change by one."""

    free = Whole(label=gettext_lazy("free"), most=MOST, required=False)
    more = forms.TypedChoiceField(choices=[(1, ""), (-1, "")], coerce=int, required=False, empty_value=None)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("free") is None and data.get("more") is None and not self.errors:
            self.add_error("free", _("Enter a number."))
        return data


class CapacityForm(forms.Form):
    """The total number of a place, and whether others may reserve."""

    kind = forms.ChoiceField(label=gettext_lazy("What?"), choices=CapacityKind.choices)
    total = Whole(
        label=gettext_lazy("How many in all?"),
        least=1,
        most=MOST,
        required=False,
        help_text=gettext_lazy("Leave it empty if it changes."),
    )
    reservable = forms.BooleanField(
        label=gettext_lazy("Tours and dispatchers may reserve one for an hour"), required=False
    )


class EndForm(forms.Form):
    """The way in which a reservation ends."""

    end = forms.ChoiceField(choices=ReservationEnd.choices)
