"""The dispatchers' forms: the queue's filter, a step, a bulk step, a call, a saved search."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.enums import CallResult, Category, Channel, NeedState, OutcomeReason, Urgency
from needs.lifecycle.transitions import REASONS
from needs.site_categories import site_list
from needs.triage.bulk import BulkAction, Chosen
from needs.triage.triage_queue import QueueFilter
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association
from volunteers.territories.areas import Area

AGES = (24, 48, 7 * 24, 14 * 24, 30 * 24)
AGAIN_IN = (1, 3, 24, 72)


def _hours(hours: int) -> str:
    if hours <= 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


class FilterForm(forms.Form):
    """Form that shows the queue's filter. QueueFilter, not this form, reads it from the URL."""

    area = forms.ChoiceField(label=_("Territory"), required=False)
    urgency = forms.MultipleChoiceField(
        label=_("How urgent"), choices=Urgency.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    states = forms.MultipleChoiceField(
        label=_("State"), choices=NeedState.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kind"), choices=Category.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    channel = forms.MultipleChoiceField(
        label=_("Received by"), choices=Channel.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    older = forms.ChoiceField(label=_("Older than"), required=False)
    newer = forms.ChoiceField(label=_("Not older than"), required=False)
    to_call = forms.BooleanField(
        label=_("Call back due"), required=False, widget=forms.CheckboxInput(attrs={"value": "1"})
    )

    def __init__(self, wanted: QueueFilter, areas: Sequence[Area]) -> None:
        search = wanted.search
        initial: dict[str, Any] = {
            "kinds": search.kinds, "urgency": search.urgency, "states": search.states, "area": search.area,
            "channel": search.channel, "older": search.older or "", "newer": search.newer or "", "to_call": wanted.to_call,
        }  # fmt: skip
        super().__init__(initial=initial, auto_id="filter_%s")
        self._set_choices("kinds", site_list.kind_choices())
        self._set_choices("area", [("", _("everywhere")), *((area.slug, area.name) for area in areas)])
        for name in ("older", "newer"):
            hours = sorted({*AGES, *([initial[name]] if initial[name] else [])})
            self._set_choices(name, [("", _("any")), *((each, _hours(each)) for each in hours)])

    def _set_choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def multiple_choices(self) -> list[forms.BoundField]:
        """The fields with check boxes."""
        return [self[name] for name in ("urgency", "states", "kinds", "channel")]

    @property
    def chosen(self) -> list[str]:
        """Labels of the active filters."""
        words = []
        for name, field in self.fields.items():
            value = self.initial[name]
            if isinstance(field, forms.BooleanField):
                words += [str(field.label)] if value else []
            elif isinstance(field, forms.ChoiceField):
                some = value if isinstance(value, tuple) else (value,)
                found = [str(label) for key, label in field.widget.choices if key != "" and key in some]
                words += (
                    found if isinstance(value, tuple) or name == "area" else [f"{field.label} {each}" for each in found]
                )
        return words


class StepForm(PiiCheckedForm, forms.Form):
    """One step of a need. seen: the state that the dispatcher saw. after: the new state; None if it is not valid."""

    pii_checked = {"text": EVERYTHING}

    seen = forms.ChoiceField(choices=NeedState.choices, widget=forms.HiddenInput)
    state = forms.ChoiceField(choices=NeedState.choices, widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Why?"), choices=OutcomeReason.choices, required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Comment for other dispatchers"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, after: NeedState | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        reasons = REASONS.get(after, ()) if after else ()
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        if after is not None:
            field.choices = [(reason.value, reason.label) for reason in reasons]
            field.required = bool(reasons)
            if len(reasons) == 1:
                field.widget, field.initial = forms.HiddenInput(), reasons[0].value


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
