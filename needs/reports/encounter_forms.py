"""Forms of encounters. ``draft()`` returns the draft that ``needs.reports.intake`` files."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.base.custom_questions import question_sets
from needs.base.custom_questions.forms import AnswersForm, versions_named
from needs.base.records.declarations import EncounterDraft
from needs.base.records.field_declarations import declared_values, fields_to_check
from needs.models import Tour
from needs.reports.forms import EARLIER, MomentForm, OwnForm, PlaceForm, declared_fields
from solidarity.lib.pii_check.forms import PiiCheckedForm
from volunteers.models import Association


class TourLinkForm(OwnForm):
    """A report that may belong to a tour. tours: the open and recently closed tours to choose from."""

    tour = forms.TypedChoiceField(label=_("Part of a tour?"), required=False, empty_value=None)

    def __init__(self, *args: Any, tours: Sequence[Tour], **options: Any) -> None:
        super().__init__(*args, **options)
        self.tours = {str(tour.pk): tour for tour in tours}
        field = self.fields["tour"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("no tour")), *((key, self.label_of(tour)) for key, tour in self.tours.items())]
        field.coerce = self.tours.__getitem__
        chosen = str(self["tour"].value() or "")
        offered = [key for key, tour in self.tours.items() if tour.is_open or key == chosen]
        field.widget = forms.RadioSelect() if offered else forms.HiddenInput()
        if offered:
            field.widget.choices = [("", _("no tour")), *((key, self.label_of(self.tours[key])) for key in offered)]
        field.error_messages["invalid_choice"] = _("This tour is not there any more. Choose another one, or “no tour”.")

    @staticmethod
    def label_of(tour: Tour) -> str:
        return _("the tour of %(time)s, %(association)s") % {
            "time": date_format(timezone.localtime(tour.at), "SHORT_DATETIME_FORMAT"),
            "association": tour.association.name,
        }

    def clean(self) -> dict[str, Any]:
        super().clean()
        tour: Tour | None = self.cleaned_data.get("tour")
        own = self.cleaned_data.get("association")
        if tour and own and tour.association_id != own.pk:
            self.add_error("tour", _("This tour is another association's. Choose “no tour”, or the other association."))
        return self.cleaned_data

    @property
    def tour_id(self) -> uuid.UUID | None:
        tour: Tour | None = self.cleaned_data["tour"]
        return tour.pk if tour else None


class NobodyForm(TourLinkForm, PlaceForm):
    """“I looked here and met nobody”: only a place."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.place and not self.place_is_wrong:
            self.refuse_place(_("We could not get your position. Tap the map where you looked, then save."))
        return self.cleaned_data

    def draft(self) -> EncounterDraft:
        place = self.place
        assert place is not None
        return EncounterDraft(id=self.minted, at=self.now, place=place, persons=0, contacts=0, tour=self.tour_id)


@declared_fields(EncounterDraft)
class EncounterForm(PiiCheckedForm, AnswersForm, TourLinkForm, MomentForm, PlaceForm):
    """People met in the street, or nobody. place_needed: False if the encounter has a place already."""

    place_needed = True
    danger_passes = True
    pii_checked = fields_to_check(EncounterDraft, "answers")

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if self.place_needed and not self.place and not self.place_is_wrong:
            self.refuse_place(
                _("Words alone cannot be put on the map. Please tap the place on the map or use your position, too.")
                if data.get("place_text")
                else _("Say where: tap the place on the map, or use your position.")
            )
        persons, contacts = data.get("persons"), data.get("contacts")
        if persons is not None and contacts is not None and contacts > persons:
            self.add_error(
                "contacts",
                ngettext(
                    "You met %(persons)d person, so no more can have been helped. Correct one of the two numbers.",
                    "You met %(persons)d people, so no more can have been helped. Correct one of the two numbers.",
                    persons,
                )
                % {"persons": persons},
            )
        tour, at = data.get("tour"), data.get("at")
        if tour and data.get("when") == EARLIER and at and at < tour.at:
            self.add_error("at", _("This is before the tour began. Correct the time, or choose “no tour”."))
        return data

    def draft(self) -> EncounterDraft:
        data, place = self.cleaned_data, self.place
        assert place is not None
        values = declared_values(EncounterDraft, data)
        values["note_pinned"] = data["note_pinned"] and bool(data["note"])
        answers = self.answers_of(self.owner)
        return EncounterDraft(id=self.minted, at=self.moment, place=place, tour=self.tour_id, answers=answers, **values)


def encounter_form(
    data: QueryDict | None, *, associations: list[Association], read: dict[str, Any] | None = None, **options: Any
) -> EncounterForm:
    """Return the form with the associations' custom questions, in the versions that ``data`` answers.

    read: a cache for the questions, shared by several forms for the same associations.
    """
    named, known = versions_named(data or ()), {} if read is None else read
    key = f"questions {sorted(named)}"
    if key not in known:
        known[key] = question_sets.sets_for(associations, named)
    sets = known[key]
    return EncounterForm(data, associations=associations, question_sets=sets, **options)
