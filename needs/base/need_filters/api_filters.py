"""Query parameters for lists of needs: the filters of ``needs.base.need_filters.need_filters``, a box and a period."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as Wrong
from rest_framework.request import Request

from needs.base.need_filters.cell_boxes import Box, contains, in_box, read_box
from needs.base.need_filters.need_filters import MAX_HOURS, SearchQuery
from needs.enums import Category, Channel, Lane, NeedState, Urgency
from needs.models import Need, NeedQuerySet
from solidarity.lib.datetimes import MomentField
from volunteers.people.api.base import viewer_of
from volunteers.places.territories import areas


class BoxField(forms.CharField):
    """A box as "west,south,east,north" in degrees."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        box = read_box(text)
        if box is None:
            raise ValidationError(_("Send a box as west,south,east,north in degrees, such as 2.2,48.8,2.4,48.9."))
        return box


class BoxFilter(django_filters.CharFilter):
    field_class = BoxField


class WholeNumberFilter(django_filters.NumberFilter):
    field_class = forms.IntegerField


def multiple_choice(choices: Any, about: str = "") -> django_filters.Filter:
    """Return a repeatable parameter with a fixed set of values."""
    found = django_filters.MultipleChoiceFilter(choices=choices, help_text=about)
    shown = serializers.ListField(child=serializers.ChoiceField(choices=choices))
    named: django_filters.Filter = extend_schema_field(shown)(found)
    return named


def whole_number(least: int, most: int, about: str) -> django_filters.Filter:
    found = WholeNumberFilter(min_value=least, max_value=most, help_text=about)
    named: django_filters.Filter = extend_schema_field(serializers.IntegerField(min_value=least, max_value=most))(found)
    return named


class KeysField(forms.MultipleChoiceField):
    """Filter by primary keys; unknown keys match nothing."""

    def valid_value(self, value: Any) -> bool:
        return str(value).isascii() and str(value).isdigit() and len(str(value)) < 10


@extend_schema_field(serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=999_999_999)))
class KeysFilter(django_filters.MultipleChoiceFilter):
    field_class = KeysField


class DateTimeFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class Parameters(django_filters.FilterSet):
    """Parameters that every list of needs accepts. To give a parameter several values, repeat it."""

    kinds = multiple_choice(Category.choices, "At least one of these kinds is needed.")
    urgency = multiple_choice(Urgency.choices)
    area = django_filters.CharFilter(help_text="The short name of a territory (GET /api/v1/areas/).")
    newer = whole_number(1, MAX_HOURS, "At most this many hours old.")
    older = whole_number(1, MAX_HOURS, "At least this many hours old.")
    bbox = BoxFilter(
        help_text="west,south,east,north in degrees. A need is in the box if the centre of its 350 m cell is."
    )
    since = DateTimeFilter(help_text="At this time or later (ISO 8601).")
    until = DateTimeFilter(help_text="Before this time (ISO 8601).")

    class Meta:
        model = Need
        fields: list[str] = []

    @classmethod
    def read(cls, request: Request) -> "Parameters":
        """Return the validated parameters of a request. Raises ValidationError with the invalid fields."""
        found = cls(request.query_params, queryset=Need.objects.none(), request=request)
        errors = dict(found.errors)
        said = found.form.cleaned_data
        if said.get("area") and said["area"] not in {area.slug for area in areas.areas_for(viewer_of(request))}:
            errors["area"] = [_("You cannot filter by this territory. GET /api/v1/areas/ lists the available ones.")]
        if errors:
            raise Wrong(errors)
        return found

    @property
    def said(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.form.cleaned_data
        return cleaned

    @property
    def search(self) -> SearchQuery:
        said = self.said
        kept = {name: said.get(name) for name in ("kinds", "urgency", "states", "area", "channel", "topics")}
        hours = {name: int(said[name]) for name in ("newer", "older") if said.get(name)}
        return SearchQuery.from_json({name: value for name, value in kept.items() if value} | hours)

    @property
    def box(self) -> Box | None:
        box: Box | None = self.said.get("bbox")
        return box

    def narrow(self, needs: NeedQuerySet) -> NeedQuerySet:
        """Return the needs that are in the requested box and period."""
        if self.said.get("since"):
            needs = needs.filter(at__gte=self.said["since"])
        if self.said.get("until"):
            needs = needs.filter(at__lt=self.said["until"])
        return in_box(needs, self.box) if self.box else needs

    def holds(self, at: datetime, cell: int | None) -> bool:
        """Return whether a time is in the requested period and a cell is in the requested box."""
        said = self.said
        if (said.get("since") and at < said["since"]) or (said.get("until") and at >= said["until"]):
            return False
        return not self.box or (cell is not None and contains(self.box, cell))


class QueueParameters(Parameters):
    """Additional parameters of the dispatchers' queue. Without states, the queue lists unfinished needs."""

    states = multiple_choice(NeedState.choices)
    channel = multiple_choice(Channel.choices)
    topics = KeysFilter(help_text="Ids of event categories.")
    lane = django_filters.ChoiceFilter(choices=Lane.choices, help_text="One lane of the queue; without it, all lanes.")
    to_call = django_filters.BooleanFilter(help_text="Only needs whose call-back is due.")


class NearParameters(Parameters):
    """Additional parameters of open needs."""

    within = whole_number(100, 100_000, "Metres from your base.")

    def finds(self, kinds: list[str], urgency: str, at: datetime, cell: int | None) -> bool:
        """Return whether an open need matches the parameters."""
        search, age = self.search, (timezone.now() - at).total_seconds() / 3600
        return (
            (not search.kinds or bool(set(search.kinds) & set(kinds)))
            and (not search.urgency or urgency in search.urgency)
            and (not search.newer or age <= search.newer)
            and (not search.older or age >= search.older)
            and self.holds(at, cell)
        )
