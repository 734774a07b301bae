"""Forms of relief groups: a new group, and reporting back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.enums import Category
from needs.enums import OutcomeReason as Why
from needs.help.assignments.answering import BY_OTHERS, MET, OUTCOMES, PARTLY
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association

_OWN_WORDS = {
    MET: _("done: everything was brought"),
    PARTLY: _("partly: only what I tick below"),
    BY_OTHERS: Why.BY_OTHERS.label,
}


class GroupForm(PiiCheckedForm, forms.Form):
    """A new relief group."""

    pii_checked = {"name": (Kind.NAME, Kind.HEALTH, Kind.ORIGIN)}

    name = forms.CharField(
        label=_("Name of the group"), max_length=80, help_text=_("For example “Boats, east bank”. No names of people.")
    )
    association = forms.ModelChoiceField(
        label=_("Members of"), queryset=Association.objects.order_by("name"), required=False,
        empty_label=_("any association, and volunteers"), to_field_name="slug",
    )  # fmt: skip


class ReportBackForm(PiiCheckedForm, forms.Form):
    """The outcome of an accepted need. kinds: the kinds that the commitment covers."""

    danger_passes = True
    pii_checked = {"word": EVERYTHING}

    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=[(each, _OWN_WORDS.get(each) or Why(each).label) for each in OUTCOMES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what came of it.")},
    )
    kinds = forms.MultipleChoiceField(
        label=_("If partly: what was brought?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    word = forms.CharField(
        label=_("A word for the desk"), required=False, max_length=300, help_text=_("No names, no telephone numbers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["kinds"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(kind, Category(kind).label) for kind in kinds]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("outcome") == PARTLY and not data.get("kinds"):
            self.add_error("kinds", _("Tick what was brought."))
        return data
