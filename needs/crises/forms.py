"""Forms of an event: the report, the filter of its map, saving a search."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.attachments.photo_fields import PhotoForm
from needs.crises.report_list import CrisisFilter
from needs.enums import NeedState, Origin, Urgency
from needs.models import CrisisCategory
from needs.reports.filing import NeedDraft
from needs.reports.forms import MOST_PERSONS, MintedForm, PlaceForm
from solidarity.lib.datetimes import MomentField
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING, PLACE
from volunteers.models import Association


class CrisisReportForm(PiiCheckedForm, PhotoForm, MintedForm, PlaceForm):
    """A report to an event. The PII check runs only when it is submitted."""

    pii_checked = {"text": EVERYTHING, "place_text": PLACE}
    pii_check_while_typing = False

    category = forms.TypedChoiceField(
        label=_("What is it?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is. If nothing fits, choose the last one.")},
    )
    urgency = forms.ChoiceField(
        label=_("How urgent is it?"),
        choices=Urgency.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how urgent it is.")},
    )
    persons = Whole(label=_("For how many people?"), least=1, most=MOST_PERSONS, initial=1)
    text = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=5000,
        help_text=_("What would help? No names, please."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    contact = forms.CharField(
        label=_("How can we reach you?"),
        required=False,
        max_length=200,
        help_text=_("A telephone number or e-mail address. It is stored encrypted; only dispatchers can read it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, categories: Sequence[CrisisCategory], too_large: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.categories = {category.pk: category for category in categories}
        self.too_large = too_large
        self.implied: Collection[str] = ("at",)
        field: Any = self.fields["category"]
        field.choices = [(category.pk, str(category)) for category in categories]
        self.fields["place_text"].label = _("Where is it?")
        for name in ("latitude", "longitude"):
            self.fields[name].widget = forms.HiddenInput()

    @property
    def tiles(self) -> list[tuple[Any, CrisisCategory]]:
        """The category choices, each with its row."""
        return [(option, self.categories[int(option.data["value"])]) for option in self["category"]]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if not self.place and not data.get("place_text") and not self.place_is_wrong:
            self.add_error("place_text", _("Say where it is: an address, a bridge, a shop, or use your position."))
        return data

    def pii_needs_confirmation(self) -> bool:
        return False

    @property
    def chosen(self) -> CrisisCategory:
        """The chosen category of a valid form."""
        return self.categories[self.cleaned_data["category"]]

    def draft(self, *, with_account: bool) -> NeedDraft:
        """Return the need of a valid form."""
        data = self.cleaned_data
        return NeedDraft(
            id=self.minted, at=self.now, place=self.place, kinds=[self.chosen.kind], urgency=data["urgency"],
            persons=data["persons"], text=data["text"], place_text=data["place_text"], contact=data["contact"],
            origin=Origin.CITIZEN, with_account=with_account,
        )  # fmt: skip


class CrisisFilterForm(forms.Form):
    """Filter of the map and the list. It only renders; ``CrisisFilter`` reads the filter."""

    topics = forms.MultipleChoiceField(label=_("What"), widget=forms.CheckboxSelectMultiple)
    urgency = forms.MultipleChoiceField(
        label=_("How urgent"), choices=Urgency.choices, widget=forms.CheckboxSelectMultiple
    )
    states = forms.MultipleChoiceField(label=_("State"), choices=NeedState.choices, widget=forms.CheckboxSelectMultiple)
    start = MomentField(
        label=pgettext_lazy("time", "From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    end = MomentField(
        label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    box = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, wanted: CrisisFilter, categories: Sequence[CrisisCategory]) -> None:
        search = wanted.search
        super().__init__(
            initial={
                "topics": [str(number) for number in search.topics],
                "urgency": list(search.urgency),
                "states": list(search.states),
                "start": wanted.start,
                "end": wanted.end,
                "box": ",".join(f"{value:.6f}" for value in wanted.box) if wanted.box else "",
            },
            auto_id="crisis_%s",
        )
        topics: Any = self.fields["topics"]
        topics.choices = [(str(category.pk), str(category)) for category in categories]
        for field in self.fields.values():
            field.required = False


class KeepCrisisSearchForm(forms.Form):
    """Name, sharing and alert of a saved search."""

    name = forms.CharField(label=_("Name of the search"), max_length=80)
    association = forms.ModelChoiceField(
        label=_("Share with"), queryset=Association.objects.none(), required=False, empty_label=_("nobody")
    )
    alert = forms.BooleanField(label=_("Alert me about new reports"), required=False)

    def __init__(self, *args: Any, associations: Sequence[Association], **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "keep_%s", **options})
        field: Any = self.fields["association"]
        field.queryset = Association.objects.filter(pk__in=[own.pk for own in associations])
