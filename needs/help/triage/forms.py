"""The dispatchers' forms: the queue's filter, a step, a bulk step, a call, a saved search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Self

from django import forms
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from needs.base.lifecycle.transitions import REASONS
from needs.base.site_categories import site_list
from needs.enums import CallResult, Channel, NeedState, Urgency
from needs.help.triage.bulk import BulkAction, Chosen
from needs.help.triage.need_steps import BUTTONS
from needs.help.triage.triage_queue import QueueFilter
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association
from volunteers.places.territories.areas import Area

AGES = (24, 48, 7 * 24, 14 * 24, 30 * 24)
AGAIN_IN = (1, 3, 24, 72)

type Choices = Sequence[tuple[Any, str | Promise]]
type Options = tuple[tuple[Any, str], ...]

NO_REASON = _("Choose a reason, so that others understand it later.")
KEPT = 128
"""Number of menus and of groups of check boxes that a process keeps as HTML. Their HTML depends on nothing but their names, labels and
chosen values, and not on the reader, so it never becomes stale."""
_BOX = '<label class="triage-pill" for="{}"><input type="checkbox" name="{}" value="{}" id="{}"{}>\n<span>{}</span></label>'


def _hours(hours: int) -> str:
    if hours <= 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


@dataclass(frozen=True, slots=True)
class FilterField:
    """A filter of the queue. label: name of the filter. options: the values with their labels. chosen: the chosen value, or
    a tuple of chosen values."""

    name: str
    label: str | Promise
    options: Options
    chosen: Any

    @classmethod
    def of(cls, name: str, label: str | Promise, choices: Choices, chosen: Any) -> Self:
        return cls(name, label, tuple([(value, str(words)) for value, words in choices]), chosen)

    @property
    def chosen_labels(self) -> list[str]:
        some = self.chosen if isinstance(self.chosen, tuple) else (self.chosen,)
        return [label for value, label in self.options if value != "" and value in some]

    def as_options(self) -> str:
        """Return the HTML of the values in a menu."""
        return _menu(self.options, self.chosen)

    def as_boxes(self) -> str:
        """Return the HTML of the values as check boxes."""
        return _boxes(self.name, self.options, self.chosen)


@lru_cache(maxsize=KEPT)
def _menu(options: Options, chosen: Any) -> str:
    rows = ((value, " selected" if value == chosen else "", label) for value, label in options)
    return format_html_join("\n", '<option value="{}"{}>{}</option>', rows)


@lru_cache(maxsize=KEPT)
def _named(values: type[TextChoices], _language: str | None) -> Options:
    """Return fixed values with their labels in the active language."""
    return tuple([(value, str(label)) for value, label in values.choices])


@lru_cache(maxsize=KEPT)
def _boxes(name: str, options: Options, chosen: tuple[Any, ...]) -> str:
    found = []
    for number, (value, label) in enumerate(options):
        key, checked = f"filter_{name}_{number}", " checked" if value in chosen else ""
        found.append((key, name, value, key, checked, capfirst(label)))
    return format_html_join("\n", _BOX, found)


class FilterPanel:
    """The panel that shows the queue's filter. QueueFilter, not this panel, reads it from the URL.

    It is no form, because a form renders each of its eighty values with templates of their own."""

    def __init__(self, wanted: QueueFilter, areas: Sequence[Area]) -> None:
        search, of, language = wanted.search, FilterField.of, get_language()
        self.area = of("area", _("Territory"), [("", _("everywhere")), *((a.slug, a.name) for a in areas)], search.area)
        self.newer = of("newer", _("Not older than"), _ages(search.newer), search.newer or "")
        self.older = of("older", _("Older than"), _ages(search.older), search.older or "")
        self.boxes = [
            of("urgency", _("How urgent"), _named(Urgency, language), search.urgency),
            of("states", _("State"), _named(NeedState, language), search.states),
            of("kinds", _("Kind"), site_list.kind_choices(), search.kinds),
            of("channel", _("Received by"), _named(Channel, language), search.channel),
        ]
        self.to_call = wanted.to_call

    @property
    def selects(self) -> list[FilterField]:
        return [self.area, self.newer, self.older]

    @property
    def chosen(self) -> list[str]:
        """Labels of the active filters."""
        words = [label for field in (self.area, *self.boxes) for label in field.chosen_labels]
        words += [f"{field.label} {label}" for field in (self.older, self.newer) for label in field.chosen_labels]
        return words + ([gettext("Call back due")] if self.to_call else [])


def _ages(hours: int) -> Choices:
    return [("", _("any")), *((each, _hours(each)) for each in sorted({*AGES, *([hours] if hours else [])}))]


class StepForm(PiiCheckedForm, forms.Form):
    """One step of a need that needs no reason. seen: the state that the dispatcher saw."""

    pii_checked = {"text": EVERYTHING}

    seen = forms.ChoiceField(choices=NeedState.choices, widget=forms.HiddenInput)
    state = forms.ChoiceField(choices=[(each.value, each.label) for each in BUTTONS], widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Comment for other dispatchers"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    @property
    def step(self) -> tuple[NeedState, str]:
        """The new state and the reason. The form must be valid."""
        return NeedState(self.cleaned_data["state"]), ""


class CloseForm(StepForm):
    """A step that needs a reason: closing or reopening a need with one choice. states: the states to offer."""

    state = None  # type: ignore[assignment]
    outcome = forms.ChoiceField(label=_("Why?"), error_messages={"required": NO_REASON, "invalid_choice": NO_REASON})

    field_order = ("seen", "outcome", "text")

    def __init__(self, *args: Any, states: Collection[NeedState] = tuple(REASONS), **options: Any) -> None:
        super().__init__(*args, auto_id="close_%s", **options)
        self.offer(states)

    def offer(self, states: Collection[NeedState]) -> None:
        """Offer only the reasons of these states."""
        groups = [(capfirst(state.label), _outcomes(state)) for state in states]
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("choose")), *(groups[0][1] if len(groups) == 1 else groups)]

    @property
    def step(self) -> tuple[NeedState, str]:
        state, _colon, reason = self.cleaned_data["outcome"].partition(":")
        return NeedState(state), reason


def _outcomes(state: NeedState) -> list[tuple[str, str]]:
    """Return the choices that lead to a state: the state and the reason as a value, the reason in words."""
    return [(f"{state}:{reason}", capfirst(str(reason.label))) for reason in REASONS[state]]


class BulkForm(PiiCheckedForm, forms.Form):
    """The same step for many needs."""

    pii_checked = {"text": EVERYTHING}

    action = forms.ChoiceField(choices=BulkAction.choices)
    need = forms.TypedMultipleChoiceField(coerce=Chosen.read, required=True)
    reason = forms.ChoiceField(
        label=_("Why do you reject them?"),
        choices=[("", _("choose")), *((reason.value, reason.label) for reason in REASONS[NeedState.REJECTED])],
        required=False,
    )
    text = forms.CharField(label=_("Comment for other dispatchers"), required=False, max_length=1000)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["need"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.valid_value = lambda value: True  # type: ignore[method-assign]
        field.error_messages = {
            "required": _("Select at least one need."),
            "invalid_choice": _("Select needs from the list."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("action") == BulkAction.REJECT and not cleaned.get("reason"):
            self.add_error("reason", _("Choose a reason, so that others understand it later."))
        return cleaned


class CallForm(PiiCheckedForm, forms.Form):
    """An attempt to call back."""

    pii_checked = {"note": EVERYTHING}

    result = forms.ChoiceField(label=_("What was the result?"), choices=CallResult.choices, widget=forms.RadioSelect)
    again_in = forms.TypedChoiceField(
        label=_("Try again in"), required=False, coerce=lambda hours: timedelta(hours=int(hours)), empty_value=None
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("No names, no telephone numbers."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["again_in"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("no further attempt")), *((hours, _hours(hours)) for hours in AGAIN_IN)]


class SaveSearchForm(forms.Form):
    """A name for a search to save, private or shared with an association."""

    name = forms.CharField(
        label=_("Save this filter as"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    association = forms.TypedChoiceField(label=_("For"), required=False, empty_value=None)

    def __init__(self, *args: Any, associations: Sequence[Association], **options: Any) -> None:
        super().__init__(*args, **options)
        own = {each.slug: each for each in associations}
        field = self.fields["association"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("only me")), *((each.slug, each.name) for each in associations)]
        field.coerce = own.__getitem__
