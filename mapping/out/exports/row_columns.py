"""The columns of a row export. Those of a report's fields follow from their declarations: heading, choices, type, HXL tag."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mapping.out.event_log.event_types import DRAFT_OF
from needs.base.records.field_declarations import Choices, DeclaredField, FieldType, fields_of
from needs.enums import NeedState
from solidarity.lib.files import hxl_tags

KINDS = ("tour", "encounter", "citizen_report", "need", "aid")
"""The kinds of report, in the order of their rows."""

_FIXED: dict[str, tuple[int, str | Promise]] = {
    "kind": (14, _("kind of report")),
    "id": (37, _("number of the report")),
    "at": (16, _("date and hour")),
    "cell": (17, _("cell (H3)")),
    "latitude": (11, _("latitude")),
    "longitude": (11, _("longitude")),
    "association": (28, _("association")),
}
"""Width and heading of the columns that every report has."""

_WIDTHS = {
    FieldType.COUNT: 9, FieldType.MINUTES: 9, FieldType.CELLS: 9, FieldType.FLAG: 9, FieldType.CATEGORIES: 24,
    FieldType.CHOICE: 12,
}  # fmt: skip
"""The types of field that a row export can write, with the widths of their columns."""

_PYTHON_TYPES: dict[FieldType, type] = {
    FieldType.COUNT: int, FieldType.MINUTES: float, FieldType.CELLS: float, FieldType.FLAG: bool,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowColumn:
    """A column that a field fills. choices: its values, for a choice."""

    field_type: FieldType
    heading: str | Promise
    tag: str
    choices: Choices | None = None

    @property
    def python_type(self) -> type:
        return _PYTHON_TYPES.get(self.field_type, str)


@dataclass(frozen=True, slots=True)
class RowColumns:
    """All columns. fields: kind of report → column → the declared field that fills it."""

    fields: Mapping[str, Mapping[str, DeclaredField]]
    declared: dict[str, RowColumn] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for a field that no file can have."""
        for kind in ("encounter", *self.fields):  # the columns of encounters come first
            for name, each in self.fields[kind].items():
                said = each.declared
                if said.type not in _WIDTHS or said.free_text:
                    raise ValueError(f"{each.name}: a field of the type {said.type.value} is in no row export.")
                if not (said.row_heading and said.row_tag) and name not in self.declared:
                    raise ValueError(f"{each.name}: row_export needs row_heading and row_tag, too.")
                self.declared.setdefault(name, RowColumn(said.type, said.row_heading, said.row_tag, said.choices))
        # The state of a need, which triage sets, is no field of a draft.
        self.declared["state"] = RowColumn(FieldType.CHOICE, _("state"), hxl_tags.TAGS["reports"]["state"], NeedState)

    @property
    def names(self) -> tuple[str, ...]:
        return (*_FIXED, *self.declared)

    @property
    def widths(self) -> tuple[int, ...]:
        fixed = (width for width, _heading in _FIXED.values())
        return (*fixed, *(_WIDTHS[column.field_type] for column in self.declared.values()))

    def headings(self) -> list[str]:
        """Return the headings in the active language."""
        fixed = [heading for _width, heading in _FIXED.values()]
        return [str(heading) for heading in (*fixed, *(column.heading for column in self.declared.values()))]

    def tags(self) -> list[str]:
        """Return the HXL tags."""
        fixed = hxl_tags.tags_of("reports", _FIXED)
        return [*fixed, *(column.tag for column in self.declared.values())]


def columns_of(drafts: Mapping[str, type]) -> RowColumns:
    """Return the columns of reports with these drafts."""
    return RowColumns(
        {
            kind: {each.declared.row_export: each for each in fields_of(drafts[kind]) if each.declared.row_export}
            for kind in KINDS
        }
    )


ROW_COLUMNS = columns_of(DRAFT_OF)
