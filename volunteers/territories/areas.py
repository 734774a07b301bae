"""Areas that reports can be filtered by. They are named from above: the app that knows territories registers a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Area:
    """A named area. slug: stands in addresses and saved searches."""

    slug: str
    name: str


class AreaSource(Protocol):
    """Who knows the areas."""

    def areas_for(self, user: Any) -> Sequence[Area]:
        """The areas that a reader may filter by, in the order of a menu."""

    def within[ReportsT: QuerySet[Any]](self, reports: ReportsT, slug: str) -> ReportsT:
        """The reports that lie in an area; none for an unknown slug."""

    def names_of(self, cells: Sequence[int]) -> dict[int, str]:
        """The name of the smallest area of each cell of resolution 9; cells outside all areas are left out."""

    def middles_of(self, names: Sequence[str]) -> dict[str, tuple[float, float]]:
        """(latitude, longitude) degrees of the middle of areas, by their name."""

    def streets_of(self, cells: Sequence[int]) -> dict[int, list[str]]:
        """The main streets of cells of resolution 9, as far as they are known."""


_source: AreaSource | None = None


def register(source: AreaSource) -> None:
    """Name the one source; called when the apps are ready."""
    global _source
    _source = source


def areas_for(user: Any) -> Sequence[Area]:
    """The areas that a reader may filter by; none without a source."""
    return _source.areas_for(user) if _source else ()


def names_of(cells: Sequence[int]) -> dict[int, str]:
    """The names of the areas of cells, by cell; none without a source."""
    return _source.names_of(cells) if _source else {}


def middles_of(names: Sequence[str]) -> dict[str, tuple[float, float]]:
    """(latitude, longitude) degrees of the middle of areas, by their name; none without a source."""
    return _source.middles_of(names) if _source else {}


def streets_of(cells: Sequence[int]) -> dict[int, list[str]]:
    """The main streets of cells, by cell; cells of which none is known are left out."""
    streets = _source.streets_of(cells) if _source else {}
    return {cell: names for cell, names in streets.items() if names}


def within[ReportsT: QuerySet[Any]](reports: ReportsT, slug: str) -> ReportsT:
    """The reports that lie in an area. Raises LookupError without a source."""
    if _source is None:
        raise LookupError("No source of areas is registered.")
    return _source.within(reports, slug)
