"""Writing down that a speaker read a public language."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReviewForm(forms.Form):
    """Who read it and when."""

    reviewer = forms.CharField(
        label=_("Who read it"),
        max_length=120,
        help_text=_("As they want to be named: a first name, an association, “a speaker from Asmara”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    on = forms.DateField(
        label=_("On which day"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("A note"), required=False, max_length=300, help_text=_("For example what is still to be corrected.")
    )

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def review(self) -> dict[str, Any]:
        """What ``needs.language_reviews.reviews.record`` takes."""
        return dict(self.cleaned_data)
