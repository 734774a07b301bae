"""A test deployment. Its processes are killed (-9) in turn, and then restarted as a supervisor would do."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from solidarity.local.checkout import Checkout
from solidarity.local.make_run import Address
from solidarity.local.processes import Process, stop_sessions, wait_until_gone
from solidarity.local.services.running_services import Stores

OURS = ("web", "worker", "beat")
STORES = ("Redis", "PostgreSQL")
RAISED = {  # API throttles are per address, but one address sends a city's traffic here; static files are not collected
    "SOLIDARITY_API_ACCOUNT": "1000000/min",
    "SOLIDARITY_API_ACCOUNT_WRITES": "1000000/min",
    "SOLIDARITY_API_ANONYMOUS": "1000000/min",
    "SOLIDARITY_API_ANONYMOUS_WRITES": "1000000/min",
    "SOLIDARITY_DEMO": "1",
    "SOLIDARITY_STATIC_FROM_SOURCE": "1",
    "SOLIDARITY_ALLOWED_HOSTS": "127.0.0.1,localhost",
}


class Deployment:
    """Web server, worker and scheduler on the private services of a state folder. Use it from one thread only."""

    def __init__(self, checkout: Checkout, port: int) -> None:
        self.checkout = checkout
        self.port = port
        self.stores = Stores(checkout, "chaos")
        self.kills: Counter[str] = Counter()
        self.died: Counter[str] = Counter()
        self.flushes = 0
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._leaders: dict[str, Process] = {}

    def _command(self, name: str) -> list[str]:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "solidarity"]
        return {
            "web": [*python, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
                    "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "--no-access-log",
                    "--no-ws", "solidarity.wsgi:application"],
            "worker": [*celery, "worker", "-P", "prefork", "-c", "1", "-l", "WARNING", "--without-gossip",
                       "--without-mingle", "-n", f"chaos-{self.port}@%h"],
            "beat": [*celery, "beat", "-l", "WARNING", "-s", str(self.checkout.state / "beat-schedule"), "--pidfile="],
        }[name]  # fmt: skip

    def start(self, name: str) -> None:
        """Start one of our processes in its own session. It ends when this process ends."""
        command = self._command(name)
        if setpriv := shutil.which("setpriv"):
            command = [setpriv, "--pdeathsig", "TERM", *command]
        self.checkout.logs.mkdir(parents=True, exist_ok=True)
        with (self.checkout.logs / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                command, cwd=self.checkout.root, env={**os.environ, **RAISED}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._children[name] = child
        leader = Process.of(child.pid)
        if leader is not None:
            self._leaders[name] = leader

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run all processes inside the block, which starts once the web server answers."""
        try:
            for name in OURS:
                self.start(name)
            end = time.monotonic() + 60
            while Address("127.0.0.1", self.port).answers() != 200:
                if time.monotonic() > end:
                    raise RuntimeError("the web server did not answer")
                time.sleep(0.1)
            yield
        finally:
            stop_sessions(self._leaders.values(), 10)
            for child in self._children.values():
                child.wait()

    def kill(self, name: str) -> None:
        """Kill (-9) a process with its children, or a service's server."""
        if name in STORES:
            self.stores.kill(name)
        else:
            leader = self._leaders[name]
            members = leader.session()
            for member in members:
                member.signal(signal.SIGKILL)
            wait_until_gone(members, 5)
            self._children[name].wait()
        self.kills[name] += 1

    def revive(self) -> None:
        """Restart all processes that are not running."""
        self.stores.revive()
        for name, child in list(self._children.items()):
            if child.poll() is not None:
                self.start(name)

    def look_after(self) -> None:
        """Restart processes that ended by themselves, and count them."""
        for name, child in self._children.items():
            if child.poll() is not None:
                self.died[name] += 1
        self.revive()

    def flush(self) -> None:
        """Empty Redis, with its queued tasks, counters and cache."""
        self.stores.flush()
        self.flushes += 1


def order(seed: int) -> Iterator[str]:
    """Yield the processes to kill: each once per round, in random order."""
    chance = random.Random(seed)
    while True:
        turn = [*OURS, *STORES]
        chance.shuffle(turn)
        yield from turn
