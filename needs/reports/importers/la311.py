"""Profile of Los Angeles 311: requests to clear an encampment, imported as citizen reports.

The file has no request number. A request is identified by its time, place and source, and by its number among equal
rows. A later download of the same request is therefore recognised, even if its state and closing date have changed.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from needs.base.records.declarations import PresenceDraft
from needs.reports.importers.profile import ImportContext, report_id
from needs.reports.importers.row_outcomes import Findings, Plan, UnusableRow
from needs.reports.importers.row_places import place_of
from needs.reports.importers.table_reader import Row
from needs.reports.importers.value_repair import in_zone


class La311:
    """Requests of MyLA311. The column CD, the council district, is optional."""

    name: ClassVar[str] = "la311"
    columns: ClassVar[tuple[str, ...]] = ("CreatedDate", "RequestSource", "Latitude", "Longitude")
    time_zone: ClassVar[str] = "America/Los_Angeles"

    def __init__(self, context: ImportContext) -> None:
        self._context = context
        self._occurrences: dict[int, int] = {}
        self._disagreements: Counter[str] = Counter()

    def survey(self, rows: Iterable[Row]) -> None:
        """Do nothing: this profile needs no survey."""

    def plan(self, row: Row) -> Plan:
        """Return a citizen report. Raises UnusableRow for a row without coordinates or date."""
        values = row.values or {}
        findings = Findings()
        at = self._moment(values["CreatedDate"], findings)
        place, inside = place_of(values["Latitude"], values["Longitude"], self._context.borders, findings)
        source = " ".join(values["RequestSource"].split())
        identity = f"{values['CreatedDate'].strip()}|{place.latitude!r}|{place.longitude!r}|{source}"
        occurrence = self._occurrence(identity)
        if occurrence > 1:
            findings.remark(
                "same_again", f"Occurrence {occurrence} of a request with equal time, place and source. It is kept."
            )
        if not inside:
            findings.remark("outside_territory", "The place is outside the territory. It is kept and counts there.")
        self._compare(values.get("CD", ""), self._context.borders.district_of(place), inside, findings)
        key = report_id(self.name, f"{identity}|{occurrence}")
        return findings.plan(
            PresenceDraft(id=key, at=at, place=place, source=f"{self.name}:{key.hex[:16]}", with_account=False)
        )

    def notes(self) -> Mapping[str, Any]:
        """Count the rows with a council district that is not the district of their place, by "file → place"."""
        return {"district_differs": dict(self._disagreements.most_common())} if self._disagreements else {}

    def _moment(self, text: str, findings: Findings) -> datetime:
        if not text.strip():
            raise UnusableRow("no_date", "The row has no creation date.")
        try:
            local = datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        except ValueError:
            raise UnusableRow("unreadable_date", "The creation date is not a date.") from None
        at = in_zone(local, self._context.zone, findings)
        if at > self._context.now + timedelta(days=1):
            raise UnusableRow("in_future", "The creation date is in the future.")
        return at

    def _occurrence(self, identity: str) -> int:
        """Return 1 for the first of equal rows, 2 for the second, and so on. Each distinct row takes about 0.1 KB of
        memory."""
        key = int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest())
        number = self._occurrences.get(key, 0) + 1
        self._occurrences[key] = number
        return number

    def _compare(self, written: str, found: str, inside: bool, findings: Findings) -> None:
        written = written.strip()
        if not written or not found or not inside:
            return
        if written.lstrip("0").casefold() != found.split()[-1].lstrip("0").casefold():
            self._disagreements[f"{written} → {found}"] += 1
            findings.remark(
                "district_differs", f"The file has district {written}, but the place is in district {found}."
            )
