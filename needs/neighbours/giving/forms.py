"""Forms of offers: finding an offer, making an offer, asking for something, answering a request."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.enums import Category
from needs.neighbours.giving.offer_changes import OfferDraft, wrong_times
from needs.neighbours.giving.offer_kinds import OfferKind
from needs.neighbours.lending.forms import MOST_PIECES, PERSONAL, NearThingsForm, OwnedForm
from solidarity.lib.datetimes import MomentField
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.forms import PiiCheckedForm
from volunteers.people.associations.own_association import OwnAssociationForm


def _moment(label: Any, help_text: Any = "") -> MomentField:
    picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return MomentField(label=label, help_text=help_text, widget=picker)


class NearGiftsForm(NearThingsForm):
    """The filter of other people's offers near a place."""

    category = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("everything")), *Category.choices])
    words = None  # type: ignore[assignment]


class OfferToGiveForm(PiiCheckedForm, OwnedForm):
    """A thing, a meal or time to give."""

    pii_checked = {"title": PERSONAL, "about": PERSONAL}

    kind = forms.ChoiceField(
        label=_("What do you give?"), choices=OfferKind.choices, initial=OfferKind.THING, widget=forms.RadioSelect
    )
    category = forms.ChoiceField(label=_("What does it help with?"), choices=Category.choices, widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("Describe it in a few words"),
        max_length=80,
        help_text=_("For example “30 hot meals” or “two hours to carry things”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    quantity = Whole(label=_("How many (things, meals or hours)?"), least=1, most=MOST_PIECES, initial=1)
    starts_at = _moment(pgettext_lazy("offer", "From"))
    expires_at = _moment(pgettext_lazy("offer", "Until"), _("At most two weeks from now."))
    about = forms.CharField(
        label=_("What else should one know?"),
        required=False,
        max_length=300,
        help_text=_(
            "No names, no telephone numbers and no address: when you agree to a request, you tell that person "
            "where and when."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        until, start = data.get("expires_at"), data.get("starts_at")
        if until and start and (wrong := wrong_times(start, until, timezone.now())):
            self.add_error("expires_at", wrong)
        return data

    @property
    def draft(self) -> OfferDraft:
        """The offer of a valid form."""
        data = self.cleaned_data
        names = ("kind", "category", "title", "quantity", "starts_at", "expires_at", "about")
        return OfferDraft(**{name: data[name] for name in names}, cell=self.cell)


def first_times() -> dict[str, Any]:
    """Return the times of a new offer: from now until the end of the next day."""
    now = timezone.localtime()
    return {"starts_at": now, "expires_at": (now + timedelta(days=1)).replace(hour=20, minute=0, second=0)}


class RequestForm(PiiCheckedForm, OwnAssociationForm):
    """Ask for a part of an offer. need: the need for which the thing is requested."""

    pii_checked = {"message": PERSONAL}

    need = forms.UUIDField(required=False, widget=forms.HiddenInput)
    quantity = Whole(label=_("How many?"), least=1, most=MOST_PIECES, initial=1)
    myself = _("for myself")
    association = forms.TypedChoiceField(
        label=_("For whom?"), required=False, empty_value=None, widget=forms.RadioSelect
    )
    message = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=300,
        help_text=_("When you could come, for example. No names and no telephone numbers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AgreeForm(PiiCheckedForm, forms.Form):
    """Agree to a request, with a message about where and when to fetch the thing. Only the person who asked reads
    this."""

    pii_checked = {"reply": PERSONAL}

    reply = forms.CharField(
        label=_("Where and when?"),
        max_length=300,
        help_text=_("Meet at a public place, such as a station or a day centre, not at your home."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
