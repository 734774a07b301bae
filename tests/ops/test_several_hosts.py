"""The short version of ``make several-hosts``: hosts are cut off and killed, no report is lost and none is stored twice."""

import json
import os
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from solidarity.ops.several_hosts import network
from solidarity.ops.several_hosts.far_links import FarLinks
from tests.conftest import until
from tests.ops.test_chaos import PROGRAM, ROOT
from tests.ops.test_setup import clean_environment, processes_of

SHORT = (
    "--cut worker1 --cut-seconds 3 --kill redis1 worker2 web1 --down 1 --slow-seconds 1 --stall-seconds 1 "
    "--per-second 15 --lost server"
)
MEMORY, ROOM = Path("/dev/shm"), 2_000_000_000  # bytes


@pytest.fixture
def state() -> Iterator[Path]:
    """A folder with a path short enough for sockets. It is in memory if there is room: the databases start sooner."""
    room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="sol-", dir=MEMORY if room else None))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def may_make_namespaces() -> bool:
    return os.geteuid() == 0 and not network.missing_programs() and (
        subprocess.run(["unshare", "--net", "ip", "link", "add", "x", "type", "bridge"], capture_output=True).returncode == 0
    )  # fmt: skip


@pytest.mark.worker
@pytest.mark.repetition  # up to a minute of both cores; its parts have tests of their own
@pytest.mark.xdist_group("setup")
def test_every_acknowledged_report_is_there_once_after_hosts_were_cut_off_killed_and_promoted(state: Path) -> None:
    if not may_make_namespaces():
        pytest.skip("this account may not make network namespaces")
    result = state / "result.json"
    program = PROGRAM.replace("sys.argv[1:])", "sys.argv[1:], 'several_hosts')")
    done = subprocess.run(
        [sys.executable, "-c", program, *SHORT.split(), "--out", str(result)],
        cwd=ROOT, env=clean_environment(state), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads(result.read_text())
    happened = [(incident["what"], incident["host"]) for incident in found["incidents"]]
    assert happened[:4] == [("cut off", "worker1"), ("killed", "redis1"), ("killed", "worker2"), ("killed", "web1")]
    assert happened[-1] == ("promoted", "pg2")
    assert all(incident["caught_up_s"] <= 60 for incident in found["incidents"])
    assert found["acknowledged"] == found["sent"] == found["stored"] > 50
    assert found["lost"] == found["duplicated"] == found["refused"] == found["hashes_that_disagree"] == 0
    assert found["max_difference"] <= 1e-9 and found["zones_equal"]
    assert found["rows_exported_from_the_replica"] > 0
    assert sum(number for status, number in found["answers"].items() if status not in ("200", "201")) > 0
    assert not processes_of(state)


def test_a_far_link_delays_and_a_stalled_one_lets_nothing_pass() -> None:
    links = FarLinks()
    links.delay = 0.05
    with socket.create_server(("127.0.0.1", 0)) as echo, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()

        def answer() -> None:
            connection, _address = echo.accept()
            with connection:
                while data := connection.recv(100):
                    connection.sendall(data)

        threading.Thread(target=answer, daemon=True).start()
        with links.running("127.0.0.1", {port: ("127.0.0.1", echo.getsockname()[1])}), ExitStack() as stack:
            link = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            for stall in (0.0, 0.5):
                links.stall(stall)
                start = time.monotonic()
                link.sendall(b"word")
                assert link.recv(100) == b"word"
                assert time.monotonic() - start >= max(2 * links.delay, stall)


class _Word(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with suppress(OSError):  # the link also asks whether the server is back, and hangs up
            self.request.sendall(b"word")


class _Words(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


@contextmanager
def server_on(port: int) -> Iterator[int]:
    """Run a server that sends a word to each client, and give its port."""
    with _Words(("127.0.0.1", port), _Word) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_far_link_refuses_connections_while_its_server_does_and_takes_them_again() -> None:
    links = FarLinks()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def word() -> bytes:
        """The word; empty from the first connection that finds no server, and "refused" from the next ones."""
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as link:
                return link.recv(100)
        except ConnectionRefusedError:
            return b"refused"

    with ExitStack() as stack:
        with server_on(0) as behind:
            stack.enter_context(links.running("127.0.0.1", {port: ("127.0.0.1", behind)}))
            assert word() == b"word"
        assert word() == b""
        until(lambda: word() == b"refused", 30, "the link still takes connections")
        with server_on(behind):
            until(lambda: word() == b"word", 30, "the link does not take connections again")


def test_the_drill_refuses_stores_that_are_not_its_own(db: None) -> None:
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="make several-hosts"):
        call_command("several_hosts")
