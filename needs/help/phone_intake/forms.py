"""The form of a telephone call, and the form of the search for similar needs."""

import re
from datetime import datetime, timedelta
from typing import Any, override

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.lifecycle.transitions import REASONS
from needs.base.records.declarations import NeedDraft
from needs.base.records.field_declarations import declared_values, fields_to_check
from needs.enums import Category, NeedState, Origin, OutcomeReason, Urgency
from needs.help.phone_intake.phone_calls import ENDINGS, PhoneCall
from needs.reports.danger import alarms
from needs.reports.forms import MintedForm, PlaceForm, form_field
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.site.emergency_gate import Danger
from volunteers.models import Territory
from volunteers.people.notifications import phone_numbers

NO_DANGER = "none"
NOT_ASKED_IF_REFUSED = ("gate", "kinds", "urgency", "persons", "origin")


class DeskNeedForm(PiiCheckedForm, MintedForm, PlaceForm):
    """A need that a dispatcher writes down for somebody else. The button that sends the form sets the need's state."""

    pii_checked = fields_to_check(NeedDraft)
    danger_passes = True

    gate = forms.ChoiceField(
        label=_("Ask first: is somebody in danger?"),
        choices=[*Danger.choices, (NO_DANGER, _("None of these"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Ask about danger first.")},
    )
    district = forms.ModelChoiceField(
        label=_("Or only the district"), queryset=Territory.objects.zoned().order_by("name"), required=False,
        empty_label=_("choose"), to_field_name="slug",
    )  # fmt: skip
    kinds = form_field(NeedDraft, "kinds")
    urgency = form_field(NeedDraft, "urgency", initial=None)
    persons = form_field(NeedDraft, "persons")
    origin = form_field(
        NeedDraft,
        "origin",
        label=_("For whom is the call?"),
        choices=[(Origin.SELF, _("for the caller")), (Origin.CITIZEN, _("for somebody else"))],
        error_messages={"required": _("Say for whom the caller asks.")},
    )
    text = form_field(
        NeedDraft,
        "text",
        label=_("What the caller says"),
        help_text="",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    ending = forms.ChoiceField(
        choices=[(state.value, state.label) for state in ENDINGS],
        widget=forms.HiddenInput,
        error_messages={"required": _("Say how the call ends: verified, open or refused.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place_text"].label = _("Where? The address or the place in words")
        self.fields["place_text"].help_text = ""
        self.fields["place_text"].widget.attrs["list"] = "call-addresses"

    @property
    def refused(self) -> bool:
        return bool(self.cleaned_data.get("ending") == NeedState.REJECTED)

    @property
    def danger(self) -> Danger | None:
        return alarms.gate_of(self.cleaned_data.get("gate", ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.refused and not self.place_is_wrong and not self.place:
            known = data.get("district")
            if data.get("ending") == NeedState.OPEN and not known:
                self.refuse_place(_("Set the pin or choose the district first, so that the need reaches somebody."))
            elif not known and not data.get("place_text") and "place_text" not in self.errors:
                self.add_error("place_text", _("Say where: in words or on the map."))
        return data

    @override
    def pii_needs_confirmation(self) -> bool:
        if self.danger is not None or self.cleaned_data.get("urgency") == Urgency.NOW:
            return False
        return super().pii_needs_confirmation()

    @property
    def district_chosen(self) -> Territory | None:
        """The chosen district, unless there is a pin."""
        return None if self.place else self.cleaned_data["district"]

    def draft(self, *, at: datetime, contact: str) -> NeedDraft:
        """Return the need, once the form is valid. contact: the contact of the reporter, "" if it is not stored."""
        values = declared_values(
            NeedDraft, {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}
        )
        values.setdefault("kinds", [Category.OTHER])
        return NeedDraft(id=self.minted, at=at, place=self.place, contact=contact, **values)


class PhoneCallForm(DeskNeedForm):
    """A telephone call, in the order of the conversation.

    A refused call needs only a reason, and its name and number are not stored.
    """

    number = forms.CharField(
        label=_("Number to call back"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off", "dir": "ltr"}),
    )
    caller_name = forms.CharField(
        label=_("Name of the caller"),
        required=False,
        max_length=80,
        help_text=_("Stored encrypted; only dispatchers can read it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    call_back = forms.TimeField(
        label=_("Call back at"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    text_agreed = forms.BooleanField(
        label=_("The caller agrees to get the private link by text message."), required=False
    )
    reason = forms.ChoiceField(
        label=_("Why is it refused?"),
        choices=[("", _("choose")), *((why.value, why.label) for why in REASONS[NeedState.REJECTED])],
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.is_bound:
            self.fields["gate"].widget.attrs["autofocus"] = True
        if self.is_bound and self.data.get("ending") == NeedState.REJECTED:
            for name in NOT_ASKED_IF_REFUSED:
                self.fields[name].required = False

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        if number and not re.fullmatch(r"\+?[\d\s().\-/]{3,}", number):
            raise forms.ValidationError(_("Write the number in digits."))
        return number

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.refused and not data.get("reason"):
            self.add_error("reason", _("Choose a reason, so that others understand it later."))
        if data.get("text_agreed") and not self.refused and "number" not in self.errors:
            if not data.get("number"):
                self.add_error("number", _("Write the number that the link goes to."))
            elif phone_numbers.international(data["number"]) is None:
                self.add_error(
                    "number", _("We cannot send messages to this number. Start with + and the country code.")
                )
        return data

    @property
    def call_back_at(self) -> datetime | None:
        """The next moment at the chosen time of day, in the platform's time zone; None for a refused call."""
        at = self.cleaned_data["call_back"]
        if at is None or self.refused:
            return None
        now = timezone.localtime()
        today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        return today if today > now else today + timedelta(days=1)

    def call(self) -> PhoneCall:
        """Return the call, once the form is valid."""
        data = self.cleaned_data
        contact = " · ".join(each for each in (data["number"], data["caller_name"]) if each)
        draft = self.draft(at=self.now, contact="" if self.refused else contact)
        number = "" if self.refused else phone_numbers.international(data["number"]) or data["number"]
        reason = OutcomeReason(data["reason"]).value if self.refused else ""
        ending = NeedState(data["ending"])
        return PhoneCall(
            draft, self.danger, number or str(draft.id), ending, reason, self.call_back_at, self.district_chosen
        )


class SimilarForm(PlaceForm):
    """What is known about a need while the dispatcher is typing. Nothing of it is stored."""

    kinds = forms.MultipleChoiceField(choices=Category.choices, required=False)
    text = forms.CharField(required=False, max_length=5000)
