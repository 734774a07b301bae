"""What runs on each host, and a supervisor that starts it again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from solidarity.local.checkout import Checkout
from solidarity.local.processes import Process, wait_until_gone
from solidarity.local.services import nginx, redis
from solidarity.ops.chaos.outages import RAISED
from solidarity.ops.several_hosts.network import ADDRESSES, HERE, Network
from solidarity.ops.several_hosts.replicated import Server

SENTINELS = ("web1", "web2", "worker1")
FAR = ("web2", "worker2")  # hosts that reach the database over slow lines
FAR_PORTS = {5441: (ADDRESSES["pg1"], 5432), 5442: (ADDRESSES["pg2"], 5432)}
RESTART_SECONDS = 1.0

SETTINGS = {
    "SOLIDARITY_DB_HOST": f"{ADDRESSES['pg1']},{ADDRESSES['pg2']}",
    "SOLIDARITY_DB_PORT": "5432",
    "SOLIDARITY_REPLICA_HOST": ADDRESSES["pg2"],
    "SOLIDARITY_REPLICA_PORT": "5432",
    "SOLIDARITY_REDIS_URL": ";".join(f"sentinel://{ADDRESSES[name]}:26379" for name in SENTINELS),
}
_FAR_SETTINGS = {
    "SOLIDARITY_DB_HOST": f"{HERE},{HERE}",
    "SOLIDARITY_DB_PORT": "5441,5442",
    "SOLIDARITY_REPLICA_HOST": HERE,
    "SOLIDARITY_REPLICA_PORT": "5442",
}
_NGINX = """
worker_processes 1;
pid {folder}/nginx.pid;
{user}
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/b1; proxy_temp_path {folder}/b2; fastcgi_temp_path {folder}/b3;
    uwsgi_temp_path {folder}/b4; scgi_temp_path {folder}/b5;
    access_log off;
    upstream application {{
        server {web1}:8000 max_fails=1 fail_timeout=5s;
        server {web2}:8000 max_fails=1 fail_timeout=5s;
    }}
    server {{
        listen 80;
        location / {{
            proxy_pass http://application;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_connect_timeout 2s;
            proxy_next_upstream error timeout;
        }}
    }}
}}
"""


class Machines:
    """The processes of all hosts, by "host/name". Use it from the main thread: they end with it."""

    def __init__(self, checkout: Checkout, network: Network, servers: Mapping[str, Server]) -> None:
        self.checkout, self.network, self.servers = checkout, network, servers
        self.kills: Counter[str] = Counter()
        self.died: Counter[str] = Counter()
        self._folder = checkout.state / "hosts"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._leaders: dict[str, Process] = {}
        self._down: set[str] = set()
        self._starts_at: dict[str, float] = {}

    def commands(self, host: str) -> dict[str, list[str]]:
        """Return the commands of a host's processes, by name."""
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "solidarity"]
        found: dict[str, list[str]] = {}
        if host in self.servers:
            found["postgres"] = self.servers[host].command()
        if host.startswith("redis"):
            found["redis"] = self._redis(host)
        if host in SENTINELS:
            found["sentinel"] = self._sentinel(host)
        if host.startswith("web"):
            found["web"] = [
                *python, "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "1",
                "--blocking-threads", "8", "--respawn-failed-workers", "--no-access-log", "--no-ws",
                "solidarity.wsgi:application",
            ]  # fmt: skip
        if host.startswith("worker"):
            found["worker"] = [*celery, "worker", "-P", "prefork", "-c", "1",
                               "-l", "WARNING", "-n", f"{host}@%h"]  # fmt: skip
        if host == "worker1":
            found["beat"] = [*celery, "beat", "-l", "WARNING", "-s", str(self._folder / "beat"), "--pidfile="]
        if host == "proxy":
            found["nginx"] = self._nginx()
        return found

    def start(self, host: str) -> None:
        """Start the processes of a host that are not running."""
        self._down.discard(host)
        for name, command in self.commands(host).items():
            key = f"{host}/{name}"
            if key not in self._children or self._children[key].poll() is not None:
                self._start(host, key, command)

    def look_after(self) -> None:
        """Start processes that ended by themselves again after RESTART_SECONDS, and count them."""
        now = time.monotonic()
        for key, child in self._children.items():
            host = key.partition("/")[0]
            if child.poll() is None or host in self._down:
                continue
            if key not in self._starts_at:
                self.died[key] += 1
                self._starts_at[key] = now + RESTART_SECONDS
        for key in [key for key, at in self._starts_at.items() if now >= at]:
            self.start(key.partition("/")[0])

    def kill(self, host: str) -> None:
        """Kill (-9) all processes of a host. They stay dead until :meth:`start`."""
        self._down.add(host)
        self._starts_at = {key: at for key, at in self._starts_at.items() if not key.startswith(f"{host}/")}
        self.kills[host] += 1
        self._kill([key for key in self._children if key.startswith(f"{host}/")])

    def stop(self) -> None:
        """Kill everything: nothing of it is kept."""
        self._kill(list(self._children))

    def _kill(self, keys: list[str]) -> None:
        leaders = [self._leaders[key] for key in keys]
        # PostgreSQL's other processes have sessions of their own.
        members = {member for leader in leaders for member in (*leader.session(), *_children_of(leader.pid))}
        for member in members:
            member.signal(signal.SIGKILL)
        wait_until_gone(members, 10)
        for key in keys:
            self._children[key].wait()

    def _start(self, host: str, key: str, command: list[str]) -> None:
        self._starts_at.pop(key, None)
        if key.endswith("/postgres"):
            (self.servers[host].home.data / "postmaster.pid").unlink(missing_ok=True)  # its number may be another's now
        if shutil.which("setpriv") and "setpriv" not in command[:1]:
            command = ["setpriv", "--pdeathsig", "TERM", *command]
        settings = {**RAISED, **SETTINGS, **(_FAR_SETTINGS if host in FAR else {})}
        log = self.checkout.logs / f"{key.replace('/', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            child = subprocess.Popen(
                self.network.command_on(host, command), cwd=self.checkout.root, env={**os.environ, **settings},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._children[key] = child
        self._leaders[key] = Process.of_child(child.pid)

    def _redis(self, host: str) -> list[str]:
        file = self._folder / f"{host}.conf"
        if not file.exists():  # a sentinel lets the server write there whose replica it is
            file.write_text(
                'bind 0.0.0.0\nport 6379\nprotected-mode no\nsave ""\nappendonly no\nmaxmemory 64mb\n'
                f"maxmemory-policy volatile-lru\nrepl-timeout 10\ndir {self._folder}\n"
                + (f"replicaof {ADDRESSES['redis1']} 6379\n" if host == "redis2" else "")
            )
        return [str(self._program("redis-server")), str(file)]

    def _sentinel(self, host: str) -> list[str]:
        file = self._folder / f"sentinel-{host}.conf"
        if not file.exists():  # the sentinel writes to it what it learns
            file.write_text(
                "bind 0.0.0.0\nport 26379\nprotected-mode no\n"
                f"sentinel monitor solidarity {ADDRESSES['redis1']} 6379 2\n"
                "sentinel down-after-milliseconds solidarity 5000\nsentinel failover-timeout solidarity 10000\n"
            )
        return [str(self._program("redis-server")), str(file), "--sentinel"]

    def _program(self, name: str) -> Path:
        """Return a link to the Redis server, which may be installed under another name."""
        link, found = self._folder / name, redis.server_program()
        if found is None:
            raise RuntimeError("no Redis is installed")
        if not link.is_symlink():
            link.symlink_to(Path(found).resolve())
        return link

    def _nginx(self) -> list[str]:
        found = nginx.program(self.checkout.installed)
        if found is None:
            raise RuntimeError("no nginx is installed")
        file = self._folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        file.write_text(_NGINX.format(folder=self._folder, user=user, **ADDRESSES))
        return [str(found), "-e", "stderr", "-c", str(file), "-g", "daemon off;"]


def _children_of(pid: int) -> list[Process]:
    """Return the live children of a process."""
    try:
        pids = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [process for child in pids if (process := Process.of(int(child)))]
