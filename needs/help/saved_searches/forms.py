"""The form of an alert: kinds, urgency, and an area (everywhere, a territory, a circle or a drawn polygon)."""

from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSException, Polygon
from django.utils.translation import gettext_lazy as _

from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import Category, Urgency
from needs.help.saved_searches import alerts
from needs.reports.forms import Degrees
from solidarity.lib.http.json_bodies import read_json
from volunteers.places.territories.areas import Area

EVERYWHERE, TERRITORY, CIRCLE, DRAWN = "everywhere", "territory", "circle", "drawn"
MAX_CORNERS = 200
_WHERE = {
    TERRITORY: _("a territory"),
    CIRCLE: _("a circle around a place"),
    DRAWN: _("an area that I draw"),
    EVERYWHERE: _("everywhere"),
}
_DEGREES = {"inputmode": "decimal", "autocomplete": "off"}


class AlertForm(forms.Form):
    """A new alert. dispatches: whether the reader dispatches. For all other readers, the area has a minimum size."""

    name = forms.CharField(
        label=_("Name of the alert"),
        max_length=80,
        help_text=_("Only this page shows the name. Our messages never contain it."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of need"), choices=Category.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    urgency = forms.MultipleChoiceField(
        label=_("How urgent"), choices=Urgency.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    where = forms.ChoiceField(label=_("Where"), widget=forms.RadioSelect)
    territory = forms.ChoiceField(label=_("Territory"), required=False)
    latitude = Degrees(
        label=_("Latitude"), required=False, min_value=-85, max_value=85, widget=forms.TextInput(attrs=_DEGREES)
    )
    longitude = Degrees(
        label=_("Longitude"), required=False, min_value=-180, max_value=180, widget=forms.TextInput(attrs=_DEGREES)
    )
    radius = forms.TypedChoiceField(
        label=_("Radius"),
        coerce=int,
        required=False,
        empty_value="",
        choices=[(500, "500 m"), (1000, "1 km"), (2000, "2 km"), (5000, "5 km"), (10000, "10 km")],
    )
    corners = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, areas: list[Area], dispatches: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.dispatches = dispatches
        choices = [where for where in _WHERE if where != TERRITORY or areas]
        self._choices("where").choices = [(where, _WHERE[where]) for where in choices]
        self.initial.setdefault("where", choices[0])
        self._choices("territory").choices = [(area.slug, area.name) for area in areas]
        self._choices("radius").initial = 1000

    def _choices(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        where = cleaned.get("where")
        if where == TERRITORY and not cleaned.get("territory") and "territory" not in self.errors:
            self.add_error("territory", _("Choose a territory."))
        elif where == CIRCLE:
            self._clean_circle(cleaned)
        elif where == DRAWN:
            self._clean_drawing(cleaned)
        area = cleaned.get("area")
        if area is not None and not self.dispatches and not alerts.is_large_enough(area):
            self.add_error("where", _("This area is too small: it could single out one person. Choose a larger one."))
        return cleaned

    def _clean_circle(self, cleaned: dict[str, Any]) -> None:
        latitude, longitude = cleaned.get("latitude"), cleaned.get("longitude")
        if latitude is None or longitude is None:
            self.add_error("where", _("Choose the middle of the circle on the map."))
        else:
            cleaned["area"] = alerts.circle(latitude, longitude, int(cleaned.get("radius") or 1000))

    def _clean_drawing(self, cleaned: dict[str, Any]) -> None:
        try:
            ring = [(float(lng), float(lat)) for lng, lat in read_json(cleaned.get("corners") or "[]")]
        except (ValueError, TypeError):
            ring = []
        if not 3 <= len(ring) <= MAX_CORNERS or not all(abs(lng) <= 180 and abs(lat) <= 85 for lng, lat in ring):
            self.add_error("where", _("Draw an area with at least three corners."))
            return
        try:
            drawn = Polygon([*ring, ring[0]], srid=4326)
        except (ValueError, GEOSException):
            drawn = Polygon()
        if drawn.empty or not drawn.valid or not drawn.area:
            self.add_error("where", _("The lines of your drawing cross each other. Draw the area again."))
        else:
            cleaned["area"] = drawn

    def wanted(self) -> alerts.Wanted:
        """The alert of a valid form."""
        data = self.cleaned_data
        territory = data["territory"] if data["where"] == TERRITORY else ""
        search = SearchQuery(kinds=tuple(data["kinds"]), urgency=tuple(data["urgency"]), area=territory)
        return alerts.Wanted(data["name"], SearchQuery.from_json(search.to_json()), data.get("area"))
