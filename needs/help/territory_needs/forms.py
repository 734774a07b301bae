"""The filter of a territory's needs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.enums import Category, Urgency
from needs.help.nearby.filter_chips import ChipForm
from needs.help.territory_needs.territory_list import STAGE_LABELS, Filter


class StageForm(ChipForm):
    """The filter of the list. The values of the filter appear in the URL; none of these values is a place."""

    stage = forms.ChoiceField(
        label=_("Who takes care of it"),
        required=False,
        choices=[("", _("everything")), *STAGE_LABELS.items()],
        widget=forms.RadioSelect,
    )
    urgency = forms.ChoiceField(
        label=_("How urgent"),
        required=False,
        choices=[("", _("any urgency")), *Urgency.choices],
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("everything")), *Category.choices], widget=forms.RadioSelect
    )

    @property
    def wanted(self) -> Filter:
        """The filter; invalid values are ignored."""
        self.is_valid()
        return Filter(**{name: self.cleaned_data.get(name, "") for name in self.fields})
