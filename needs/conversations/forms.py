"""Forms of messages and feedback."""

import uuid
from typing import Any, override

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.conversations.models import LONGEST, Speaker
from needs.conversations.participants import Subject
from needs.enums import WentWell
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING


class WrittenForm(PiiCheckedForm, forms.Form):
    """A message. id: an id made by the page or the phone, so that the same text is stored only once."""

    pii_checked = {"text": EVERYTHING}

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Message"),
        max_length=LONGEST,
        help_text=_("No names, no addresses. It is deleted after 14 days."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "message_%s", **options})
        self.initial.setdefault("id", uuid.uuid4())


class MessageForm(WrittenForm):
    """A message of somebody with an account. by_phone: True if a dispatcher must also pass the message on to a reporter
    by telephone."""

    by_phone = forms.BooleanField(label=_("Also ask a dispatcher to pass it on by telephone"), required=False)

    def __init__(self, *args: Any, subject: Subject, speaker: Speaker, **options: Any) -> None:
        super().__init__(*args, **options)
        self.subject = subject
        self.danger_passes = subject.need is not None
        if speaker != Speaker.VOLUNTEER or subject.need is None or not subject.need.contact:
            del self.fields["by_phone"]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if problem := self.subject.contact_problem(text):
            raise forms.ValidationError(problem)
        return text


class ReporterMessageForm(WrittenForm):
    """A reporter's message. held: whether somebody takes care of the need, so that the reporter can write to them."""

    danger_passes = True

    to = forms.ChoiceField(
        label=_("To whom?"),
        choices=(("holders", _("The person who takes care of it")), ("desk", _("The dispatch team"))),
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, held: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if held:
            self.initial.setdefault("to", "holders")
        else:
            del self.fields["to"]


class FeedbackForm(PiiCheckedForm, forms.Form):
    """Feedback: one of three answers and a text, no score. Dispatchers are notified if it was not safe."""

    danger_passes = True
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
        return not self.cleaned_data.get("unsafe") and super().pii_needs_confirmation()
