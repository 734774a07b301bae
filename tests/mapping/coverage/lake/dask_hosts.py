"""A Dask cluster of processes, each with an address of its own on this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings


@dataclass
class DaskHosts:
    """A scheduler (number 0) and workers (from 1), at addresses of the loopback network, which needs no rights.

    port: that of the scheduler. folder: for logs and the workers' own files.
    """

    port: int
    folder: Path
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"tcp://{_address(0)}:{self.port}"

    def start(self, host: int) -> None:
        """Start the scheduler (host 0) or a worker (other numbers), with one core."""
        own = _address(host)
        if host == 0:
            command = ["scheduler", "--host", own, "--port", str(self.port), "--no-dashboard", "--no-show"]
        else:
            command = ["worker", self.address, "--host", own, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
            command += ["--memory-limit", "2GB", "--local-directory", str(self.folder / f"worker{host}")]
        # A worker needs no settings and no database: it reads files and returns sums.
        environment = {
            name: value for name, value in os.environ.items() if "SOLIDARITY" not in name and "DJANGO" not in name
        }
        with (self.folder / f"host{host}.log").open("ab") as log:
            self.running[host] = subprocess.Popen(
                [sys.executable, "-m", "dask", *command],
                cwd=settings.ROOT, env=environment | {"PYTHONPATH": str(settings.ROOT)}, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self, host: int) -> None:
        """Kill the process of a host (kill -9)."""
        process = self.running.pop(host)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def wait_for_workers(self, count: int) -> None:
        from distributed import Client

        end = time.monotonic() + 60
        while True:
            try:
                with Client(self.address, timeout=5, set_as_default=False) as client:
                    client.wait_for_workers(count, timeout=max(end - time.monotonic(), 1))
                    return
            except OSError:
                if time.monotonic() > end:
                    raise


def _address(host: int) -> str:
    return f"127.213.0.{host + 2}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_address(0), 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def hosts(folder: Path, workers: int) -> Iterator[DaskHosts]:
    """Start a scheduler and workers, and stop them at the end."""
    made = DaskHosts(_free_port(), folder)
    try:
        for host in range(workers + 1):
            made.start(host)
        made.wait_for_workers(workers)
        yield made
    finally:
        for host in list(made.running):
            made.kill(host)
