"""A Dask cluster whose scheduler and workers each have a network of their own, as on separate hosts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

PORT = 8786


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass
class DaskHosts:
    """Hosts on one bridge: network namespaces, with a scheduler on the first and a worker on each other.

    name: short and unique on this machine. subnet: the first three numbers of all addresses. folder: for logs and the
    workers' own files.
    """

    name: str
    subnet: str
    folder: Path
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"tcp://{self.subnet}.2:{PORT}"

    def start(self, host: int) -> None:
        """Start the scheduler (host 0) or a worker (other numbers), with one core."""
        own = f"{self.subnet}.{host + 2}"
        if host == 0:
            command = ["scheduler", "--host", own, "--port", str(PORT), "--no-dashboard", "--no-show"]
        else:
            command = ["worker", self.address, "--host", own, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
            command += ["--memory-limit", "2GB", "--local-directory", str(self.folder / f"worker{host}")]
        # A worker needs no settings and no database: it reads files and returns sums.
        environment = {
            name: value for name, value in os.environ.items() if "SOLIDARITY" not in name and "DJANGO" not in name
        }
        with (self.folder / f"host{host}.log").open("ab") as log:
            self.running[host] = subprocess.Popen(
                ["ip", "netns", "exec", f"{self.name}{host}", sys.executable, "-m", "dask", *command],
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


@contextmanager
def hosts(name: str, subnet: str, folder: Path, workers: int) -> Iterator[DaskHosts]:
    """Lay the network, start a scheduler and workers, and remove everything at the end."""
    bridge = f"{name}b"
    made = DaskHosts(name, subnet, folder)
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for host in range(workers + 1):
            space = f"{name}{host}"
            _ip("netns", "add", space)
            _ip("link", "add", f"{space}v", "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("link", "set", f"{space}v", "master", bridge, "up")
            _ip("-n", space, "addr", "add", f"{subnet}.{host + 2}/24", "dev", "eth0")
            _ip("-n", space, "link", "set", "eth0", "up")
            _ip("-n", space, "link", "set", "lo", "up")
        for host in range(workers + 1):
            made.start(host)
        made.wait_for_workers(workers)
        yield made
    finally:
        for host in list(made.running):
            made.kill(host)
        for host in range(workers + 1):
            subprocess.run(["ip", "netns", "del", f"{name}{host}"], capture_output=True)
        subprocess.run(["ip", "link", "del", bridge], capture_output=True)
