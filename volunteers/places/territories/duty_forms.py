"""Forms about duties: to ask for a duty, and to give a duty to several people or end it for them."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.enums import Duty
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duty_requests

MOST_DAYS = 3652


class LastDayField(forms.DateField):
    """The last day of a duty, which may be empty. The value of the field is the last moment of that day."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Last day"), required=False, help_text=_("If it is empty, the duty lasts until somebody ends it."),
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )  # fmt: skip

    def clean(self, value: Any) -> datetime | None:
        day = super().clean(value)
        if day is None:
            return None
        if not timezone.localdate() <= day <= timezone.localdate() + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(_("Choose a day from today on, within ten years."))
        return timezone.make_aware(datetime.combine(day, time.max))


class AskForm(PiiCheckedForm, forms.Form):
    """A request for a duty."""

    pii_checked = {"text": EVERYTHING}

    territory = forms.ModelChoiceField(label=_("Territory"), queryset=Territory.objects.all(), to_field_name="slug")
    duty = forms.ChoiceField(label=_("Duty"), choices=Duty.choices, initial=Duty.DISPATCHER, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In your words"),
        max_length=300,
        required=False,
        help_text=_("Say why you ask, and for which association. The coordinators of the territory read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PurposeForm(PiiCheckedForm, forms.Form):
    """The purpose to record when a request to coordinate is accepted."""

    pii_checked = {"purpose": EVERYTHING}

    purpose = forms.CharField(label=_("Purpose"), max_length=300, required=False)


class GiveForm(PiiCheckedForm, forms.Form):
    """A duty in a territory, for several people. ``action``: whether to give the duty or to end it."""

    pii_checked = {"purpose": EVERYTHING}

    people = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(), to_field_name="key", error_messages={"required": _("Select at least one person.")}
    )
    territory = forms.ModelChoiceField(label=_("Territory"), queryset=Territory.objects.none(), to_field_name="slug")
    duty = forms.ChoiceField(label=_("Duty"), choices=Duty.choices, initial=Duty.DISPATCHER)
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=300,
        required=False,
        help_text=_("Only for coordinators: what they coordinate, and why."),
    )
    until = LastDayField()
    action = forms.ChoiceField(choices=[("give", ""), ("end", "")], initial="give")

    def __init__(self, viewer: Viewer, *args: Any, **more: Any) -> None:
        super().__init__(*args, auto_id="give_%s", **more)
        self.viewer = viewer
        self.fields["people"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["territory"].queryset = duty_requests.territories_for(viewer, Duty.VOLUNTEER)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        territory, duty = data.get("territory"), data.get("duty", "")
        if territory and not duty_requests.territories_for(self.viewer, duty).filter(pk=territory.pk).exists():
            self.add_error("territory", _("Only a coordinator of a territory above this one can give this duty here."))
        if duty == Duty.COORDINATOR and data.get("action") == "give" and not data.get("purpose", "").strip():
            self.add_error("purpose", _("Say what the person coordinates, and why."))
        return data
