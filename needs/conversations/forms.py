"""Forms of messages and feedback."""

from typing import override

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.enums import WentWell
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING


class MessageForm(PiiCheckedForm, forms.Form):
    pii_checked = {"text": EVERYTHING}

    text = forms.CharField(
        label=_("Message"),
        max_length=500,
        help_text=_("No names, no addresses. It is deleted after 14 days."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HolderMessageForm(MessageForm):
    """A message to the reporter, which a dispatcher can also pass on by telephone."""

    by_phone = forms.BooleanField(label=_("Also ask a dispatcher to pass it on by telephone"), required=False)


class FeedbackForm(PiiCheckedForm, forms.Form):
    """Feedback: one of three answers and a text, no score. Dispatchers are notified if it was not safe."""

    pii_checked = {"text": EVERYTHING}

    went = forms.ChoiceField(
        label=_("How did it go?"),
        choices=WentWell.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three answers.")},
    )
    unsafe = forms.BooleanField(
        label=_("I did not feel safe"),
        required=False,
        help_text=_("A dispatcher reads this and contacts you if needed."),
    )
    text = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=1000,
        help_text=_("Only dispatchers read this. No names, please. It is deleted after 14 days."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @override
    def pii_needs_confirmation(self) -> bool:
        return not self.cleaned_data.get("unsafe")
