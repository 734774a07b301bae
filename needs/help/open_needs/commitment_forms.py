"""Forms of commitments: safety rules, recording what was done, giving back, offering."""

from collections.abc import Sequence
from typing import Any, override

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.enums import Category, OutcomeReason, WentWell
from needs.help.commitments.ending import GIVE_BACK_REASONS
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import User


class SafetyForm(forms.Form):
    """Acceptance of the safety rules, once per commitment (template needs/commitments/commitment_safety.html)."""

    safe = forms.BooleanField(
        label=_("I have read these rules and will follow them."),
        error_messages={"required": _("Please read the rules above and tick this box. They keep everybody safe.")},
    )


class PartsForm(forms.Form):
    """The kinds of a commitment that were met."""

    kinds = forms.MultipleChoiceField(
        label=_("What is done?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one, or give the need back.")},
    )

    def __init__(self, *args: Any, kinds: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["kinds"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(kind, Category(kind).label) for kind in kinds]
        field.initial = list(kinds)


class GiveBackForm(forms.Form):
    """The reason for giving a need back. near: "no" if the phone knows that it was not near the place; the page fills it in
    (static/solidarity/commitments/walking.js)."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=[(reason.value, OutcomeReason(reason).label) for reason in GIVE_BACK_REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason, so that others understand it later.")},
    )
    near = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_near(self) -> bool | None:
        return False if self.cleaned_data["near"] == "no" else None


class NoteForm(PiiCheckedForm, forms.Form):
    pii_checked = {"message": EVERYTHING}

    message = forms.CharField(
        label=_("Short message"),
        required=False,
        max_length=300,
        help_text=_("No names, no telephone numbers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class HandOverForm(NoteForm):
    to = forms.TypedChoiceField(label=_("To whom?"))

    field_order = ("to", "message")

    def __init__(self, *args: Any, mates: Sequence[User], **options: Any) -> None:
        super().__init__(*args, **options)
        people = {str(mate.key): mate for mate in mates}
        field = self.fields["to"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "…"), *((key, str(mate)) for key, mate in people.items())]
        field.coerce = people.__getitem__


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
