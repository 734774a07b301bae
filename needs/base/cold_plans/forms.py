"""Forms of cold plans: the plan, the temperature that starts one, a webhook reading."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.cold_plans.plans import Draft
from needs.models import ColdTrigger
from solidarity.lib.datetimes import MomentField, local
from solidarity.lib.number_fields import without_spaces
from solidarity.lib.numbers import digits
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING

LEAST_FACTOR, MOST_FACTOR = 0.1, 10.0


class Decimal(forms.FloatField):
    """A number with a decimal comma or point."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "short"}), **options
        )

    def prepare_value(self, value: Any) -> Any:
        return digits(value) if isinstance(value, (int, float)) else value

    def to_python(self, value: Any) -> Any:
        return super().to_python(
            without_spaces(value).replace(",", ".").replace("−", "-") if isinstance(value, str) else value
        )


def _norm_factor() -> Decimal:
    return Decimal(
        label=gettext_lazy("Help needed, as a multiple of the norm"),
        min_value=LEAST_FACTOR,
        max_value=MOST_FACTOR,
        initial=2.0,
        help_text=gettext_lazy("For example, 2 means that everyone should be met twice as often."),
    )


def _persons_factor() -> Decimal:
    return Decimal(
        label=gettext_lazy("People expected, as a multiple of the usual number"),
        min_value=LEAST_FACTOR,
        max_value=MOST_FACTOR,
        initial=1.0,
        help_text=gettext_lazy(
            "Enter less than 1 if emergency shelters take people in, more than 1 if you expect more people outside."
        ),
    )


def _moment(label: Any, help_text: Any) -> MomentField:
    return MomentField(
        label=label,
        help_text=help_text,
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class PlanForm(PiiCheckedForm, forms.Form):
    """A period, two factors and a reason."""

    pii_checked = {"reason": EVERYTHING}

    start = _moment(gettext_lazy("Start of the plan"), gettext_lazy("If you leave this empty, the plan starts now."))
    end = _moment(
        gettext_lazy("End of the plan"), gettext_lazy("If you leave this empty, the plan runs until you end it.")
    )
    norm_factor = _norm_factor()
    persons_factor = _persons_factor()
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Other coordinators see your reason next to the plan."),
    )

    def clean_start(self) -> datetime | None:
        begin: datetime | None = self.cleaned_data["start"]
        if begin is not None and begin < timezone.now() - timedelta(minutes=5):
            raise forms.ValidationError(_("This time is in the past. Leave it empty to start now."))
        return begin

    def draft(self) -> Draft:
        data = self.cleaned_data
        return Draft(data["start"], data["end"], data["norm_factor"], data["persons_factor"], data["reason"])


class TriggerForm(forms.ModelForm):
    """The temperature at which a plan starts automatically, and that plan's terms."""

    celsius = Decimal(
        label=gettext_lazy("Threshold in °C: a plan starts at this temperature or below"),
        min_value=-40,
        max_value=15,
        initial=-2.0,
    )
    norm_factor = _norm_factor()
    persons_factor = _persons_factor()
    hours = forms.IntegerField(
        label=gettext_lazy("How many hours the plan lasts after the last cold reading"),
        min_value=1,
        max_value=336,
        initial=48,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
    )

    class Meta:
        model = ColdTrigger
        fields = ("celsius", "norm_factor", "persons_factor", "hours")


class ReadingForm(forms.Form):
    """A webhook reading: ``celsius``, a number, and ``at``, an ISO 8601 datetime with its UTC offset."""

    celsius = forms.FloatField()
    at = forms.CharField(max_length=40)

    def clean_at(self) -> datetime:
        try:
            at = parse_datetime(self.cleaned_data["at"])
        except ValueError:
            at = None
        if at is None or not 2000 <= at.year < 3000:
            raise forms.ValidationError(_("Send an ISO 8601 date and time, such as 2026-12-01T21:00:00+01:00."))
        if timezone.is_naive(at):
            raise forms.ValidationError(_("Add the offset from UTC, such as +01:00 or Z."))
        return local(at)
