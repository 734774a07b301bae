"""Ushahidi 2: the CSV download of a crisis map, as needs.

The serial number identifies a report within one deployment; each deployment is imported for its own association. A
point outside the territory is caused by an error of a geocoder or by a distant sender. Such a point is dropped; the
text of the address is kept.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import Category, NeedState, Origin, Urgency
from needs.reports.importers.profile import ImportContext, report_id
from needs.reports.importers.row_outcomes import Findings, Plan, UnusableRow
from needs.reports.importers.row_places import place_of
from needs.reports.importers.table_reader import Row
from needs.reports.importers.value_repair import in_zone, repaired_text, shorten

# Category code at the start of the label → kind of need. The whole code is looked up first, then its number.
KINDS: dict[str, Category] = {
    "1": Category.OTHER,
    "1b": Category.HEALTH,
    "2": Category.OTHER,
    "2a": Category.FOOD,
    "2b": Category.WATER,
    "2c": Category.WATER,
    "2d": Category.SHELTER,
    "3": Category.HEALTH,
    "4": Category.OTHER,
    "4e": Category.HYGIENE,
    "5": Category.OTHER,
    "5c": Category.TRANSPORT,
    "5d": Category.TRANSPORT,
    "5e": Category.PHONE,
    "6": Category.OTHER,
    "7": Category.OTHER,
    "7a": Category.FOOD,
    "7b": Category.WATER,
    "7c": Category.BLANKET,
    "7d": Category.HEALTH,
    "8": Category.OTHER,
    "8a": Category.SHELTER,
}
_NOT_WATER = re.compile(r"s[ée]curit", re.IGNORECASE)  # "2c. Probleme de securite | Security Concern"
_CODE = re.compile(r"\s*(\d{1,2})\s*([a-z]?)\s*[.)]", re.IGNORECASE)
_URGENT = re.compile(r"\burgen(?:t|ce|cy)\b", re.IGNORECASE)
_DATE = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*")
_ISO = re.compile(r"\s*\d{4}-\d{2}-\d{2}")
SERVICES = "7"


class Ushahidi2:
    """Reports of an Ushahidi 2 deployment, with the columns of its CSV download."""

    name: ClassVar[str] = "ushahidi2"
    columns: ClassVar[tuple[str, ...]] = (
        "Serial", "INCIDENT TITLE", "INCIDENT DATE", "LOCATION", "DESCRIPTION", "CATEGORY", "LATITUDE", "LONGITUDE",
        "APPROVED", "VERIFIED",
    )  # fmt: skip
    time_zone: ClassVar[str] = "America/Port-au-Prince"

    def __init__(self, context: ImportContext) -> None:
        self._context = context
        self._day_first = self._month_first = 0
        self._ambiguous = 0
        self._texts: dict[int, int] = {}
        self._unknown: Counter[str] = Counter()

    # --- the file as a whole ---------------------------------------------------------------------------------------

    def survey(self, rows: Iterable[Row]) -> None:
        """Count the unambiguous dates; they decide the order of day and month for the others."""
        for row in rows:
            match = _DATE.fullmatch((row.values or {}).get("INCIDENT DATE", ""))
            if match:
                first, second = int(match[1]), int(match[2])
                self._day_first += first > 12 >= second
                self._month_first += second > 12 >= first

    def notes(self) -> Mapping[str, Any]:
        """Return notes about the file: the order of day and month with the numbers of dates that show it, and the
        unknown category labels."""
        found: dict[str, Any] = {
            "date_order": {
                "read_as": {True: "day first", False: "month first", None: "undecided"}[self._order],
                "only_day_first": self._day_first,
                "only_month_first": self._month_first,
                "ambiguous": self._ambiguous,
            }
        }
        if self._unknown:
            found["unknown_categories"] = dict(self._unknown.most_common(50))
        return found

    @property
    def _order(self) -> bool | None:
        """Whether the unambiguous dates have the day first; None if they contradict each other.

        Without unambiguous dates, the day is first, as in Ushahidi's own download.
        """
        if self._day_first and self._month_first:
            return None
        return not self._month_first

    # --- one row ---------------------------------------------------------------------------------------------------

    def plan(self, row: Row) -> Plan:
        """Return a need. A point outside the territory is left out. Raises UnusableRow."""
        values = row.values or {}
        findings = Findings()
        serial = values["Serial"].strip()
        if not serial:
            raise UnusableRow("no_number", "The row has no serial number, so a later import could not recognise it.")
        at = self._moment(values["INCIDENT DATE"], findings)
        title = shorten(" ".join(repaired_text(values["INCIDENT TITLE"], findings).split()), 300, findings)
        place_text = shorten(" ".join(repaired_text(values["LOCATION"], findings).split()), 300, findings)
        text = repaired_text(values["DESCRIPTION"], findings)
        place = self._place(values, place_text, findings)
        codes, kinds = self._categories(repaired_text(values["CATEGORY"], findings), findings)
        if not (title or text):
            raise UnusableRow("no_text", "Title and description are empty.")
        self._note_equal_text(row.number, title, text, findings)
        key = report_id(self.name, f"{self._context.scope}|{serial}")
        draft = NeedDraft(
            id=key,
            at=at,
            place=place,
            kinds=kinds,
            urgency=_urgency(codes, title),
            title=title,
            text=text,
            place_text=place_text,
            origin=Origin.IMPORT,
            source=f"{self.name}:{key.hex[:16]}",
            reference=serial[:80],
        )
        return findings.plan(draft, self._state(values, codes, findings))

    def _place(self, values: dict[str, str], place_text: str, findings: Findings) -> DraftPlace | None:
        try:
            place, inside = place_of(values["LATITUDE"], values["LONGITUDE"], self._context.borders, findings)
        except UnusableRow as fault:
            if not place_text:
                raise
            findings.repair(fault.reason.code, f"{fault.reason.sentence} The address text is kept.")
            return None
        if not inside:
            findings.repair(
                "outside_territory", "The point is outside the territory and was dropped. The address text is kept."
            )
            return None
        return place

    def _moment(self, text: str, findings: Findings) -> datetime:
        if not text.strip():
            raise UnusableRow("no_date", "The row has no date.")
        try:
            local = self._local(text, findings)
        except UnusableRow:
            raise
        except ValueError:
            raise UnusableRow("unreadable_date", "The date cannot be read.") from None
        at = in_zone(local, self._context.zone, findings)
        if at > self._context.now + timedelta(days=1):
            raise UnusableRow("in_future", "The date is in the future.")
        return at

    def _local(self, text: str, findings: Findings) -> datetime:
        if _ISO.match(text):
            return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        match = _DATE.fullmatch(text)
        if not match:
            raise ValueError(text)
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        hour, minute, seconds = (int(part or 0) for part in match.groups()[3:])
        if first <= 12 and second <= 12 and first != second:
            self._ambiguous += 1
            order = self._order
            if order is None:
                raise UnusableRow(
                    "date_order_unknown",
                    "The order of day and month is unclear: the other dates of the file contradict each other.",
                )
            findings.remark(
                "date_order",
                f"Day and month may be swapped; read {'day' if order else 'month'} first, like the other dates.",
            )
            day, month = (first, second) if order else (second, first)
        else:
            day, month = (first, second) if second <= 12 else (second, first)
        return datetime(year, month, day, hour, minute, seconds)

    def _categories(self, text: str, findings: Findings) -> tuple[list[str], list[str]]:
        """Return (category codes, distinct kinds of need) in the order of the row."""
        codes: list[str] = []
        kinds: list[str] = []
        for label in (part.strip() for part in text.split(",")):
            if not label:
                continue
            kind = self._kind(label, codes)
            if kind is None:
                self._unknown[label[:60]] += 1
                findings.repair("unknown_category", "An unknown category was imported as “other”.")
                kind = Category.OTHER
            if kind not in kinds:
                kinds.append(str(kind))
        if not kinds:
            findings.repair("no_category", "The row has no category. It was imported as “other”.")
        if len(kinds) > 1 and Category.OTHER in kinds:
            kinds.remove(Category.OTHER)
        return codes, kinds or [str(Category.OTHER)]

    @staticmethod
    def _kind(label: str, codes: list[str]) -> Category | None:
        match = _CODE.match(label)
        if not match:
            return None
        number, letter = match[1], match[2].lower()
        codes.append(number + letter)
        if number + letter == "2c" and _NOT_WATER.search(label):
            return Category.OTHER
        return KINDS.get(number + letter, KINDS.get(number))

    def _note_equal_text(self, number: int, title: str, text: str, findings: Findings) -> None:
        normal = re.sub(r"\W+", " ", text or title).strip().casefold()
        key = int.from_bytes(hashlib.blake2b(normal.encode(), digest_size=8).digest())
        first = self._texts.setdefault(key, number)
        if first != number:
            findings.remark("same_text", f"The text equals that of row {first}; it may be a duplicate.")

    def _state(self, values: dict[str, str], codes: list[str], findings: Findings) -> str:
        """Return the state of a need: verified or new if approved, else held. Offers of a service are always held.

        Needs of an archive get a closed state, so that they appear in no queue.
        """
        approved, verified = (values[name].strip().upper() == "YES" for name in ("APPROVED", "VERIFIED"))
        offers = bool(codes) and all(code.startswith(SERVICES) for code in codes)
        if offers:
            findings.remark(
                "offers_service", "The row offers a service instead of reporting a need. It waits for a moderator."
            )
        elif not approved:
            findings.remark("not_approved", "This report was not approved. It waits for a moderator.")
        if offers or not approved:
            return NeedState.REJECTED if self._context.archive else NeedState.HELD
        if self._context.archive:
            return NeedState.EXPIRED
        return NeedState.VERIFIED if verified else NeedState.NEW


def _urgency(codes: list[str], title: str) -> str:
    if any(code.startswith("1") for code in codes) or _URGENT.search(title):
        return Urgency.NOW
    return Urgency.LATER if codes and all(code[0] in "78" for code in codes) else Urgency.SOON
