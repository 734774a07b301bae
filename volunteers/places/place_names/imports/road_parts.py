"""Streets put together from the parts that tiles hold, and the street nearest to a point."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

type Point = tuple[float, float]
"""Longitude, latitude in degrees."""
type Line = tuple[Point, ...]
type Square = tuple[int, int]

GAP = 0.003
"""Degrees, about 300 m: parts of one name that are closer belong to one street."""
REACH = 0.0006
"""Degrees, about 60 m: side of the squares in which the nearest street is looked for."""
METRES = 111_320


@dataclass(slots=True)
class Street:
    """A street. lines: the parts of the street."""

    name: str
    lines: list[Line] = field(default_factory=list)
    key: str = ""

    @property
    def length(self) -> float:
        """The length in metres. Parts that are in two tiles count twice."""
        return sum(metres(one, other) for line in self.lines for one, other in zip(line, line[1:], strict=False))

    @property
    def middle(self) -> Point:
        """The point of the street that is nearest to its middle."""
        points = [point for line in self.lines for point in line]
        lng = sum(point[0] for point in points) / len(points)
        lat = sum(point[1] for point in points) / len(points)
        return min(points, key=lambda point: metres(point, (lng, lat)))


def streets_of(parts: Sequence[tuple[str, Line]]) -> list[Street]:
    """Return the streets of named parts. Two streets with the same name in different places are kept apart."""
    named: dict[str, list[Line]] = defaultdict(list)
    for name, line in parts:
        named[name].append(line)
    found = [Street(name, lines) for name in sorted(named) for lines in _together(named[name])]
    numbers: dict[str, int] = defaultdict(int)
    for street in sorted(found, key=lambda each: (each.name, each.lines[0])):
        numbers[street.name] += 1
        street.key = f"street:{street.name}:{numbers[street.name]}"
    return found


def _together(lines: Sequence[Line]) -> list[list[Line]]:
    """Return groups of lines that are connected or closer than GAP."""
    parent: dict[Square, Square] = {}

    def root(square: Square) -> Square:
        while parent[square] != square:
            parent[square] = parent[parent[square]]
            square = parent[square]
        return square

    def join(one: Square, other: Square) -> None:
        parent[root(one)] = root(other)

    for line in lines:
        squares = [square_of(point, GAP) for point in line]
        for square in squares:
            parent.setdefault(square, square)
        for one, other in zip(squares, squares[1:], strict=False):
            join(one, other)
    for square in list(parent):
        for other in around(square):
            if other in parent:
                join(square, other)
    groups: dict[Square, list[Line]] = defaultdict(list)
    for line in sorted(set(lines)):
        groups[root(square_of(line[0], GAP))].append(line)
    return list(groups.values())


class NearestStreet:
    """Finds the street that passes nearest to a point."""

    def __init__(self, streets: Sequence[Street]) -> None:
        self.segments: dict[Square, list[tuple[Point, Point, Street]]] = defaultdict(list)
        self.named: dict[str, list[Street]] = defaultdict(list)
        for street in streets:
            self.named[street.name.casefold()].append(street)
            for line in street.lines:
                for start, end in zip(line, line[1:], strict=False):
                    for square in _along(start, end):
                        self.segments[square].append((start, end, street))

    def within(self, point: Point, most: float) -> Street | None:
        """Return the nearest street at most ``most`` metres (up to about 40) away."""
        best: tuple[float, Street | None] = (most, None)
        square = square_of(point, REACH)
        for near in (square, *around(square)):
            for start, end, street in self.segments.get(near, ()):
                distance = _distance(point, start, end)
                if distance < best[0]:
                    best = distance, street
        return best[1]

    def called(self, name: str, point: Point) -> Street | None:
        """Return the nearest street with a given name."""
        streets = self.named.get(name.casefold(), [])
        ends = ((metres(point, corner), street) for street in streets for line in street.lines for corner in line)
        return min(ends, key=lambda pair: pair[0], default=(0.0, None))[1]


def square_of(point: Point, side: float) -> Square:
    return math.floor(point[0] / side), math.floor(point[1] / side)


def around(square: Square) -> Iterator[Square]:
    """Yield the eight squares around a square."""
    for column in (-1, 0, 1):
        for row in (-1, 0, 1):
            if column or row:
                yield square[0] + column, square[1] + row


def metres(one: Point, other: Point) -> float:
    """Return the distance of two points that are near to each other."""
    narrow = math.cos(math.radians(one[1]))
    return math.hypot((one[0] - other[0]) * narrow, one[1] - other[1]) * METRES


def _along(start: Point, end: Point) -> set[Square]:
    steps = max(1, math.ceil(max(abs(start[0] - end[0]), abs(start[1] - end[1])) / REACH * 2))
    return {
        square_of((start[0] + (end[0] - start[0]) * step / steps, start[1] + (end[1] - start[1]) * step / steps), REACH)
        for step in range(steps + 1)
    }


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return the distance in metres from a point to a segment."""
    narrow = math.cos(math.radians(point[1]))
    east, north = (end[0] - start[0]) * narrow, end[1] - start[1]
    across, up = (point[0] - start[0]) * narrow, point[1] - start[1]
    squared = east * east + north * north
    share = 0.0 if squared == 0 else min(1.0, max(0.0, (across * east + up * north) / squared))
    return math.hypot(across - share * east, up - share * north) * METRES
