"""Tables out of PostgreSQL as numpy records, by COPY in its binary format: several times quicker than one tuple a row."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray


def read(query: str, fields: Sequence[tuple[str, str]], values: Sequence[Any] | Mapping[str, Any] = ()) -> NDArray[Any]:
    """The rows of a query as records, big-endian as they come.

    fields: the name and numpy type of each column, of the width PostgreSQL gives it (">i8" for bigint, ">f8" for float8,
    "V16" for uuid). values: for the query's %s. No column may be null: the records would not be of one length.
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
