"""Forms of “Find help now”."""

from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from needs.guide.find_help.find_help_presenter import FOR_WHOM
from needs.guide.places.place_kinds import PlaceKind

DECIMALS = 3
"""Decimal places of degrees, about 100 m. A position is never used more exactly than this."""


class FindForm(forms.Form):
    """The kind of help, the audience, and a position, if there is one.

    label: the name of the place, as the search returned it.
    """

    kind = forms.ChoiceField(label=_("What do you need?"), choices=PlaceKind.choices, required=False)
    who = forms.ChoiceField(label=_("Who is it for?"), choices=FOR_WHOM, required=False)
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False)
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False)
    label = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if (values.get("latitude") is None) != (values.get("longitude") is None):
            self.add_error(None, _("The position is incomplete. Look for a street or a station instead."))
        return values

    @property
    def point(self) -> Point | None:
        """The rounded position; None if none was sent."""
        latitude, longitude = self.cleaned_data.get("latitude"), self.cleaned_data.get("longitude")
        if latitude is None or longitude is None:
            return None
        return Point(round(longitude, DECIMALS), round(latitude, DECIMALS), srid=4326)
