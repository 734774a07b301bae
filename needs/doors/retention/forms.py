"""Forms that confirm an erasure."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class EraseForm(forms.Form):
    """Choice between erasing only the contact, if the report has one, and the whole report."""

    what = forms.ChoiceField(label=_("What do you want to erase?"), widget=forms.RadioSelect)
    sure = forms.BooleanField(
        label=_("Yes, erase it. This cannot be undone."),
        error_messages={"required": _("Tick the box to confirm the erasure.")},
    )

    def __init__(self, *args: Any, has_contact: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = ("report", _("The whole report, with its texts, photos and messages"))
        contact = ("contact", _("Only the contact; the report stays"))
        choices = [contact, whole] if has_contact else [whole]
        self.fields["what"].choices = choices  # type: ignore[attr-defined]
        self.fields["what"].initial = choices[0][0]


class EraseAccountForm(forms.Form):
    """Confirmation before an account is deleted."""

    sure = forms.BooleanField(
        label=_("Yes, delete my account. This cannot be undone."),
        error_messages={"required": _("Tick the box to confirm that you want to delete your account.")},
    )
