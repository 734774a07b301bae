"""The form of a message to a crew."""

from django import forms
from django.utils.translation import gettext_lazy as _

from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING, look


class CrewMessageForm(PiiCheckedForm, forms.Form):
    """A short message. Telephone numbers are refused: everybody writes here."""

    pii_checked = {"text": EVERYTHING}

    text = forms.CharField(
        label=_("Message"),
        max_length=300,
        help_text=_("No names, no addresses, no telephone numbers. Nobody sees it after the tour."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if look(text, (Kind.PHONE,)):
            raise forms.ValidationError(
                _("Leave out telephone numbers. Everybody on this tour reads and answers here.")
            )
        return text
