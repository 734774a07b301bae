"""The cells of a simulated city, their distances and neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]

_KM_PER_DEGREE = 111.195


def disc(latitude: float = 48.8566, longitude: float = 2.3522, rings: int = 20) -> list[int]:
    """Return the sorted H3 cells of resolution 9 within some rings around a point in degrees (20 rings: 1,261)."""
    return sorted(h3.grid_disk(h3.latlng_to_cell(latitude, longitude, 9), rings))


@dataclass(frozen=True, slots=True)
class CityCells:
    """n cells. place: (n, 2) kilometres east and north of their mean. ring: (n, 6) positions of the neighbours, or the
    cell's own position for a neighbour outside. apart: (n, n) distances in kilometres."""

    cell: Cells
    place: Floats
    ring: NDArray[np.int32]
    apart: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.cell)

    @classmethod
    def of(cls, cells: Sequence[int]) -> "CityCells":
        """Return the cells with their geometry; raise ValueError if empty. Memory is quadratic (1,261 cells: 6 MB)."""
        if not len(cells):
            raise ValueError("a city needs cells")
        ordered = sorted({int(cell) for cell in cells})
        degrees = np.array([h3.cell_to_latlng(cell) for cell in ordered])
        middle = degrees.mean(axis=0)
        narrow = np.cos(np.radians(middle[0]))
        place = np.column_stack([(degrees[:, 1] - middle[1]) * narrow, degrees[:, 0] - middle[0]]) * _KM_PER_DEGREE
        position = {cell: row for row, cell in enumerate(ordered)}
        ring = np.repeat(np.arange(len(ordered), dtype=np.int32)[:, None], 6, axis=1)
        for row, cell in enumerate(ordered):
            near = [position[other] for other in h3.grid_disk(cell, 1) if other != cell and other in position]
            ring[row, : len(near)] = near
        apart = np.sqrt(((place[:, None, :] - place[None, :, :]) ** 2).sum(axis=2)).astype(np.float32)
        return cls(np.array(ordered, dtype=np.int64), place, ring, apart)

    def from_middle(self) -> Floats:
        """Return the kilometres from each cell to the middle of the city."""
        return np.asarray(np.hypot(self.place[:, 0], self.place[:, 1]))

    def near(self, point: Floats, width: float) -> Floats:
        """Return a Gaussian bump of a width in kilometres around a point (kilometres east and north), 1 at its top."""
        return np.asarray(np.exp(-((self.place - point) ** 2).sum(axis=1) / (2.0 * width**2)))

    def patchwork(self, chance: np.random.Generator, width: float) -> Floats:
        """Return a random field that varies over ``width`` kilometres, with mean 0 and standard deviation 1."""
        field = np.exp(-(self.apart**2) / (2.0 * width**2)) @ chance.standard_normal(len(self))
        spread = float(field.std())
        return np.asarray((field - field.mean()) / spread if spread > 0 else np.zeros(len(self)), dtype=np.float64)
