"""Servers that this process starts on free ports."""

import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

LOWEST = 20_000
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")  # the ports that Linux gives to whatever asks for any port


def free_port() -> int:
    """Return a free port of this machine, chosen at random below those that the system gives to outgoing connections.

    The caller's server may start many seconds later, and the system would have given the port away meanwhile. If the system
    gives nearly all ports, return one of these.
    """
    end = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 0
    chosen = [random.randrange(LOWEST, end) for _attempt in range(100)] if end > LOWEST else []
    for port in (*chosen, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise RuntimeError("No free port was found.")


@contextmanager
def running(
    command: Sequence[str],
    answers: Callable[[], bool],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    seconds: float = 30.0,
) -> Iterator[None]:
    """Run a server inside the block, which begins when ``answers`` returns True. While nothing listens, ``answers`` may
    raise OSError. env: the whole environment of the server.

    Raise RuntimeError with the last lines of its errors if the server ends, or does not answer within ``seconds``.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=errors)
        try:
            until = time.monotonic() + seconds
            while process.poll() is not None or not _answers(answers):
                if process.returncode is not None or time.monotonic() > until:
                    errors.seek(0)
                    last = b"\n".join(errors.read().splitlines()[-10:]).decode(errors="replace")
                    raise RuntimeError(f"{' '.join(command[:3])} did not start: {last}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(answers: Callable[[], bool]) -> bool:
    try:
        return answers()
    except OSError:
        return False
