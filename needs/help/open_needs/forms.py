"""Forms of open needs: filtering the list, taking a need, asking its holder to hand it over."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.enums import Category, Urgency
from needs.help.nearby.filter_chips import ChipForm
from needs.help.nearby.nearby import Wanted
from needs.help.open_needs.commitment_forms import NoteForm, SafetyForm
from volunteers.people.associations.own_association import OwnAssociationForm
from volunteers.places.territories.areas import Area

DISTANCES = (1000, 2000, 3000, 5000, 10_000)


class NearForm(ChipForm):
    """The filter of the list. The values of the filter appear in the URL, so the filter contains no exact place."""

    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("everything")), *Category.choices], widget=forms.RadioSelect
    )
    urgency = forms.ChoiceField(
        label=_("How urgent"),
        required=False,
        choices=[("", _("any urgency")), *Urgency.choices],
        widget=forms.RadioSelect,
    )
    within = forms.TypedChoiceField(
        label=_("How far"), required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )
    area = forms.ChoiceField(label=_("Where"), required=False, widget=forms.RadioSelect)

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
        """The filter; invalid values are ignored."""
        self.is_valid()
        data = self.cleaned_data
        return Wanted(data.get("kind", ""), data.get("urgency", ""), data.get("within"), data.get("area", ""))


class TakeForm(OwnAssociationForm, SafetyForm):
    """The kinds that a volunteer takes, and the association for which they act."""

    kinds = forms.MultipleChoiceField(
        label=_("What will you take care of?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one thing that is still needed."),
            "invalid_choice": _("Somebody took a part of it in the meantime. Choose from what is still needed."),
        },
    )
    myself = _("for myself")
    association = forms.TypedChoiceField(
        label=_("For whom do you act?"), required=False, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, free: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = self.fields["kinds"]
        assert isinstance(kinds, forms.MultipleChoiceField)
        kinds.choices = [(kind, Category(kind).label) for kind in free]
        kinds.initial = list(free)


class AskForm(NoteForm, SafetyForm):
    """A request to the holder of a need to hand it over. By asking, the volunteer accepts the safety rules."""
