"""The worker's steps for a file of places: recognise the guide, dry run, import, undo; and the first rows."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from mapping.out.file_imports import incoming_files as files
from mapping.out.file_imports.models import FileImport
from mapping.out.file_imports.reason_words import SENTENCES, said
from needs.enums import Outcome
from needs.guide.places.imports import guide_upload, place_import, place_undo
from needs.guide.places.imports.guide_upload import Guide, GuideFile
from needs.guide.places.imports.place_drafts import Reading
from needs.guide.places.place_kinds import PlaceKind
from needs.reports.importers.import_run import Totals
from needs.reports.importers.models import ImportRun
from needs.reports.importers.row_places import Borders
from volunteers.models import Territory

SHOWN = 20


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A row of the preview. what: the kinds of the place, in words. reasons: the reasons as sentences in the reader's
    language."""

    number: int
    outcome: Outcome
    name: str
    what: str
    address: str
    hours: str
    reasons: list[str]


def read(found: FileImport) -> None:
    """Recognise the guide and turn the upload into rows. Raises TableRefused."""
    file = guide_upload.convert(files.upload_path(found), files.table_path(found))
    found.rows, found.mapping = file.rows, {"guide": file.guide.value}
    found.save(update_fields=["rows", "mapping"])


def run(found: FileImport, tell: Callable[[int], None], *, dry_run: bool) -> Totals:
    """Import the places; in a dry run, only determine the outcome of every row."""
    file = file_of(found)
    record = found.run or new_record(file, found.file_name, found.association_id, dry_run=dry_run)
    if not dry_run and found.run is None:
        with transaction.atomic():
            record.save()
            FileImport.objects.filter(pk=found.pk).update(run=record)
    return place_import.run(file, reading_of(found.territory), record, files.log_path(found), progress=tell, say=said)


def undo(found: FileImport, tell: Callable[[int], None]) -> int:
    """Undo the import; return the number of places that it had changed."""
    return place_undo.undo(found.run, tell) if found.run is not None else 0


def file_of(found: FileImport) -> GuideFile:
    return GuideFile(Guide(found.mapping["guide"]), found.rows, files.table_path(found))


def new_record(file: GuideFile, name: str, association: int | None, *, dry_run: bool) -> ImportRun:
    """Return the unsaved record of an import that is starting."""
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    profile = f"places {file.guide.value}"[:20]
    return ImportRun(
        profile=profile, file_name=Path(name).name[:200], file_hash=digest, association_id=association, dry_run=dry_run
    )


def reading_of(territory: Territory) -> Reading:
    return Reading(Borders(territory.polygon), timezone.now())


def guide_name(found: FileImport) -> str:
    """Return the name of the guide in words, or ""."""
    guide = found.mapping.get("guide")
    return str(Guide(guide).label) if guide else ""


def preview(found: FileImport) -> list[PlaceRow]:
    """Return the first SHOWN rows, each read independently of the others; [] if the file is no longer there."""
    if not found.mapping.get("guide") or not files.table_path(found).is_file():
        return []
    file, reading = file_of(found), reading_of(found.territory)
    return [
        _shown(number, place_import.plan_row(file.guide, row, reading))
        for number, row in islice(guide_upload.rows(file.path), SHOWN)
    ]


def _shown(number: int, plan: place_import.PlacePlan) -> PlaceRow:
    draft = plan.draft
    return PlaceRow(
        number=number,
        outcome=plan.outcome,
        name=draft.name if draft else "",
        what=", ".join(str(PlaceKind(kind).label) for kind in draft.kinds) if draft else "",
        address=draft.address if draft else "",
        hours=draft.hours if draft else "",
        reasons=[str(SENTENCES.get(each.code, each.sentence)) for each in plan.reasons],
    )
