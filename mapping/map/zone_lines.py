"""The lines of the list of zones beside the map. What the lines share is rendered once for a page."""

from collections.abc import Iterable
from functools import cache

from django.utils.safestring import SafeString

from mapping.map.zone_list import Row
from mapping.templatetags.status_tags import status_mark
from solidarity.lib.site.filled_templates import FilledTemplate

_GAPS = ("number", "key", "name", "centre", "status", "computed", "mark", "people", "chance")


def of(rows: Iterable[tuple[int, Row]], address: str) -> list[SafeString]:
    """Return the HTML of numbered zones, in the language of the page. address: the address of a zone without its key."""

    @cache
    def template(contested: bool, both_statuses: bool, notes: int) -> FilledTemplate:
        gaps = (*_GAPS, "both_statuses") if both_statuses else _GAPS
        return FilledTemplate("mapping/map/zone_line.html", gaps, address=address, contested=contested, notes=notes)

    return [
        template(row.contested, bool(row.both_statuses), row.notes).fill(
            number=number, key=row.key, name=row.name, centre=row.centre, status=row.status, computed=row.computed,
            mark=SafeString(status_mark(row.status, row.status_label)), people=row.words.people,
            chance=row.words.chance, both_statuses=row.both_statuses,
        )
        for number, row in rows
    ]  # fmt: skip
