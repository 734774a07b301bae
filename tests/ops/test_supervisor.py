"""Restarts of the processes of ``make run``, with real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from solidarity.local.processes import Process
from solidarity.local.supervisor import MOST_DEATHS, Deaths, Supervisor

DIES = [sys.executable, "-c", "print('I die', flush=True); raise SystemExit(3)"]
LIVES = [sys.executable, "-c", "import subprocess, sys; print('up', flush=True); "
         "subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"]  # fmt: skip


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[Supervisor, list[tuple[str, Process]]]]:
    every: list[tuple[str, Process]] = []
    own = Supervisor(tmp_path, tmp_path / "log", os.environ, lambda name, process: every.append((name, process)))
    yield own, every
    own.stop()
    assert not any(process.alive() for _name, process in every)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_pauses_grow_and_the_fifth_death_in_a_minute_is_the_last() -> None:
    deaths = Deaths()
    assert [deaths.pause_after(now) for now in (0, 2, 5, 10, 20)] == [1, 2, 4, 8, None]
    rare = Deaths()
    assert [rare.pause_after(now) for now in range(0, 1000, 100)] == [1] * 10


def test_a_process_that_dies_is_restarted_with_its_children_gone_and_its_log_kept(
    started: tuple[Supervisor, list[tuple[str, Process]]], capsys: pytest.CaptureFixture[str]
) -> None:
    own, every = started
    own.start("worker", LIVES)
    own.start("beat", LIVES)
    until(lambda: all("up" in own.log_of(name).read_text() for name in ("worker", "beat")))
    first = every[0][1]
    until(lambda: len(first.session()) == 2)
    members = first.session()
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: own.ended())
    assert own.tend(now=100)  # the supervisor notes the death
    assert not any(member.alive() for member in members), "the children of the dead process still run"
    assert own.tend(now=100.9)
    assert len(every) == 2, "it was restarted before the pause was over"
    assert own.tend(now=101)
    assert [name for name, _process in every] == ["worker", "beat", "worker"]
    until(lambda: own.log_of("worker").read_text().count("up") == 2)
    said = "The worker process stopped by itself (signal 9). It starts again in 1 s (stop 1 of 5 in a minute)."
    assert said in own.log_of("worker").read_text()
    assert said in capsys.readouterr().err
    assert own.ended() is None


def test_a_child_that_ended_at_once_is_known_until_somebody_waits_for_it() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert Process.of(child.pid) is None
    known = Process.of_child(child.pid)
    assert (known.pid, known.alive(), known.session()) == (child.pid, False, [])
    child.wait()
    with pytest.raises(ProcessLookupError):
        Process.of_child(child.pid)


def test_after_five_deaths_in_a_minute_it_gives_up_and_shows_the_log(
    started: tuple[Supervisor, list[tuple[str, Process]]], capsys: pytest.CaptureFixture[str]
) -> None:
    own, every = started
    own.start("beat", LIVES)
    own.start("worker", DIES)
    now = 0.0
    while len(every) < 1 + MOST_DEATHS:
        until(lambda: own.ended())
        assert own.tend(now)
        now += 8
        assert own.tend(now)
    until(lambda: own.ended())
    assert not own.tend(now)
    said = capsys.readouterr().err
    assert [f"in {pause} s" in said for pause in (1, 2, 4, 8, 16)] == [True] * 4 + [False]
    assert "The worker process stopped by itself (exit code 3) 5 times in a minute, so the rest stops." in said
    assert said.count("    I die") >= MOST_DEATHS
    assert every[0][1].alive(), "the others run until they are stopped together"
