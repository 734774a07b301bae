"""Files of communes."""

from typing import Any

from tests.lib.border_files.border_cases import collection, feature, ring


def commune(code: str, name: str, west: float, south: float) -> Any:
    """A commune of two hundredths of a degree."""
    shape = {"type": "Polygon", "coordinates": [ring(west, south, west + 0.02, south + 0.02)]}
    return feature(None, shape) | {"properties": {"code": code, "nom": name}}


SEINE_SAINT_DENIS = collection(
    commune("93066", "Saint-Denis", 2.34, 48.92), commune("93001", "Aubervilliers", 2.37, 48.90),
    commune("93039", "L'Île-Saint-Denis", 2.32, 48.93),
)  # fmt: skip
PARIS = collection(commune("75056", "Paris", 2.30, 48.85), commune("93066", "a commune of elsewhere", 2.30, 48.85))
