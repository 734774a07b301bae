"""Import of a file from the command line, with a mapping from a JSON file or one that was saved on the page."""

import json
import tempfile
from pathlib import Path

from mapping.out.file_imports.import_jobs import context_of
from mapping.out.file_imports.models import SavedMapping
from needs.reports.importers.any_table.column_mapping import ColumnMapping
from needs.reports.importers.any_table.mapped_rows import MappedRows
from needs.reports.importers.any_table.uploaded_tables import convert, plain_table
from needs.reports.importers.import_run import Result, ledger_path, record_of, run_table
from volunteers.models import Association, Territory


class MappingUnusable(ValueError):
    """There is no such mapping, or it does not fit the file. The message says what to do."""


def mapping_named(name: str, association: Association) -> ColumnMapping:
    """Return an association's saved mapping, or the mapping in a JSON file. Raise MappingUnusable."""
    saved = SavedMapping.objects.filter(association=association)
    found = saved.filter(name=name).first()
    if found is not None:
        return ColumnMapping.from_json(found.mapping)
    if not Path(name).is_file():
        names = ", ".join(saved.values_list("name", flat=True)) or "none"
        raise MappingUnusable(f"There is no saved mapping and no file {name!r}. Saved by {association.slug}: {names}.")
    try:
        mapping = ColumnMapping.from_json(json.loads(Path(name).read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError) as error:
        raise MappingUnusable(f"{name} is no mapping in JSON.") from error
    if missing := mapping.missing():
        raise MappingUnusable(f"{name}: {missing[0]}")
    return mapping


def import_file(
    path: Path,
    mapping: ColumnMapping,
    territory: Territory,
    association: Association,
    *,
    dry_run: bool = False,
    ledger: Path | None = None,
) -> Result:
    """Import a table of any accepted format. Raise TableRefused, or MappingUnusable if the table lacks a column."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "table.csv"
        made = convert(path, plain)
        if not mapping.fits(made.columns):
            lacking = sorted(set(mapping.columns.values()) - set(made.columns))
            raise MappingUnusable(f"The file has no column {lacking[0]!r}. Its columns: {', '.join(made.columns)}.")
        table = plain_table(plain, made.columns)
        archive = mapping.archive
        record = record_of(MappedRows.name, path.name, table, association, archive=archive, dry_run=dry_run)
        if not dry_run:
            record.save()
        planner = MappedRows(context_of(territory, association, mapping), mapping)
        return run_table(table, planner, record, ledger or ledger_path(record, path))
