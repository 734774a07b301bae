"""Storing one encounter or need with any author, time and state, without the checks of ``needs.reports.intake``."""

import uuid

from needs.base.records.declarations import EncounterDraft, NeedDraft
from needs.enums import NeedState
from needs.models import Encounter, Need
from needs.reports import filing
from needs.reports.filing import WEB_FORM, Extra, Filed, Row
from solidarity.lib.database.idempotent_insert import InsertResult


def log_encounter(draft: EncounterDraft, *, association: int, author: int | None, extra: Extra = WEB_FORM) -> Filed:
    """Store an encounter. If it belongs to a tour, also add its cell to the tour."""
    row = filing.encounter_row(draft, association=association, author=author, extra=extra)
    return Filed(draft.id, row["content_hash"], _store_one(Encounter, row))


def report_need(
    draft: NeedDraft,
    *,
    held: bool = False,
    state: str = NeedState.NEW,
    author: int | None = None,
    association: int | None = None,
    encounter: uuid.UUID | None = None,
    extra: Extra = WEB_FORM,
) -> Filed:
    """Store a need. held: it waits for a moderator, and does not count as evidence until one has accepted it."""
    row = filing.need_row(draft, NeedState.HELD if held else state, author=author, extra=extra)
    stored = _store_one(Need, row | {"association_id": association, "encounter_id": encounter})
    return Filed(draft.id, row["content_hash"], stored, held=held and stored is InsertResult.NEW)


def _store_one(model: type[Encounter] | type[Need], row: Row) -> InsertResult:
    if filing.store({(model, row["id"]): row}):
        return InsertResult.NEW
    there = model._default_manager.filter(pk=row["id"]).values_list("content_hash", flat=True).first()
    return InsertResult.SAME if there == row["content_hash"] else InsertResult.CONFLICT
