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
from solidarity.local.services.running_services import Stores
from solidarity.local.supervisor import MISSED, MOST_DEATHS, Deaths, StoreWatch, Supervisor
from solidarity.local.terminal import SetUpRefused

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


class Servers(Stores):
    """Stores whose servers are ``down`` until somebody starts them again, or for ever if they are ``broken``."""

    def __init__(self, broken: bool = False) -> None:
        self.silent, self.broken, self.revived = ["Redis"], broken, 0

    def down(self) -> list[str]:
        return list(self.silent)

    def revive(self, *names: str) -> None:
        assert names == ("Redis",)
        self.revived += 1
        if self.broken:
            raise SetUpRefused("Redis did not start: no space left on the device")
        self.silent = []


def test_a_store_is_restarted_after_five_checks_without_an_answer_and_one_slow_answer_is_no_death(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stores = Servers()
    watch = StoreWatch(stores)
    assert all(watch.tend(now) for now in range(MISSED)) and stores.revived == 0
    stores.silent = []
    assert watch.tend(MISSED)
    stores.silent = ["Redis"]
    assert all(watch.tend(now) for now in range(5, 5 + MISSED)) and stores.revived == 0
    assert watch.tend(10) and stores.revived == 1
    assert "Redis stopped by itself. It starts again (stop 1 of 5 in a minute)." in capsys.readouterr().err


def test_a_store_that_does_not_start_stops_the_run_at_the_fifth_death_in_a_minute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stores = Servers(broken=True)
    watch = StoreWatch(stores)
    checks = 0
    while watch.tend(checks / 2):
        checks += 1
    assert (checks, stores.revived) == (MOST_DEATHS * (MISSED + 1) - 1, MOST_DEATHS - 1)
    said = capsys.readouterr().err
    assert said.count("Redis did not start: no space left on the device") == MOST_DEATHS - 1
    assert "Redis stopped by itself 5 times in a minute, so the rest stops." in said
