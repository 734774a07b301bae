"""Forms of the follow page."""

from typing import Any, override

from django import forms
from django.conf import settings
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from needs.base.records.declarations import NeedDraft
from needs.base.records.field_declarations import fields_to_check
from needs.reports.forms import PlaceForm
from solidarity.lib.pii_check.forms import PiiCheckedForm
from volunteers.enums import Medium
from volunteers.people.notifications import phone_numbers


class PlaceCorrectionForm(PiiCheckedForm, PlaceForm):
    """The place of a need, corrected by its reporter. words: the place in words as they are now."""

    pii_checked = {"place_text": fields_to_check(NeedDraft).get("place_text", ())}
    danger_passes = True
    finds_places = False

    def __init__(self, data: Any = None, *, words: str = "") -> None:
        super().__init__(data, initial={"place_text": words})


class LinkForm(forms.Form):
    """The address to which the private link is sent. medium: text message or e-mail. each_step: True if the address is
    also stored for news."""

    medium = forms.ChoiceField(choices=[(each, each) for each in (Medium.SMS, Medium.EMAIL)], widget=forms.HiddenInput)
    to = forms.CharField(max_length=254, help_text=_("We use it once and do not store it."))
    each_step = forms.BooleanField(
        label=_("Tell me of each step"),
        required=False,
    )

    def __init__(self, data: Any = None, *, medium: Medium) -> None:
        super().__init__(data, auto_id=f"{medium.value}_%s", initial={"medium": medium})
        self.fields["each_step"].help_text = _(
            "Then we store it, encrypted, and delete it %(days)s days after the report is over."
        ) % {"days": settings.CONTACT_DAYS}
        self.by = medium
        if medium == Medium.SMS:
            self.fields["to"].label = _("Mobile number")
            attrs = {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
        else:
            self.fields["to"].label = _("E-mail address")
            attrs = {"type": "email", "autocomplete": "email", "inputmode": "email"}
        self.fields["to"].widget = forms.TextInput(attrs={**attrs, "dir": "ltr"})
        self.fields["to"].error_messages["required"] = _("Say where to send it.")

    @override
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        to = cleaned.get("to", "")
        if to and self.by == Medium.SMS:
            number = phone_numbers.mobile(to)
            if number is None:
                self.add_error("to", _("We cannot send messages to this number. Start with + and the country code."))
            cleaned["to"] = number
        elif to:
            try:
                validate_email(to)
            except forms.ValidationError:
                self.add_error("to", _("This is not an e-mail address."))
        return cleaned
