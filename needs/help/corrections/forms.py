"""Forms of corrections. ``changes()`` returns the arguments for ``correcting.correct``."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.custom_questions import question_sets
from needs.base.records.declarations import NeedDraft
from needs.enums import QuestionKind, ReportKind
from needs.models import Encounter, Need
from needs.reports.correction_history.corrected_values import values_of
from needs.reports.encounter_forms import EncounterForm
from needs.reports.forms import EARLIER, PlaceForm, form_field
from solidarity.lib import grid
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Territory

MAP, DISTRICT, UNKNOWN = "map", "district", "unknown"
SEEN = -1
"""For a form without a version: a number that no version has."""


class CorrectionForm(PiiCheckedForm, forms.Form):
    """The version that the person read, the id of the correction, and the reason for the correction."""

    pii_checked = {"why": EVERYTHING}

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    correction = forms.UUIDField(widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=300,
        help_text=_("For other people who read the history. No names, no telephone numbers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    @property
    def seen_version(self) -> int:
        """The version that the person read, even if the form is invalid."""
        try:
            return int(self.data.get("seen", SEEN))
        except (TypeError, ValueError):
            return SEEN


class NeedPlaceForm(PlaceForm):
    """Where a need is: at a point on the map, somewhere in a district, or unknown."""

    place_text = None  # type: ignore[assignment]

    where = forms.ChoiceField(
        label=_("What is known of the place?"),
        choices=[
            (MAP, _("a place on the map")), (DISTRICT, _("only the district")), (UNKNOWN, _("nobody knows the place")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    district = forms.ModelChoiceField(
        label=_("District"), queryset=Territory.objects.zoned().order_by("name"), required=False, to_field_name="slug"
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        where = self.cleaned_data.get("where")
        if where == MAP and not self.place and not self.place_is_wrong:
            self.refuse_place(_("Tap the place on the map, or choose what else is known of it."))
        if where == DISTRICT and not self.cleaned_data.get("district"):
            self.add_error("district", _("Choose the district."))
        return self.cleaned_data

    def place_changes(self) -> dict[str, Any]:
        """Return the changes of the place; an empty dict if the form does not change the place."""
        data = self.cleaned_data
        if data["where"] == DISTRICT:
            return {"district": data["district"]}
        if data["where"] == UNKNOWN:
            return {"place_unknown": True}
        return {"place": self.place} if data["where"] == MAP else {}


class LookUpForm(CorrectionForm, NeedPlaceForm):
    """The form for the place of a need that has no place yet."""

    why = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["where"].required = True
        self.fields["where"].initial = MAP

    def changes(self) -> dict[str, Any]:
        return self.place_changes()


class NeedCorrectionForm(CorrectionForm, NeedPlaceForm):
    """Place, kinds, urgency, number of people and title of a need."""

    pii_checked = {"title": EVERYTHING, "why": EVERYTHING}

    kinds = form_field(NeedDraft, "kinds")
    urgency = form_field(NeedDraft, "urgency")
    persons = form_field(NeedDraft, "persons")
    title = form_field(NeedDraft, "title", label=_("Title"), help_text=_("A few words. No names."))
    field_order = ("where", "latitude", "longitude", "district", "kinds", "urgency", "persons", "title", "why")

    def changes(self) -> dict[str, Any]:
        """Return the values that the person changed. Kinds that stay keep their order."""
        data, first = self.cleaned_data, self.initial
        plain = ("urgency", "persons", "title")
        found: dict[str, Any] = {name: data[name] for name in plain if name in self.changed_data}
        if "kinds" in self.changed_data:
            old = [kind for kind in first["kinds"] if kind in data["kinds"]]
            found["kinds"] = old + [kind for kind in data["kinds"] if kind not in old]
        return found | self.place_changes()


def need_initial(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the initial values of NeedCorrectionForm from a need's values (corrected_values)."""
    return {name: values[name] for name in ("kinds", "urgency", "persons", "title")}


# --- encounters ----------------------------------------------------------------------------------------------------


class EncounterCorrectionForm(CorrectionForm, EncounterForm):
    """The encounter form, filled in with an encounter's values. The association and the tour cannot be changed."""

    pii_checked = {**EncounterForm.pii_checked, "why": EVERYTHING}
    place_needed = False

    def __init__(self, *args: Any, encounter: Encounter, **options: Any) -> None:
        sets = [encounter.question_set] if encounter.question_set else question_sets.sets_for([encounter.association])
        super().__init__(
            *args,
            associations=[encounter.association],
            tours=[encounter.tour] if encounter.tour else [],
            question_sets=sets,
            **options,
        )
        self.fields["tour"].widget = forms.HiddenInput()

    def changes(self) -> dict[str, Any]:
        """Return the values that the person changed."""
        data, changed = self.cleaned_data, set(self.changed_data)
        plain = ("persons", "contacts", "minutes", "asked", "given", "note", "note_pinned", "consent", "place_text")
        found = {name: data[name] for name in plain if name in changed}
        if changed & {"when", "at"}:
            found["at"] = self.moment
        if self.place and changed & {"latitude", "longitude"}:
            found["place"] = self.place
        if any(name.startswith("q_") for name in changed):
            found["answers"] = self.answers_of(self.owner)
        return found


def encounter_initial(encounter: Encounter, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the initial values of EncounterCorrectionForm from an encounter's values (corrected_values).

    The form shows the exact point only if it is still stored and lies in the cell of ``values``.
    """
    plain = ("persons", "contacts", "asked", "given", "note", "note_pinned", "consent", "place_text")
    at = datetime.fromisoformat(values["at"]).astimezone(UTC).replace(second=0, microsecond=0)
    found: dict[str, Any] = {name: values[name] for name in plain} | {
        "when": EARLIER, "at": timezone.localtime(at), "association": encounter.association.slug,
        "tour": str(encounter.tour_id or ""), "minutes": None if values["minutes"] is None else round(values["minutes"]),
    }  # fmt: skip
    if encounter.point is not None and encounter.cell is not None and values["cell"] == grid.to_text(encounter.cell):
        found |= {"latitude": round(encounter.point.y, 6), "longitude": round(encounter.point.x, 6)}
    return found | _answers(encounter, values)


def _answers(encounter: Encounter, values: Mapping[str, Any]) -> dict[str, Any]:
    asked = encounter.question_set
    if asked is None:
        return {}
    given = {**values["answers"], **values["answers_in_words"]}
    return {
        f"q_{asked.pk}_{each.key}": ("1" if given[each.key] else "0")
        if each.kind == QuestionKind.YES_NO
        else given[each.key]
        for each in asked.questions.all()
        if each.key in given
    }


# --- two people change the same report -----------------------------------------------------------------------------


def with_own_changes(form: Any, current: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Return initial values for a new form: the report's current values, overridden by the person's own changes.

    form: the bound form; its initial values are the values that the person read.
    """
    own = {name: form[name].value() for name in form.changed_data if name in form.fields}
    return {**current, **own, "seen": version, "correction": uuid.uuid4()}


def fresh(version: int) -> dict[str, Any]:
    """Return the initial values of the hidden fields."""
    return {"seen": version, "correction": uuid.uuid4()}


def current_values(row: Need | Encounter) -> dict[str, Any]:
    return values_of(ReportKind.NEED if isinstance(row, Need) else ReportKind.ENCOUNTER, row)
