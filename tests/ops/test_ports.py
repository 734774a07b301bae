"""Servers that a benchmark or a test starts for itself."""

import os
import socket
import sys
from pathlib import Path

import pytest

from solidarity.ops.ports import EPHEMERAL, free_port, running


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        return True


def test_a_free_port_is_not_one_that_the_system_gives_to_other_programs() -> None:
    assert max(free_port() for _ in range(50)) < int(EPHEMERAL.read_text().split()[0])


@pytest.mark.parametrize("ports", ["1024\t65535\n", None], ids=["nearly all", "another system"])
def test_a_free_port_is_found_where_the_system_gives_nearly_all_ports(
    ports: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ip_local_port_range"
    if ports:
        file.write_text(ports)
    monkeypatch.setattr("solidarity.ops.ports.EPHEMERAL", file)
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
        assert server.getsockname()[1] >= 1024


def test_a_server_runs_inside_the_block_and_no_longer(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with running(command, lambda: _listens(port), env=os.environ, cwd=tmp_path):
        assert _listens(port)
    with pytest.raises(OSError):
        _listens(port)


def test_a_server_that_ends_is_not_waited_for_and_its_last_words_are_named() -> None:
    words = "import sys; sys.exit('line\\n' * 20 + 'no such table')"
    ends = running([sys.executable, "-c", words], lambda: False, env=os.environ, seconds=600)
    with pytest.raises(RuntimeError, match=r"did not start: (line\n){9}no such table$"), ends:
        pytest.fail("it never answered")


def test_a_server_that_does_not_answer_in_time_is_stopped(tmp_path: Path) -> None:
    mark = tmp_path / "stopped"
    program = f"""
import pathlib, signal, sys, time
def stop(*_signal):
    pathlib.Path({str(mark)!r}).touch()
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("waiting", file=sys.stderr, flush=True)
time.sleep(600)
"""
    silent = running([sys.executable, "-c", program], lambda: False, env=os.environ, seconds=2)
    with pytest.raises(RuntimeError, match="did not start: waiting"), silent:
        pytest.fail("it never answered")
    assert mark.exists()
