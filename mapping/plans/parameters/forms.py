"""The form of a new version of the parameters, made from the model's fields."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mapping.coverage.cells.coverage_model import NO_LIMIT, Model
from mapping.models import Parameters
from mapping.plans.parameters.parameter_wording import GROUPS, Knob, knob_of, knobs
from mapping.plans.parameters.versions import values_of
from solidarity.lib.number_fields import without_spaces
from solidarity.lib.numbers import digits
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING

_SALT = "mapping.parameters.versions.previewed"


class KnobField(forms.FloatField):
    """A parameter in its displayed unit, with a decimal comma or point."""

    def __init__(self, knob: Knob) -> None:
        self.knob = knob
        super().__init__(
            label=str(knob.label),
            help_text=str(knob.help),
            required=not knob.unlimited,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )

    def prepare_value(self, value: Any) -> Any:
        return self.knob.shown(value) if isinstance(value, float) else value

    def to_python(self, value: Any) -> Any:
        return super().to_python(without_spaces(value).replace(",", ".") if isinstance(value, str) else value)

    def clean(self, value: Any) -> float:
        """Return the value as the model stores it."""
        knob = self.knob
        number = super().clean(value)
        if number is None:
            return NO_LIMIT
        if not math.isfinite(number) or not knob.least <= number <= knob.most:
            raise forms.ValidationError(
                _("Write a number from %(least)s to %(most)s.")
                % {"least": digits(knob.least), "most": digits(knob.most)}
            )
        return float(round(number / knob.scale, 12))


@dataclass(frozen=True, slots=True)
class ParameterField:
    """A field with the value in force and the default."""

    field: forms.BoundField
    unit: str
    now: str
    default: str
    least: str
    most: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    basic: list[ParameterField]
    advanced: list[ParameterField]
    open: bool


class ParametersForm(PiiCheckedForm, forms.Form):
    """A form with all parameters of the model. base: the version from which the form starts. previewed: signature of
    the previewed values. proposal: the nightly proposal that the form accepts."""

    pii_checked = {"reason": EVERYTHING}

    base = forms.IntegerField(widget=forms.HiddenInput)
    previewed = forms.CharField(widget=forms.HiddenInput, required=False)
    proposal = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Coordinators see this reason with the version."),
    )

    def __init__(self, *args: Any, current: dict[str, float], **options: Any) -> None:
        super().__init__(*args, **options)
        self.current = current
        for knob in knobs():
            self.fields[knob.name] = KnobField(knob)
            self.initial.setdefault(knob.name, float(current[knob.name]))

    @property
    def values(self) -> dict[str, float]:
        """The values as the model stores them, once the form is valid."""
        return {name: self.cleaned_data[name] for name in self.current}

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name, message in _out_of_order(self.cleaned_data):
            self.add_error(name, message)
        if not self.errors and not self.cleaned_data["proposal"] and _same(self.values, self.current):
            self.add_error(None, _("You have changed nothing yet. The form shows the parameters in force."))
        return self.cleaned_data

    def starts_from(self, version: Parameters) -> bool:
        """Whether the submitted form starts from the given version."""
        return str(self.data.get("base")) == str(version.pk)

    def carried_over(self, newer: Parameters) -> "ParametersForm":
        """Return a form that applies the reader's changes to a newer version. Fields that the reader did not change
        take the values of the newer version."""
        sent, fresh = self.data.get("base", ""), values_of(newer)
        older = Parameters.objects.accepted().filter(pk=int(sent)).first() if str(sent).isdecimal() else None
        data = {name: str(value) for name, value in self.data.items()}
        data["base"], data["previewed"] = str(newer.pk), ""
        before = values_of(older) if older is not None else fresh
        for knob in knobs():
            if data.get(knob.name) == knob.shown(before[knob.name]):
                data[knob.name] = knob.shown(fresh[knob.name])
        again = ParametersForm(data, current=fresh)
        again.full_clean()
        return again

    def seal(self) -> str:
        """Return a signature of the previewed values and of the version that they start from."""
        return signing.dumps(_digest(self.cleaned_data["base"], self.values), salt=_SALT)

    @property
    def was_previewed(self) -> bool:
        """Whether exactly these values were previewed, starting from this version."""
        try:
            shown = signing.loads(self.cleaned_data["previewed"], salt=_SALT)
        except signing.BadSignature:
            return False
        return bool(shown == _digest(self.cleaned_data["base"], self.values))

    def groups(self) -> list[Group]:
        """Return the fields by group. The page collapses fields that are rarely needed."""
        found = []
        for key, label in GROUPS.items():
            asked = [(knob, self._asked(knob)) for knob in knobs() if knob.group == key]
            if asked:
                basic = [one for knob, one in asked if knob.basic]
                advanced = [one for knob, one in asked if not knob.basic]
                found.append(
                    Group(str(label), basic, advanced, any(one.changed or one.field.errors for one in advanced))
                )
        return found

    def _asked(self, knob: Knob) -> ParameterField:
        now = self.current[knob.name]
        value = self[knob.name].value()
        shown = knob.shown(value) if isinstance(value, float) else str(value or "")
        return ParameterField(
            field=self[knob.name],
            unit=str(knob.unit),
            now=knob.shown(now) or _("no limit"),
            default=knob.shown(Model().values()[knob.name]) or _("no limit"),
            least=digits(knob.least),
            most=digits(knob.most),
            changed=shown.replace(",", ".") != knob.shown(now).replace(",", "."),
        )


class DeclineForm(PiiCheckedForm, forms.Form):
    """The reason for declining a proposal."""

    pii_checked = {"reason": EVERYTHING}

    reason = forms.CharField(
        label=gettext_lazy("Why not?"),
        max_length=300,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("The same change is not proposed again while this version is in force."),
    )


def _same(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(abs(one[name] - other[name]) < 1e-9 for name in other)


def _digest(base: int, values: dict[str, float]) -> list[Any]:
    return [base, *(repr(round(values[name], 12)) for name in sorted(values))]


# Required order of two fields: (smaller, larger, whether they may be equal).
_ORDER = (
    ("covered_at", "leave_covered_at", True),
    ("covered_at", "under_covered_at", False),
    ("covered_at", "leave_under_covered_at", False),
    ("leave_covered_at", "under_covered_at", False),
    ("leave_under_covered_at", "under_covered_at", True),
    ("uncovered_share", "norm_share", False),
    ("citizen_trust", "account_trust", True),
)


def _out_of_order(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (field, message) for each field with a value that contradicts another field, at most once per field."""
    named = set()
    for smaller, larger, equal in _ORDER:
        if smaller not in found or larger not in found or smaller in named or larger in named:
            continue
        low, high = found[smaller], found[larger]
        if low < high or (equal and low == high):
            continue
        named.add(smaller)
        other = knob_of(larger)
        text = (
            _("This value must not be more than “%(other)s” (%(value)s). Lower this value or raise the other one.")
            if equal
            else _("This value must be less than “%(other)s” (%(value)s). Lower this value or raise the other one.")
        )
        yield smaller, text % {"other": other.label, "value": other.said(high)}
