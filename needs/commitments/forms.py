"""Forms of commitments: what to look for, what to take, how it ends."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.commitments.ending import GIVE_BACK_REASONS
from needs.enums import Category, OutcomeReason, Urgency, WentWell
from needs.open_needs.nearby import Wanted
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association, User
from volunteers.territories.areas import Area

DISTANCES = (1000, 2000, 3000, 5000, 10_000)


class NearForm(forms.Form):
    """The filter of the list; it stands in the address, and holds no place."""

    kind = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("everything")), *Category.choices])
    urgency = forms.ChoiceField(
        label=_("How urgent"), required=False, choices=[("", _("any urgency")), *Urgency.choices]
    )
    within = forms.TypedChoiceField(label=_("How far"), required=False, coerce=int, empty_value=None)
    area = forms.ChoiceField(label=_("Where"), required=False)

    def __init__(self, *args: Any, areas: Sequence[Area], has_base: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        within, area = self.fields["within"], self.fields["area"]
        assert isinstance(within, forms.ChoiceField)
        assert isinstance(area, forms.ChoiceField)
        within.choices = [("", _("any distance")), *((metres, f"{metres // 1000} km") for metres in DISTANCES)]
        area.choices = [("", _("everywhere")), *((each.slug, each.name) for each in areas)]
        if not has_base:
            within.widget = forms.HiddenInput()
        if len(areas) < 2:
            area.widget = forms.HiddenInput()

    @property
    def wanted(self) -> Wanted:
        """What is wanted; a value that is none of the choices is left out."""
        self.is_valid()
        data = self.cleaned_data
        return Wanted(data.get("kind", ""), data.get("urgency", ""), data.get("within"), data.get("area", ""))


class SafetyForm(forms.Form):
    """The rules of safety; they are accepted once for every commitment (template needs/commitment_safety.html)."""

    safe = forms.BooleanField(
        label=_("I have read this, and I keep to it."),
        error_messages={"required": _("Please read the rules above and tick this, so that nobody is put in danger.")},
    )


class TakeForm(SafetyForm):
    """What somebody takes, and for whom they act."""

    kinds = forms.MultipleChoiceField(
        label=_("What do you take care of?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one of the things that are still needed."),
            "invalid_choice": _("Part of this was taken meanwhile. Choose from what is left."),
        },
    )
    association = forms.TypedChoiceField(
        label=_("For whom do you act?"), required=False, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, free: Sequence[str], associations: Sequence[Association], **options: Any) -> None:
        super().__init__(*args, **options)
        kinds, association = self.fields["kinds"], self.fields["association"]
        assert isinstance(kinds, forms.MultipleChoiceField)
        assert isinstance(association, forms.TypedChoiceField)
        kinds.choices = [(kind, Category(kind).label) for kind in free]
        kinds.initial = list(free)
        by_slug = {own.slug: own for own in associations}
        association.choices = [*((own.slug, own.name) for own in associations), ("", _("for myself"))]
        association.coerce = by_slug.__getitem__
        association.initial = associations[0].slug if associations else ""
        if not associations:
            del self.fields["association"]

    @property
    def owner(self) -> Association | None:
        """The association that the person acts for, once the form is valid."""
        found: Association | None = self.cleaned_data.get("association")
        return found


class PartsForm(forms.Form):
    """Which parts of a commitment were brought."""

    kinds = forms.MultipleChoiceField(
        label=_("What was brought?"),
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
    """Why somebody gives a need back."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=[(reason.value, OutcomeReason(reason).label) for reason in GIVE_BACK_REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why, so that others understand it later.")},
    )


class NoteForm(PiiCheckedForm, forms.Form):
    """A few words with a hand-over."""

    pii_checked = {"message": EVERYTHING}

    message = forms.CharField(
        label=_("A few words"),
        required=False,
        max_length=300,
        help_text=_("No names, no telephone numbers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AskForm(NoteForm, SafetyForm):
    """Asking a holder for a need: whoever gets it keeps to the rules of safety."""


class OfferForm(NoteForm):
    """Offering a need to somebody of one's association."""

    to = forms.TypedChoiceField(label=_("To whom?"))

    field_order = ("to", "message")

    def __init__(self, *args: Any, mates: Sequence[User], **options: Any) -> None:
        super().__init__(*args, **options)
        people = {str(mate.key): mate for mate in mates}
        field = self.fields["to"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "…"), *((key, str(mate)) for key, mate in people.items())]
        field.coerce = people.__getitem__


class MessageForm(PiiCheckedForm, forms.Form):
    """A message that the platform passes on."""

    pii_checked = {"text": EVERYTHING}

    text = forms.CharField(
        label=_("Message"),
        max_length=500,
        help_text=_("No names, no addresses. It is deleted after 14 days."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HolderMessageForm(MessageForm):
    """A message to the reporter, who may not look at the page."""

    by_phone = forms.BooleanField(label=_("Ask a dispatcher to say it by telephone, too"), required=False)


class FeedbackForm(PiiCheckedForm, forms.Form):
    """How it went, in one of three answers and in words. No score. What was not safe is told at once."""

    pii_checked = {"text": EVERYTHING}

    went = forms.ChoiceField(
        label=_("How did it go?"),
        choices=WentWell.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three answers.")},
    )
    unsafe = forms.BooleanField(
        label=_("I did not feel safe"), required=False, help_text=_("A dispatcher reads this and takes care of it.")
    )
    text = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=1000,
        help_text=_("Only dispatchers read this. No names, please. It is deleted after 14 days."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def pii_needs_confirmation(self) -> bool:
        return not self.cleaned_data.get("unsafe")
