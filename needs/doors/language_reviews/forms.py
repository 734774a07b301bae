"""Form that records a speaker's review of a public language."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReviewForm(forms.Form):
    """Reviewer, date and note: the arguments of ``reviews.record``."""

    reviewer = forms.CharField(
        label=_("Reviewer"),
        max_length=120,
        help_text=_("The name this person chooses: a first name, an association, “a speaker from Asmara”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    on = forms.DateField(
        label=_("Date of the review"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("A note"), required=False, max_length=300, help_text=_("For example: what still needs correcting.")
    )

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This date is in the future. Choose today or an earlier day."))
        return day
