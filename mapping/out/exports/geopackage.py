"""GeoPackage files, written by GDAL through pyogrio: one layer for each table."""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import numpy as np

WGS84 = "EPSG:4326"


class GeoPackage:
    """A GeoPackage under construction in a temporary folder; :meth:`copy_to` gives its bytes.

    Values of a column are int, float, bool, str, date or aware datetime, or None.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="geopackage-")
        self._path = Path(self._folder.name) / "made.gpkg"
        self._layers: set[str] = set()

    def __enter__(self) -> "GeoPackage":
        return self

    def __exit__(self, *_error: object) -> None:
        self._folder.cleanup()

    def add(
        self, layer: str, names: Sequence[str], rows: Sequence[Sequence[Any]], shapes: Sequence[bytes | None] | None,
        kinds: Sequence[type] | None = None, geometry: str = "MultiPolygon",
    ) -> None:  # fmt: skip
        """Add rows to a layer. shapes: WKB of each row in degrees; None for a table without shapes. kinds: types of the
        columns, needed if a layer is written in several steps; without them, the types are guessed from the rows."""
        import pyogrio  # imported here because it is large and only the worker needs it

        columns = [[row[place] for row in rows] for place in range(len(names))]
        made = [_column(values, kind) for values, kind in zip(columns, kinds or map(_kind, columns), strict=True)]
        pyogrio.raw.write(
            str(self._path),
            None if shapes is None else np.array(shapes, dtype=object),
            [data for data, _mask in made],
            list(names),
            field_mask=[mask for _data, mask in made],
            layer=layer,
            driver="GPKG",
            geometry_type=None if shapes is None else geometry,
            crs=None if shapes is None else WGS84,
            append=bool(self._layers) and layer in self._layers,
        )
        self._layers.add(layer)

    def copy_to(self, out: IO[bytes]) -> None:
        with self._path.open("rb") as file:
            while block := file.read(1 << 20):
                out.write(block)


def _kind(values: Sequence[Any]) -> type:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return float
    return kinds.pop() if len(kinds) == 1 else str


_EMPTY: dict[type, Any] = {int: 0, float: np.nan, bool: False, str: None, date: "NaT", datetime: "NaT"}
_DTYPE: dict[type, Any] = {
    int: np.int64, float: np.float64, bool: np.bool_, str: object, date: "datetime64[D]", datetime: "datetime64[ms]",
}  # fmt: skip


def _column(values: Sequence[Any], kind: type) -> tuple[Any, Any]:
    """Return the values as an array, and a mask of the missing values."""
    missing = np.array([value is None for value in values], dtype=bool)
    filled = [_EMPTY[kind] if value is None else _plain(value, kind) for value in values]
    return np.array(filled, dtype=_DTYPE[kind]), missing


def _plain(value: Any, kind: type) -> Any:
    if kind is datetime:
        return value.replace(tzinfo=None) if value.tzinfo is None else (value - value.utcoffset()).replace(tzinfo=None)
    return str(value) if kind is str else value
