"""Cell states as arrays, one row per cell: loading, ageing, evaluating, storing."""

import io
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage import coverage_model, help_by_day
from mapping.coverage.coverage_model import Floats, Model, Posterior
from solidarity.lib.database import prepared_statements
from solidarity.lib.grid import EVIDENCE_RESOLUTION

_COLUMNS = (
    "cell", "territory", "day", "a", "x", "xt", "help", "ac", "citizen_rate", "last", "status", "computed", "overridden",
)  # fmt: skip
_POSTERIOR = ("shape", "rate", "mean", "theta", "chance", "aid")


@dataclass(frozen=True, slots=True)
class TerritoryParams:
    """Parameters of a territory.

    model: the values of the parameters, adapted to the cell size and to the cold plan in force. version: primary key of
    the Parameters row. m0: expected persons per cell. presence_only: nobody logs search effort there, so no cell gets
    the status "covered". cold: whether a cold plan is in force.
    """

    model: Model
    version: int
    m0: float
    presence_only: bool = False
    cold: bool = False


@dataclass(slots=True)
class CellStates:
    """States of n cells as arrays. a, x, xt: sums of the associations' evidence, decayed to ``day``. help: contacts by
    day, of shape (n, BUCKETS) (mapping.coverage.help_by_day). ac: the decayed weight U of citizens' reports, before the
    limit of the cell. citizen_rate: κ in force (mapping.citizen_rates).

    last: day of the last search, NaN if the cell was never searched. computed: the model's status. status: the
    displayed status; it comes from an override where ``overridden`` is true. zone: the key of each cell's zone, or
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
        """For each model, return a mask of the cells that use it, and the parameters of one territory that uses it."""
        versions: dict[Model, TerritoryParams] = {}
        members: dict[Model, list[int]] = {}
        for territory in np.unique(self.territory).tolist():
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

        rings: (n, 6) positions of the neighbours; n marks a neighbour outside these cells. overrides: status set by an
        override, by cell. ``computed`` must contain the previous status, because hysteresis depends on it.
        """
        citizens_a, citizens_x = self.citizen_parts(params_of)
        total_a = np.append(self.a + citizens_a, 0.0)
        total_x = np.append(self.x + citizens_x, 0.0)
        chosen = np.arange(len(self)) if rows is None else rows
        near = rings[chosen]
        ring_a, ring_x = total_a[near].sum(axis=1), total_x[near].sum(axis=1)
        order = sorted(params_of)
        place = np.searchsorted(np.array(order), self.territory[chosen])
        m0 = np.array([params_of[t].m0 for t in order])[place]
        blind = np.array([params_of[t].presence_only for t in order])[place]
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
        self.status[chosen] = self.computed[chosen]
        self.overridden[chosen] = False
        for cell, status in (overrides or {}).items():
            row = int(np.searchsorted(self.cell, cell))
            if row < len(self) and self.cell[row] == cell and inside[row]:
                self.status[row], self.overridden[row] = status, True

    def evaluate_cells(
        self, params_of: dict[int, TerritoryParams], rings: Mapping[int, Sequence[int]], overrides: dict[int, int]
    ) -> NDArray[np.int64]:
        """Evaluate the cells in ``rings``, which gives the neighbours of each; return their positions in ascending
        order."""
        position = {cell: row for row, cell in enumerate(self.cell.tolist())}
        near = np.full((len(self), 6), len(self), dtype=np.int32)
        for cell, ring in rings.items():
            if cell in position:
                near[position[cell], : len(ring)] = [position.get(other, len(self)) for other in ring]
        rows = np.array(sorted(position[cell] for cell in rings if cell in position), dtype=np.int64)
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
    return {
        territory: TerritoryParams(
            _fitted(values, resolution, 1.0 if norm is None else norm),
            version,
            m0 * (1.0 if persons is None else persons),
            presence_only,
            norm is not None,
        )
        for territory, m0, resolution, presence_only, version, values, norm, persons in rows
    }


# The nearest cold plan applies: the territory's own, else its closest ancestor's. If a territory has several plans, the
# one that started last applies.
_PARAMS = (
    "SELECT t.id, g.m0, g.resolution, g.presence_only, p.id, p.values::text, s.norm_factor, s.persons_factor "
    "FROM volunteers_territory t JOIN mapping_coveragesettings g ON g.territory_id = t.id "
    "JOIN mapping_parameters p ON p.id = g.model_id LEFT JOIN LATERAL ("
    "SELECT c.norm_factor, c.persons_factor FROM needs_coldplan c JOIN volunteers_territory o ON o.id = c.territory_id "
    'WHERE c.start <= $1::timestamptz AND (c."end" IS NULL OR c."end" > $1) AND starts_with(t.path, o.path) '
    "ORDER BY length(o.path) DESC, c.start DESC LIMIT 1) s ON true"
)


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


_READ = (
    "SELECT cell, territory, day, a, x, xt, ac, citizen_rate, last_search, status, computed, overridden, "
    "zone::text, shape, rate, mean, theta, chance, help FROM mapping_cellstate"
)


def load(condition: str, parameters: Sequence[Any]) -> CellStates:
    """Load the stored states that match an SQL condition, ordered by cell."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_READ} WHERE {condition} ORDER BY cell", parameters)
        return _states(cursor.fetchall())


def of_cells(cells: Collection[int]) -> CellStates:
    """Load the stored states of some cells, ordered by cell."""
    return _states(
        prepared_statements.run(
            f"{_READ} WHERE cell = ANY($1::bigint[]) ORDER BY cell", [prepared_statements.array(cells)]
        )
    )


def _states(fetched: list[tuple[Any, ...]]) -> CellStates:
    columns: list[Any] = list(zip(*fetched, strict=True)) or [()] * 19
    numbers = [np.array(column, dtype=np.float64) for column in (*columns[2:9], *columns[13:19])]
    day, a, x, xt, ac, citizen_rate, last, shape, rate, mean, theta, chance, aid = numbers
    keys = {text: text and uuid.UUID(text) for text in set(columns[12])}
    return CellStates(
        np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.int32), day, a, x, xt,
        aid.reshape(-1, help_by_day.BUCKETS), ac, citizen_rate, last,
        status=np.array(columns[9], dtype=np.int16),
        computed=np.array(columns[10], dtype=np.int16),
        overridden=np.array(columns[11], dtype=np.bool_),
        zone=[keys[text] for text in columns[12]],
        posterior=Posterior(shape, rate, mean, theta, chance, np.zeros(len(shape))),
    )  # fmt: skip


def update(states: CellStates, rows: NDArray[np.int64]) -> prepared_statements.Statement:
    """Return the statement that stores the states at the given rows, with their zones."""
    found = states.posterior
    assert found is not None
    columns = [
        states.cell, states.day, states.a, states.x, states.xt, states.ac, states.last,
        found.shape, found.rate, found.theta, found.mean, found.chance, states.status, states.computed, states.overridden,
    ]  # fmt: skip
    values: list[list[Any]] = [np.asarray(column)[rows].tolist() for column in columns]
    values[6] = [None if v != v else v for v in values[6]]
    values.append([states.zone[row] for row in rows.tolist()])
    # An array of arrays would be unnested completely, so each cell's buckets are sent as a text.
    values.append([f'"{{{",".join(map(repr, buckets))}}}"' for buckets in states.help[rows].tolist()])
    return _UPDATE, [prepared_statements.array(column) for column in values]


_UPDATE = (
    "UPDATE mapping_cellstate c SET day = v.day, a = v.a, x = v.x, xt = v.xt, help = v.help::float8[], ac = v.ac, "
    "last_search = v.last, shape = v.shape, rate = v.rate, theta = v.theta, mean = v.mean, chance = v.chance, "
    "status = v.status, computed = v.computed, overridden = v.overridden, zone = v.zone FROM unnest($1::bigint[], "
    + "".join(f"${place}::float8[], " for place in range(2, 13))
    + "$13::smallint[], $14::smallint[], $15::boolean[], $16::uuid[], $17::text[]) v(cell, day, a, x, xt, ac, last, "
    "shape, rate, theta, mean, chance, status, computed, overridden, zone, help) "
    "WHERE c.cell = v.cell"
)


_NUMBERS = ("day", "a", "x", "xt", "ac", "citizen_rate", "last_search", "shape", "rate", "theta", "mean", "chance")


def replace(states: CellStates, zone: NDArray[Any]) -> None:
    """Replace all stored states, in the caller's transaction. zone: zone key of each cell, as 16 bytes."""
    found = states.posterior
    if found is None:  # no territory has cells yet
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM mapping_cellstate")
        return
    columns = {
        "day": states.day, "a": states.a, "x": states.x, "xt": states.xt, "ac": states.ac,
        "citizen_rate": states.citizen_rate, "last_search": states.last, "shape": found.shape, "rate": found.rate,
        "theta": found.theta,
        "mean": found.mean, "chance": found.chance,
    }  # fmt: skip
    never = np.isnan(states.last)
    parts = [b"PGCOPY\n\xff\r\n\x00" + bytes(8)]
    for rows, skip in ((np.flatnonzero(~never), ""), (np.flatnonzero(never), "last_search")):
        parts.append(_records(states, columns, zone, rows, skip))
    parts.append(b"\xff\xff")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mapping_cellstate")
        cursor.cursor.copy_expert(
            f"COPY mapping_cellstate (cell, territory, {', '.join(_NUMBERS)}, status, computed, overridden, zone, help) "
            "FROM STDIN (FORMAT binary)",
            io.BytesIO(b"".join(parts)),
        )


_FLOAT8 = 701  # PostgreSQL's number of the type float8

# An array in the binary format. head: number of dimensions, whether it contains NULL, type, length, first index.
_BUCKETS = np.dtype([("head", ">i4", 5), ("items", np.dtype([("size", ">i4"), ("value", ">f8")]), help_by_day.BUCKETS)])


def _records(states: CellStates, columns: dict[str, Floats], zone: Any, rows: NDArray[np.int64], null: str) -> bytes:
    """Return some cells as records in PostgreSQL's binary COPY format; each record has NULL in the column named
    ``null``."""
    fields: list[tuple[str, Any]] = [
        ("count", ">i2"),
        ("#cell", ">i4"),
        ("cell", ">i8"),
        ("#territory", ">i4"),
        ("territory", ">i4"),
    ]
    for name in _NUMBERS:
        fields.append((f"#{name}", ">i4"))
        if name != null:
            fields.append((name, ">f8"))
    fields += [
        ("#status", ">i4"),
        ("status", ">i2"),
        ("#computed", ">i4"),
        ("computed", ">i2"),
        ("#overridden", ">i4"),
        ("overridden", "?"),
        ("#zone", ">i4"),
        ("zone", "V16"),
        ("#help", ">i4"),
        ("help", _BUCKETS),
    ]
    layout = np.dtype(fields)
    record = np.zeros(len(rows), dtype=layout)
    record["count"] = 7 + len(_NUMBERS)
    for name, _kind in fields:
        if name.startswith("#"):
            record[name] = -1 if name[1:] == null else layout[name[1:]].itemsize
    record["cell"], record["territory"] = states.cell[rows], states.territory[rows]
    record["status"], record["computed"] = states.status[rows], states.computed[rows]
    record["overridden"], record["zone"] = states.overridden[rows], zone[rows]
    record["help"]["head"] = (1, 0, _FLOAT8, help_by_day.BUCKETS, 1)
    record["help"]["items"]["size"] = 8
    record["help"]["items"]["value"] = states.help[rows]
    for name in _NUMBERS:
        if name != null:
            record[name] = columns[name][rows]
    return record.tobytes()
