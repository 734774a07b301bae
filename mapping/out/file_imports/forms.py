"""Forms of the import pages: the file, and the mapping of its columns."""

import hashlib
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mapping.out.file_imports import import_preview, incoming_files
from mapping.out.file_imports.models import FileImport, FileSubject, SavedMapping
from needs.enums import Category
from needs.reports.importers.any_table import label_meanings
from needs.reports.importers.any_table.column_mapping import PARTS, ColumnMapping, Contacts, DateOrder, RowKind
from volunteers.models import Association, Territory
from volunteers.people.accounts.viewer import Viewer

ENCODINGS = [
    ("", _("detect")), ("utf-8", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252"), ("cp1250", "Windows-1250"),
    ("cp1251", "Windows-1251"), ("cp1256", "Windows-1256"), ("mac_roman", "Mac Roman"), ("cp850", "CP 850"),
]  # fmt: skip
SEPARATORS = [
    ("", _("detect")), (",", _("comma")), (";", _("semicolon")), ("tab", _("tab")), ("|", _("vertical bar")),
]  # fmt: skip
MOST_LABELS = 100
MAIN_PARTS = ("date", "latitude", "longitude", "place", "address", "kinds", "text", "persons", "serial")


def _select(**more: Any) -> forms.Select:
    return forms.Select(attrs={"class": "form-select", **more})


class _BySlug(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class UploadForm(forms.Form):
    """Upload form: the subject of the file, the file, the association that imports it, and the territory."""

    subject = forms.ChoiceField(
        label=_("What the file has"),
        choices=FileSubject.choices,
        initial=FileSubject.REPORTS,
        required=False,
        widget=_select(),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Reports: CSV, TSV, XLSX, ODS or GeoJSON. Places: HSDS (JSON or zipped CSV), data·inclusion, Soliguide, an "
            "OpenStreetMap extract (.pbf), fountains and toilets of Paris. Up to 200 MB and 1,000,000 rows."
        ),
        widget=forms.ClearableFileInput(
            attrs={"class": "form-control", "accept": ".csv,.tsv,.txt,.xlsx,.ods,.geojson,.json,.zip,.pbf"}
        ),
    )
    association = _BySlug(
        Association.objects.none(), label=_("Association"), to_field_name="slug", empty_label=None, widget=_select()
    )
    territory = _BySlug(
        Territory.objects.none(), label=_("Territory"), to_field_name="slug", empty_label=None, widget=_select()
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("association", incoming_files.associations_of(viewer)),
            ("territory", incoming_files.territories_of(viewer)),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean_subject(self) -> str:
        return self.cleaned_data["subject"] or FileSubject.REPORTS

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > incoming_files.MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 200 MB. Split it into several files."))
        return file


class MappingForm(forms.Form):
    """Form that asks what each column and each category means. The column fields have the names in PARTS."""

    kind = forms.ChoiceField(label=_("Each row is about"), choices=RowKind.choices, widget=_select())
    date_order = forms.ChoiceField(label=_("Day and month"), choices=DateOrder.choices, widget=_select())
    time_zone = forms.ChoiceField(label=_("Time zone of the dates"), widget=_select())
    contacts = forms.ChoiceField(label=_("Contacts of reporters"), choices=Contacts.choices, widget=_select())
    look_up = forms.BooleanField(
        label=_("Look up addresses in words on the map"), required=False,
        help_text=_("Only where a row has no coordinates. Check the places afterwards."),
    )  # fmt: skip
    archive = forms.BooleanField(
        label=_("These reports are history"), required=False,
        help_text=_("They are kept for statistics, and imported needs do not wait for dispatchers."),
    )  # fmt: skip
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, required=False, widget=_select())
    separator = forms.ChoiceField(label=_("Separator"), choices=SEPARATORS, required=False, widget=_select())

    def __init__(self, *args: Any, found: FileImport, **kwargs: Any) -> None:
        mapping = ColumnMapping.from_json(found.mapping)
        kwargs.setdefault("initial", {**found.mapping, **mapping.columns, **_reading(found)})
        super().__init__(*args, **kwargs)
        zones = sorted(available_timezones())
        self.fields["time_zone"].choices = [(zone, zone) for zone in zones]  # type: ignore[attr-defined]
        columns = [("", _("none")), *((name, name) for name in found.columns)]
        for part, label in PARTS.items():
            self.fields[part] = forms.ChoiceField(label=str(label), choices=columns, required=False, widget=_select())
        self._known = dict(mapping.labels)
        self._labels: dict[str, str] = {}
        self.unknown_labels = self.unknown_rows = 0
        self._add_labels(found, mapping)

    def _add_labels(self, found: FileImport, mapping: ColumnMapping) -> None:
        """Add a field for each frequent category of the file, those without a meaning first."""
        rows = list(import_preview.labels(found, mapping).items())[:MOST_LABELS]
        guesses = {key: label_meanings.guess(label) for key, (label, _number) in rows}
        rows.sort(key=lambda row: bool(self._known.get(row[0]) or not guesses[row[0]].unknown))
        for key, (label, number) in rows:
            guessed = guesses[key]
            if guessed.unknown and not self._known.get(key):
                self.unknown_labels += 1
                self.unknown_rows += number
            name = f"label_{hashlib.sha256(key.encode()).hexdigest()[:12]}"
            self._labels[name] = key
            self.fields[name] = forms.ChoiceField(
                label=label[:80],
                choices=[("", _in_words(guessed)), *label_meanings.MEANINGS.items()],
                required=False,
                initial=self._known.get(key, ""),
                help_text=ngettext("%(written)s row", "%(written)s rows", number) % {"written": intcomma(number)},
                widget=_select(),
            )

    def label_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._labels]

    def main_columns(self) -> list[forms.BoundField]:
        return [self[part] for part in MAIN_PARTS]

    def more_columns(self) -> list[forms.BoundField]:
        return [self[part] for part in PARTS if part not in MAIN_PARTS]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            for sentence in self.mapping.missing():
                self.add_error(None, str(sentence))
        return values

    @property
    def mapping(self) -> ColumnMapping:
        """The chosen mapping; only for a form without errors in its fields."""
        values = self.cleaned_data
        labels = dict(self._known)
        for name, key in self._labels.items():
            if name in self.data and values[name] != labels.get(key, ""):
                labels[key] = values[name]
        return ColumnMapping(
            columns={part: values[part] for part in PARTS if values.get(part)},
            labels=labels,
            **{name: values[name] for name in ("kind", "date_order", "time_zone", "contacts", "look_up", "archive")},
        )

    def reading(self) -> dict[str, str]:
        """Return the chosen encoding and separator."""
        separator = self.cleaned_data["separator"]
        return {"encoding": self.cleaned_data["encoding"], "separator": "\t" if separator == "tab" else separator}


def _in_words(guessed: label_meanings.Reading) -> str:
    """Return how a category is read if nobody chooses a meaning."""
    parts = [str(Category(kind).label) for kind in guessed.kinds]
    if guessed.delivered:
        parts.append(str(label_meanings.MEANINGS[label_meanings.DELIVERED]))
    if not parts:
        return gettext("not recognised: please choose")
    return gettext("our guess: %(kinds)s") % {"kinds": ", ".join(parts)}


def _reading(found: FileImport) -> dict[str, str]:
    known = dict(ENCODINGS)
    return {
        "encoding": found.encoding if found.encoding in known else "",
        "separator": "tab" if found.separator == "\t" else found.separator,
        "time_zone": found.mapping.get("time_zone", settings.TIME_ZONE),
    }


class SaveMappingForm(forms.Form):
    """Form for the name under which the association saves a mapping."""

    name = forms.CharField(
        label=_("Name of the mapping"), max_length=80, widget=forms.TextInput(attrs={"class": "form-control"})
    )


class UseMappingForm(forms.Form):
    """A saved mapping of the association that fits the columns of the file."""

    saved = forms.ChoiceField(label=_("Saved mapping"), widget=_select())

    def __init__(self, *args: Any, found: FileImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {
            str(row.pk): row
            for row in SavedMapping.objects.filter(association=found.association_id)
            if ColumnMapping.from_json(row.mapping).fits(found.columns)
        }
        self.fields["saved"].choices = [(key, row.name) for key, row in self.rows.items()]  # type: ignore[attr-defined]
