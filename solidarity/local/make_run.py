"""``make run``: web server, worker and scheduler, started in order, watched, and stopped together."""

import errno
import fcntl
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from solidarity.local import catalogues, packages, settings_file
from solidarity.local.checkout import Checkout
from solidarity.local.processes import Process, stop_sessions, wait_until_gone
from solidarity.local.services import data_dirs
from solidarity.local.services.running_services import Stores, locked
from solidarity.local.supervisor import PATIENCE, StoreWatch, Supervisor
from solidarity.local.terminal import Interrupted, SetUpRefused, say

SOURCES = ("solidarity", "volunteers", "needs", "mapping")
READY_WITHIN = 90.0  # seconds until the web server must answer


def environment(checkout: Checkout) -> dict[str, str]:
    """Return the environment of the project's processes. They read other settings from the state folder's env file.

    Real data sets for tests and benchmarks come from ``shared/data`` beside the checkout, if it exists.
    """
    data = checkout.root.parent / "shared" / "data"
    found = {"SOLIDARITY_DATA": str(data)} if data.is_dir() else {}
    return {**found, **os.environ, "SOLIDARITY_STATE": str(checkout.state)}


@dataclass(frozen=True)
class Address:
    """The host and port of the web server."""

    host: str
    port: int

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "Address":
        """Return the address from SOLIDARITY_HOST and SOLIDARITY_PORT; raise SetUpRefused for an invalid port."""
        host, port = settings["SOLIDARITY_HOST"], settings["SOLIDARITY_PORT"]
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise SetUpRefused(f"SOLIDARITY_PORT must be a number from 1 to 65535, not {port!r}.")
        return cls(host, int(port))

    @property
    def visited(self) -> str:
        """The host as a browser on this machine addresses it."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    @property
    def url(self) -> str:
        host = f"[{self.visited}]" if ":" in self.visited else self.visited
        return f"http://{host}:{self.port}/"

    def refuse_if_taken(self) -> None:
        """Raise SetUpRefused and name the setting if the web server cannot listen at this address."""
        setting = "Choose another one: make run SOLIDARITY_PORT=8001, or set it in the env file of the state folder."
        try:
            kind, _, _, _, where = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(kind, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where)
        except socket.gaierror:
            raise SetUpRefused(f"SOLIDARITY_HOST={self.host} is not an address of this machine.") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise SetUpRefused(
                    f"Port {self.port} is taken by another program (SOLIDARITY_PORT). {setting}"
                ) from None
            if error.errno == errno.EACCES:
                raise SetUpRefused(f"This account may not use port {self.port} (SOLIDARITY_PORT). {setting}") from None
            raise SetUpRefused(f"The web server cannot listen on {self.host}:{self.port}: {error.strerror}.") from None

    def answers(self) -> int | None:
        """Return the HTTP status of the health page, or None without an answer."""
        connection = http.client.HTTPConnection(self.visited, self.port, timeout=10)
        try:
            connection.request("GET", "/health/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


@dataclass
class Record:
    """The processes of the current run, stored so that the next run can stop processes that are left over."""

    path: Path
    address: str = ""
    supervisor: Process | None = None
    children: dict[str, Process] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "Record":
        """Return the stored record, or an empty record if it is missing or unreadable."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            children = {name: Process.from_record(child) for name, child in stored["children"].items()}
            return cls(path, stored["address"], Process.from_record(stored["supervisor"]), children)
        except (OSError, ValueError, KeyError):
            return cls(path)

    def save(self) -> None:
        """Store the record atomically."""
        assert self.supervisor is not None
        stored = {
            "address": self.address,
            "supervisor": self.supervisor.record(),
            "children": {name: child.record() for name, child in self.children.items()},
        }
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(stored), encoding="utf-8")
        fresh.replace(self.path)


def record_path(checkout: Checkout) -> Path:
    """Return the path of a run's record."""
    return checkout.state / "run.json"


class Run:
    """One ``make run``, from the first check of the port to the last stopped process."""

    def __init__(self, checkout: Checkout, *, reload: bool = False) -> None:
        """reload: if True, restart web server and worker when a source file changes."""
        self.checkout = checkout
        self.reload = reload
        self.env_file = checkout.state / "env"
        self.stores = Stores(checkout, "run")
        self.record = Record(record_path(checkout))
        self.logins = checkout.state / "demo-logins.txt"
        static = {"SOLIDARITY_STATIC_FROM_SOURCE": "1"} if reload else {}  # shows changed files without collecting them
        self.environment = {**environment(checkout), **static}
        self.supervisor = Supervisor(checkout.root, checkout.logs, self.environment, self._remember)
        self.ready = False
        self.first_start = ""

    def perform(self) -> int:
        """Run until a signal comes (return 0) or a process dies too often (return 1). Raise SetUpRefused if it cannot start."""
        with locked(self.checkout.state / "run.lock", fcntl.LOCK_EX | fcntl.LOCK_NB) as alone:
            if not alone:
                running = Record.load(record_path(self.checkout))
                where = f" at {running.address}" if running.address else ""
                raise SetUpRefused(f"Solidarity already runs from this checkout{where}. To stop it: make stop.")
            stop_leftovers(self.checkout)
            self.checkout.keep_to_ourselves()
            self._choose_demo()
            settings = {**settings_file.complete(self.env_file, settings_file.DEFAULTS), **os.environ}
            self.settings = settings
            self.demo = settings["SOLIDARITY_DEMO"].lower() in {"1", "true", "yes", "on"}
            self.address = Address.of(settings)
            self.address.refuse_if_taken()
            self.record.address = self.address.url
            self.record.supervisor = Process.of(os.getpid())
            self.record.save()
            try:
                packages.install(self.checkout, packages.Needs(tests=self.reload))
                with self.stores.serving(self.env_file):
                    self._prepare()
                    try:
                        self._start(settings)
                        return self._watch()
                    finally:
                        self._stop()
            except (KeyboardInterrupt, Interrupted):
                if not self.ready:
                    raise
                say("Stopped.")
                return 0
            finally:
                self.record.path.unlink(missing_ok=True)

    def _choose_demo(self) -> None:
        """Store DEMO=0 or DEMO=1 of the command line in the env file, so that the next start uses the same choice.

        Raise SetUpRefused for another value, and if a real site would start with the data of the demonstration.
        """
        chosen = os.environ.get("DEMO", "")
        if not chosen:
            return
        if chosen not in {"0", "1"}:
            raise SetUpRefused(f"DEMO must be 0 or 1, not {chosen!r}: make run DEMO=0")
        known = settings_file.read(self.env_file).get("SOLIDARITY_DEMO")
        if known is not None and known != chosen and data_dirs.exists(self.checkout, "run"):
            kind = "a real site" if known == "0" else "the demonstration"
            raise SetUpRefused(
                f"This checkout holds the data of {kind}. To delete them: make reset. Then: make run DEMO={chosen}"
            )
        settings_file.write(self.env_file, {"SOLIDARITY_DEMO": chosen})

    def _prepare(self) -> None:
        catalogues.compile_changed(self.checkout.root)
        self.logins.unlink(missing_ok=True)
        collect = [] if self.reload else ["collectstatic --noinput --verbosity 0"]
        demo = ["migrate", "seed_demo", f"demo_logins={self.logins}"]
        commands = [*collect, *(demo if self.demo else ["upgrade --verbosity 0"])]
        ours, theirs = os.pipe()  # the link of the first start is secret, so it is never in a file or a log
        command = [str(self.checkout.python), "-m", "solidarity.local.prepare", *commands]
        command.append(f"first_start_link=/dev/fd/{theirs}")
        try:
            done = subprocess.run(command, cwd=self.checkout.root, env=self.environment, pass_fds=[theirs])
        finally:
            os.close(theirs)
            with open(ours, encoding="utf-8") as link:
                self.first_start = link.read().strip()
        if done.returncode != 0:
            raise SetUpRefused(
                "The database or the static files could not be brought up to date: see the message above."
            )

    def _start(self, settings: Mapping[str, str]) -> None:
        workers = settings.get("SOLIDARITY_WEB_WORKERS", "2")
        threads = settings.get("SOLIDARITY_WEB_THREADS", "4")
        tasks = settings.get("SOLIDARITY_TASK_WORKERS", "2")
        listen = ["--host", self.address.host, "--port", str(self.address.port)]
        size = ["--workers", workers, "--blocking-threads", threads, "--respawn-failed-workers"]
        # No access log: the query of a URL can reveal where somebody looked.
        web = ["granian", "--interface", "wsgi", *listen, *size, "--no-access-log", "--no-ws"]
        web.append("solidarity.wsgi:application")
        if self.reload:
            web = ["python", "manage.py", "runserver", f"{self.address.host}:{self.address.port}"]
        celery = ["celery", "-A", "solidarity"]
        quiet = ["--without-gossip", "--without-mingle"]
        worker = [*celery, "worker", "-Q", "celery", "-P", "prefork", "-c", tasks, "-l", "WARNING", *quiet]
        beat = [*celery, "beat", "-l", "WARNING", "-s", str(self.checkout.state / "beat-schedule"), "--pidfile="]
        self._child("web", web)
        self._wait_for_web()  # the other processes start later, because on two cores they would delay the first page
        if self.reload:
            python = str(self.checkout.venv / "bin" / "celery")
            worker = ["watchfiles", "--filter", "python", shlex.join([python, *worker[1:]]), *SOURCES]
        self._child("worker", worker)
        self._child("beat", beat)

    def _child(self, name: str, command: list[str]) -> None:
        self.supervisor.start(name, [str(self.checkout.venv / "bin" / command[0]), *command[1:]])

    def _remember(self, name: str, process: Process) -> None:
        self.record.children[name] = process
        self.record.save()

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while (status := self.address.answers()) is None:
            if ended := self.supervisor.ended():
                self.address.refuse_if_taken()  # by another program, since the first check
            if ended or time.monotonic() > deadline:
                raise SetUpRefused(f"The web server did not answer. {self.supervisor.end_of_log('web')}")
            time.sleep(0.1)
        if status >= 500:
            raise SetUpRefused(f"The web server answers with an error. {self.supervisor.end_of_log('web')}")

    def _watch(self) -> int:
        self._announce()
        self.ready = True
        stores = StoreWatch(self.stores)
        while self.supervisor.tend() and stores.tend():
            time.sleep(0.5)
        return 1

    def _announce(self) -> None:
        say(f"\nSolidarity answers at {self.address.url}")
        if self.demo:
            say("This is a demonstration: made-up data, public passwords and no second factor (SOLIDARITY_DEMO=1).")
            if self.logins.exists():
                say(self.logins.read_text(encoding="utf-8").rstrip())
        if self.first_start:
            say("Open this link in your browser to create the administrator. It works once, for a day:")
            say(f"\n    {self.first_start}\n")
        elif not has_street_map(self.checkout, self.settings):
            say("No street map is installed. To install one: make basemap AREA=paris (make basemap lists the areas)")
        say(f"Logs are in {self.checkout.shown(self.checkout.logs)}. Ctrl-C stops everything.")

    def _stop(self) -> None:
        say("\nStopping.")
        self.supervisor.stop()


def has_street_map(checkout: Checkout, settings: Mapping[str, str]) -> bool:
    """Return whether the maps of a run have streets. settings: the settings of the run."""
    media = Path(settings.get("SOLIDARITY_MEDIA_ROOT") or checkout.state / "media")
    return bool(settings.get("BASEMAP_URL")) or (media / "basemap" / "basemap.pmtiles").is_file()


def stop_leftovers(checkout: Checkout) -> bool:
    """Stop processes left by a run that crashed or was killed. Return whether there were any."""
    record = Record.load(record_path(checkout))
    leaders = [child for child in record.children.values() if child.session()]
    stop_sessions(leaders, PATIENCE)
    record.path.unlink(missing_ok=True)
    return bool(leaders)


def stop(checkout: Checkout) -> bool:
    """Stop this checkout's run, whichever terminal started it, and leftovers of earlier runs.

    Return whether anything was running.
    """
    record = Record.load(record_path(checkout))
    was_running = record.supervisor is not None and record.supervisor.alive()
    if record.supervisor is not None and was_running:
        record.supervisor.signal(signal.SIGTERM)
        if not wait_until_gone([record.supervisor], 4 * PATIENCE):
            record.supervisor.signal(signal.SIGKILL)
    left = stop_leftovers(checkout)
    stopped = Stores(checkout, "run").stop()
    return was_running or left or stopped
