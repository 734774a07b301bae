"""HXL tags of the columns of every CSV file (Humanitarian Exchange Language 1.1, hxlstandard.org).

``?hxl=1`` on the address of a CSV file adds the row of tags below the headings. One table contains the tags of all
files, except for the fields of reports, whose declarations have the tag; UNTAGGED contains the reason for each column without a tag.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Final

from django.http import HttpRequest

_POINT: Final = {"latitude": "#geo+lat", "longitude": "#geo+lon"}
_PARTS: Final = {
    "people": "#reached+ind", "unseen": "#inneed+ind+estimated", "hours": "#activity+hours", "needs": "#inneed+requests",
    "needs_met": "#reached+requests", "needs_taken": "#activity+requests", "needs_open": "#inneed+requests+open",
    "needs_ended": "#inneed+requests+unmet",
}  # fmt: skip

TAGS: Final[Mapping[str, Mapping[str, str]]] = {
    "reports": {
        "kind": "#activity+type", "id": "#meta+id", "at": "#date+occurred", "cell": "#loc+code+h3", **_POINT,
        "association": "#org+name", "state": "#status",
    },
    "zones": {
        "number": "#loc+num", "key": "#loc+code", "place": "#loc+name", "territory": "#adm3+name",
        "territory_slug": "#adm3+code", "status": "#status+code", "status_label": "#status+name", "cells": "#loc+cells+num",
        "persons": "#inneed+ind+estimated", "persons_low": "#inneed+ind+min", "persons_high": "#inneed+ind+max",
        "chance": "#indicator+chance+pct", "help": "#indicator+help+pct", "sweeps": "#indicator+effort+num",
        "searched_days": "#indicator+days+num", "citizens": "#indicator+citizens+pct", "since": "#date+start",
        "derived_at": "#date+computed", "version": "#meta+version", "contested": "#status+contested",
        "computed": "#status+computed+code", "computed_label": "#status+computed+name", "overridden_until": "#date+end",
        "cell": "#loc+code+h3", **_POINT,
    },
    "parts": {
        "slug": "#adm3+code", "name": "#adm3+name", "start": "#date+start", "end": "#date+end", **_PARTS,
        **{f"{name}_change": f"{_PARTS[name]}+change" for name in ("people", "unseen", "hours", "needs")},
    },
    "parts without counts": {
        "key": "#adm3+code", "name": "#adm3+name", "status": "#status+code", "status_label": "#status+name",
        "searched": "#indicator+searched",
    },
    "guide": {
        "id": "#meta+id", "name": "#loc+name", "kinds": "#service+type+list", **_POINT, "address": "#loc+address",
        "hours": "#date+hours", "audience": "#beneficiary+type", "conditions": "#access+conditions",
        "languages": "#service+language+list", "step_free": "#access+step_free", "phone": "#contact+phone",
        "email": "#contact+email", "website": "#contact+url", "about": "#description", "kept_by": "#org+name",
        "checked": "#date+updated",
    },
    "public map": {
        "key": "#loc+code", "commune": "#adm3+name", "name": "#loc+name", "number": "#loc+num", "level": "#loc+type",
        "status": "#status+code", "coverage_from": "#indicator+coverage+min+pct", "count": "#indicator+requests+num",
        **_POINT, "as_of": "#date+reported", "next_at": "#date+next", "terms": "#meta+license+url",
    },
    "figures": {"figure": "#indicator+name", "month": "#indicator+value+month", "year": "#indicator+value+year"},
    "stock": {
        "item": "#meta+id", "category": "#item+type", "name": "#item+name", "condition": "#item+condition",
        "total": "#capacity+total+num", "left": "#capacity+available+num", "on_tours": "#capacity+tours+num",
        "lent": "#capacity+lent+num", "minimum": "#capacity+min+num", "low": "#status+low", "listed": "#status+listed",
    },
    "distance": {
        "kind": "#service+type", "open": "#capacity+open+num", "unknown": "#capacity+unknown+num",
        "metres": "#indicator+distance+num", "persons": "#inneed+ind+estimated", "low": "#inneed+ind+min",
        "high": "#inneed+ind+max",
    },
    "event": {
        "event": "#crisis+name", "until": "#date+reported", "area": "#adm3+name", "category": "#sector+name",
        "kind": "#sector+code", "reports_from": "#inneed+requests+min", "handled_from": "#activity+requests+min",
        "closed_from": "#reached+requests+min",
    },
    "cells": {
        "cell": "#loc+code+h3", "lat": "#geo+lat", "lng": "#geo+lon", "A": "#indicator+sum_a+num",
        "X": "#indicator+effort+num", "X_T": "#indicator+effort+tours+num", "S": "#indicator+contacts+num",
        "mean": "#inneed+ind+estimated", "P": "#indicator+chance+num", "status": "#status+code",
    },
}  # fmt: skip
"""File → column → tag."""

UNTAGGED: Final[Mapping[str, str]] = {
    "needs/reports/importers/import_run.py": "the row log of an import: line numbers and reasons, no data",
    "mapping/out/event_log/log_import.py": "the row log of an import: line numbers and reasons, no data",
    "needs/reports/importers/any_table/table_converter.py": "a working copy of an uploaded table, with the columns of its owner",
    "mapping/out/winters/views.py": "monthly sums for a territory's own coordinators, who read them in a spreadsheet",
}
"""Modules that write CSV without tags, with the reason."""


def wanted(request: HttpRequest) -> bool:
    """Whether the reader asks for HXL tags."""
    return request.GET.get("hxl") == "1"


def tags_of(file: str, columns: Iterable[str]) -> list[str]:
    """Return the row of tags for the columns of a file. Raise KeyError for a column without a tag."""
    known = TAGS[file]
    return [known[column] for column in columns]


def line_of(tags: Sequence[str], delimiter: str = ",") -> bytes:
    """Return the row of tags as a line of a CSV file."""
    return (delimiter.join(tags) + ("\n" if delimiter == "," else "\r\n")).encode()


def with_tags(content: bytes, tags: Sequence[str], delimiter: str = ",") -> bytes:
    """Return a CSV file with the row of tags below its headings. The headings contain no line ends."""
    head, end, rows = content.partition(b"\n")
    return head + end + line_of(tags, delimiter) + rows


def streamed(file: IO[bytes], tags: Sequence[str], delimiter: str = ",") -> Iterator[bytes]:
    """Yield a CSV file with the row of tags below its headings, piece by piece; close the file at the end."""
    with file:
        yield file.readline()
        yield line_of(tags, delimiter)
        while piece := file.read(64 * 1024):
            yield piece
