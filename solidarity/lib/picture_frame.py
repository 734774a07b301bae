"""The frame of a map drawn as SVG: converts degrees to units of the picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians


@dataclass(frozen=True, slots=True)
class PictureFrame:
    """west, north: degrees at the left and upper edge. across, up: units per degree. width, height: units.

    The projection is plate carrée, scaled by the cosine of the middle latitude.
    """

    west: float
    north: float
    across: float
    up: float
    width: float
    height: float

    @classmethod
    def around(
        cls, points: Sequence[Sequence[float]], width: float, margin: float, tallest: float = 1.15
    ) -> "PictureFrame":
        """Return a frame of a width around points (longitude, latitude). tallest: most height per width."""
        lngs, lats = [x for x, _y in points], [y for _x, y in points]
        west, east, south, north = min(lngs), max(lngs), min(lats), max(lats)
        squeeze = cos(radians((south + north) / 2))
        scale = (width - 2 * margin) / max((east - west) * squeeze, (north - south) / tallest, 1e-6)
        across, up = scale * squeeze, scale
        left = (width - (east - west) * across) / 2
        height = (north - south) * up + 2 * margin
        return cls(west - left / across, north + margin / up, across, up, width, height)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees."""
        return self.west, self.north - self.height / self.up, self.west + self.width / self.across, self.north

    def at(self, point: Sequence[float]) -> tuple[float, float]:
        return (point[0] - self.west) * self.across, (self.north - point[1]) * self.up

    def path(self, rings: Iterable[Sequence[Sequence[float]]]) -> str:
        """Return the path of closed rings whose last point repeats the first."""
        parts = []
        for ring in rings:
            steps = [f"{x:.1f},{y:.1f}" for x, y in (self.at(point) for point in ring[:-1])]
            parts.append("M" + " L".join(steps) + " Z")
        return "".join(parts)
