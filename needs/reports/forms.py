"""Forms of the field: encounters, tours, needs. They validate; ``draft()`` hands over to ``needs.reports.filing``."""

import json
import math
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.attachments.photo_fields import PhotoForm
from needs.custom_questions.forms import AnswersForm
from needs.enums import Category, Origin, TourMode, Urgency
from needs.models import Tour
from needs.reports.emergency_gate import Danger
from needs.reports.filing import EncounterDraft, NeedDraft, Place
from needs.reports.report_times import not_in_the_future
from solidarity.lib import grid
from solidarity.lib.datetimes import MomentField
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING, PLACE
from volunteers.models import Association

NOW, EARLIER = "now", "earlier"
MOST_PERSONS = 500
MOST_LINE_POINTS = 2000
MOST_CELLS = 500
LONGEST_TOUR = timedelta(hours=18)


class Degrees(forms.FloatField):
    """Degrees of latitude or longitude; a decimal comma is as good as a point."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class PlaceForm(forms.Form):
    """A place by map tap, by the device's position, or in words.

    The point travels in two fields that the page fills in; without JavaScript they can be typed.
    """

    latitude = Degrees(
        label=_("Latitude"),
        required=False,
        min_value=-90,
        max_value=90,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    longitude = Degrees(
        label=_("Longitude"),
        required=False,
        min_value=-180,
        max_value=180,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    place_text = forms.CharField(
        label=_("The place in words"),
        required=False,
        max_length=300,
        help_text=_("An address, a bridge, a shop: whatever helps to find the place again."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    place_problem = ""

    @property
    def place(self) -> Place | None:
        """The point, once the form is valid."""
        latitude, longitude = self.cleaned_data.get("latitude"), self.cleaned_data.get("longitude")
        return None if latitude is None or longitude is None else Place(latitude, longitude)

    def clean(self) -> dict[str, Any]:
        super().clean()
        missing = [self.cleaned_data.get(name, 0) is None for name in ("latitude", "longitude")]
        if any(missing) and not all(missing):
            self.refuse_place(_("A place needs both latitude and longitude. Tap the map once more."))
        return self.cleaned_data

    def refuse_place(self, problem: str | Promise) -> None:
        """Say what is wrong with the place as a whole, beside it and on top."""
        self.place_problem = str(problem)
        self.add_error(None, self.place_problem)

    @property
    def place_is_wrong(self) -> bool:
        return bool(self.place_problem or self.errors.keys() & {"latitude", "longitude"})


class SentForm(forms.Form):
    """A form that may arrive long after it was filled in. ago: how long; the page says it when it sends from its queue."""

    ago = timedelta(0)

    @property
    def now(self) -> datetime:
        """The moment at which the form was sent off, by the server's clock."""
        return timezone.now() - self.ago


class MomentForm(SentForm):
    """Now, or earlier with a date and a time."""

    when = forms.ChoiceField(
        label=_("When?"),
        choices=[(NOW, _("now")), (EARLIER, _("earlier"))],
        initial=NOW,
        required=False,
        widget=forms.RadioSelect,
    )
    at = MomentField(
        label=_("Date and time"),
        required=False,
        validators=[not_in_the_future],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_when(self) -> str:
        return self.cleaned_data["when"] or NOW

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("when") == EARLIER and not self.cleaned_data.get("at") and "at" not in self.errors:
            self.add_error("at", _("Say on which day and at what time, or choose “now”."))
        return self.cleaned_data

    @property
    def is_now(self) -> bool:
        return bool(self.cleaned_data["when"] == NOW)

    @property
    def moment(self) -> datetime:
        """When it happened, once the form is valid."""
        return self.now if self.is_now else self.cleaned_data["at"]

    @property
    def implied(self) -> Collection[str]:
        """Fields of the draft that the sender did not say (needs.reports.intake)."""
        return ("at",) if self.is_now else ()


class MintedForm(SentForm):
    """The report's id. The page mints one when the form is sent; without JavaScript the server's own stands in it."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    @property
    def minted(self) -> uuid.UUID:
        return self.cleaned_data["id"] or uuid.uuid4()


class OwnForm(MintedForm):
    """A report of an association; which one is asked only of members of several."""

    association = forms.TypedChoiceField(label=_("For which association?"))

    def __init__(self, *args: Any, associations: Sequence[Association], **options: Any) -> None:
        super().__init__(*args, **options)
        self.associations = {own.slug: own for own in associations}
        field = self.fields["association"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(own.slug, own.name) for own in associations]
        field.coerce = self.associations.__getitem__
        field.initial = field.initial or associations[0].slug
        if len(associations) == 1:
            field.widget = forms.HiddenInput()
            field.required = False
            field.empty_value = associations[0]  # type: ignore[assignment]

    @property
    def owner(self) -> Association:
        """Whose report it is, once the form is valid."""
        own: Association = self.cleaned_data["association"]
        return own


class TourLinkForm(OwnForm):
    """A report that can lie in a tour. tours: those that it may lie in, open ones and recently closed ones."""

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
    """“Walked here, saw nobody”: a place and nothing else."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.place and not self.place_is_wrong:
            self.refuse_place(_("We could not get your position. Tap the map where you walked, then save."))
        return self.cleaned_data

    def draft(self) -> EncounterDraft:
        place = self.place
        assert place is not None
        return EncounterDraft(id=self.minted, at=self.now, place=place, persons=0, contacts=0, tour=self.tour_id)


class EncounterForm(PiiCheckedForm, AnswersForm, TourLinkForm, MomentForm, PlaceForm):
    """People met in the street, or nobody."""

    pii_checked = {"note": EVERYTHING, "place_text": PLACE}

    persons = Whole(label=_("How many people did you meet?"), most=MOST_PERSONS, initial=1)
    asked = forms.MultipleChoiceField(
        label=_("What did they ask for?"),
        choices=Category.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    given = forms.MultipleChoiceField(
        label=_("What did you give?"), choices=Category.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    contacts = Whole(
        label=_("How many people did you help?"),
        most=MOST_PERSONS,
        required=False,
        help_text=_("Left empty: everybody you met, if you gave something."),
    )
    minutes = Whole(
        label=_("Minutes you looked around here"),
        most=720,
        required=False,
        help_text=_("Outside a tour this says how well the place was searched."),
    )
    note = forms.CharField(
        label=_("A note"),
        required=False,
        max_length=2000,
        help_text=_("No names, no telephone numbers, nothing about health."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note_pinned = forms.BooleanField(
        label=_("Share this note with the coordinators as a field note; otherwise it is deleted after 14 days."),
        required=False,
    )
    consent = forms.BooleanField(label=_("The people I met agree that this is written down."), required=False)

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if not self.place and not self.place_is_wrong:
            self.refuse_place(self._no_place(bool(data.get("place_text"))))
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

    @staticmethod
    def _no_place(in_words: bool) -> str:
        if in_words:
            return str(
                _("Words alone cannot be put on the map. Please tap the place on the map or use your position, too.")
            )
        return str(_("Say where: tap the place on the map, or use your position."))

    def draft(self) -> EncounterDraft:
        data, place = self.cleaned_data, self.place
        assert place is not None
        return EncounterDraft(
            id=self.minted,
            at=self.moment,
            place=place,
            persons=data["persons"],
            contacts=data["contacts"],
            asked=data["asked"],
            given=data["given"],
            minutes=data["minutes"],
            note=data["note"],
            note_pinned=data["note_pinned"] and bool(data["note"]),
            consent=data["consent"],
            place_text=data["place_text"],
            tour=self.tour_id,
            answers=self.answers_of(self.owner),
        )


class TourStartForm(OwnForm, MomentForm):
    """The start of a tour."""

    mode = forms.ChoiceField(
        label=_("How do you go?"), choices=TourMode.choices, initial=TourMode.FOOT, widget=forms.RadioSelect
    )
    walkers = Whole(label=_("How many of you?"), least=1, most=100, initial=2)


class WayForm(forms.Form):
    """Where a tour goes or went: as a drawn line, as ticked cells, as both, or not said."""

    line = forms.CharField(required=False, widget=forms.HiddenInput)
    cells = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_line(self) -> list[tuple[float, float]]:
        """(longitude, latitude) degrees of each corner; a line has two of them at least."""
        text = self.cleaned_data["line"]
        try:
            points = [(float(lng), float(lat)) for lng, lat in json.loads(text or "[]")]
        except (ValueError, TypeError, RecursionError):
            raise forms.ValidationError(_("The drawn line cannot be read. Please draw it again.")) from None
        inside = all(abs(lng) <= 180 and abs(lat) <= 90 for lng, lat in points if math.isfinite(lng + lat))
        if not inside or any(not math.isfinite(lng + lat) for lng, lat in points):
            raise forms.ValidationError(_("The drawn line leaves the globe. Please draw it again."))
        if len(points) > MOST_LINE_POINTS:
            raise forms.ValidationError(_("The drawn line has too many corners. Please draw it more coarsely."))
        return points if len(points) > 1 else []

    def clean_cells(self) -> list[int]:
        """H3 cells of resolution 9."""
        words = [word for word in self.cleaned_data["cells"].split(",") if word.strip()]
        if len(words) > MOST_CELLS:
            raise forms.ValidationError(_("These are too many cells for one tour. Please untick some."))
        try:
            return [grid.evidence_cell(word.strip()) for word in words]
        except ValueError:
            raise forms.ValidationError(_("One of the ticked cells is unknown. Please tick them again.")) from None


class TourStopForm(WayForm, MomentForm):
    """The end of a tour: when, and where it went."""

    def __init__(self, *args: Any, tour: Tour, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tour = tour

    def clean(self) -> dict[str, Any]:
        super().clean()
        if "at" in self.errors or "when" in self.errors:
            return self.cleaned_data
        began = date_format(timezone.localtime(self.tour.at), "SHORT_DATETIME_FORMAT")
        if self.moment < self.tour.at and not self.is_now:
            self.add_error("at", _("This tour began at %(began)s. Choose a later moment.") % {"began": began})
        elif self.moment - self.tour.at > LONGEST_TOUR:
            message = _(
                "This tour began at %(began)s, more than 18 hours before. Choose “earlier” and say when it ended."
            )
            self.add_error("at", message % {"began": began})
        return self.cleaned_data

    @property
    def ended_at(self) -> datetime | None:
        """When the tour ended; None when it is not said where it went: then no time is logged."""
        said_where = self.cleaned_data["line"] or self.cleaned_data["cells"]
        return max(self.moment, self.tour.at) if said_where else None


class NeedForm(PiiCheckedForm, PhotoForm, MintedForm, PlaceForm):
    """A need, from anybody. danger: what the gate was told; then, and when it is needed now, the guard holds nothing up."""

    pii_checked = {"text": EVERYTHING, "place_text": PLACE}

    kinds = forms.MultipleChoiceField(
        label=_("What is needed?"),
        choices=Category.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one. If nothing fits, choose “other”.")},
    )
    urgency = forms.ChoiceField(
        label=_("How urgent is it?"),
        choices=Urgency.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how urgent it is.")},
    )
    persons = Whole(label=_("For how many people?"), least=1, most=MOST_PERSONS, initial=1)
    text = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=5000,
        help_text=_("What would help? No names, please."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    origin = forms.ChoiceField(
        label=_("Who are you?"),
        choices=[(Origin.SELF, _("I need this myself")), (Origin.CITIZEN, _("I saw someone who needs it"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether you need it yourself or saw someone.")},
    )
    contact = forms.CharField(
        label=_("How can we reach you?"),
        required=False,
        max_length=200,
        help_text=_("A telephone number or e-mail address. It is stored encrypted; only dispatchers can read it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, danger: Danger | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.implied: Collection[str] = ("at",)
        self.danger = danger
        if danger:
            self.fields["urgency"].initial = Urgency.NOW

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.place and not self.cleaned_data.get("place_text") and not self.place_is_wrong:
            self.add_error("place_text", _("Say where: in words, with your position, or on the map."))
        return self.cleaned_data

    def pii_needs_confirmation(self) -> bool:
        return self.danger is None and self.cleaned_data.get("urgency") != Urgency.NOW

    def draft(self, *, with_account: bool) -> NeedDraft:
        data = self.cleaned_data
        return NeedDraft(
            id=self.minted,
            at=self.now,
            place=self.place,
            kinds=data["kinds"],
            urgency=data["urgency"],
            persons=data["persons"],
            text=data["text"],
            place_text=data["place_text"],
            contact=data["contact"],
            origin=data["origin"],
            with_account=with_account,
        )


class BoxForm(forms.Form):
    """A box of degrees: what a map shows."""

    south = forms.FloatField(min_value=-90, max_value=90)
    west = forms.FloatField(min_value=-180, max_value=180)
    north = forms.FloatField(min_value=-90, max_value=90)
    east = forms.FloatField(min_value=-180, max_value=180)
