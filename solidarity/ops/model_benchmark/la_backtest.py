"""Backtest of forecasts of next month's encampment reports in Los Angeles."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.coverage_model import Floats
from mapping.coverage.cells.presence_only import expected, fit_mix, recalled, shares

FILE = "la311/la311_homeless_encampment_2015-08_2016-12.csv"
FIRST_TEST = "2016-08"
TOP = 0.05
NEIGHBOUR_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Reports:
    """counts: number of reports, of shape (cells, months). near: (cells, 6) positions of neighbours; a missing
    neighbour has the number of cells as its position. districts: the names of the districts. by_district: number of
    reports, of shape (districts, months)."""

    months: list[str]
    counts: Floats
    near: NDArray[np.int64]
    districts: list[str]
    by_district: Floats


def read(folder: Path) -> Reports:
    """Return the reports of the file in the data folder; raise FileNotFoundError without it."""
    placed: list[tuple[int, str, str]] = []
    with (folder / FILE).open(newline="") as file:
        for row in csv.DictReader(file):
            if row["Latitude"] and row["Longitude"]:
                cell = h3.latlng_to_cell(float(row["Latitude"]), float(row["Longitude"]), 9)
                placed.append((cell, row["CreatedDate"][:7], row["CD"]))
    months = sorted({month for _cell, month, _district in placed})
    area = sorted({near for cell in {cell for cell, *_ in placed} for near in h3.grid_disk(cell, 1)})
    position = {cell: row for row, cell in enumerate(area)}
    near = np.full((len(area), 6), len(area), dtype=np.int64)
    for cell, at in position.items():
        ring = [position[other] for other in h3.grid_disk(cell, 1) if other != cell and other in position]
        near[at, : len(ring)] = ring
    districts = sorted({district for *_, district in placed if district})
    counts, by_district = np.zeros((len(area), len(months))), np.zeros((len(districts), len(months)))
    for cell, month, district in placed:
        counts[position[cell], months.index(month)] += 1
        if district:
            by_district[districts.index(district), months.index(month)] += 1
    return Reports(months, counts, near, districts, by_district)


def _with_neighbours(past: Floats, near: NDArray[np.int64], half_life: float) -> Floats:
    own = recalled(past, half_life)
    return np.asarray((1 - NEIGHBOUR_SHARE) * own + NEIGHBOUR_SHARE * np.append(own, 0.0)[near].mean(axis=1))


Forecast = Callable[[Floats, NDArray[np.int64]], Floats]
SINGLE: dict[str, Forecast] = {
    "last month": lambda past, near: past[:, -1],
    "last 3 months": lambda past, near: past[:, -3:].mean(axis=1),
    "EWMA, half-life 1.5": lambda past, near: recalled(past, 1.5),
    "EWMA, half-life 3": lambda past, near: recalled(past, 3.0),
    "EWMA, half-life 6": lambda past, near: recalled(past, 6.0),
    "EWMA 3 and neighbours": lambda past, near: _with_neighbours(past, near, 3.0),
}
MIX = "mix fitted on the past year"


def hit_rate(rank: Floats, happened: Floats) -> float:
    """Return the share of a month's reports in the best-ranked 5 % of the cells."""
    count = int(np.ceil(TOP * len(rank)))
    return float(happened[np.argsort(-rank, kind="stable")[:count]].sum() / happened.sum())


def backtest(reports: Reports) -> dict[str, object]:
    """Return hit rates by month, their means, the mix compared with the best single forecast, and district errors."""
    tests = [row for row, month in enumerate(reports.months) if month >= FIRST_TEST]
    forecasts: dict[str, Forecast] = {**SINGLE, MIX: lambda past, near: expected(past, near, fit_mix(past, near))}
    rates = {
        name: [hit_rate(rule(reports.counts[:, :row], reports.near), reports.counts[:, row]) for row in tests]
        for name, rule in forecasts.items()
    }
    rates["oracle"] = [hit_rate(reports.counts[:, row], reports.counts[:, row]) for row in tests]
    best = max(SINGLE, key=lambda name: np.mean(rates[name]))
    lead = np.array(rates[MIX]) - np.array(rates[best])
    fitted = fit_mix(reports.counts[:, : tests[-1]], reports.near)
    return {
        "cells": len(reports.counts),
        "months": [reports.months[row] for row in tests],
        "hit_rate_top5": {name: float(np.mean(values)) for name, values in rates.items()},
        "by_month": rates,
        "best_single": best,
        "lead": float(lead.mean()),
        "lead_standard_error": float(lead.std(ddof=1) / np.sqrt(len(lead))),
        "weights": {
            f"{'own' if kind.own else 'neighbours'} {kind.kept} {kind.half_life:g} months": share
            for kind, share in fitted.words()
        },
        "district_error": _districts(reports, tests),
    }


def _districts(reports: Reports, tests: list[int]) -> dict[str, float]:
    """Return the mean absolute error of next month's reports per district."""
    none = np.full((len(reports.districts), 6), len(reports.districts))
    rules: dict[str, Forecast] = {
        **{name: rule for name, rule in SINGLE.items() if "neighbours" not in name},
        MIX: lambda past, near: expected(past, near, fit_mix(past, near, shares())),
    }
    return {
        name: float(
            np.mean([np.abs(rule(reports.by_district[:, :row], none) - reports.by_district[:, row]) for row in tests])
        )
        for name, rule in rules.items()
    }
