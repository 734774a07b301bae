"""Celery workers for tests. A process loads the project once and forks itself for each worker, because loading takes
three seconds of computing, and each test needs a new worker.

``python -m tests.forked_workers`` reads a line with the log and the name of a worker as JSON, forks it, writes its
process number, and writes another line when it has ended.
"""

import contextlib
import gc
import json
import os
import select
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
_nurseries: dict[frozenset[tuple[str, str]], "_Nursery"] = {}


class Worker:
    """A real Celery worker with its beat, as a fork."""

    def __init__(self, nursery: "_Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def end(self) -> None:
        """End the worker; kill it if it takes half a minute."""
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            self.send_signal(signal.SIGTERM)
            if not self._nursery.says_something(30):
                self.send_signal(signal.SIGKILL)
        self._nursery.read()


class _Nursery:
    """A process with the project loaded, which runs one worker at a time."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, log: Path) -> Worker:
        assert self._process.stdin
        self._process.stdin.write(json.dumps([str(log), f"test-{uuid.uuid4().hex[:8]}@%h"]) + "\n")
        self._process.stdin.flush()
        return Worker(self, int(self.read()))

    def says_something(self, seconds: float) -> bool:
        assert self._process.stdout
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def close(self) -> None:
        self._process.communicate()  # closes its input, at whose end it exits


def start(environment: dict[str, str], log: Path) -> Worker:
    """Start a worker with this environment, which writes to a log. Each environment has its own nursery."""
    environment = {name: value for name, value in environment.items() if name != "PYTEST_CURRENT_TEST"}
    key = frozenset(environment.items())
    if key not in _nurseries:
        _nurseries[key] = _Nursery(environment)
    return _nurseries[key].start(log)


def close() -> None:
    """End the processes that start workers."""
    while _nurseries:
        _nurseries.popitem()[1].close()


def _serve() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")
    django.setup()
    from solidarity import celery_app, urls

    celery_app.autodiscover_tasks(force=True)
    assert urls.urlpatterns  # loaded now, because the worker's checks need them
    gc.freeze()
    for line in sys.stdin:
        log, name = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_worker(log, name)
        print(pid, flush=True)
        os.waitpid(pid, 0)
        print("ended", flush=True)


def _become_worker(log: str, name: str) -> None:
    from solidarity import celery_app

    written, nothing = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), os.open(os.devnull, os.O_RDONLY)
    for stream, to in ((0, nothing), (1, written), (2, written)):
        os.dup2(to, stream)
    celery_app.worker_main(
        ["worker", "-B", "--scheduler", "celery.beat:Scheduler", "-P", "solo", "-n", name, "--loglevel", "INFO",
         "--without-gossip", "--without-mingle"]
    )  # fmt: skip
    sys.exit()


if __name__ == "__main__":
    _serve()
