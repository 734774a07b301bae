"""The parameters that lists of needs are narrowed by: the vocabulary of needs.saved_searches.need_filters, a box, times."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as Wrong
from rest_framework.request import Request

from needs.enums import Category, Channel, NeedState, Urgency
from needs.models import Need, NeedQuerySet
from needs.saved_searches.need_filters import MAX_HOURS, SearchQuery
from solidarity.lib import grid
from solidarity.lib.datetimes import MomentField
from volunteers.territories import areas

Box = tuple[float, float, float, float]
MOST_CELLS = 20_000
WIDEST = 2.0
"""Degrees; in a wider box the cells of the needs are looked at instead."""


class BoxField(forms.CharField):
    """ "west,south,east,north" in degrees."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            west = south = east = north = float("nan")
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValidationError(_("Send a box as west,south,east,north in degrees, such as 2.2,48.8,2.4,48.9."))
        return (west, south, east, north)


class BoxFilter(django_filters.CharFilter):
    field_class = BoxField


class WholeFilter(django_filters.NumberFilter):
    field_class = forms.IntegerField


def several(choices: Any, about: str = "") -> django_filters.Filter:
    """A parameter that may be repeated, with one of some choices each time."""
    found = django_filters.MultipleChoiceFilter(choices=choices, help_text=about)
    shown = serializers.ListField(child=serializers.ChoiceField(choices=choices))
    named: django_filters.Filter = extend_schema_field(shown)(found)
    return named


def whole(least: int, most: int, about: str) -> django_filters.Filter:
    """A whole number."""
    found = WholeFilter(min_value=least, max_value=most, help_text=about)
    named: django_filters.Filter = extend_schema_field(serializers.IntegerField(min_value=least, max_value=most))(found)
    return named


class NumbersField(forms.MultipleChoiceField):
    """Keys of rows; which of them there are is found out by looking."""

    def valid_value(self, value: Any) -> bool:
        return str(value).isascii() and str(value).isdigit() and len(str(value)) < 10


@extend_schema_field(serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=999_999_999)))
class NumbersFilter(django_filters.MultipleChoiceFilter):
    field_class = NumbersField


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class Parameters(django_filters.FilterSet):
    """What every list of needs can be narrowed by. Several values: repeat the parameter."""

    kinds = several(Category.choices, "One of them is asked for.")
    urgency = several(Urgency.choices)
    area = django_filters.CharFilter(help_text="The short name of a territory (GET /api/v1/areas/).")
    newer = whole(1, MAX_HOURS, "Not older than so many hours.")
    older = whole(1, MAX_HOURS, "At least so many hours old.")
    bbox = BoxFilter(help_text="west,south,east,north in degrees; by the middle of the cell of some 350 m.")
    since = MomentFilter(help_text="Happened at this moment or later (ISO 8601).")
    until = MomentFilter(help_text="Happened before this moment (ISO 8601).")

    class Meta:
        model = Need
        fields: list[str] = []

    @classmethod
    def read(cls, request: Request) -> "Parameters":
        """The parameters of a request, checked. Raises ValidationError with the name of what is wrong."""
        found = cls(_clean(request), queryset=Need.objects.none(), request=request)
        errors = dict(found.errors)
        said = found.form.cleaned_data
        if said.get("area") and said["area"] not in {area.slug for area in areas.areas_for(request.viewer)}:
            errors["area"] = [
                _("You cannot filter by this territory; GET /api/v1/areas/ lists those that you can use.")
            ]
        if errors:
            raise Wrong(errors)
        return found

    @property
    def said(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.form.cleaned_data
        return cleaned

    @property
    def search(self) -> SearchQuery:
        """In the vocabulary of all searches."""
        said = self.said
        kept = {name: said.get(name) for name in ("kinds", "urgency", "states", "area", "channel", "topics")}
        hours = {name: int(said[name]) for name in ("newer", "older") if said.get(name)}
        return SearchQuery.from_json({name: value for name, value in kept.items() if value} | hours)

    @property
    def box(self) -> Box | None:
        box: Box | None = self.said.get("bbox")
        return box

    def narrow(self, needs: NeedQuerySet) -> NeedQuerySet:
        """Needs in the box and between the times."""
        if self.said.get("since"):
            needs = needs.filter(at__gte=self.said["since"])
        if self.said.get("until"):
            needs = needs.filter(at__lt=self.said["until"])
        return needs.filter(cell__in=_cells(self.box, needs)) if self.box else needs

    def holds(self, at: datetime, cell: int | None) -> bool:
        """Whether a moment and a cell lie between the times and in the box."""
        said = self.said
        if (said.get("since") and at < said["since"]) or (said.get("until") and at >= said["until"]):
            return False
        return not self.box or (cell is not None and _inside(self.box, cell))


def _clean(request: Request) -> QueryDict:
    """The query, without what no database can hold."""
    query = request.query_params.copy()
    for name, values in request.query_params.lists():
        query.setlist(name, [value.replace("\x00", "\ufffd") for value in values])
    return query


def _cells(box: Box, needs: NeedQuerySet) -> list[int]:
    west, south, east, north = box
    small = east - west < WIDEST and north - south < WIDEST
    near = grid.cells_within(south, west, north, east, MOST_CELLS) if small else []
    if not near:
        near = [cell for cell in needs.order_by().values_list("cell", flat=True).distinct() if cell is not None]
    return [cell for cell in near if _inside(box, cell)]


def _inside(box: Box, cell: int) -> bool:
    west, south, east, north = box
    latitude, longitude = grid.centre(cell)
    return west <= longitude <= east and south <= latitude <= north


class QueueParameters(Parameters):
    """What the dispatchers' queue can be narrowed by, too. Without states: what is unfinished."""

    states = several(NeedState.choices)
    channel = several(Channel.choices)
    topics = NumbersFilter(help_text="Categories of a crisis, by their numbers.")
    to_call = django_filters.BooleanFilter(help_text="Only those whose call back is due.")


class NearParameters(Parameters):
    """What open needs can be narrowed by, too."""

    within = whole(100, 100_000, "Metres from the reader's base.")

    def finds(self, kinds: list[str], urgency: str, at: datetime, cell: int | None) -> bool:
        """Whether an open need is one of those that are wanted."""
        search, age = self.search, (timezone.now() - at).total_seconds() / 3600
        return (
            (not search.kinds or bool(set(search.kinds) & set(kinds)))
            and (not search.urgency or urgency in search.urgency)
            and (not search.newer or age <= search.newer)
            and (not search.older or age >= search.older)
            and self.holds(at, cell)
        )
