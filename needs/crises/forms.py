"""Forms of an event: the report, the filter of its map, saving a search."""

from collections.abc import Collection, Sequence
from typing import Any, override

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.base.attachments.photo_fields import PhotoForm
from needs.base.records.declarations import NeedDraft
from needs.base.records.field_declarations import declared_values, fields_to_check
from needs.crises.report_list import CrisisFilter
from needs.enums import NeedState, Urgency
from needs.models import CrisisCategory
from needs.reports.danger import alarms
from needs.reports.forms import MintedForm, PlaceForm, form_field
from solidarity.lib.datetimes import MomentField
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.site import emergency_gate
from solidarity.lib.site.emergency_gate import Danger, Line
from volunteers.models import Association


class CrisisReportForm(PiiCheckedForm, PhotoForm, MintedForm, PlaceForm):
    """A report to an event. The PII check runs only when it is submitted."""

    pii_checked = fields_to_check(NeedDraft)
    pii_check_while_typing = False

    gate = forms.CharField(required=False, max_length=20)
    category = forms.TypedChoiceField(
        label=_("What is it?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is. If nothing fits, choose the last one.")},
    )
    urgency = form_field(NeedDraft, "urgency", initial=None)
    persons = form_field(NeedDraft, "persons")
    text = form_field(NeedDraft, "text")
    contact = form_field(NeedDraft, "contact")

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
        """The category choices, each with its CrisisCategory."""
        return [(option, self.categories[int(option.data["value"])]) for option in self["category"]]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if not self.place and not data.get("place_text") and not self.place_is_wrong:
            self.add_error("place_text", _("Say where it is: an address, a bridge, a shop, or use your position."))
        return data

    @override
    def pii_needs_confirmation(self) -> bool:
        return False

    @property
    def dangers(self) -> list[tuple[Danger, Line, bool]]:
        """The questions of the gate: (danger, number to call, whether it was answered yes)."""
        said = self["gate"].value() or ""
        return [(each, emergency_gate.lines_for(None, each)[0], said == each.value) for each in Danger]

    @property
    def danger(self) -> Danger | None:
        """The answer to the emergency gate, once the form is valid; None if the text is not a valid answer."""
        return alarms.gate_of(self.cleaned_data.get("gate", ""))

    @property
    def chosen(self) -> CrisisCategory:
        return self.categories[self.cleaned_data["category"]]

    def draft(self) -> NeedDraft:
        values = declared_values(NeedDraft, self.cleaned_data)
        return NeedDraft(id=self.minted, at=self.now, place=self.place, kinds=[self.chosen.kind], **values)


class CrisisFilterForm(forms.Form):
    """Filter of the map and the list. The form only shows the filter; ``CrisisFilter`` reads it from the query
    string."""

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
    name = forms.CharField(label=_("Name of the search"), max_length=80)
    association = forms.ModelChoiceField(
        label=_("Share with"), queryset=Association.objects.none(), required=False, empty_label=_("nobody")
    )
    alert = forms.BooleanField(label=_("Alert me about new reports"), required=False)

    def __init__(self, *args: Any, associations: Sequence[Association], **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "keep_%s", **options})
        field: Any = self.fields["association"]
        field.queryset = Association.objects.filter(pk__in=[own.pk for own in associations])
