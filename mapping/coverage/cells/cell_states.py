"""Cell states as arrays, one row per cell: ageing and evaluating."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model, help_by_day
from mapping.coverage.cells.coverage_model import Floats, Model, Posterior
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements
from solidarity.lib.grid import EVIDENCE_RESOLUTION

_COLUMNS = (
    "cell", "territory", "day", "a", "x", "xt", "help", "ac", "citizen_rate", "last", "status", "computed", "overridden",
)  # fmt: skip
_POSTERIOR = ("shape", "rate", "mean", "theta", "chance", "aid")
_FEW = 1000  # for so few cells, numpy takes longer than Python to find the distinct territories


@dataclass(frozen=True, slots=True)
class TerritoryParams:
    """Parameters of a territory.

    model: the values of the parameters, adapted to the cell size and to the cold plan in force. version: primary key of
    the Parameters row. m0: expected persons per cell. presence_only: True if nobody logs search effort there; no cell
    then gets the status "covered". counted: whether the expected number of people has a source; without one, cells have
    no posterior, and only search and reports give a status. cold: whether a cold plan is in force. group: mean size of
    the group in which a person was met, which widens displayed ranges.
    """

    model: Model
    version: int
    m0: float
    presence_only: bool = False
    cold: bool = False
    group: float = 1.0
    counted: bool = True


@dataclass(slots=True)
class CellStates:
    """States of n cells as arrays. a, x, xt: sums of the associations' evidence, decayed to ``day``. help: contacts by
    day, of shape (n, BUCKETS) (mapping.coverage.cells.help_by_day). ac: the decayed weight U of citizens' reports, before the
    limit of the cell. citizen_rate: κ in force (mapping.coverage.citizen_rates).

    last: day of the last search, NaN if the cell was never searched. computed: the status that the model gives. status:
    the displayed status; it comes from an override where ``overridden`` is true. zone: the key of each cell's zone, or
    None.
    """

    cell: NDArray[np.int64]
    territory: NDArray[np.int32]
    day: Floats
    a: Floats
    x: Floats
    xt: Floats
    help: Floats
    ac: Floats
    citizen_rate: Floats
    last: Floats
    status: NDArray[np.int16]
    computed: NDArray[np.int16]
    overridden: NDArray[np.bool_]
    zone: list[Any]
    posterior: Posterior | None = field(default=None)

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def s(self) -> Floats:
        """Contacts of the seven days before ``day``."""
        return help_by_day.total(self.help, self.day)

    @classmethod
    def blank(cls, cell: NDArray[np.int64], territory: NDArray[np.int32], day: float) -> "CellStates":
        """Return states of cells without evidence."""
        count = len(cell)

        def zeros() -> Floats:
            return np.zeros(count)

        return cls(
            cell, territory, np.full(count, day), zeros(), zeros(), zeros(), help_by_day.blank(count), zeros(), zeros(),
            np.full(count, np.nan), np.zeros(count, dtype=np.int16), np.zeros(count, dtype=np.int16),
            np.zeros(count, dtype=np.bool_), [None] * count,
        )  # fmt: skip

    def part(self, rows: NDArray[np.int64]) -> "CellStates":
        """Copy the states at ``rows``."""
        posterior = self.posterior
        if posterior is not None:
            posterior = Posterior(*(getattr(posterior, name)[rows] for name in _POSTERIOR))
        columns = {name: getattr(self, name)[rows] for name in _COLUMNS}
        return replace_fields(self, **columns, zone=[self.zone[row] for row in rows.tolist()], posterior=posterior)

    def as_stored(self) -> "CellStates":
        """Return these states, which stay as they are when ``aged`` changes this object."""
        sums = {name: getattr(self, name).copy() for name in ("a", "x", "xt", "ac", "help")}
        return replace_fields(self, **sums)

    def aged(self, params_of: dict[int, TerritoryParams], day: float) -> None:
        """Decay all sums to ``day``; empty the buckets of help that became older than the window."""
        for rows, params in self.by_model(params_of):
            fade = coverage_model.decay(day - self.day[rows], params.model.half_life)
            for name in ("a", "x", "xt", "ac"):
                getattr(self, name)[rows] *= fade
        help_by_day.age(self.help, self.day, day)
        self.day = np.maximum(self.day, day)

    def citizen_parts(self, params_of: Mapping[int, TerritoryParams]) -> tuple[Floats, Floats]:
        """Return the citizens' parts of A and X."""
        a, x = np.zeros(len(self)), np.zeros(len(self))
        for rows, params in self.by_model(params_of):
            a[rows], x[rows] = coverage_model.citizen_parts(params.model, self.citizen_rate[rows], self.ac[rows])
        return a, x

    def by_model(self, params_of: Mapping[int, TerritoryParams]) -> list[tuple[NDArray[np.bool_], TerritoryParams]]:
        """Return, for each model, a mask of the cells that use it, and the parameters of one territory with this
        model."""
        territories = np.unique(self.territory).tolist() if len(self) > _FEW else sorted(set(self.territory.tolist()))
        models = [params_of[territory].model for territory in territories]
        if models and all(model is models[0] for model in models):  # comparing 24 numbers of each takes longer
            return [(np.ones(len(self), dtype=bool), params_of[territories[0]])]
        versions: dict[Model, TerritoryParams] = {}
        members: dict[Model, list[int]] = {}
        for territory in territories:
            params = params_of[territory]
            versions.setdefault(params.model, params)
            members.setdefault(params.model, []).append(territory)
        if len(versions) == 1:
            return [(np.ones(len(self), dtype=bool), next(iter(versions.values())))]
        return [(np.isin(self.territory, members[version]), params) for version, params in versions.items()]

    def evaluate(
        self,
        params_of: dict[int, TerritoryParams],
        rings: NDArray[np.int32],
        rows: NDArray[np.int64] | None = None,
        overrides: dict[int, int] | None = None,
    ) -> None:
        """Set the posterior and the status of all cells, or only of the cells at ``rows``.

        rings: (n, 6) positions of the neighbours; n marks a neighbour outside these cells. overrides: the status that
        an override gives to a cell, by cell. ``computed`` must contain the previous status, because hysteresis depends
        on it.
        """
        citizens_a, citizens_x = self.citizen_parts(params_of)
        total_a, total_x = np.zeros(len(self) + 1), np.zeros(len(self) + 1)
        total_a[:-1], total_x[:-1] = self.a + citizens_a, self.x + citizens_x
        chosen = np.arange(len(self)) if rows is None else rows
        near = rings[chosen]
        ring_a, ring_x = total_a[near].sum(axis=1), total_x[near].sum(axis=1)
        order = sorted(params_of)
        place = np.searchsorted(np.array(order), self.territory[chosen])
        m0 = np.array([params_of[t].m0 for t in order])[place]
        blind = np.array([params_of[t].presence_only for t in order])[place]
        counted = np.array([params_of[t].counted for t in order])[place]
        s = self.s
        if self.posterior is None:
            blank = [np.zeros(len(self)) for _ in range(6)]
            blank[1] += 1.0
            self.posterior = Posterior(*blank)
        inside = np.zeros(len(self), dtype=bool)
        inside[chosen] = True
        for mask, params in self.by_model(params_of):
            at = mask[chosen]
            here = chosen[at]
            found = coverage_model.posterior(
                params.model, m0[at], total_a[here], total_x[here], ring_a[at], ring_x[at], s[here]
            )
            for name in _POSTERIOR:
                getattr(self.posterior, name)[here] = getattr(found, name)
            searched = np.where(blind[at], 0.0, self.xt[here])
            self.computed[here] = coverage_model.statuses(params.model, found, searched, self.computed[here])
            if not counted[at].all():
                self._search_only(here[~counted[at]], params.model, searched[~counted[at]])
        self.status[chosen] = self.computed[chosen]
        self.overridden[chosen] = False
        for cell, status in (overrides or {}).items():
            row = int(np.searchsorted(self.cell, cell))
            if row < len(self) and self.cell[row] == cell and inside[row]:
                self.status[row], self.overridden[row] = status, True

    def _search_only(self, rows: NDArray[np.int64], model: Model, searched: Floats) -> None:
        """Give cells without a count the statuses of search and reports, and no number of people."""
        assert self.posterior is not None
        for name in _POSTERIOR:
            getattr(self.posterior, name)[rows] = 1.0 if name == "rate" else 0.0
        self.computed[rows] = coverage_model.search_statuses(model, self.a[rows], self.ac[rows], searched)

    def evaluate_cells(
        self, params_of: dict[int, TerritoryParams], cells: NDArray[np.int64], overrides: dict[int, int]
    ) -> NDArray[np.int64]:
        """Evaluate the given cells that have a state here; return their positions in ascending order."""
        row, known = cell_geometry.rows_of(cells, self.cell)
        rows = np.unique(row[known])
        ring, there = cell_geometry.rows_of(cell_geometry.rings_of(self.cell[rows]), self.cell)
        near = np.full((len(self), 6), len(self), dtype=np.int32)
        near[rows] = np.where(there, ring, len(self))
        self.evaluate(params_of, near, rows, overrides)
        return rows


def territory_params_of(
    territories: Collection[int] | None = None, moment: datetime | None = None
) -> dict[int, TerritoryParams]:
    """Return the parameters in force at a datetime (default: now), by territory id, for all territories or only the
    given ones. A cell of resolution 8 is seven times as large as a cell of resolution 9, so an hour of search there
    gives a seventh of the sweeps."""
    rows = prepared_statements.run(
        _PARAMS + ("" if territories is None else " WHERE t.id = ANY($2::int[])"),
        [moment or timezone.now(), *([] if territories is None else [prepared_statements.array(territories)])],
    )
    return as_params(rows)


def reading_params(moment: datetime) -> prepared_statements.Statement:
    """Return the statement that reads the parameters in force at a datetime in the territories of the cells ``near``
    (stored_states.near)."""
    return _PARAMS_NEAR, [moment]


def as_params(rows: Iterable[tuple[Any, ...]]) -> dict[int, TerritoryParams]:
    """Return the parameters by territory id from the rows of their statement."""
    return {
        territory: TerritoryParams(
            _fitted(values, resolution, 1.0 if norm is None else norm),
            version,
            m0 * (1.0 if persons is None else persons),
            presence_only,
            norm is not None,
            group,
            bool(counted),
        )
        for territory, m0, resolution, presence_only, group, version, values, norm, persons, counted in rows
    }


# The nearest cold plan applies: the territory's own, else its closest ancestor's. If a territory has several plans, the
# one that started last applies.
_PARAMS = (
    "SELECT t.id, g.m0, g.resolution, g.presence_only, g.group_size, p.id AS version, p.values::text, "
    "s.norm_factor, s.persons_factor, "
    "(SELECT o.count_kind <> '' FROM volunteers_territory o WHERE o.expected_persons IS NOT NULL "
    "AND starts_with(t.path, o.path) ORDER BY length(o.path) DESC LIMIT 1) AS counted "
    "FROM volunteers_territory t JOIN mapping_coveragesettings g ON g.territory_id = t.id "
    "JOIN mapping_parameters p ON p.id = g.model_id LEFT JOIN LATERAL ("
    "SELECT c.norm_factor, c.persons_factor FROM needs_coldplan c JOIN volunteers_territory o ON o.id = c.territory_id "
    'WHERE c.start <= $1::timestamptz AND (c."end" IS NULL OR c."end" > $1) AND starts_with(t.path, o.path) '
    "ORDER BY length(o.path) DESC, c.start DESC LIMIT 1) s ON true"
)
_PARAMS_NEAR = f"{_PARAMS} WHERE g.territory_id = ANY(ARRAY(SELECT DISTINCT territory FROM near))"


@cache
def _fitted(values: str, resolution: int, norm: float) -> Model:
    model = Model.of(json.loads(values))
    share = 7.0 ** (resolution - EVIDENCE_RESOLUTION)
    return replace_fields(
        model,
        search_rate=model.search_rate * share,
        citizen_search=model.citizen_search * share,
        norm_per_week=model.norm_per_week * norm,
    )
