"""Form of a reporter's message."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.conversations.forms import WrittenForm


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
