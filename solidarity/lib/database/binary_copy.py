"""Query results as numpy records, through COPY in binary format: several times faster than one tuple per row."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray


def read(query: str, fields: Sequence[tuple[str, str]], values: Sequence[Any] | Mapping[str, Any] = ()) -> NDArray[Any]:
    """Return the rows of a query as big-endian records.

    fields: the name and numpy type of each column, of PostgreSQL's width (">i8" for bigint, ">f8" for float8, "V16"
    for uuid). values: for the query's %s. No column may be null, because records have a fixed length.
    """
    layout = np.dtype(
        [("count", ">i2"), *(part for name, kind in fields for part in ((f"#{name}", ">i4"), (name, kind)))]
    )
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        statement = cursor.cursor.mogrify(f"COPY ({query}) TO STDOUT (FORMAT binary)", values or None)
        cursor.cursor.copy_expert(statement.decode(), buffer)
    data = buffer.getbuffer()
    size = len(data) - _HEADER - _END
    if size % layout.itemsize:
        raise ValueError("a column is null or of another width than was said")
    return np.frombuffer(data, dtype=layout, offset=_HEADER, count=size // layout.itemsize)


_HEADER, _END = 19, 2
