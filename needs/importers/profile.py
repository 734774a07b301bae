"""What a profile offers: the columns it needs, a first look at the whole file, a plan for each row."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from needs.importers.row_outcomes import Plan
from needs.importers.row_places import Borders
from needs.importers.table_reader import Row

# All ids minted by importers live in this namespace; changing it would make every known row new.
NAMESPACE = uuid.UUID("5f1c1d3e-7a54-5b0e-9a3b-9c1b6f7d2e10")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What planning a row depends on besides the row. scope: the association's short name. archive: the reports are
    history. zone: the time zone of the file's clock."""

    borders: Borders
    scope: str
    archive: bool
    now: datetime
    zone: ZoneInfo


class Profile(Protocol):
    """One system's file. An instance serves one run: it may remember what it has seen of the file."""

    name: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    time_zone: ClassVar[str]

    def __init__(self, circumstances: Circumstances) -> None: ...

    def survey(self, rows: Iterable[Row]) -> None:
        """Look at the whole file once, before any row is planned."""

    def plan(self, row: Row) -> Plan:
        """What becomes of a row (``row.values`` is there). Raises Unusable, or any ValueError, for refusal."""

    def notes(self) -> Mapping[str, Any]:
        """What is to be said about the file as a whole, for the import's record."""


def report_id(profile: str, identity: str) -> uuid.UUID:
    """The id of a report from what identifies its row, wherever the row stands and in whichever file."""
    return uuid.uuid5(NAMESPACE, f"{profile}:{identity}")
