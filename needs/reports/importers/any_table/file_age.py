"""Whether a table is about the past: most of its dates are older than a month."""

from datetime import datetime, timedelta

from needs.reports.importers.any_table.column_mapping import ColumnMapping, DateOrder
from needs.reports.importers.any_table.date_values import DAY_FIRST, moment_of, order_in
from needs.reports.importers.table_reader import Table

OLD = timedelta(days=31)
"""Age from which an imported report is history: nobody waits any more where it happened."""


def is_mostly_old(table: Table, mapping: ColumnMapping, now: datetime) -> bool:
    """Return whether most dates of a table that can be read are older than OLD. Dates before 1971 are missing ones."""
    column = mapping.columns.get("date", "")
    order = mapping.date_order
    if order == DateOrder.AUTO:
        order = order_in((row.values or {}).get(column, "") for row in table.rows())[0] or DAY_FIRST
    since = now - OLD
    dated = old = 0
    for row in table.rows():
        try:
            at = moment_of((row.values or {}).get(column, "").strip(), order)
        except (ValueError, OverflowError):
            continue
        if at.year < 1971:
            continue
        dated += 1
        old += (at if at.tzinfo else at.replace(tzinfo=now.tzinfo)) < since
    return 2 * old > dated
