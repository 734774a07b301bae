"""The form that closes an event. It asks what happens to the reports that are still open."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.crises.closing.leftovers import HAND_OVER, choices
from needs.models import Need


class ClosingForm(forms.Form):
    """One decision for all reports that are still open, and separate decisions for single reports.

    listed: the reports that have a field in the form.
    """

    everything = forms.ChoiceField(
        label=_("What happens to the open reports?"), choices=choices, widget=forms.RadioSelect, initial=HAND_OVER,
        error_messages={"required": _("Choose what happens to them. No report is closed without a decision.")},
    )  # fmt: skip

    def __init__(self, *args: Any, listed: Sequence[Need], **options: Any) -> None:
        super().__init__(*args, **options)
        self.listed = listed
        for need in listed:
            self.fields[f"each_{need.pk}"] = forms.ChoiceField(
                label=_("This report"), required=False, choices=[("", _("as chosen above")), *choices()]
            )

    @property
    def rows(self) -> list[tuple[Need, Any]]:
        """The listed reports, each with its field."""
        return [(need, self[f"each_{need.pk}"]) for need in self.listed]

    @property
    def decisions(self) -> dict[uuid.UUID, str]:
        """The decisions about single reports."""
        said = {need.pk: self.cleaned_data.get(f"each_{need.pk}", "") for need in self.listed}
        return {key: value for key, value in said.items() if value}
