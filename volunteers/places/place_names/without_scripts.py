"""The search for a place inside a form, for browsers without scripts: the form is sent, and the page shows it again
with results."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict

from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names.query_words import LONGEST_TEXT
from volunteers.places.place_names.search import Result, knows_streets, search
from volunteers.places.place_names.search_area import area_of

_CHOICE = re.compile(r"(-?[0-9]{1,2}\.[0-9]{1,8}),(-?[0-9]{1,3}\.[0-9]{1,8})")


@dataclass(frozen=True, slots=True)
class PlacesFound:
    """The results for a typed text, without territories, which are no exact places. streets: as in ``views.find``."""

    typed: str
    results: Sequence[Result]
    streets: bool = True

    @property
    def is_sure(self) -> bool:
        return any(not result.perhaps for result in self.results)

    @property
    def choices(self) -> list[tuple[str, Result]]:
        """Pairs of a value for ``with_choice`` and a result."""
        return [(f"{result.latitude:.6f},{result.longitude:.6f}", result) for result in self.results]


def places_wanted(data: QueryDict, viewer: Viewer) -> PlacesFound | None:
    """Return the places found if the form was sent with the button "Find", else None."""
    if "find_place" not in data:
        return None
    typed = data.get("place_query", "")[:LONGEST_TEXT]
    area = area_of(viewer, None)
    found = PlacesFound(typed, [result for result in search(typed, area) if result.bounds is None])
    return found if found.is_sure or knows_streets(area) else replace(found, streets=False)


def with_choice(data: QueryDict) -> QueryDict:
    """Return the data of a sent form, with the chosen result as its place.

    If no result was chosen, the typed text becomes the place in words, unless that field is filled in.
    """
    chosen = _CHOICE.fullmatch(data.get("place_choice", ""))
    typed = data.get("place_query", "").strip()
    if not chosen and (not typed or data.get("place_text") or data.get("latitude")):
        return data
    changed = data.copy()
    if chosen:
        changed["latitude"], changed["longitude"] = chosen[1], chosen[2]
    else:
        changed["place_text"] = typed[:LONGEST_TEXT]
    return changed


def typed_values(form: forms.BaseForm, data: QueryDict) -> dict[str, Any]:
    """Return the typed text of each field, as initial values of a form that is shown again without errors."""
    return {
        name: field.widget.value_from_datadict(data, {}, form.add_prefix(name))  # type: ignore[arg-type]
        for name, field in form.fields.items()
        if not isinstance(field, forms.FileField)
    }
