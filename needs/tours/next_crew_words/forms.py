"""The form of a word to the next crew."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.reports.forms import MintedForm
from needs.tours.next_crew_words import crew_words
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING, look
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer

LASTS = ((12, _("12 hours")), (24, _("1 day")), (48, _("2 days")), (168, _("1 week")), (336, _("2 weeks")))
DEFAULT_HOURS = 48


class NextCrewWordForm(PiiCheckedForm, MintedForm):
    """A short note for a territory. Telephone numbers are refused. viewer: the author. territories: the territories
    that the form offers; it accepts every territory about which the viewer may write."""

    pii_checked = {"text": EVERYTHING}

    territory = forms.CharField(label=_("For which territory?"), max_length=80, widget=forms.Select)
    text = forms.CharField(
        label=_("Word to the next crew"),
        max_length=300,
        help_text=_("No names, no addresses, no telephone numbers. Teams of all associations can read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    hours = forms.TypedChoiceField(label=_("How long is it shown?"), choices=LASTS, coerce=int, initial=DEFAULT_HOURS)

    def __init__(self, *args: Any, viewer: Viewer, territories: Sequence[Territory] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.viewer = viewer
        widget = self.fields["territory"].widget
        assert isinstance(widget, forms.Select)
        widget.choices = [(each.slug, each.name) for each in territories]

    def clean_territory(self) -> Territory:
        found = crew_words.territories_for(self.viewer).filter(slug=self.cleaned_data["territory"]).first()
        if found is None:
            raise forms.ValidationError(_("Choose a territory from the list."))
        return found

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if look(text, (Kind.PHONE,)):
            raise forms.ValidationError(_("Leave out telephone numbers. Teams of all associations can read this."))
        return text

    @property
    def lasts(self) -> timedelta:
        """The time for which the word is shown, once the form is valid."""
        return timedelta(hours=self.cleaned_data["hours"])
