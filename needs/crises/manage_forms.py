"""The form of an event: what, how long, where, what can be reported."""

from datetime import datetime
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.crises.coordinators import border_of, may_open_in
from needs.crises.crisis_events import MOST_CATEGORIES, PRESET, Event, Topic, many
from needs.enums import Category
from needs.models import Crisis
from needs.saved_searches.forms import CIRCLE, DRAWN, TERRITORY, AlertForm
from solidarity.lib.datetimes import MomentField
from solidarity.lib.labels import LABEL_LANGUAGES
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.forms import GuardedForm
from volunteers.territories.areas import Area

KEEP = "keep"
_PEOPLE = (Kind.NAME, Kind.HEALTH, Kind.ORIGIN)
_MOMENT = {"type": "datetime-local"}


class CategoryForm(forms.Form):
    """One category; without names it is none."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name_en = forms.CharField(label=_("In English"), max_length=60, required=False)
    name_fr = forms.CharField(label=_("In French"), max_length=60, required=False)
    kind = forms.ChoiceField(label=_("Kind of need"), choices=Category.choices, initial=Category.OTHER)

    def clean(self) -> dict[str, Any]:
        super().clean()
        names = [self.cleaned_data.get(name) for name in ("name_en", "name_fr")]
        if any(names) and not all(names):
            self.add_error("name_fr" if names[0] else "name_en", _("Name it in both languages."))
        return self.cleaned_data

    @property
    def topic(self) -> Topic | None:
        data = self.cleaned_data
        if not data.get("name_en"):
            return None
        return Topic({language: data[f"name_{language}"] for language in LABEL_LANGUAGES}, data["kind"], data["key"])


CategoryFormSet: Any = formset_factory(
    CategoryForm, extra=0, max_num=MOST_CATEGORIES, absolute_max=MOST_CATEGORIES, validate_max=True
)
EMPTY_ROWS = 2


class CrisisForm(GuardedForm, AlertForm):
    """An event. Its area is a territory, a circle, drawn by hand, or (of one that is there) left as it is.

    Everybody reads its words: whom to call belongs there, people do not.
    """

    guarded = {"name": _PEOPLE, "message": _PEOPLE}

    kinds = None  # type: ignore[assignment]
    urgency = None  # type: ignore[assignment]
    name = forms.CharField(
        label=_("Its name"), max_length=120, help_text=_("Everybody reads it: “Cold snap”, “Flood at the river”.")
    )
    message = forms.CharField(
        label=_("What people should know first"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Where it is warm, whom to call. It stands above the form; write it in the languages people read."),
    )
    starts_at = MomentField(
        label=pgettext_lazy("time", "From"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M")
    )
    ends_at = MomentField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"),
        help_text=_("Left empty: until somebody closes it."),
    )

    def __init__(self, data: Any = None, *, user: Any, areas: list[Area], crisis: Crisis | None = None) -> None:
        initial = {"starts_at": timezone.now()}
        if crisis:
            initial = {name: getattr(crisis, name) for name in ("name", "message", "starts_at", "ends_at")}
        super().__init__(data, areas=areas, dispatches=True, initial=initial)
        self.user, self.crisis = user, crisis
        words: dict[str, Any] = {
            KEEP: _("as it is now"),
            TERRITORY: _("a territory"),
            CIRCLE: _("a circle around a place"),
            DRAWN: _("an area that I draw"),
        }
        ways = [way for way in words if (way != KEEP or crisis) and (way != TERRITORY or areas)]
        self._choices("where").choices = [(way, words[way]) for way in ways]
        self.fields["where"].initial = ways[0]
        radius = self._choices("radius")
        radius.choices = [*radius.choices, (20000, "20 km"), (50000, "50 km")]
        radius.initial = 5000

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The end lies before the beginning. Correct one of the two."))
        if data.get("where") == TERRITORY and data.get("territory"):
            data["area"] = border_of(data["territory"])
        area = data.get("area")
        if area is not None and not may_open_in(self.user, many(area)):
            self.add_error("where", _("You coordinate no territory there. Choose an area that touches one of yours."))
        return data

    def event(self, topics: list[Topic]) -> Event:
        """What was said, once the form is valid."""
        data = self.cleaned_data
        area = data.get("area") or (self.crisis.area if self.crisis else None)
        assert area is not None
        ends: datetime | None = data["ends_at"]
        return Event(data["name"], data["message"], many(area), data["starts_at"], ends, topics)


def category_rows(data: Any, crisis: Crisis | None) -> Any:
    """The rows of categories: those that are there, or what a new event starts with, and some to fill in."""
    if data is not None:
        return CategoryFormSet(data, prefix="category")
    there = [Topic(row.names, row.kind, row.pk) for row in crisis.categories.all()] if crisis else PRESET
    initial = [
        {"key": row.key, "kind": str(row.kind)}
        | {f"name_{language}": row.names[language] for language in LABEL_LANGUAGES}
        for row in there
    ]
    empty: list[dict[str, Any]] = [{}] * min(EMPTY_ROWS, MOST_CATEGORIES - len(initial))
    return CategoryFormSet(initial=[*initial, *empty], prefix="category")


def topics_in(rows: Any) -> list[Topic]:
    """The categories of valid rows."""
    return [row.topic for row in rows if row.topic]
