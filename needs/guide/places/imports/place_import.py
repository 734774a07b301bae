"""Import of a guide: plan every row, store the places in batches, write the row log."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point
from django.db import DatabaseError, transaction

from needs.enums import Outcome
from needs.guide.places.imports import guide_upload
from needs.guide.places.imports.guide_upload import Guide, GuideFile
from needs.guide.places.imports.guides import data_inclusion, hsds_rows, osm_objects, own_rows, paris_city, soliguide
from needs.guide.places.imports.models import PlaceImportChange
from needs.guide.places.imports.place_drafts import PlaceDraft, Reading
from needs.guide.places.imports.place_merge import HIDDEN_FIELDS, Merge, apply, is_same_place, merge, same, values_of
from needs.guide.places.imports.place_reasons import reason
from needs.guide.places.models import Place, PlaceConflict, PlaceNotice, PlaceSource
from needs.reports.importers.import_run import Totals, close_record, ledger_writer
from needs.reports.importers.models import ImportRun
from needs.reports.importers.row_outcomes import Findings, Reason, UnusableRow
from solidarity.lib import grid

log = logging.getLogger(__name__)

BATCH = 500
Reader = Callable[[dict[str, Any], Reading, Findings], PlaceDraft]
READERS: dict[Guide, Reader] = {
    Guide.HSDS: hsds_rows.read,
    Guide.DATA_INCLUSION: data_inclusion.read,
    Guide.SOLIGUIDE: soliguide.read,
    Guide.OSM: osm_objects.read,
    Guide.PARIS_FOUNTAINS: paris_city.read_fountain,
    Guide.PARIS_TOILETS: paris_city.read_toilets,
    Guide.SOLIDARITY: own_rows.read,
}
_KNOWN = ("known", "This row was imported before. Nothing was changed.")


@dataclass(slots=True)
class PlacePlan:
    """The outcome of a row. draft: the place of the row, None for a refused row. report: the id of the place, for the
    row log."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    draft: PlaceDraft | None = None
    report: uuid.UUID | None = None


@dataclass(slots=True)
class Matches:
    """The places that the guide already has for the drafts of a batch, by the source and key of the draft."""

    records: dict[tuple[str, str], PlaceSource] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    said: dict[uuid.UUID, list[PlaceSource]] = field(default_factory=lambda: defaultdict(list))


def plan_row(guide: Guide, row: dict[str, Any], reading: Reading) -> PlacePlan:
    """Return the plan of a row by itself; refuse the row if it cannot be read."""
    findings = Findings()
    if "fault" in row:
        return PlacePlan(Outcome.REFUSED, (Reason("broken_row", f"The row cannot be read: {row['fault']}."),))
    try:
        draft = READERS[guide](row, reading, findings)
    except UnusableRow as fault:
        return PlacePlan(Outcome.REFUSED, (fault.reason,))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
        log.warning("A row of a guide could not be planned: %s", type(error).__name__)
        return PlacePlan(Outcome.REFUSED, (Reason("broken_row", f"The row cannot be read ({type(error).__name__})."),))
    outcome = Outcome.REPAIRED if findings.repairs else Outcome.ACCEPTED
    return PlacePlan(outcome, (*findings.repairs, *findings.remarks), draft)


def run(
    file: GuideFile,
    reading: Reading,
    record: ImportRun,
    ledger: Path,
    *,
    progress: Callable[[int], None] | None = None,
    say: Callable[[Reason], str] = str,
) -> Totals:
    """Import a converted file. record: the record of the import, which is saved unless it is a dry run. Each batch is
    one transaction."""
    totals = Totals()
    seen: set[tuple[str, str]] = set()
    with ledger_writer(ledger, say) as write:
        for batch in batched(guide_upload.rows(file.path), BATCH, strict=False):
            plans = [(number, _first(plan_row(file.guide, row, reading), seen)) for number, row in batch]
            _store(plans, record, reading)
            for number, plan in plans:
                totals.add(plan)
                write(number, plan)
            if progress is not None:
                progress(totals.rows)
    close_record(record, totals, {"guide": file.guide.value})
    return totals


def _first(plan: PlacePlan, seen: set[tuple[str, str]]) -> PlacePlan:
    """Return the plan; if an earlier row of the file has the same place, return the plan of a known row."""
    if plan.draft is None:
        return plan
    key = (plan.draft.source, plan.draft.key)
    if key in seen:
        return PlacePlan(Outcome.KNOWN, (reason("same_place"),))
    seen.add(key)
    return plan


# --- storing -------------------------------------------------------------------------------------------------------


def _store(plans: list[tuple[int, PlacePlan]], record: ImportRun, reading: Reading) -> None:
    """Determine the outcomes of a batch and store it, or store it row by row if the database refuses the batch. In a
    dry run, only determine the outcomes."""
    drafts = [plan for _number, plan in plans if plan.draft is not None]
    try:
        with transaction.atomic():
            _decide(drafts, record, reading)
    except (DatabaseError, ValueError):
        for plan in drafts:
            try:
                with transaction.atomic():
                    _decide([plan], record, reading)
            except (DatabaseError, ValueError) as error:
                why = Reason("not_stored", f"The database refused the row ({type(error).__name__}).")
                plan.outcome, plan.reasons, plan.report = Outcome.REFUSED, (why,), None


def _decide(plans: list[PlacePlan], record: ImportRun, reading: Reading) -> None:
    known = _known([plan.draft for plan in plans if plan.draft is not None], lock=not record.dry_run)
    fresh: list[tuple[PlaceDraft, Place]] = []
    for plan in plans:
        draft = plan.draft
        assert draft is not None
        place = known.places.get((draft.source, draft.key))
        if place is None:
            place = _new(draft)
            fresh.append((draft, place))
        else:
            _meet(plan, draft, place, known, record, reading)
        plan.report = place.pk
    if not record.dry_run:
        _insert(fresh, record, reading)


def _new(draft: PlaceDraft) -> Place:
    place = Place(cell=grid.cell_of(draft.point[1], draft.point[0]), point=Point(*draft.point, srid=4326))
    apply(place, {name: value for name, value in draft.values().items() if name != "point"})
    return place


def _insert(fresh: list[tuple[PlaceDraft, Place]], record: ImportRun, reading: Reading) -> None:
    Place.objects.bulk_create(place for _draft, place in fresh)
    records = PlaceSource.objects.bulk_create(
        PlaceSource(place=place, source=draft.source, key=draft.key, values=draft.values(), read_at=reading.now)
        for draft, place in fresh
    )
    notices = [_notices(draft, place) for draft, place in fresh]
    PlaceNotice.objects.bulk_create(each for some in notices for each in some)
    PlaceImportChange.objects.bulk_create(
        PlaceImportChange(
            run=record, place=place, source=source, made=True, after=draft.values(), notices=[each.pk for each in some]
        )
        for (draft, place), source, some in zip(fresh, records, notices, strict=True)
    )


def _notices(draft: PlaceDraft, place: Place) -> list[PlaceNotice]:
    return [
        PlaceNotice(place=place, kind=each.kind, text=each.text, start=each.start, end=each.end)
        for each in draft.notices
    ]


def _meet(
    plan: PlacePlan, draft: PlaceDraft, place: Place, known: Matches, record: ImportRun, reading: Reading
) -> None:
    """Decide about a known place: change the fields that may change, and store contradictions as conflicts."""
    source = known.records.get((draft.source, draft.key))
    said = draft.values()
    more: list[Reason] = []
    if not draft.named:
        said.pop("name")
    if place.address_hidden:
        said = {name: value for name, value in said.items() if name not in HIDDEN_FIELDS}
        more.append(reason("address_stays_hidden"))
    others = [each.values for each in known.said[place.pk] if source is None or each.pk != source.pk]
    decided = merge(
        values_of(place), None if source is None else source.values, said, others, held=_held(place, source, record)
    )
    added = [each for each in draft.notices if not _has_notice(place, each)] if draft.notices else []
    if decided.changes:
        more.append(reason("place_updated" if source is not None else "place_merged"))
    if decided.conflicts:
        more.append(reason("place_conflict"))
    if not decided.changes and not added:
        plan.outcome = Outcome.KNOWN
        plan.reasons = tuple(more) if decided.conflicts else (Reason(*_KNOWN), *more)
    else:
        plan.reasons = (*plan.reasons, *more)
    if not record.dry_run:
        _write(draft, place, source, decided, record, reading)


def _held(place: Place, source: PlaceSource | None, record: ImportRun) -> bool:
    """Return whether a person answers for an entry: another association keeps it, or somebody checked it since."""
    if place.association_id is not None and place.association_id != record.association_id:
        return True
    return place.checked_at is not None and (source is None or place.checked_at > source.read_at)


def _has_notice(place: Place, draft: Any) -> bool:
    return place.notices.filter(kind=draft.kind, text=draft.text, end__gte=draft.end, taken_back_at=None).exists()


def _write(
    draft: PlaceDraft, place: Place, source: PlaceSource | None, decided: Merge, record: ImportRun, reading: Reading
) -> None:
    before = {name: value for name, value in values_of(place).items() if name in decided.changes}
    said_before = None if source is None else source.values
    said = {
        name: value for name, value in draft.values().items() if not (place.address_hidden and name in HIDDEN_FIELDS)
    }
    if source is None:
        source = PlaceSource.objects.create(
            place=place, source=draft.source, key=draft.key, values=said, read_at=reading.now
        )
    else:
        source.values, source.read_at = said, reading.now
        source.save(update_fields=["values", "read_at"])
    if decided.changes:
        place.save(update_fields=apply(place, decided.changes))
    for name, (ours, theirs) in decided.conflicts.items():
        PlaceConflict.objects.update_or_create(
            place=place, source=draft.source, field=name, decided_at=None,
            defaults={"ours": ours, "theirs": theirs, "at": reading.now},
        )  # fmt: skip
    settled = [name for name, theirs in said.items() if not theirs or same(name, values_of(place)[name], theirs)]
    PlaceConflict.objects.filter(place=place, source=draft.source, field__in=settled, decided_at=None).delete()
    notices = [each for each in _notices(draft, place) if not _has_notice(place, each)]
    PlaceNotice.objects.bulk_create(notices)
    if decided.changes or notices or said_before != said:
        PlaceImportChange.objects.create(
            run=record, place=place, source=source, before=before, after=decided.changes, source_before=said_before,
            notices=[each.pk for each in notices],
        )  # fmt: skip


# --- known places --------------------------------------------------------------------------------------------------


def _known(drafts: list[PlaceDraft], *, lock: bool) -> Matches:
    """Return the places that the guide already has for the drafts: with the same number at the source, with our own id,
    or near and with the same name."""
    found = Matches()
    keys = {(draft.source, draft.key) for draft in drafts}
    for record in PlaceSource.objects.filter(key__in={key for _source, key in keys}).select_related("place"):
        if (record.source, record.key) in keys:
            found.records[record.source, record.key] = record
            found.places[record.source, record.key] = record.place
    _own(drafts, found)
    _near([draft for draft in drafts if (draft.source, draft.key) not in found.places], found)
    ids = {place.pk for place in found.places.values()}
    if lock:  # read the row again under a lock, because a person may be editing it
        fresh = Place.objects.select_for_update(of=("self",)).in_bulk(ids)
        found.places = {key: fresh[place.pk] for key, place in found.places.items() if place.pk in fresh}
    for record in PlaceSource.objects.filter(place__in=ids):
        found.said[record.place_id].append(record)
    return found


def _own(drafts: Iterable[PlaceDraft], found: Matches) -> None:
    """Add the places that were exported from here. The id of the place in the file is the key of the place."""
    ids: Mapping[uuid.UUID, tuple[str, str]] = {
        key: (draft.source, draft.key)
        for draft in drafts
        if draft.source in (own_rows.SOURCE, "hsds") and (key := _uuid(draft.key)) is not None
    }
    for place in Place.objects.filter(pk__in=ids):
        found.places.setdefault(ids[place.pk], place)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _near(drafts: list[PlaceDraft], found: Matches) -> None:
    """Add the places that other sources or people wrote, near the drafts. Places with a secret address are not compared.

    A place with a record of the same source is a different place, because a source lists each of its places only once.
    """
    cells = {cell for draft in drafts for cell in grid.with_neighbours(grid.cell_of(draft.point[1], draft.point[0]))}
    by_cell: dict[int, list[Place]] = defaultdict(list)
    for place in Place.objects.listed().filter(cell__in=cells, address_hidden=False).prefetch_related("sources"):
        by_cell[place.cell].append(place)
    taken: set[uuid.UUID] = set()
    for draft in drafts if by_cell else ():
        near = (
            place
            for cell in grid.with_neighbours(grid.cell_of(draft.point[1], draft.point[0]))
            for place in by_cell[cell]
        )
        for place in near:
            sources = {each.source for each in place.sources.all()}
            if draft.source not in sources and place.pk not in taken and is_same_place(draft, place):
                found.places[draft.source, draft.key] = place
                taken.add(place.pk)
                break
