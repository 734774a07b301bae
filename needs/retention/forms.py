"""Forms of a person's rights: each asks for one deliberate yes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class EraseForm(forms.Form):
    """What to erase of a report. has_contact: there is a contact that can be erased alone."""

    what = forms.ChoiceField(label=_("What shall be erased?"), widget=forms.RadioSelect)
    sure = forms.BooleanField(
        label=_("Yes, erase it. It cannot be brought back."),
        error_messages={"required": _("Tick the box if you want it to be erased.")},
    )

    def __init__(self, *args: Any, has_contact: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = ("report", _("The whole report, with words, photos and messages"))
        contact = ("contact", _("Only the contact; the report stays"))
        choices = [contact, whole] if has_contact else [whole]
        self.fields["what"].choices = choices  # type: ignore[attr-defined]
        self.fields["what"].initial = choices[0][0]


class EraseAccountForm(forms.Form):
    sure = forms.BooleanField(
        label=_("Yes, delete my account. It cannot be brought back."),
        error_messages={"required": _("Tick the box if you want your account to be deleted.")},
    )
