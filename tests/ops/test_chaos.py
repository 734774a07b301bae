"""The short version of ``make chaos``: processes are killed, no report is lost and none is stored twice."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solidarity.ops.chaos import identical_posts
from solidarity.ops.chaos.outcome import ChaosResult
from solidarity.ops.chaos.traffic import Log, Phones, reports
from tests.ops.test_setup import clean_environment, processes_of

ROOT = Path(__file__).resolve().parents[2]
REPORTS = 250
SETS = 4
SHORT = [
    "--reports",
    str(REPORTS),
    "--per-second",
    "50",
    "--kill-every",
    "0.5",
    "1",
    "--down",
    "0.1",
    "0.4",
    "--identical",
    str(SETS),
]
PROGRAM = """
import sys, types
from pathlib import Path
package = types.ModuleType("solidarity")
package.__path__ = [str(Path.cwd() / "solidarity")]
sys.modules["solidarity"] = package
from solidarity.local import chaos_test as chaos
from solidarity.local.checkout import Checkout
sys.exit(chaos.perform(Checkout.here(), Path(sys.executable), sys.argv[1:]))
"""


@pytest.fixture
def state() -> Iterator[Path]:
    """A folder with a path short enough for sockets that the database's account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="sol-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.worker
@pytest.mark.xdist_group("setup")
def test_every_acknowledged_report_is_there_once_after_everything_was_killed(state: Path) -> None:
    result = state / "result.json"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *SHORT, "--kills", "5", "--out", str(result)],
        cwd=ROOT, env=clean_environment(state), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads(result.read_text())
    assert found["kills"] == {"PostgreSQL": 1, "Redis": 1, "beat": 1, "web": 1, "worker": 1}
    assert found["flushes"] == 1
    assert found["fsync"] == "on"
    assert found["acknowledged"] == found["stored"] == REPORTS + SETS
    assert found["identical"] == {
        "rounds": SETS,
        "at_once": 50,
        "answers": {"200": 49 * SETS, "201": SETS},
        "wrong": [],
    }
    assert found["lost"] == found["duplicated"] == found["refused"] == found["hashes_that_disagree"] == 0
    assert found["max_difference"] <= 1e-9
    assert found["zones_equal"]
    assert found["drained_s"] < 300
    # The kills had effects: phones sent again, some answers were lost, and repeats were recognised.
    assert sum(number for status, number in found["answers"].items() if status not in ("200", "201")) > 0
    assert found["answers_cut"] > 0
    assert found["answers"]["200"] > 0
    assert not processes_of(state)


@pytest.mark.parametrize(
    "what",
    [
        {"lost": 1}, {"duplicated": 1}, {"stored": 9}, {"acknowledged": 9}, {"refused": 1}, {"given_up": 1},
        {"max_difference": 1e-8}, {"zones_equal": False}, {"drained_s": 301.0},
    ],
)  # fmt: skip
def test_a_chaos_test_that_misses_anything_fails(what: dict[str, Any]) -> None:
    good = ChaosResult(
        sent=10, acknowledged=10, stored=10, lost=0, duplicated=0, refused=0, given_up=0,
        max_difference=1e-12, zones_equal=True, drained_s=1.0,
    )  # fmt: skip
    assert good.holds()
    assert not replace(good, **what).holds()


def test_a_phone_keeps_a_report_until_an_acknowledgement_names_it() -> None:
    from django.utils import timezone

    [report] = reports(1, (48.8, 2.3, 48.9, 2.4), [{"Authorization": "Bearer x"}], timezone.now(), 3)
    phones = Phones(1, [report], 50, 1)
    good = json.dumps({"id": str(report.id), "content_hash": "a" * 64}).encode()
    other = json.dumps({"id": "00000000-0000-4000-8000-000000000000", "content_hash": "a" * 64}).encode()
    assert not phones._settled(report, (0, b""))
    assert not phones._settled(report, (500, b""))
    assert not phones._settled(report, (429, b""))
    assert not phones._settled(report, (201, other))
    assert phones.log == Log(answers=phones.log.answers)
    assert phones._settled(report, (201, good))
    assert phones.log.acknowledged == {report.id: "a" * 64}


@pytest.mark.parametrize(
    ("codes", "other"), [([200] * 50, 409), ([200] * 48 + [201] * 2, 409), ([200] * 48 + [201, 500], 409), ([200] * 49 + [201], 200)]
)  # fmt: skip
def test_a_set_of_identical_posts_that_goes_otherwise_is_wrong(codes: list[int], other: int) -> None:
    found = identical_posts.Outcome()
    body = json.dumps({"content_hash": "a"}).encode()
    identical_posts._judge(found, [(code, body) for code in codes], other)
    assert len(found.wrong) == 1
    identical_posts._judge(found, [(code, body) for code in [200] * 49 + [201]], 409)
    assert len(found.wrong) == 1


def test_the_chaos_test_refuses_stores_that_are_not_its_own(db: None) -> None:
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="make chaos"):
        call_command("chaos")
