"""Ushahidi 2: the CSV download of a crisis map, as needs.

A report's identity is its serial number within one deployment, which is the association that imports it. A place
outside the territory is the geocoder's mistake or somebody far away: the point is dropped, the words are kept.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from needs.enums import Category, NeedState, Origin, Urgency
from needs.importers.profile import Circumstances, report_id
from needs.importers.row_outcomes import Findings, Plan, Unusable
from needs.importers.row_places import place_of
from needs.importers.table_reader import Row
from needs.importers.value_repair import in_zone, mended, shortened
from needs.reports.declarations import NeedDraft, Place

# Code of the category (the start of its label, in whichever language the rest is) → kind of need. A code is looked
# up as it stands, then by its number alone; two codes of the Haiti deployment name two things each.
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
    """Reports of an Ushahidi 2 deployment (columns as its CSV download names them)."""

    name: ClassVar[str] = "ushahidi2"
    columns: ClassVar[tuple[str, ...]] = (
        "Serial", "INCIDENT TITLE", "INCIDENT DATE", "LOCATION", "DESCRIPTION", "CATEGORY", "LATITUDE", "LONGITUDE",
        "APPROVED", "VERIFIED",
    )  # fmt: skip
    time_zone: ClassVar[str] = "America/Port-au-Prince"

    def __init__(self, circumstances: Circumstances) -> None:
        self._around = circumstances
        self._day_first = self._month_first = 0
        self._ambiguous = 0
        self._texts: dict[int, int] = {}
        self._unknown: Counter[str] = Counter()

    # --- the file as a whole ---------------------------------------------------------------------------------------

    def survey(self, rows: Iterable[Row]) -> None:
        """Count the dates that can be read in one way only, to know how the others are to be read."""
        for row in rows:
            match = _DATE.fullmatch((row.values or {}).get("INCIDENT DATE", ""))
            if match:
                first, second = int(match[1]), int(match[2])
                self._day_first += first > 12 >= second
                self._month_first += second > 12 >= first

    def notes(self) -> Mapping[str, Any]:
        """How dates were read and on what evidence; labels of categories that were not known."""
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
        """Day first, by the dates that leave no choice; None when they contradict each other. Ushahidi's own download
        writes the day first, so that holds for a file in which no date decides."""
        if self._day_first and self._month_first:
            return None
        return not self._month_first

    # --- one row ---------------------------------------------------------------------------------------------------

    def plan(self, row: Row) -> Plan:
        """A need; without its point when that lies outside the territory."""
        values = row.values or {}
        findings = Findings()
        serial = values["Serial"].strip()
        if not serial:
            raise Unusable("no_number", "The row has no serial number, so it could not be recognised again.")
        at = self._moment(values["INCIDENT DATE"], findings)
        title = shortened(" ".join(mended(values["INCIDENT TITLE"], findings).split()), 300, findings)
        place_text = shortened(" ".join(mended(values["LOCATION"], findings).split()), 300, findings)
        text = mended(values["DESCRIPTION"], findings)
        place = self._place(values, place_text, findings)
        codes, kinds = self._categories(mended(values["CATEGORY"], findings), findings)
        if not (title or text):
            raise Unusable("no_text", "The row says nothing: title and description are empty.")
        self._note_equal_text(row.number, title, text, findings)
        key = report_id(self.name, f"{self._around.scope}|{serial}")
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

    def _place(self, values: dict[str, str], place_text: str, findings: Findings) -> Place | None:
        try:
            place, inside = place_of(values["LATITUDE"], values["LONGITUDE"], self._around.borders, findings)
        except Unusable as fault:
            if not place_text:
                raise
            findings.repair(fault.reason.code, f"{fault.reason.sentence} The place in words is kept.")
            return None
        if not inside:
            findings.repair(
                "outside_territory",
                "The point lies outside the territory; it was dropped, the place in words is kept.",
            )
            return None
        return place

    def _moment(self, text: str, findings: Findings) -> datetime:
        if not text.strip():
            raise Unusable("no_date", "The row has no date.")
        try:
            local = self._local(text, findings)
        except Unusable:
            raise
        except ValueError:
            raise Unusable("unreadable_date", "The date is no date.") from None
        at = in_zone(local, self._around.zone, findings)
        if at > self._around.now + timedelta(days=1):
            raise Unusable("in_future", "The date lies in the future.")
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
                raise Unusable(
                    "date_order_unknown", "Day and month can be exchanged, and the file's other dates go both ways."
                )
            findings.remark(
                "date_order",
                f"Day and month can be exchanged; read {'day' if order else 'month'} first like the file's other dates.",
            )
            day, month = (first, second) if order else (second, first)
        else:
            day, month = (first, second) if second <= 12 else (second, first)
        return datetime(year, month, day, hour, minute, seconds)

    def _categories(self, text: str, findings: Findings) -> tuple[list[str], list[str]]:
        """(codes, kinds of need without repeats, the file's order)."""
        codes: list[str] = []
        kinds: list[str] = []
        for label in (part.strip() for part in text.split(",")):
            if not label:
                continue
            kind = self._kind(label, codes)
            if kind is None:
                self._unknown[label[:60]] += 1
                findings.repair("unknown_category", "A category that is not known was taken as “other”.")
                kind = Category.OTHER
            if kind not in kinds:
                kinds.append(str(kind))
        if not kinds:
            findings.repair("no_category", "The row has no category; it was taken as “other”.")
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
            findings.remark("same_text", f"The text is equal to that of row {first}; a duplicate perhaps.")

    def _state(self, values: dict[str, str], codes: list[str], findings: Findings) -> str:
        """Approved and verified → verified; approved → new; what nobody approved, and offers of a service, wait for a
        moderator. History is closed: it does not go into anybody's queue."""
        approved, verified = (values[name].strip().upper() == "YES" for name in ("APPROVED", "VERIFIED"))
        offers = bool(codes) and all(code.startswith(SERVICES) for code in codes)
        if offers:
            findings.remark("offers_service", "The row tells of a service, not of a need; it waits for a moderator.")
        elif not approved:
            findings.remark("not_approved", "Nobody had approved this report; it waits for a moderator.")
        if offers or not approved:
            return NeedState.REJECTED if self._around.archive else NeedState.HELD
        if self._around.archive:
            return NeedState.EXPIRED
        return NeedState.VERIFIED if verified else NeedState.NEW


def _urgency(codes: list[str], title: str) -> str:
    if any(code.startswith("1") for code in codes) or _URGENT.search(title):
        return Urgency.NOW
    return Urgency.LATER if codes and all(code[0] in "78" for code in codes) else Urgency.SOON
