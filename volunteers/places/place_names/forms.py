"""Forms of places."""

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.places.place_names.query_words import LONGEST_TEXT
from volunteers.places.place_names.search import Bounds


class PinForm(forms.Form):
    """A point in degrees."""

    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)


class SearchForm(forms.Form):
    """text: the text that was typed. west, south, east, north: the shown part of the map in degrees; all or none."""

    text = forms.CharField(max_length=LONGEST_TEXT, required=False)
    west = forms.FloatField(min_value=-360, max_value=360, required=False)
    south = forms.FloatField(min_value=-90, max_value=90, required=False)
    east = forms.FloatField(min_value=-360, max_value=360, required=False)
    north = forms.FloatField(min_value=-90, max_value=90, required=False)

    @property
    def bounds(self) -> Bounds | None:
        """The shown part of the map; None unless all four sides are given and in order."""
        west, south, east, north = (self.cleaned_data[side] for side in ("west", "south", "east", "north"))
        if None in (west, south, east, north) or west >= east or south >= north:
            return None
        return west, south, east, north
