"""Hosts in network namespaces on one bridge. Everything is in the namespace of this process, and ends with it.

Run it inside ``unshare --net``: the machine's own network stays as it is, and two drills do not meet.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

PREFIX = "10.77.0"
HERE = f"{PREFIX}.1"  # the address of this process on the bridge
BRIDGE = "hosts"
ADDRESSES = {
    "proxy": f"{PREFIX}.10", "web1": f"{PREFIX}.11", "web2": f"{PREFIX}.12", "worker1": f"{PREFIX}.21",
    "worker2": f"{PREFIX}.22", "pg1": f"{PREFIX}.31", "pg2": f"{PREFIX}.32", "redis1": f"{PREFIX}.41",
    "redis2": f"{PREFIX}.42",
}  # fmt: skip


def is_separate() -> bool:
    """Return whether this process has a network namespace without devices."""
    return {name for _number, name in socket.if_nameindex()} <= {"lo"}


def missing_programs() -> list[str]:
    """Return the programs that the drill needs and the machine does not have."""
    return [name for name in ("ip", "nsenter", "setpriv", "unshare") if shutil.which(name) is None]


class Network:
    """The namespaces of the hosts. A process without rights holds each of them."""

    def __init__(self) -> None:
        self._holders: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Make the bridge and all hosts. Raise RuntimeError if this process shares its network with others."""
        if not is_separate():
            raise RuntimeError("start this inside unshare --net")
        _ip("link", "set", "lo", "up")
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{HERE}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for name, address in ADDRESSES.items():
            self._holders[name] = holder = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL
            )
            _wait_for_namespace(holder.pid)
            _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(holder.pid))
            _ip("link", "set", name, "master", BRIDGE, "up")
            for arguments in (("address", "add", f"{address}/24", "dev", "eth0"), ("link", "set", "eth0", "up"),
                              ("link", "set", "lo", "up")):  # fmt: skip
                subprocess.run(self.command_on(name, ["ip", *arguments]), check=True)

    def command_on(self, host: str, command: Sequence[str]) -> list[str]:
        """Return the command that runs a command on a host."""
        return ["nsenter", f"--net=/proc/{self._holders[host].pid}/ns/net", "--", *command]

    def cut(self, host: str) -> None:
        """Take the host's cable away: packets in both directions are lost, and nobody is told."""
        _ip("link", "set", host, "down")

    def join(self, host: str) -> None:
        """Put the cable back."""
        _ip("link", "set", host, "up")

    def stop(self) -> None:
        """Remove all hosts. What runs on them must have ended."""
        for holder in self._holders.values():
            holder.kill()
            holder.wait()
        self._holders.clear()
        _ip("link", "delete", BRIDGE, check=False)


def _ip(*arguments: str, check: bool = True) -> None:
    subprocess.run(["ip", *arguments], check=check)


def _wait_for_namespace(pid: int) -> None:
    own = os.readlink("/proc/self/ns/net")
    end = time.monotonic() + 5
    # setpriv becomes unshare, and unshare becomes sleep, in the namespace that it made.
    while os.readlink(f"/proc/{pid}/ns/net") == own or not _is_sleeping(pid):
        if time.monotonic() > end:
            raise RuntimeError("no network namespace was made")
        time.sleep(0.01)


def _is_sleeping(pid: int) -> bool:
    return Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip() == "sleep"
