"""Forms of suggested tours: suggesting a tour, answering, answering with changes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import TourMode
from needs.reports.forms import MintedForm
from needs.tours.forms import DrawnLineForm
from needs.tours.plan_forms import PlanForm
from needs.tours.tour_requests.requesting import RequestDraft
from solidarity.lib import grid
from solidarity.lib.datetimes import MomentField
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association, Cell, Territory
from volunteers.places.territories.areas import COARSE

FARTHEST = timedelta(weeks=4)
MOST_CELLS = 60


def _short_words(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=300,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RequestForm(PiiCheckedForm, DrawnLineForm, MintedForm):
    """A tour that a coordinator suggests. associations: those that work in the territory, by name."""

    pii_checked = {"word": EVERYTHING}

    association = forms.TypedChoiceField(label=_("Which association do you ask?"), widget=forms.RadioSelect)
    start = MomentField(
        label=_("Date and time of the start"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = Whole(label=_("Minutes in all"), least=10, most=720, initial=120)
    mode = forms.ChoiceField(
        label=_("How do they go?"), choices=TourMode.choices, initial=TourMode.FOOT, widget=forms.RadioSelect
    )
    word = _short_words(
        _("A word for the association"),
        _("Say why you ask, and what would help. No names, no telephone numbers, no addresses."),
    )

    def __init__(self, *args: Any, territory: Territory, associations: Iterable[Association], **options: Any) -> None:
        super().__init__(*args, **options)
        self.territory = territory
        by_slug = {each.slug: each for each in associations}
        field = self.fields["association"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(each.slug, each.name) for each in by_slug.values()]
        field.coerce = by_slug.__getitem__
        if len(by_slug) == 1:
            field.initial = next(iter(by_slug))

    def clean_start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        if start < timezone.now():
            raise forms.ValidationError(_("This time is in the past. Choose a later one."))
        if start > timezone.now() + FARTHEST:
            raise forms.ValidationError(_("This is more than four weeks ahead. Choose an earlier day."))
        return start

    def clean_cells(self) -> list[int]:
        cells = list(dict.fromkeys(super().clean_cells()))
        if not cells:
            raise forms.ValidationError(_("This suggestion has no cells. Go back and ask for another one."))
        if len(cells) > MOST_CELLS:
            raise forms.ValidationError(_("This is too much for one tour. Go back and choose fewer cells."))
        above = {cell: grid.parent(cell, COARSE) for cell in cells}
        inside = Cell.objects.filter(territory__in=Territory.objects.under(self.territory).values("pk"))
        known = set(inside.filter(cell__in=[*above, *above.values()]).values_list("cell", flat=True))
        if not all(cell in known or above[cell] in known for cell in cells):
            raise forms.ValidationError(_("A part of this tour is outside the territory. Ask for another suggestion."))
        return cells

    def draft(self) -> RequestDraft:
        data = self.cleaned_data
        return RequestDraft(data["start"], data["minutes"], data["cells"], data["mode"], data["word"], self.minted)


class ReplyForm(PiiCheckedForm, forms.Form):
    """A short answer of the association. The reason is optional."""

    pii_checked = {"reply": EVERYTHING}

    reply = _short_words(_("A word for the coordinator"))


class ChangedPlanForm(PlanForm):
    """A suggested tour with the changes of the association, as its plan."""

    pii_checked = {**PlanForm.pii_checked, "reply": EVERYTHING}

    reply = _short_words(_("A word for the coordinator"))
