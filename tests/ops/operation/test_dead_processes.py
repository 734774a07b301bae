"""A real worker and a real scheduler that are killed: the readiness page notices each of them."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from solidarity.ops.operation import kept_readings, probes
from tests.conftest import environment, until

Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start(transactional_db: None, own_broker: str, own_media: Path, tmp_path: Path) -> Iterator[Start]:
    """A function that starts the worker or the scheduler on the test's database."""
    commands = {
        "worker": ["worker", "-P", "solo", "-n", f"dead-{uuid.uuid4().hex[:8]}@%h", "--without-gossip", "--without-mingle"],
        "beat": ["beat", "-s", str(tmp_path / "schedule"), "--pidfile="],
    }  # fmt: skip
    with ExitStack() as stack:

        def begin(name: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "solidarity", *commands[name]],
                cwd=settings.ROOT, env=environment(own_broker, own_media), stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield begin


@pytest.mark.worker
@pytest.mark.repetition
def test_readiness_says_which_process_is_dead(start: Start, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "SILENT", 20.0)
    monkeypatch.setattr(kept_readings.essential, "seconds", 0.5)

    def down() -> set[str]:
        parts = client.get("/health/ready").json()["parts"]
        return {part for part, state in parts.items() if state != "ok"}

    assert down() == {"worker", "beat", "fold"}
    worker, beat = start("worker"), start("beat")
    until(lambda: down() == set(), 120, "the processes did not give a sign of life")
    assert client.get("/health/ready").status_code == 200
    beat.kill()
    until(lambda: down() == {"beat"}, 90, "the death of the scheduler was not noticed")
    assert client.get("/health/ready").status_code == 503
    start("beat")
    until(lambda: down() == set(), 90, "the new scheduler was not noticed")
    worker.kill()
    until(lambda: down() == {"worker"}, 90, "the death of the worker was not noticed")
    assert client.get("/health/ready").status_code == 503
