"""Import of an event log (docs/event-log.md). The file is streamed. The events in a log may be in any order."""

import csv
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from django.db import DatabaseError, connection, transaction

from mapping.out.event_log import event_types, ledger_rows, place_and_stock_events, waiting_lines
from mapping.out.event_log.event_types import (
    AID,
    CORRECTION,
    ENCOUNTER,
    KIND_OF,
    NEED,
    QUESTION_SET,
    RETRACTION,
    TYPES,
    Event,
)
from mapping.out.event_log.log_export import stored
from mapping.out.event_log.place_and_stock_events import ITEM, STOCK_MOVE
from mapping.out.event_log.value_readers import ValueRefused
from needs.help.corrections import replaying
from needs.help.corrections.replaying import PastCorrection, Replayed
from needs.signals import evidence_changed
from solidarity.lib.files.formula_injection import neutral
from volunteers.models import Association

BATCH = 1000
LONGEST_LINE = 8 << 20

ACCEPTED, KNOWN, CONFLICT, REFUSED = "accepted", "known", "conflict", "refused"
OUTCOMES = (ACCEPTED, KNOWN, CONFLICT, REFUSED)

# References to other events: (field, type of the other event). If the other event does not exist, and type and field are
# in _MISSING, the import refuses the event; otherwise, the import only drops the reference.
_REFERENCES = {
    ENCOUNTER: (("tour", event_types.TOUR), ("question_set", QUESTION_SET)),
    NEED: (("encounter", ENCOUNTER),),
    AID: (("need", NEED),),
    STOCK_MOVE: (("item", ITEM), ("tour", event_types.TOUR)),
}
_NO_REPORT = ValueRefused("no_such_report", "the retracted report does not exist")
_MISSING = {
    (ENCOUNTER, "tour"): ValueRefused("no_such_tour", "the tour that the encounter belongs to does not exist"),
    (NEED, "encounter"): ValueRefused("no_such_encounter", "the encounter that the need comes from does not exist"),
    (STOCK_MOVE, "item"): ValueRefused("no_such_item", "the thing whose stock changes does not exist"),
}


@dataclass(slots=True)
class Totals:
    """Results of an import: events = accepted + known + conflict + refused. types: number of accepted events by type.
    reasons: number of events by code. ignored: number of unknown fields. associations: the associations that the import
    created."""

    outcomes: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    associations: list[str] = field(default_factory=list)

    @property
    def events(self) -> int:
        return self.outcomes.total()


@dataclass(slots=True)
class Line:
    """One line of the file: its number (1 for the first), its bytes and, once read, its event."""

    number: int
    text: bytes
    event: Event


# The listener is called with (line number, outcome, code, sentence) for each event that was refused or is in conflict.
type Later = Mapping[str, IO[bytes]]
Listener = Callable[[int, str, str, str], None]


def ingest(
    lines: Iterable[bytes],
    *,
    association: str = "",
    strict: bool = False,
    dry_run: bool = False,
    listener: Listener | None = None,
) -> Totals:
    """Import events. Events that are already stored change nothing.

    association: short name of the association to use for events that need one but name none. strict: if True, refuse
    events of unknown associations instead of creating the associations. Each batch and its outbox rows are stored in
    one transaction; a dry run rolls everything back. The import itself does not update cells and zones; a later fold of
    the outbox updates them.
    """
    reader = _Ingest(association, strict, listener)
    if dry_run:
        with transaction.atomic():
            reader.run(lines)
            transaction.set_rollback(True)
    else:
        reader.run(lines)
    return reader.totals


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file. Instead of a line that is too long, yield a marker that the parser refuses."""
    while line := file.readline(LONGEST_LINE):
        if not line.endswith(b"\n") and len(line) == LONGEST_LINE:
            yield b"{"
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                continue
        else:
            yield line


class _Ingest:
    def __init__(self, association: str, strict: bool, listener: Listener | None) -> None:
        self.totals = Totals()
        self._association = association
        self._strict = strict
        self._listener = listener
        self._associations: dict[str, int] = {}

    def run(self, lines: Iterable[bytes]) -> None:
        """Store all lines. Retry the waiting lines until no more of them can be stored. Then apply the corrections, and
        finally the retractions."""
        with (
            tempfile.TemporaryFile() as waiting,
            tempfile.TemporaryFile() as corrections,
            tempfile.TemporaryFile() as retractions,
        ):
            later = {CORRECTION: corrections, RETRACTION: retractions}
            self._pass(enumerate(lines, start=1), waiting, later)
            self._until_settled(waiting, later)
            self._until_settled(corrections, {})
            self._pass(waiting_lines.numbered(retractions), None, {})

    def _until_settled(self, waiting: IO[bytes], later: Later) -> None:
        """Retry the waiting lines until no more of them can be stored, then decide about the rest."""
        before = -1
        while (left := waiting_lines.count(waiting)) and left != before:
            before = left
            with tempfile.TemporaryFile() as still:
                self._pass(waiting_lines.numbered(waiting), still, later)
                waiting_lines.copy(still, waiting)
        self._pass(waiting_lines.numbered(waiting), None, later)

    def _pass(self, numbered: Iterable[tuple[int, bytes]], waiting: IO[bytes] | None, later: Later) -> None:
        """Store lines in batches. waiting: file for events that refer to missing events; if it is None, these events do
        not wait but are decided now. later: the file in which events wait, for each type that is applied after all
        other types."""
        batch: list[Line] = []
        for number, text in numbered:
            line = self._read(number, text)
            if line is None:
                continue
            if (file := later.get(line.event.type)) is not None:
                file.write(b"%d %s\n" % (number, text.strip()))
                continue
            batch.append(line)
            if len(batch) >= BATCH:
                self._take(batch, waiting)
                batch = []
        if batch:
            self._take(batch, waiting)

    def _read(self, number: int, text: bytes) -> Line | None:
        if number == 1:
            text = text.removeprefix(b"\xef\xbb\xbf")
        if not text.strip():
            return None
        try:
            event, unknown = event_types.read(text, self._association)
        except ValueRefused as fault:
            self._record(number, REFUSED, fault.code, str(fault))
            return None
        self.totals.ignored.update(unknown)
        return Line(number, text, event)

    def _record(self, number: int, outcome: str, code: str = "", sentence: str = "") -> None:
        self.totals.outcomes[outcome] += 1
        if code:
            self.totals.reasons[code] += 1
        if self._listener is not None and outcome in (CONFLICT, REFUSED):
            self._listener(number, outcome, code, sentence)

    # --- a batch ---------------------------------------------------------------------------------------------------

    def _take(self, batch: list[Line], waiting: IO[bytes] | None) -> None:
        """Store a batch in one transaction; if the database refuses the batch, store its events one by one."""
        results: list[tuple[Any, ...]] = []
        try:
            with transaction.atomic():
                self._store(batch, waiting, results)
        except (DatabaseError, ValueError) as error:
            self._associations.clear()
            if len(batch) == 1:
                results = [
                    (batch[0].number, REFUSED, "not_stored", f"the database refused it ({type(error).__name__})")
                ]
            else:
                for line in batch:
                    self._take([line], waiting)
                return
        for number, outcome, *why in results:
            self._record(number, outcome, *why[:2])
            if outcome == ACCEPTED:
                self.totals.types[why[2]] += 1

    def _store(self, batch: list[Line], waiting: IO[bytes] | None, results: list[tuple[Any, ...]]) -> None:
        by_type: dict[str, list[Line]] = {}
        held: list[Line] = []
        for line in batch:
            by_type.setdefault(line.event.type, []).append(line)
        touches = []
        for kind in TYPES:
            lines = by_type.get(kind)
            if lines:
                lines = self._owned(lines, results)
                for name, other in _REFERENCES.get(kind, ()):
                    lines = self._referring(name, other, lines, waiting is not None, held, results)
                if kind == CORRECTION:
                    self._correct(lines, waiting is not None, held, results)
                else:
                    touches += self._insert(kind, lines, results)
        if touches:
            evidence_changed.send(sender=None, touches=list(dict.fromkeys(touches)))
        if waiting is not None:
            for line in held:
                waiting.write(b"%d %s\n" % (line.number, line.text.strip()))

    def _owned(self, lines: list[Line], results: list[tuple[Any, ...]]) -> list[Line]:
        """Look up or create the associations that the lines name. Refuse the lines of unknown associations, and return
        the others."""
        slugs = {slug for line in lines if (slug := line.event.values.get("association"))} - set(self._associations)
        if slugs:
            self._associations |= dict(Association.objects.filter(slug__in=slugs).values_list("slug", "pk"))
            for slug in sorted(slugs - set(self._associations)):
                if not self._strict:
                    self._associations[slug] = Association.objects.create(slug=slug, name=slug).pk
                    if slug not in self.totals.associations:
                        self.totals.associations.append(slug)
        kept = []
        for line in lines:
            slug = line.event.values.get("association")
            if slug and slug not in self._associations:
                results.append((line.number, REFUSED, "unknown_association", f"there is no association {slug}"))
            else:
                kept.append(line)
        return kept

    def _referring(
        self,
        name: str,
        other: str,
        lines: list[Line],
        may_wait: bool,
        held: list[Line],
        results: list[tuple[Any, ...]],
    ) -> list[Line]:
        """Return the lines to store. A line that names a missing event waits, is refused or loses the reference."""
        wanted = {line.event.values[name] for line in lines} - {None}
        found = ledger_rows.present(other, wanted)
        ready = []
        for line in lines:
            reference = line.event.values[name]
            if reference is None or reference in found:
                ready.append(line)
            elif may_wait:
                held.append(line)
            elif refusal := _MISSING.get((line.event.type, name)):
                results.append((line.number, REFUSED, refusal.code, str(refusal)))
            else:
                line.event.values[name] = None
                if name == "question_set":
                    line.event.values["answers"] = {}
                self.totals.reasons[f"{name}_not_there"] += 1
                ready.append(line)
        return ready

    def _insert(self, kind: str, lines: list[Line], results: list[tuple[Any, ...]]) -> list[Any]:
        if kind == RETRACTION:
            return self._retract(lines, results)
        first: dict[uuid.UUID, Line] = {}
        for line in lines:
            first.setdefault(line.event.id, line)
        new = ledger_rows.insert(kind, [line.event for line in first.values()], self._associations)
        changing = kind in place_and_stock_events.TYPES
        old = {line.event.id for line in lines if line.event.id not in new or first[line.event.id] is not line}
        there = (
            {event.id: event for raw in stored(kind, old) if (event := event_types.checked(raw)[0])}
            if old and not changing
            else {}
        )
        for line in lines:
            event = line.event
            if event.id in new and first[event.id] is line:
                results.append((line.number, ACCEPTED, "", "", kind))
            elif changing:  # people often change such rows, so keep the stored row
                results.append((line.number, KNOWN, "", ""))
            else:
                results.append(_compared(line, there.get(event.id)))
        return ledger_rows.touches(kind, [first[key].event for key in new])

    def _correct(self, lines: list[Line], may_wait: bool, held: list[Line], results: list[tuple[Any, ...]]) -> None:
        """Apply corrections. A correction that does not fit yet waits, because another correction may have to be
        applied first."""
        there = {event.id: event for raw in stored(CORRECTION, [line.event.id for line in lines])
                 if (event := event_types.checked(raw)[0])}  # fmt: skip
        for line in lines:
            values = line.event.values
            if line.event.id in there:
                results.append(_compared(line, there[line.event.id]))
                continue
            kind = KIND_OF[values["kind"]]
            done = replaying.replay(kind, values["report"], PastCorrection.of(values))
            if done is Replayed.STORED:
                there[line.event.id] = line.event
                results.append((line.number, ACCEPTED, "", "", CORRECTION))
            elif done is Replayed.MISSING:
                results.append((line.number, REFUSED, _NO_REPORT.code, "the corrected report does not exist"))
            elif may_wait:
                held.append(line)
            else:
                sentence = "the report has neither the old nor the new values of the correction"
                results.append((line.number, CONFLICT, "other_content", sentence))

    def _retract(self, lines: list[Line], results: list[tuple[Any, ...]]) -> list[Any]:
        there = {event.id: event for raw in stored(RETRACTION, [line.event.id for line in lines])
                 if (event := event_types.checked(raw)[0])}  # fmt: skip
        fresh: list[Line] = []
        for line in lines:
            if line.event.id in there:
                results.append(_compared(line, there[line.event.id]))
            else:
                fresh.append(line)
                there[line.event.id] = line.event
        done, missing, touches = ledger_rows.retract([line.event for line in fresh])
        for line in fresh:
            if line.event.id in done:
                results.append((line.number, ACCEPTED, "", "", RETRACTION))
            elif line.event.values["report"] in missing:
                results.append((line.number, REFUSED, _NO_REPORT.code, str(_NO_REPORT)))
            else:
                results.append((line.number, KNOWN, "retracted_before", "the report was taken back before"))
        return touches


def _compared(line: Line, there: Event | None) -> tuple[Any, ...]:
    if there is None and line.event.type == QUESTION_SET:
        sentence = f"the association has another version {line.event.values['version']} of its questions"
        return (line.number, CONFLICT, "version_taken", sentence)
    if there is None:  # the file has another event with this id, and the database refused that event
        return (line.number, CONFLICT, "other_content", "another event of the file has this id")
    names = event_types.difference(there, line.event)
    if not names:
        return (line.number, KNOWN, "", "")
    sentence = f"an event of this id is there with another {', '.join(names)}"
    return (line.number, CONFLICT, "other_content", sentence)


# --- events that were not imported ---------------------------------------------------------------------------------


class Ledger:
    """A CSV file with a line for each event that was refused or is in conflict."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(("line", "outcome", "code", "reason"))

    def __call__(self, number: int, outcome: str, code: str, sentence: str) -> None:
        self._writer.writerow((number, outcome, neutral(code), neutral(sentence)))


def analyse() -> None:
    """Update PostgreSQL's statistics of the ledger, for the query planner."""
    with connection.cursor() as cursor:
        for table in ledger_rows.TABLES:
            cursor.execute(f"ANALYZE {table}")
