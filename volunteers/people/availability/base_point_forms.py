"""The point of a form for a base: both coordinates or none."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COORDINATES = ("latitude", "longitude")


class BasePointForm(forms.Form):
    """Latitude and longitude in degrees, WGS 84. place_problem: what is wrong with the place as a whole, or empty."""

    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90, localize=True)
    longitude = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180, localize=True)
    place_problem = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in COORDINATES:
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self) -> dict[str, Any]:
        super().clean()
        missing = [self.cleaned_data.get(name, 0) is None for name in COORDINATES]
        if any(missing) and not all(missing):
            self.refuse_place(_("A place needs both latitude and longitude. Tap the map once more."))
        return self.cleaned_data

    def refuse_place(self, problem: str | Promise) -> None:
        self.place_problem = str(problem)
        self.add_error(None, self.place_problem)

    @property
    def place_is_wrong(self) -> bool:
        return bool(self.place_problem or self.errors.keys() & {*COORDINATES})

    @property
    def point(self) -> tuple[float, float] | None:
        """(latitude, longitude) of a valid form; None without a place."""
        here = self.cleaned_data["latitude"], self.cleaned_data["longitude"]
        return None if None in here else here
