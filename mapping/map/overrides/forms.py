"""Forms for overrides and field notes. ``draft()`` makes the draft for mapping.map.overrides.override_filing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.enums import KEY_STATUS, STATUS_KEYS, Status
from mapping.map.overrides import field_notes, override_filing
from needs.base.records.declarations import MOST_PERSONS
from needs.reports.forms import MomentForm, OwnForm
from solidarity.lib import grid
from solidarity.lib.number_fields import Whole, without_spaces
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING

CLAIMS = [(STATUS_KEYS[status], status.label) for status in override_filing.CLAIMS]


class Hours(forms.FloatField):
    """A number of hours, with a decimal point or comma."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(without_spaces(value).replace(",", ".") if isinstance(value, str) else value)


class CellField(forms.TypedMultipleChoiceField):
    """Cells of a zone, as H3 strings; used only for zones of several cells."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=grid.from_text, widget=forms.CheckboxSelectMultiple, **options)


class OverrideForm(PiiCheckedForm, OwnForm, MomentForm):
    """Form in which a team enters what it saw in some cells of a zone, and the status that it gives to these cells."""

    pii_checked = {"reason": EVERYTHING, "extended_reason": EVERYTHING}

    cells = CellField(label=_("Which cells did you search?"), required=False)
    persons = Whole(
        label=_("How many people did you see?"), most=MOST_PERSONS, help_text=_("In all these cells together.")
    )
    hours = Hours(
        label=_("How many hours did you search?"),
        required=False,
        min_value=0,
        max_value=48,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("Half an hour is 0.5. You need to give the hours if you say “covered” or if you met nobody."),
    )
    status = forms.TypedChoiceField(
        label=_("What is the status of this place?"),
        choices=CLAIMS,
        coerce=KEY_STATUS.__getitem__,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why?"),
        max_length=500,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Say what you saw, so that others can rely on it. Associations and coordinators can read this. Please "
            "leave out names and phone numbers."
        ),
    )
    days = Whole(
        label=_("For how many days should the map show it?"),
        least=1,
        most=override_filing.LONGEST_PIN_DAYS,
        initial=override_filing.PIN_DAYS,
        help_text=_(
            "After that, the map shows the model’s status again. More than 7 days need a second reason. The maximum is 14 days."
        ),
    )
    extended_reason = forms.CharField(
        label=_("Why longer than 7 days?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, zone_cells: Sequence[int], shown: Status, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone_cells, self.shown = zone_cells, shown
        field = self.fields["cells"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(grid.to_text(cell), str(number)) for number, cell in enumerate(zone_cells, start=1)]
        status = self.fields["status"]
        assert isinstance(status, forms.TypedChoiceField)
        status.choices = [(key, label) for key, label in CLAIMS if key != STATUS_KEYS[shown] or self.is_bound]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors:
            now = timezone.now()
            try:
                draft = self.draft()
                override_filing.plan(draft, shown=self.shown, computed=dict.fromkeys(draft.cells, 0), now=now)
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    self.add_error(name, messages)
        return self.cleaned_data

    @property
    def association_key(self) -> int | None:
        """The key of the team's association; None for a coordinator who belongs to none."""
        return self.owner.pk if self.associations else None

    def draft(self) -> override_filing.OverrideDraft:
        """Return the draft. For a zone of one cell, the form does not ask for the cell."""
        data = self.cleaned_data
        return override_filing.OverrideDraft(
            id=self.minted,
            cells=list(self.zone_cells) if len(self.zone_cells) == 1 else data["cells"],
            persons=data["persons"],
            hours=data["hours"],
            status=data["status"],
            reason=data["reason"],
            days=data["days"],
            extended_reason=data["extended_reason"],
            looked_at=None if self.is_now else data["at"],
        )


class ExtendForm(PiiCheckedForm, forms.Form):
    """Form to extend an override: further days and a reason."""

    pii_checked = {"reason": EVERYTHING}

    days = Whole(label=_("For how many more days?"), least=1, most=override_filing.PIN_DAYS)
    reason = forms.CharField(
        label=_("What is the new reason?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Associations and coordinators can read this. Please leave out names and phone numbers."),
    )

    def __init__(self, *args: Any, most: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["days"] = Whole(label=self.fields["days"].label, least=1, most=most, initial=most)


class NoteForm(PiiCheckedForm, OwnForm):
    """Form for a field note in a zone."""

    pii_checked = {"text": EVERYTHING}

    cell = forms.TypedChoiceField(
        label=_("Which cell is the note about?"), coerce=grid.from_text, required=False, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Your note"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Write what the figures do not show, for example that a gate closes at night or that people have "
            "moved. Please leave out names, phone numbers and health details. Associations and coordinators can "
            "read your note, and it may appear in a zone report. A report that is passed on quotes it only if your "
            "association agrees."
        ),
    )
    days = Whole(
        label=_("For how many days should it be shown?"),
        least=1,
        most=field_notes.MOST_DAYS,
        initial=field_notes.SHOWN_DAYS,
        help_text=_("From 1 to 90 days. Then the note is deleted."),
    )

    def __init__(self, *args: Any, zone_cells: Sequence[int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone_cells = zone_cells
        field = self.fields["cell"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(grid.to_text(cell), str(number)) for number, cell in enumerate(zone_cells, start=1)]
        if len(zone_cells) > 1:
            field.required = True
            field.error_messages["required"] = _("Choose the cell that the note is about.")

    @property
    def where(self) -> int:
        """The cell of a valid form."""
        return self.cleaned_data["cell"] if len(self.zone_cells) > 1 else self.zone_cells[0]
