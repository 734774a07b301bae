"""Los Angeles 311: requests to clear an encampment, as presence seen by citizens.

The file has no request number. A report's identity is what is kept of it (when, where, by which way it came in) and
its occurrence number among equal ones, so a later download of the same requests, with other states and dates of
closing, is recognised.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from needs.importers.profile import Circumstances, report_id
from needs.importers.row_outcomes import Findings, Plan, Unusable
from needs.importers.row_places import place_of
from needs.importers.table_reader import Row
from needs.importers.value_repair import in_zone
from needs.reports.declarations import PresenceDraft


class La311:
    """Requests of MyLA311 (columns CreatedDate, RequestSource, Latitude, Longitude; CD where it is there)."""

    name: ClassVar[str] = "la311"
    columns: ClassVar[tuple[str, ...]] = ("CreatedDate", "RequestSource", "Latitude", "Longitude")
    time_zone: ClassVar[str] = "America/Los_Angeles"

    def __init__(self, circumstances: Circumstances) -> None:
        self._around = circumstances
        self._seen: dict[int, int] = {}
        self._disagreements: Counter[str] = Counter()

    def survey(self, rows: Iterable[Row]) -> None:
        """Nothing has to be known of the file beforehand."""

    def plan(self, row: Row) -> Plan:
        """A citizen's report of presence, or a refusal: without coordinates nothing is said about any place."""
        values = row.values or {}
        findings = Findings()
        at = self._moment(values["CreatedDate"], findings)
        place, inside = place_of(values["Latitude"], values["Longitude"], self._around.borders, findings)
        came_by = " ".join(values["RequestSource"].split())
        identity = f"{values['CreatedDate'].strip()}|{place.latitude!r}|{place.longitude!r}|{came_by}"
        occurrence = self._occurrence(identity)
        if occurrence > 1:
            findings.remark(
                "same_again", f"Occurrence {occurrence} of a request equal in time, place and way in; kept."
            )
        if not inside:
            findings.remark("outside_territory", "The place lies outside the territory; it is kept and counts there.")
        self._compare(values.get("CD", ""), self._around.borders.district_of(place), inside, findings)
        key = report_id(self.name, f"{identity}|{occurrence}")
        return findings.plan(
            PresenceDraft(id=key, at=at, place=place, source=f"{self.name}:{key.hex[:16]}", with_account=False)
        )

    def notes(self) -> Mapping[str, Any]:
        """How often the file's council district and the border disagree, by "file → border"."""
        return {"district_differs": dict(self._disagreements.most_common())} if self._disagreements else {}

    def _moment(self, text: str, findings: Findings) -> datetime:
        if not text.strip():
            raise Unusable("no_date", "The row has no date of creation.")
        try:
            local = datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        except ValueError:
            raise Unusable("unreadable_date", "The date of creation is no date.") from None
        at = in_zone(local, self._around.zone, findings)
        if at > self._around.now + timedelta(days=1):
            raise Unusable("in_future", "The date of creation lies in the future.")
        return at

    def _occurrence(self, identity: str) -> int:
        """1 for the first of equal rows, 2 for the second… (about 0.1 KB of memory per distinct row)."""
        key = int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest())
        number = self._seen.get(key, 0) + 1
        self._seen[key] = number
        return number

    def _compare(self, written: str, found: str, inside: bool, findings: Findings) -> None:
        written = written.strip()
        if not written or not found or not inside:
            return
        if written.lstrip("0").casefold() != found.split()[-1].lstrip("0").casefold():
            self._disagreements[f"{written} → {found}"] += 1
            findings.remark("district_differs", f"The file says district {written}, the border says {found}.")
