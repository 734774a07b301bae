"""The first rows of an import as the mapping reads them, and the counts of a dry run."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext, ngettext

from mapping.out.file_imports import import_jobs, incoming_files
from mapping.out.file_imports.models import FileImport, FileSubject, ImportState
from mapping.out.file_imports.reason_words import SENTENCES, sentence_of
from needs.enums import Category, NeedState, Outcome, Urgency
from needs.reports.importers.any_table import label_meanings
from needs.reports.importers.any_table.column_mapping import ColumnMapping
from needs.reports.importers.any_table.mapped_rows import MappedRows
from needs.reports.importers.any_table.uploaded_tables import plain_table
from needs.reports.importers.import_run import plan_row
from needs.reports.importers.row_outcomes import Plan

SHOWN = 20
SURVEYED = 20_000  # rows read to find the order of day and month, and the categories


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row of the preview. what: the kinds, the urgency and the state of the report, in words. reasons: the reasons as
    sentences in the reader's language."""

    number: int
    outcome: Outcome
    at: datetime | None
    place: str
    what: str
    text: str
    reasons: list[str]


def first_rows(found: FileImport) -> list[PreviewRow]:
    """Return the first SHOWN rows; [] if the file is no longer there."""
    path = incoming_files.table_path(found)
    if not path.is_file():
        return []
    mapping = ColumnMapping.from_json(found.mapping)
    table = plain_table(path, tuple(found.columns))
    planner = MappedRows(import_jobs.context_of(found.territory, found.association, mapping), mapping)
    planner.survey(islice(table.rows(), SURVEYED))
    zone = ZoneInfo(mapping.time_zone)
    rows = import_jobs.first_rows(table, SHOWN)
    return [_shown(row.number, plan_row(planner, row), zone) for row in rows]


def labels(found: FileImport, mapping: ColumnMapping) -> dict[str, tuple[str, int]]:
    """Return key → (category, number of its rows) for the first SURVEYED rows; {} if the file is no longer there."""
    path = incoming_files.table_path(found)
    columns = [mapping.columns[part] for part in label_meanings.LABEL_PARTS if part in mapping.columns]
    if not columns or not path.is_file():
        return {}
    return label_meanings.counted(islice(plain_table(path, tuple(found.columns)).rows(), SURVEYED), columns)


def _shown(number: int, plan: Plan, zone: ZoneInfo) -> PreviewRow:
    draft: Any = plan.draft
    place = getattr(draft, "place", None)
    return PreviewRow(
        number=number,
        outcome=plan.outcome,
        at=draft.at.astimezone(zone) if draft else None,
        place=f"{place.latitude:.4f}, {place.longitude:.4f}" if place else getattr(draft, "place_text", ""),
        what=_what(plan),
        text=next((text for name in ("title", "text", "note") if (text := getattr(draft, name, ""))), ""),
        reasons=[str(SENTENCES.get(reason.code, reason.sentence)) for reason in plan.reasons],
    )


def _what(plan: Plan) -> str:
    draft: Any = plan.draft
    parts: list[str] = []
    for name in ("kinds", "asked", "given"):
        parts += [str(Category(kind).label) for kind in getattr(draft, name, ())]
    if hasattr(draft, "kinds"):
        parts += [str(Urgency(draft.urgency).label), str(NeedState(plan.state or NeedState.NEW).label)]
    return ", ".join(parts)


def outcomes(found: FileImport) -> list[tuple[str, int]]:
    """Return (outcome in words, number of rows) of the dry run or the import."""
    counts = found.totals.get("outcomes", {})
    return [(str(each.label), counts.get(each.value, 0)) for each in Outcome]


def what_goes_live(found: FileImport) -> str:
    """Return one sentence that says what a dry run would show to dispatchers; "" outside of a dry run."""
    live = found.totals.get("live")
    if found.state != ImportState.CHECKED or found.subject != FileSubject.REPORTS or live is None:
        return ""
    needs, old, recent = (live.get(name, 0) for name in ("needs", "old", "recent"))
    if recent:
        return ngettext(
            "Nothing goes live: all rows are stored as history, also %(written)s need of the last month.",
            "Nothing goes live: all rows are stored as history, also %(written)s needs of the last month.",
            recent,
        ) % {"written": intcomma(recent)}
    if found.mapping.get("archive"):
        return gettext("Nothing goes live: all rows are stored as history.")
    if not needs:
        return gettext("No need goes live.")
    if not old:
        return ngettext(
            "%(written)s need goes live: dispatchers see it in their list at once.",
            "%(written)s needs go live: dispatchers see them in their list at once.",
            needs,
        ) % {"written": intcomma(needs)}
    return ngettext(
        "%(written)s need goes live: dispatchers see it in their list at once; older than a month: %(old)s.",
        "%(written)s needs go live: dispatchers see them in their list at once; older than a month: %(old)s.",
        needs,
    ) % {"written": intcomma(needs), "old": intcomma(old)}


def reasons(found: FileImport) -> list[tuple[str, int]]:
    """Return (sentence, number of rows), the most frequent first."""
    counts = sorted(found.totals.get("reasons", {}).items(), key=lambda count: -count[1])
    return [(sentence_of(code), number) for code, number in counts]
