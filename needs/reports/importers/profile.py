"""The interface of an import profile: required columns, a survey of the file, a plan per row."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from needs.reports.importers.row_outcomes import Plan
from needs.reports.importers.row_places import Borders
from needs.reports.importers.table_reader import Row

# Namespace of all imported ids. Changing it would make every known row new.
NAMESPACE = uuid.UUID("5f1c1d3e-7a54-5b0e-9a3b-9c1b6f7d2e10")


@dataclass(frozen=True, slots=True)
class ImportContext:
    """Context for planning rows. scope: the association's short name. archive: True if the reports are exempt from
    retention."""

    borders: Borders
    scope: str
    archive: bool
    now: datetime
    zone: ZoneInfo


class Profile(Protocol):
    """The file format of one system. An instance serves one run and may keep state about the file."""

    name: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    time_zone: ClassVar[str]

    def __init__(self, context: ImportContext) -> None: ...

    def survey(self, rows: Iterable[Row]) -> None:
        """Read the whole file once, before any row is planned."""

    def plan(self, row: Row) -> Plan:
        """Return the plan of a row that has values. Raises UnusableRow or another ValueError to refuse the row."""

    def notes(self) -> Mapping[str, Any]:
        """Return notes about the whole file for the import's record."""


def report_id(profile: str, identity: str) -> uuid.UUID:
    """Return the id of a report. identity: text that identifies the row, whatever its file and position."""
    return uuid.uuid5(NAMESPACE, f"{profile}:{identity}")
