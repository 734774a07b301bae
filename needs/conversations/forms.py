"""Forms of messages."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.conversations.models import LONGEST, Speaker
from needs.conversations.subjects import Subject
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
