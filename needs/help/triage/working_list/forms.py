"""The forms of the dispatchers' list: search by words and box, and the order."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.base.need_filters.api_filters import BoxField
from needs.help.triage.working_list.list_search import MAX_LENGTH, ListSearch

ORDER_CHOICES = (("", _("harm of waiting")), ("oldest", _("oldest first")), ("newest", _("newest first")))


class ListSearchForm(forms.Form):
    """Words and a box. The words and the box are sent in the body, never in a URL, and are kept for some hours only."""

    words = forms.CharField(
        label=_("Search in the reports"), required=False, max_length=MAX_LENGTH,
        widget=forms.TextInput(attrs={
            "type": "search", "autocomplete": "off", "spellcheck": "false", "placeholder": pgettext_lazy("verb", "Search"),
        }),
    )  # fmt: skip
    box = BoxField(required=False, widget=forms.HiddenInput)

    @property
    def search(self) -> ListSearch:
        """The search of a valid form."""
        return ListSearch(" ".join(self.cleaned_data["words"].split()), self.cleaned_data["box"])

    @classmethod
    def showing(cls, search: ListSearch | None) -> "ListSearchForm":
        """Return the form with a stored search filled in."""
        found = search or ListSearch()
        box = ",".join(f"{side:.6f}" for side in found.box) if found.box else ""
        return cls(initial={"words": found.words, "box": box}, auto_id="find_%s")


class OrderForm(forms.Form):
    """The order of the list. ``QueueFilter``, not this form, reads it from the URL."""

    sort = forms.ChoiceField(label=_("Order"), choices=ORDER_CHOICES, required=False)
