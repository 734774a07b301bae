"""A private Redis on a Unix socket. The data in this Redis may be lost, so Redis writes nothing to disk."""

import shutil
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from solidarity.local.processes import Process, wait_until_gone
from solidarity.local.services.data_dirs import Home
from solidarity.local.terminal import SetUpRefused, last_lines


def server_program() -> str | None:
    """Return the path of the server, or None if it is not installed.

    Debian's redis-tools suffices: its redis-check-rdb is the same file, and runs as a server when called by that name.
    The package redis-server would add a system service.
    """
    return shutil.which("redis-server") or shutil.which("redis-check-rdb")


@dataclass(frozen=True)
class Redis:
    """The Redis server of a home."""

    home: Home

    @property
    def socket(self) -> Path:
        return self.home.sockets / "redis.sock"

    @property
    def url(self) -> str:
        """The broker's URL as kombu expects it."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    def _ask(self, command: str) -> str:
        """Send a command and return the start of the answer; raise OSError without an answer within a second."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(1)
            connection.connect(str(self.socket))
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(65536).decode("utf-8", "replace")

    def running(self) -> Process | None:
        """Return the server that answers on the socket, or None."""
        try:
            answer = self._ask("INFO server")
        except OSError:
            return None
        numbers = [line.partition(":")[2] for line in answer.splitlines() if line.startswith("process_id:")]
        return Process.of(int(numbers[0])) if numbers else None

    def start(self) -> Process:
        """Start the server and wait until it answers; raise SetUpRefused with the end of its log if it does not."""
        program = server_program()
        if program is None:
            raise SetUpRefused("No Redis is installed.")
        log = self.home.folder / "redis.log"
        log.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)
        # volatile-lru evicts only keys with an expiry: cached values, but not queued tasks.
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "volatile-lru",
            "daemonize": "yes",
            "dir": str(self.home.folder),
            "logfile": str(log),
            "pidfile": str(self.home.folder / "redis.pid"),
        }
        arguments = [text for name, value in settings.items() for text in (f"--{name}", value)]
        done = self.home.run(["redis-server", *arguments], program=program, check=False)
        for _attempt in range(100):
            if server := self.running():
                return server
            time.sleep(0.05)
        raise SetUpRefused(f"Redis did not start: {done.stdout.strip()}\nThe end of {log}:\n{last_lines(log)}")

    def flush(self) -> None:
        """Delete all data."""
        self._ask("FLUSHALL")

    def stop(self) -> None:
        """Stop the server if it runs."""
        if server := self.running():
            server.signal(signal.SIGTERM)
            if not wait_until_gone([server], 5):
                server.signal(signal.SIGKILL)
                wait_until_gone([server], 5)
