"""The benchmark of counts: a count wrong by two is noticed, a right one is left alone, and the figures of the page are those
of the model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from mapping.coverage.cells.coverage_model import Model
from mapping.plans.self_checks.first_visit_wording import FIGURES
from solidarity.ops.model_benchmark import count_checks, misspecified_worlds, worlds_report
from solidarity.ops.model_benchmark.baselines import BASELINES
from solidarity.ops.model_benchmark.misspecified_worlds import run_worlds
from solidarity.ops.model_benchmark.score import in_range
from solidarity.ops.simulation.worlds import WORLDS


def test_a_count_wrong_by_two_is_noticed_and_a_right_one_is_not_doubted(capsys: pytest.CaptureFixture[str]) -> None:
    found = count_checks.run([3], Model(), workers=1)
    assert found["halved"]["alarms"] == found["doubled"]["alarms"] == 1.0
    assert found["right"]["alarms"] == found["half the people, told truthfully"]["alarms"] == 0.0
    assert found["halved"]["ratio"] > 1.6 > 1.3 > found["right"]["ratio"] > 0.8 > 0.7 > found["doubled"]["ratio"]
    assert found["half the people, told truthfully"]["f1_proposed"] >= found["half the people, told truthfully"]["f1"]
    assert "told truthfully" in count_checks.table(found)


def test_the_range_of_the_unseen_estimate_needs_the_error_of_the_count() -> None:
    unseen = np.array([[600.0, 900.0, 700.0], [600.0, 900.0, 620.0], [600.0, 900.0, 300.0]])
    assert in_range(unseen, 0.0).tolist() == [False, True, False]
    assert in_range(unseen, 0.1).tolist() == [True, True, False]


def test_the_figures_on_the_page_are_those_of_the_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(misspecified_worlds, "BASELINES", {"counts": BASELINES["counts"]})
    [row] = run_worlds(WORLDS[:1], [5], Model(), workers=1)
    shown = json.loads(FIGURES.read_text(encoding="utf-8"))
    assert set(shown["figures"]) == set(worlds_report.MISSES)
    for name, value in shown["figures"].items():
        assert row[name] == pytest.approx(value, abs=0.1), name
    assert row["unseen_coverage"] >= 0.5
    worlds_report.write_figures([row], [5], tmp_path / "figures.json")
    written = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert written == {"seeds": "5", "figures": {name: round(row[name], 3) for name in worlds_report.MISSES}}


@pytest.mark.parametrize("options", [{}, {"worlds": "1"}, {"worlds": "0", "choosing": True}])
def test_the_figures_are_only_written_from_the_plain_city_on_seeds_for_reporting(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="--worlds 0"):
        call_command("benchmark_model", write_figures=True, **options)
