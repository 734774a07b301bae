"""The benchmark: every part runs in its short size, and a part that fails does not stop the others."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from solidarity.ops.bench import bench_run, parts
from solidarity.ops.bench.parts import PARTS, LimitMissed, Part, Say
from solidarity.ops.bench.sizes import SIZES, Size
from solidarity.ops.bench.timing import Figure, figure
from tests.conftest import environment
from volunteers.people.audit import anchor

type ShortRun = Callable[[list[str]], dict[str, dict[str, Any]]]

# For each part, a figure that it prints. If the figure is missing, the part has measured nothing.
FIGURES = {
    "matching": "match batch",
    "stops": "tour stops",
    "addresses": "address search p95",
    "places": "open now near me p50",
    "catalogue": "catalogue search p50",
    "phone": "phone tap to saved",
    "weight": "weight first map",
    "fold": "fold 500",
    "regions": "fold two regions",
    "recompute": "recompute 500",
    "lake": "lake 6k, one process",
    "tiles": "tile z12 304",
    "releases": "release range from Python",
    "open-map": "report to open map p95",
    "exports": "export csv 500",
    "filing": "filing verb",
    "messages": "sms queue p95",
    "pages": "page crisis report",
    "http": "filing rps",
    "reconcile": "state against ledger",
    "growth": "growth of tile",
    "pii": "PII a sentence",
    "danger": "danger a sentence",
    "privacy": "one person: partition",
    "model": "zones: F1",
}


def test_every_part_is_known_here() -> None:
    assert set(FIGURES) == set(PARTS)


REPEATED = ("phone", "weight", "pages")
"""The parts that test_bench_in_browser.py runs, with ``make test-all``."""
LONG = (
    "lake", "tiles", "releases", "open-map", "http", "messages", "growth", "danger", "privacy", "model",
)  # fmt: skip
"""The parts that take three quarters of the time, most of them to start servers. What they measure has tests of its own;
they run with ``make test-all``."""


@pytest.fixture
def short_run(transactional_db: None, own_broker: str, own_media: Path, tmp_path: Path) -> ShortRun:
    """A function that runs some parts in their short size and returns the figures by name."""
    return partial(_short_run, environment(own_broker, own_media), tmp_path / "results.json")


def _short_run(there: dict[str, str], out: Path, chosen: list[str]) -> dict[str, dict[str, Any]]:
    name = f"{connection.settings_dict['NAME']}_bench"
    there = {**there, "SOLIDARITY_DATA": ""}
    command = [sys.executable, "manage.py", "bench", "--size", "short", "--out", str(out), "--only", *chosen]
    before = anchor.read()
    try:
        done = subprocess.run(command, cwd=settings.ROOT, env={**os.environ, **there}, capture_output=True, text=True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    measured = {row["name"]: row for row in json.loads(out.read_text())}
    assert {FIGURES[name] for name in chosen} <= set(measured)
    assert anchor.read() == before  # the database of the benchmark has an audit log of its own
    return measured


@pytest.mark.worker
@pytest.mark.xdist_group("bench")
def test_a_short_run_measures_every_short_part(short_run: ShortRun) -> None:
    measured = short_run([name for name in FIGURES if name not in (*REPEATED, *LONG)])
    assert measured["state against ledger"]["ratio"] <= 1
    assert measured["address found"]["value"] >= 0.9


@pytest.mark.repetition
@pytest.mark.xdist_group("bench")
def test_a_short_run_measures_every_long_part(short_run: ShortRun) -> None:
    measured = short_run([*LONG])
    assert measured["lake bits, worker killed"]["ratio"] == measured["lake bits, two workers"]["ratio"] == 1
    assert measured["lake against DuckDB"]["value"] <= 1e-12


def _fails(size: Size, say: Say) -> list[Figure]:
    raise RuntimeError("no browser here")


def _works(size: Size, say: Say) -> list[Figure]:
    return [figure("works", 2.0, "s", 1.0)]


def _misses(size: Size, say: Say) -> list[Figure]:
    raise LimitMissed([figure("missed", 3.0, "", 1.0)])


def test_a_part_that_fails_is_reported_and_the_others_are_measured_and_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = {name: Part(measure, database=False) for name, measure in (("a", _fails), ("b", _works), ("c", _misses))}
    monkeypatch.setattr(bench_run, "PARTS", some)
    out, said = tmp_path / "results.json", list[str]()
    results = bench_run.run(list(some), SIZES["short"], out, said.append)
    assert [each.name for each in results.figures] == ["works", "missed"]
    assert [row["name"] for row in json.loads(out.read_text())] == ["works", "missed"]
    assert results.failed == {"a": "RuntimeError: no browser here", "c": "a line that must hold does not"}
    assert "FAILED a: RuntimeError: no browser here" in bench_run.summary(results)
    assert any("Traceback" in text for text in said)


def test_only_a_full_run_fails_for_a_limit_that_is_missed() -> None:
    figures = [figure("F1", 0.4, "", 0.48)]
    assert parts._limits(figures, False, SIZES["usual"]) == figures
    with pytest.raises(LimitMissed):
        parts._limits(figures, False, SIZES["full"])
