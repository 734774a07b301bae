"""Forms of loans."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.attachments import photos
from needs.base.attachments.photo_fields import PhotoForm
from needs.conversations.contact_words import tells_contact
from needs.models import Item, Place
from needs.neighbours.lending.item_kinds import ItemCondition
from needs.neighbours.loans import loan_requests
from needs.neighbours.loans.loan_protection import CONTACT_WORDS
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MeetingPlaceForm(forms.Form):
    """The place of the guide where the two sides meet."""

    place = forms.ModelChoiceField(
        label=_("Where do you meet?"),
        queryset=Place.objects.none(),
        required=False,
        empty_label=_("not decided yet"),
        help_text=_("Places that are open to everybody, never a home."),
    )

    def offer_places(self, places: Sequence[Place]) -> None:
        field: Any = self.fields["place"]
        field.queryset = Place.objects.filter(pk__in=[place.pk for place in places])
        field.choices = [("", field.empty_label), *((place.pk, place.name) for place in places)]


class AskForm(MeetingPlaceForm):
    """A request for an item: the days, the number of pieces, and the borrower.

    associations: the associations for which the reader may borrow.
    """

    first = forms.DateField(label=_("First day"), widget=_DAY)
    last = forms.DateField(label=_("Last day"), widget=_DAY)
    quantity = Whole(label=_("How many"), least=1, most=1, initial=1)
    association = forms.ModelChoiceField(
        label=_("For whom?"),
        queryset=Association.objects.none(),
        required=False,
        empty_label=_("for myself"),
        help_text=_("An association can also borrow for somebody without an account. It never names that person."),
    )
    need = forms.UUIDField(required=False, widget=forms.HiddenInput)
    field_order = ("first", "last", "quantity", "association", "place")

    def __init__(
        self, *args: Any, item: Item, places: Sequence[Place], associations: Sequence[Association], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        today = timezone.localdate()
        limits = {"min": today.isoformat(), "max": (today + timedelta(days=loan_requests.AHEAD)).isoformat()}
        for name in ("first", "last"):
            self.fields[name].widget.attrs |= limits
        self.fields["quantity"] = Whole(label=_("How many"), least=1, most=item.quantity, initial=1)
        if item.quantity == 1:
            self.fields["quantity"].widget = forms.HiddenInput()
        self.offer_places(places)
        field: Any = self.fields["association"]
        field.queryset = Association.objects.filter(pk__in=[each.pk for each in associations])
        if not associations:
            field.widget = forms.HiddenInput()
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and not loan_requests.may_end(first, last, timezone.localdate()):
            self.add_error("last", LoanRefused(LoanRefusal.DAYS).words)
        return cleaned


class AgreeForm(MeetingPlaceForm):
    """The owner's agreement, with the meeting place."""


class ConditionForm(PiiCheckedForm, PhotoForm):
    """The condition of the thing at a hand-over."""

    pii_checked = {"text": EVERYTHING}

    condition = forms.ChoiceField(label=_("Condition"), choices=ItemCondition.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Something to note"),
        required=False,
        max_length=300,
        help_text=_("For example: a pole is missing. No names, no addresses."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("condition", "text", "photo")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["photo"].help_text = _(
            "Photograph the thing, not people. At most 5 MB. We remove the hidden position, and delete the photo two "
            "weeks after the loan."
        )
        self.fields["photo"].widget.attrs |= {"accept": photos.ACCEPT, "capture": "environment"}

    def clean_text(self) -> str:
        return without_contacts(self.cleaned_data["text"])


def without_contacts(text: str) -> str:
    """Return a text; raise ValidationError if it tells an address or how to reach somebody."""
    if tells_contact(text):
        raise forms.ValidationError(str(CONTACT_WORDS))
    return text
