"""Form of an event: name, period, area and categories."""

from datetime import datetime
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from needs.base.event_rights import event_agreements
from needs.base.event_rights.coordinators import border_of, may_open_in
from needs.base.site_categories import site_list
from needs.crises.crisis_events import MOST_CATEGORIES, PRESET, Event, Topic, as_multipolygon
from needs.enums import Category
from needs.help.saved_searches.forms import CIRCLE, DRAWN, TERRITORY, AlertForm
from needs.models import Crisis
from solidarity.lib import languages
from solidarity.lib.datetimes import MomentField
from solidarity.lib.labels import LABEL_LANGUAGES
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.forms import PiiCheckedForm
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories.areas import Area

KEEP = "keep"
_PEOPLE = (Kind.NAME, Kind.HEALTH, Kind.ORIGIN)
_MOMENT = {"type": "datetime-local"}


class CategoryForm(forms.Form):
    """A category; a row without names is ignored."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name_en = forms.CharField(label=_("In English"), max_length=60, required=False)
    name_fr = forms.CharField(label=_("In French"), max_length=60, required=False)
    kind = forms.ChoiceField(label=_("Kind of need"), choices=Category.choices, initial=Category.OTHER)

    def clean(self) -> dict[str, Any]:
        super().clean()
        names = [self.cleaned_data.get(name) for name in ("name_en", "name_fr")]
        if any(names) and not all(names):
            self.add_error("name_fr" if names[0] else "name_en", _("Enter the name in both languages."))
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


class CrisisForm(PiiCheckedForm, AlertForm):
    """An event. The area of an event is a territory, a circle, a drawn shape or the current area.

    The texts of an event are public: they may contain contacts, but no words about the people met.
    """

    pii_checked = {"name": _PEOPLE, "message": _PEOPLE}

    kinds = None  # type: ignore[assignment]
    urgency = None  # type: ignore[assignment]
    name = forms.CharField(
        label=_("Name of the event"),
        max_length=120,
        help_text=_("Everyone can read it, for example “Cold snap” or “River flood”."),
    )
    message = forms.CharField(
        label=_("Message to the public"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "For example: where to get warm, whom to call. It appears above the form. "
            "Once the event is saved, you can add other languages."
        ),
    )
    language = forms.ChoiceField(label=_("Language of the name and the message"))
    starts_at = MomentField(
        label=pgettext_lazy("time", "From"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M")
    )
    ends_at = MomentField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"),
        help_text=_("If empty, the event stays open until someone closes it."),
    )

    phone_is_enough = forms.BooleanField(
        label=_("During this event, a confirmed telephone number is enough to take needs in your territories"),
        required=False,
        help_text=_(
            "Otherwise only people whom an association knows can take needs and see exact places. The daily limit of "
            "places stays. Your decision is logged. In other territories of the area, their own coordinators decide."
        ),
    )

    def __init__(self, data: Any = None, *, viewer: Viewer, areas: list[Area], crisis: Crisis | None = None) -> None:
        initial: dict[str, Any] = {"starts_at": timezone.now()}
        if crisis:
            names = ("name", "message", "language", "starts_at", "ends_at")
            own_enough = event_agreements.taking_part(crisis, viewer).own_enough
            initial = {name: getattr(crisis, name) for name in names} | {"phone_is_enough": own_enough}
        initial["language"] = initial.get("language") or get_language()
        super().__init__(data, areas=areas, dispatches=True, initial=initial)
        self.viewer, self.crisis = viewer, crisis
        self._choices("language").choices = [(code, languages.own_name(code)) for code in languages.codes()]
        words: dict[str, Any] = {
            KEEP: _("the current area"),
            TERRITORY: _("a territory"),
            CIRCLE: _("a circle around a place"),
            DRAWN: _("an area that I draw"),
        }
        options = [name for name in words if (name != KEEP or crisis) and (name != TERRITORY or areas)]
        self._choices("where").choices = [(name, words[name]) for name in options]
        self.fields["where"].initial = options[0]
        radius = self._choices("radius")
        radius.choices = [*radius.choices, (20000, "20 km"), (50000, "50 km")]
        radius.initial = 5000

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The end is before the start. Correct one of them."))
        if data.get("where") == TERRITORY and data.get("territory"):
            data["area"] = border_of(data["territory"])
        area = data.get("area")
        if area is not None and not may_open_in(self.viewer, as_multipolygon(area)):
            self.add_error(
                "where",
                _("You do not coordinate any territory there. Choose an area that overlaps one of your territories."),
            )
        return data

    def event(self, topics: list[Topic]) -> Event:
        data = self.cleaned_data
        area = data.get("area") or (self.crisis.area if self.crisis else None)
        assert area is not None
        ends: datetime | None = data["ends_at"]
        return Event(
            data["name"], data["message"], as_multipolygon(area), data["starts_at"], ends, topics,
            phone_is_enough=data["phone_is_enough"], language=data["language"],
        )  # fmt: skip


def category_rows(data: Any, crisis: Crisis | None) -> Any:
    """Return the rows of the category editor: existing or preset categories, and EMPTY_ROWS empty rows."""
    if data is not None:
        return CategoryFormSet(data, prefix="category")
    own = [Topic(entry.names, entry.kind) for entry in site_list.offered()][:MOST_CATEGORIES]
    there = [Topic(row.names, row.kind, row.pk) for row in crisis.categories.all()] if crisis else own or PRESET
    initial = [
        {"key": row.key, "kind": str(row.kind)}
        | {f"name_{language}": row.names[language] for language in LABEL_LANGUAGES}
        for row in there
    ]
    empty: list[dict[str, Any]] = [{}] * min(EMPTY_ROWS, MOST_CATEGORIES - len(initial))
    return CategoryFormSet(initial=[*initial, *empty], prefix="category")


def topics_in(rows: Any) -> list[Topic]:
    """Return the categories of valid rows."""
    return [row.topic for row in rows if row.topic]
