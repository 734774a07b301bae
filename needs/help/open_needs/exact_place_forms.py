"""Forms of offers of help and of budgets."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.help.open_needs.commitment_forms import SafetyForm
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING

EXTRA = (1, 3, 5, 10)


class HelpForm(PiiCheckedForm, SafetyForm):
    """An offer of help, with acceptance of the safety rules."""

    pii_checked = {"text": EVERYTHING}

    text = forms.CharField(
        label=_("A few words to the dispatcher"),
        required=False,
        max_length=300,
        help_text=_("For example: I have blankets and can be there at 20:00. No names, no telephone numbers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("text", "safe")


class RaiseForm(forms.Form):
    """The number of additional places that a person can open today."""

    extra = forms.TypedChoiceField(label=_("How many more today?"), coerce=int)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        extra = self.fields["extra"]
        assert isinstance(extra, forms.ChoiceField)
        extra.choices = [
            (number, ngettext("%(n)d more place", "%(n)d more places", number) % {"n": number}) for number in EXTRA
        ]
