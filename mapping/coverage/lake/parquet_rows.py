"""Evidence rows in Parquet files: the columns, writing and reading.

Columns: kind, report (the id, 16 bytes), cell (H3), days (days since 2020-01-01 UTC), source, origin, persons, hours (null if
not logged), contacts, as in models.Evidence. Rows are sorted by cell, days and report.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.ledger import EvidenceRows
from mapping.coverage.lake.manifest import INSTALL, LakeError, LakeFile

FIELDS = [
    ("cell", ">i8"), ("days", ">f8"), ("kind", ">i2"), ("report", "V16"), ("region", ">i8"), ("source", ">i2"),
    ("origin", ">i8"), ("persons", ">f8"), ("hours", ">f8"), ("contacts", ">f8"),
]  # fmt: skip
"""Columns of a record that the database sends (solidarity.lib.database.binary_copy); hours: NaN if not logged."""
QUERY = (
    "SELECT cell, day, kind::smallint, report, region, source::smallint, origin, persons, COALESCE(hours, 'NaN'), contacts "
    "FROM mapping_evidence"
)
_READ = ("cell", "days", "source", "origin", "persons", "hours", "contacts")
_REPEATING = ["cell", "kind", "source", "origin", "persons", "hours", "contacts"]


def arrow() -> tuple[Any, Any]:
    """Return the modules pyarrow and pyarrow.parquet. Raise LakeError if they are not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise LakeError(f"The lake needs pyarrow, which is not installed: {INSTALL}") from None
    return pyarrow, pyarrow.parquet


def to_parquet(records: NDArray[Any]) -> bytes:
    """Return the content of a file from records with the columns of FIELDS, in the order of the file."""
    pa, parquet = arrow()
    columns: dict[str, Any] = {}
    for name, kind in FIELDS:
        if name == "report":
            ids = pa.py_buffer(np.ascontiguousarray(records[name]).tobytes())
            columns[name] = pa.Array.from_buffers(pa.binary(16), len(records), [None, ids])
        elif name != "region":
            values = records[name].astype(np.dtype(kind).newbyteorder("="))
            columns[name] = pa.array(values, mask=np.isnan(values) if name == "hours" else None)
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out, compression="zstd", use_dictionary=_REPEATING)
    return out.getvalue()


def read(folder: str, files: Sequence[LakeFile]) -> EvidenceRows:
    """Return the rows of files, one file after the other. Raise LakeError, which names the file, for a file that is missing
    or damaged."""
    pa, parquet = arrow()
    tables = []
    for file in files:
        content = file.checked(folder)
        table = parquet.ParquetFile(pa.BufferReader(content)).read(columns=list(_READ), use_threads=False)
        if table.num_rows != file.rows:
            raise LakeError(f"{file.path} has {table.num_rows} rows, and the manifest says {file.rows}.")
        tables.append(table)
    whole = pa.concat_tables(tables)
    cell, days, source, origin, persons, hours, contacts = (
        whole.column(name).to_numpy() for name in _READ
    )  # nulls become NaN
    return EvidenceRows(cell, days, source, origin, persons, hours, contacts)
