"""The mapping of a table's columns to the parts of a report. The mapping is stored as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RowKind(models.TextChoices):
    """The kind of report in the rows of a table."""

    NEED = "need", _("needs")
    ENCOUNTER = "encounter", _("encounters")
    PRESENCE = "presence", _("people seen by citizens")
    AID = "aid", _("help given")


class DateOrder(models.TextChoices):
    AUTO = "auto", _("as in the other dates of the file")
    DAY_FIRST = "dmy", _("day first")
    MONTH_FIRST = "mdy", _("month first")


class Contacts(models.TextChoices):
    """What happens to contacts of reporters."""

    DROP = "drop", _("leave them out")
    ENCRYPT = "encrypt", _("store them encrypted, for dispatchers alone")


PARTS: dict[str, str | Promise] = {
    "serial": _("Number of the row"),
    "date": _("Date"),
    "clock": _("Time, if in its own column"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "place": _("Place in one column (latitude and longitude, or H3 cell)"),
    "address": _("Address in words"),
    "title": pgettext_lazy("column", "Title"),
    "text": _("Description"),
    "kinds": _("Kinds of help asked for"),
    "given": _("Kinds of help given"),
    "urgency": _("Urgency"),
    "state": _("State"),
    "persons": _("Number of people"),
    "contact": _("Contact of the reporter"),
    "approved": _("Approved (yes or no)"),
    "verified": _("Verified (yes or no)"),
    "actionable": _("Actionable (yes or no)"),
    "urgent": _("Urgent (yes or no)"),
    "closed": _("Closed (yes or no)"),
}
"""Parts of a report that a column can fill, with their labels."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """How a table is read. columns: part → column name, for the parts that have a column.

    time_zone: the time zone of dates without one. archive: True if the reports are exempt from retention and appear
    in no queue. look_up: whether addresses in words are looked up in the installed place names. labels: what a person
    chose for categories, by ``label_meanings.key_of``.
    """

    columns: Mapping[str, str]
    kind: str = RowKind.NEED
    date_order: str = DateOrder.AUTO
    time_zone: str = "Europe/Paris"
    contacts: str = Contacts.DROP
    archive: bool = False
    look_up: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, str) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "ColumnMapping":
        """Return a stored mapping; unknown names are ignored."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in said.items() if name in known}
        columns = {part: column for part, column in said.get("columns", {}).items() if part in PARTS and column}
        labels = {str(label): str(meaning) for label, meaning in (said.get("labels") or {}).items()}
        return cls(**{**values, "columns": columns, "labels": labels})

    def fits(self, columns: Sequence[str]) -> bool:
        """Return whether a table has every column of the mapping."""
        return set(self.columns.values()) <= set(columns)

    def missing(self) -> list[str | Promise]:
        """Return one sentence for each missing part that the rows need."""
        has = self.columns.keys()
        sentences: list[str | Promise] = []
        if "date" not in has:
            sentences.append(_("Choose the column with the date."))
        placed = "place" in has or {"latitude", "longitude"} <= has
        if not placed and not ("address" in has and (self.look_up or self.kind == RowKind.NEED)):
            sentences.append(_("Choose the column or columns with the place."))
        if self.kind == RowKind.NEED and not {"title", "text", "kinds"} & has:
            sentences.append(_("Choose the column with the kinds of help or with the description."))
        return sentences
