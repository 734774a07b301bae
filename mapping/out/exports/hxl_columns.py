"""The HXL tags of the CSV files that the worker makes."""

from mapping.enums import ExportFormat
from mapping.models import Export
from mapping.out.exports import report_tables
from mapping.out.exports.row_columns import ROW_COLUMNS
from solidarity.lib.files import hxl_tags

DELIMITERS: dict[str, str] = {ExportFormat.CSV: ",", ExportFormat.WORDS: ";"}


def tags_of(export: Export) -> list[str]:
    """Return the row of tags of a CSV file. A file for people leaves out the columns for programs."""
    if export.report is None:
        return ROW_COLUMNS.tags()
    main = report_tables.tables_of(export.report)[0]
    shown = [column.key for column in main.columns if export.format == ExportFormat.CSV or not column.code]
    return hxl_tags.tags_of(main.key, shown)
