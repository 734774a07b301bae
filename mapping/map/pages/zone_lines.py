"""The lines of the list of zones beside the map. What the lines share is rendered once."""

from collections.abc import Iterable
from functools import cache

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from mapping.map.pages.zone_list import Row
from mapping.map.wording import status_marks
from solidarity.lib.site.filled_templates import FilledTemplate

_GAPS = (
    "number", "address", "key", "name", "centre", "status", "computed", "mark", "people", "chance", "search",
    "both_statuses", "notes",
)  # fmt: skip


@cache
def _line(contested: bool, counted: bool, both_statuses: bool, notes: bool) -> FilledTemplate:
    """Return the template of a line. counted: whether the zone has a number of people; otherwise the line says the last
    search."""
    left_out = {name for name, there in (("both_statuses", both_statuses), ("notes", notes)) if not there}
    left_out |= {"search"} if counted else {"people", "chance"}
    return FilledTemplate(
        "mapping/map/zone_line.html",
        (gap for gap in _GAPS if gap not in left_out),
        contested=contested,
        counted=counted,
    )


def _notes(number: int) -> str:
    if not number:
        return ""
    return ngettext("%(number)s note from the field", "%(number)s notes from the field", number) % {"number": number}


def of(rows: Iterable[tuple[int, Row]], address: str) -> list[SafeString]:
    """Return the HTML of numbered zones, in the language of the page. address: the address of a zone without its key."""
    return [
        _line(row.contested, bool(row.words.people), bool(row.both_statuses), bool(row.notes)).fill(
            number=number, address=address, key=row.key, name=row.name, centre=row.centre, status=row.status,
            computed=row.computed, mark=SafeString(status_marks.mark(row.status, row.status_label)), people=row.words.people,
            chance=row.words.chance, search=row.words.search, both_statuses=row.both_statuses,
            notes=_notes(row.notes),
        )
        for number, row in rows
    ]  # fmt: skip
