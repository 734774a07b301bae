"""The profile of a mapped table: rows become needs, encounters, citizens' reports or help given."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from needs.base.records.declarations import MOST_PERSONS, AidDraft, EncounterDraft, NeedDraft, PresenceDraft
from needs.enums import Category, NeedState, Origin, Urgency
from needs.reports.importers.any_table import column_words as words
from needs.reports.importers.any_table import label_meanings
from needs.reports.importers.any_table.column_mapping import ColumnMapping, Contacts, DateOrder, RowKind
from needs.reports.importers.any_table.date_values import NoOrder, is_ambiguous, moment_of, order_in
from needs.reports.importers.any_table.row_location import Locator
from needs.reports.importers.profile import ImportContext, report_id
from needs.reports.importers.row_outcomes import Draft, Findings, Plan, UnusableRow
from needs.reports.importers.table_reader import Row
from needs.reports.importers.value_repair import in_zone, repaired_text, shorten
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.messages import look

_FLAGS = ("approved", "verified", "actionable", "closed")
_MARKS = (*_FLAGS, "urgent")


class MappedRows:
    """Rows of a table with a mapping. A row is identified by its number, or by its content if it has no number."""

    name: ClassVar[str] = "mapped"
    columns: ClassVar[tuple[str, ...]] = ()
    time_zone: ClassVar[str] = "Europe/Paris"

    def __init__(self, context: ImportContext, mapping: ColumnMapping) -> None:
        self._context = context
        self._mapping = mapping
        self._locator = Locator(context.borders, look_up=mapping.look_up)
        self._order = ""
        self._dates = (0, 0)
        self._occurrences: Counter[bytes] = Counter()
        self._unknown: Counter[str] = Counter()
        self._marked: Counter[str] = Counter()
        self._phones = 0
        # Two tables with different columns may use the same numbers for different rows.
        names = "|".join(sorted(mapping.columns.values()))
        self._table = hashlib.sha256(names.encode()).hexdigest()[:12]

    def survey(self, rows: Iterable[Row]) -> None:
        """Find the order of day and month, unless the mapping says it."""
        if self._mapping.date_order != DateOrder.AUTO:
            self._order = self._mapping.date_order
            return
        column = self._mapping.columns.get("date", "")
        found = order_in((row.values or {}).get(column, "") for row in rows)
        self._order, self._dates = found[0], found[1:]

    def notes(self) -> Mapping[str, Any]:
        return {
            "mapping": self._mapping.as_json(),
            "date_order": {"read_as": self._order or "undecided", "only_day_first": self._dates[0],
                           "only_month_first": self._dates[1]},
            "unknown_kinds": dict(self._unknown.most_common(50)),
            "marked": dict(self._marked),
            "rows_with_phone": self._phones,
        }  # fmt: skip

    def plan(self, row: Row) -> Plan:
        """Return the report of a row. Raises UnusableRow."""
        said = {part: (row.values or {}).get(column, "") for part, column in self._mapping.columns.items()}
        findings = Findings()
        title = shorten(" ".join(repaired_text(said.get("title", ""), findings).split()), 300, findings)
        text = shorten(repaired_text(said.get("text", ""), findings), 5000, findings)
        address = shorten(" ".join(repaired_text(said.get("address", ""), findings).split()), 300, findings)
        at = self._moment(said, findings)
        place = self._locator.place_of(said, address, findings)
        self._note_phones(f"{title}\n{text}\n{address}", findings)
        marks = self._marks(said, findings)
        kind = self._row_kind(said, title or text[:200], marks, findings)
        if place is None and kind != RowKind.NEED:
            raise UnusableRow("no_place", "Encounters, people seen and help given need a place on the map.")
        key = self._key(said, kind, at)
        values = {"id": key, "at": at, "place": place}
        if kind == RowKind.NEED:
            return self._need(said, values, (title, text, address), marks, findings)
        draft: Draft
        persons = self._persons(said, 1, findings)
        if kind == RowKind.ENCOUNTER:
            draft = EncounterDraft(
                **values, persons=persons, asked=self._kinds(said.get("kinds", ""), "", findings),
                given=self._kinds(said.get("given", ""), "", findings), place_text=address,
                note=shorten("\n".join(filter(None, (title, text))), 2000, findings),
            )  # fmt: skip
        elif kind == RowKind.AID:
            given = self._kinds(said.get("given") or said.get("kinds", ""), title, findings)
            if given in ([], [Category.OTHER]):
                given = [str(named) for named in words.kinds_in(title)] or given
            draft = AidDraft(**values, contacts=persons, given=given)
        else:
            draft = PresenceDraft(
                **values, source=f"mapped:{key.hex[:16]}", persons=max(1, persons), reference=said.get("serial", "")[:80],
                text=shorten("\n".join(filter(None, (title, text))), 5000, findings),
            )  # fmt: skip
        return findings.plan(draft)

    # --- parts of a row --------------------------------------------------------------------------------------------

    def _row_kind(self, said: Mapping[str, str], title: str, marks: Mapping[str, bool], findings: Findings) -> RowKind:
        """Return the kind of a row: among needs, a row about help that was brought is help given.

        A row that its map marks as urgent or closed stays a need, so that nobody's call for help gets lost.
        """
        kind = RowKind(self._mapping.kind)
        if kind != RowKind.NEED or marks.get("urgent") or marks.get("closed"):
            return kind
        if words.says_delivered(title) or label_meanings.read(said.get("kinds", ""), self._mapping.labels).delivered:
            findings.remark("distribution", "The row says that help was distributed. It is stored as help given.")
            return RowKind.AID
        return kind

    def _marks(self, said: Mapping[str, str], findings: Findings) -> dict[str, bool]:
        """Return the yes-or-no columns of a row that a crisis map has."""
        marks: dict[str, bool] = {}
        for name in _MARKS:
            if name not in said:
                continue
            value = words.flag(said[name])
            if value is None:
                findings.repair("unknown_mark", "A yes-or-no column holds another word. It was read as no.")
            marks[name] = bool(value)
        if words.plain(said.get("actionable", "")).startswith("urgent"):
            marks["urgent"] = True
        self._marked.update(name for name, value in marks.items() if value)
        return marks

    def _key(self, said: Mapping[str, str], kind: RowKind, at: datetime) -> Any:
        """Return the id of a row's report.

        Rows with equal content and without a number are counted, so that each row gets its own id.
        """
        scope = f"{self._context.scope}|{self._table}|{kind}"
        if serial := said.get("serial", "").strip():
            return report_id(self.name, f"{scope}|#{serial}")
        content = "\x1f".join([at.isoformat(), *(f"{part}={said[part].strip()}" for part in sorted(said))])
        digest = hashlib.sha256(content.encode()).digest()
        self._occurrences[digest] += 1
        return report_id(self.name, f"{scope}|{digest.hex()}|{self._occurrences[digest]}")

    def _moment(self, said: Mapping[str, str], findings: Findings) -> datetime:
        text = said.get("date", "").strip()
        if not text:
            raise UnusableRow("no_date", "The row has no date.")
        try:
            local = moment_of(text, self._order, said.get("clock", ""))
        except NoOrder:
            raise UnusableRow(
                "date_order_unknown", "The order of day and month is unclear. Choose it for the whole file."
            ) from None
        except (ValueError, OverflowError):
            raise UnusableRow("unreadable_date", "The date cannot be read.") from None
        if is_ambiguous(text) and self._mapping.date_order == DateOrder.AUTO:
            read = "month" if self._order == DateOrder.MONTH_FIRST else "day"
            findings.remark("date_order", f"Day and month may be swapped; read {read} first, like the other dates.")
        at = local.astimezone(UTC) if local.tzinfo else in_zone(local, self._context.zone, findings)
        if at > self._context.now + timedelta(days=1):
            raise UnusableRow("in_future", "The date is in the future.")
        if at.year < 1971:
            findings.remark("date_1970", "The date is in 1970 or before. The real date is probably missing.")
        return at

    def _note_phones(self, text: str, findings: Findings) -> None:
        number = len(look(text, (Kind.PHONE,)))
        if number:
            self._phones += 1
            findings.remark("phone_in_text", f"Telephone numbers in the texts: {number}. Dispatchers can read them.")

    def _persons(self, said: Mapping[str, str], default: int, findings: Findings) -> int:
        text = said.get("persons", "").strip()
        if not text:
            return default
        try:
            number = int(float(text.replace(",", ".")))
        except (ValueError, OverflowError):
            raise UnusableRow("unreadable_number", "The number of people is not a number.") from None
        if not 0 <= number <= MOST_PERSONS:
            raise UnusableRow("impossible_number", f"The number of people is not between 0 and {MOST_PERSONS}.")
        return number

    def _kinds(self, text: str, title: str, findings: Findings) -> list[str]:
        """Return the kinds of help that the categories in a cell mean, the main kind first.

        Where no category has a meaning, the title may still say what is needed.
        """
        found = label_meanings.read(repaired_text(text, findings), self._mapping.labels)
        for label in found.unknown:
            self._unknown[label[:60]] += 1
        kinds = found.kinds
        if found.unknown and not kinds:
            kinds = words.kinds_in(title)
            if kinds:
                findings.repair("kind_from_title", "The category is unknown. The kind of help was read from the title.")
            else:
                kinds = [Category.OTHER]
                findings.repair("unknown_category", "An unknown category was imported as “other”.")
        return [str(kind) for kind in kinds]

    # --- needs -----------------------------------------------------------------------------------------------------

    def _need(
        self,
        said: Mapping[str, str],
        values: dict[str, Any],
        texts: tuple[str, str, str],
        marks: Mapping[str, bool],
        findings: Findings,
    ) -> Plan:
        title, text, address = texts
        kinds = self._kinds(said.get("kinds", ""), title, findings)
        if not kinds:
            if not (title or text):
                raise UnusableRow("no_text", "Kinds of help, title and description are empty.")
            kinds = [str(kind) for kind in words.kinds_in(title)] or [str(Category.OTHER)]
            findings.repair("no_category", "The row has no category. It was read from the title, or set to “other”.")
        draft = NeedDraft(
            **values,
            kinds=kinds,
            urgency=self._urgency(said, title, marks),
            persons=max(1, self._persons(said, 1, findings)),
            title=title,
            text=text,
            place_text=address,
            contact=self._contact(said, findings),
            origin=Origin.IMPORT,
            source=f"mapped:{values['id'].hex[:16]}",
            reference=said.get("serial", "").strip()[:80],
        )
        return findings.plan(draft, self._state(said, marks, findings))

    def _contact(self, said: Mapping[str, str], findings: Findings) -> str:
        contact = " ".join(said.get("contact", "").split())
        if not contact:
            return ""
        if self._mapping.contacts == Contacts.DROP:
            findings.remark("contact_dropped", "The contact was left out.")
            return ""
        return shorten(contact, 200, findings)

    def _urgency(self, said: Mapping[str, str], title: str, marks: Mapping[str, bool]) -> str:
        if marks.get("urgent"):
            return Urgency.NOW
        named = words.urgency_of(said["urgency"]) if said.get("urgency", "").strip() else None
        if named is None and "urgency" not in self._mapping.columns:
            labels = [words.plain(label) for label in label_meanings.labels_of(said.get("kinds", ""))]
            if any(re.match(r"1[a-z]?\s*[.)]|urgen|emergenc", label) for label in labels) or re.search(
                r"\burgen(?:t|ce|cy)\b", words.plain(title)
            ):
                return Urgency.NOW
        return named or Urgency.SOON

    def _state(self, said: Mapping[str, str], marks: Mapping[str, bool], findings: Findings) -> str:
        """Return the state of a need, from the flags of a crisis map or from a word.

        A need of an archive gets a closed state.
        """
        state = self._flagged(said, marks) if any(name in self._mapping.columns for name in _FLAGS) else None
        if state is None:
            state = words.state_of(said["state"]) if said.get("state", "").strip() else NeedState.NEW
        if state is None:
            findings.repair("unknown_state", "The state is unknown. The need waits for a moderator.")
            state = NeedState.HELD
        if state == NeedState.HELD and said.get("approved") is not None:
            findings.remark("not_approved", "This report was not approved. It waits for a moderator.")
        if self._context.archive and state not in (NeedState.MET, NeedState.REJECTED):
            return NeedState.REJECTED if state == NeedState.HELD else NeedState.EXPIRED
        return state

    @staticmethod
    def _flagged(said: Mapping[str, str], marks: Mapping[str, bool]) -> NeedState | None:
        if marks.get("closed"):
            return NeedState.MET
        if not marks.get("approved", True):
            return NeedState.HELD
        if marks.get("actionable"):
            return NeedState.OPEN
        if marks.get("verified"):
            return NeedState.VERIFIED
        return NeedState.NEW if "state" not in said else None
