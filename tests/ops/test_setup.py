"""The README's commands with real processes.

Everything runs in a separate state folder, so that a developer's running copy is never touched.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from solidarity.local import catalogues, lock_files, main, make_run, make_verbs, settings_file
from solidarity.local.checkout import Checkout
from solidarity.local.processes import Process
from solidarity.local.services import data_dirs, postgres
from solidarity.local.services.running_services import Stores
from solidarity.local.terminal import SetUpRefused
from solidarity.ops.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SECOND_START = 15  # seconds
ONE_PROCESS_EACH = {"SOLIDARITY_WEB_WORKERS": "1", "SOLIDARITY_TASK_WORKERS": "1"}  # each one loads the whole program

pytestmark = pytest.mark.xdist_group("setup")


def clean_environment(state: Path, **more: str) -> dict[str, str]:
    """Return this process's environment without variables that the test run or ``make`` has set."""
    foreign = ("SOLIDARITY_", "PYTEST_", "DJANGO_", "BASEMAP_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ARGS", "CMD", "PBF", "FORCE", "FILE", "DEMO"):
        kept.pop(name, None)
    return {**kept, "SOLIDARITY_STATE": str(state), "SOLIDARITY_INSTALL": "0", **more}


def processes_of(state: Path) -> dict[int, str]:
    """Return the live processes that were started for this state folder, with their command lines."""
    found = {}
    wanted = f"SOLIDARITY_STATE={state}".encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                ours = wanted in (folder / "environ").read_bytes().split(b"\0") or str(state) in command
                if ours and Process.of(int(folder.name)):
                    found[int(folder.name)] = command
            except OSError:
                continue
    return found


def eventually[T](condition: Callable[[], T], seconds: float = 10) -> T:
    """Wait for the condition; return its first true value, or its last value if it stays false."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return value


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", list(make_verbs.VERBS))
def test_make_knows_every_verb(verb: str) -> None:
    shown = subprocess.run(["make", "-n", verb], cwd=ROOT, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert f"solidarity/local/main.py {verb}" in shown.stdout


def test_help_explains_every_verb(tmp_path: Path) -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, env=clean_environment(tmp_path))
    assert shown.returncode == 0
    for verb in make_verbs.VERBS:
        assert re.search(rf"^make {verb} +\S.{{8,}}$", shown.stdout, re.MULTILINE), verb


def test_ci_runs_the_command_of_the_readme_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert lines == ["exec make test"]


def test_the_license_is_the_whole_affero_licence() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "13. Remote Network Interaction" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_no_lock_file_names_a_host() -> None:
    assert lock_files.naming_a_host(Checkout.here()) == []


def test_what_is_tested_is_what_runs() -> None:
    def versions(path: str) -> set[str]:
        return set(re.findall(r"^[A-Za-z0-9._-]+==\S+", (ROOT / path).read_text(), re.MULTILINE))

    assert versions("requirements.txt")
    assert versions("requirements.txt") < versions("requirements-lake.txt") < versions("tests/requirements.txt")


# --- parts ---------------------------------------------------------------------------------------------------------


def test_two_first_starts_share_no_secret_and_nobody_else_can_read_them(tmp_path: Path) -> None:
    one = settings_file.complete(tmp_path / "one" / "env", settings_file.DEFAULTS)
    two = settings_file.complete(tmp_path / "two" / "env", settings_file.DEFAULTS)
    for secret in (
        "SOLIDARITY_SECRET_KEY",
        "SOLIDARITY_FIELD_KEY",
        "SOLIDARITY_AUDIT_KEY",
        "SOLIDARITY_VAPID_PRIVATE_KEY",
    ):
        assert len(one[secret]) >= 40
        assert one[secret] != two[secret]
    assert (tmp_path / "one" / "env").stat().st_mode & 0o777 == 0o600
    assert settings_file.complete(tmp_path / "one" / "env", settings_file.DEFAULTS) == one


def test_settings_of_a_person_survive_those_of_a_start(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("# mine\nSOLIDARITY_PORT=9000\nSOLIDARITY_DB_HOST=/old\nOTHER = kept")
    settings_file.write(path, {"SOLIDARITY_DB_HOST": "/new", "SOLIDARITY_DB_PORT": "5432"})
    assert path.read_text() == (
        "# mine\nSOLIDARITY_PORT=9000\nSOLIDARITY_DB_HOST=/new\nOTHER = kept\nSOLIDARITY_DB_PORT=5432\n"
    )


def test_an_old_python_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOLIDARITY_INTERPRETER", raising=False)
    monkeypatch.setattr(main, "OLDEST", (9, 9))
    with pytest.raises(SystemExit) as left:
        main.continue_under_a_new_enough_python()
    assert "Python 9.9 or newer" in str(left.value)
    assert "SOLIDARITY_PYTHON" in str(left.value)


@pytest.mark.parametrize("value", ["http", "0", "70000", "-1", "８０"])
def test_a_port_that_is_none_is_refused_by_name(value: str) -> None:
    with pytest.raises(SetUpRefused, match="SOLIDARITY_PORT"):
        make_run.Address.of({"SOLIDARITY_HOST": "127.0.0.1", "SOLIDARITY_PORT": value})


def test_a_number_that_another_process_got_is_not_signalled() -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        real = Process.of(other.pid)
        assert real is not None and real.alive()
        earlier = Process(real.pid, real.born - 1, real.boot)
        assert not earlier.alive()
        earlier.signal(signal.SIGKILL)
        assert other.poll() is None
        real.signal(signal.SIGKILL)
        assert other.wait(5) == -signal.SIGKILL
    finally:
        other.kill()


def test_a_wrong_translation_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (folder / "django.po").write_text(head + '#, python-format\nmsgid "%(count)d zones"\nmsgstr "%(count)d zones"\n')
    assert catalogues.compile_changed(tmp_path) == 1
    assert catalogues.compile_changed(tmp_path) == 0
    (folder / "django.po").write_text(head + '#, python-format\nmsgid "%(count)d zones"\nmsgstr "%(number)s"\n')
    later = time.time() + 5
    os.utime(folder / "django.po", (later, later))
    with pytest.raises(SetUpRefused, match="django.po:"):
        catalogues.compile_changed(tmp_path)


def test_a_folder_that_postgres_cannot_enter_or_name_still_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("a-long-name-" * 8)
    deep.mkdir(mode=0o700)
    checkout = Checkout(ROOT, deep)
    try:
        home = data_dirs.home(checkout, "test")
        assert data_dirs.home(checkout, "test") == home
        assert (
            all(len(os.fsencode(home.folder / name)) <= 107 for name in data_dirs.SOCKET_NAMES) or home.account is None
        )
        assert len(os.fsencode(home.sockets / ".s.PGSQL.5432.lock")) <= 107
        home.run(["touch", "mine"])
        assert (home.folder / "mine").exists()
        assert home.sockets.stat().st_mode & 0o077 == 0
    finally:
        data_dirs.remove(checkout, "test")
    assert not home.folder.exists()


# --- stores --------------------------------------------------------------------------------------------------------


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    """A checkout with a state folder that has a short path and is open to the account that runs the database."""
    for name in [name for name in os.environ if name.startswith("SOLIDARITY_")]:
        monkeypatch.delenv(name)
    state = Path(tempfile.mkdtemp(prefix="sol-"))
    state.chmod(0o755)
    checkout = Checkout(ROOT, state)
    try:
        yield checkout
    finally:
        Stores(checkout, "test").stop()
        data_dirs.remove(checkout, "test")
        shutil.rmtree(state)


def test_the_first_verb_starts_the_stores_and_the_last_one_stops_them(scratch: Checkout) -> None:
    first, second = Stores(scratch, "test"), Stores(scratch, "test")
    settings = scratch.state / "env"
    with first.serving(settings):
        assert first.down() == []
        told = settings_file.read(settings)
        where = ["-h", told["SOLIDARITY_DB_HOST"], "-p", told["SOLIDARITY_DB_PORT"], "-U", told["SOLIDARITY_DB_USER"]]
        psql = str(postgres.VERSIONS / str(postgres.installed_versions()[0]) / "bin" / "psql")
        question = "SELECT postgis_lib_version() <> '', current_setting('is_superuser'), current_setting('fsync')"
        answer = subprocess.run(
            [psql, *where, "-d", told["SOLIDARITY_DB_NAME"], "-XAtc", question], capture_output=True, text=True
        )
        assert answer.stdout.strip() == "t|off|off", answer.stderr
        with second.serving(settings):
            assert second.down() == []
        assert first.down() == [], "the second verb stopped what the first one uses"
    assert sorted(first.down()) == ["PostgreSQL", "Redis"]

    # After an unclean stop, lock files remain. The process id in them now belongs to another program.
    home = data_dirs.home(scratch, "test")
    home.run(["sh", "-c", f"echo {os.getpid()} > data/postmaster.pid; echo {os.getpid()} > s/.s.PGSQL.5432.lock"])
    with first.serving(settings):
        assert first.down() == []
        for member in first._members.values():
            running_now = member.running()
            assert running_now is not None
            running_now.signal(signal.SIGKILL)
        assert eventually(lambda: len(first.down()) == 2)
        with second.serving(settings):  # as after a crash, the two services start again
            assert second.down() == []


# --- make run ------------------------------------------------------------------------------------------------------


@dataclass
class MakeRun:
    """A ``make run`` in its own process group, as a terminal would start it."""

    state: Path
    port: int
    process: subprocess.Popen[str] = field(init=False)
    seconds: float = field(init=False)

    def __enter__(self) -> "MakeRun":
        began = time.monotonic()
        self.process = subprocess.Popen(
            ["make", "run", f"SOLIDARITY_PORT={self.port}"],
            cwd=ROOT,
            env=clean_environment(self.state, SOLIDARITY_DEMO="0", **ONE_PROCESS_EACH),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Solidarity answers at" in line:
                break
        self.seconds = time.monotonic() - began
        if f"http://127.0.0.1:{self.port}/" not in self.said:
            self.__exit__()
            pytest.fail(f"make run gave no address:\n{self.said}")
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.communicate(timeout=60)

    def ends(self) -> str:
        """Wait for its end; return its output since the line with the address."""
        assert self.process.stdout is not None
        rest = self.process.stdout.read()  # communicate() would lose what is already in the buffer
        self.process.wait(timeout=60)
        return rest

    def child(self, name: str) -> int:
        pid: int = json.loads((self.state / "run.json").read_text())["children"][name]["pid"]
        return pid


def status(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def pid_of(state: Path, store: str) -> int:
    """Return the process id of the private PostgreSQL or Redis that was started last."""
    return int(json.loads((state / "stores" / "run.started.json").read_text())[store]["pid"])


def _kill_and_wait_for_the_next(state: Path, store: str) -> None:
    killed = pid_of(state, store)
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: pid_of(state, store) != killed, 40), f"{store} was not restarted"


def make(verb: str, state: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(state, SOLIDARITY_DEMO="0", **more)
    command = ["make", verb]
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def test_a_port_that_another_program_takes_during_the_start_is_named(tmp_path: Path) -> None:
    run = make_run.Run(Checkout(ROOT, tmp_path))
    run.address = make_run.Address("127.0.0.1", free_port())
    run.record.supervisor = Process.of(os.getpid())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", run.address.port))
        try:
            with pytest.raises(SetUpRefused, match=f"Port {run.address.port} is taken"):
                run._start({})
        finally:
            run.supervisor.stop()


def test_a_start_names_the_command_until_a_street_map_is_installed(tmp_path: Path) -> None:
    checkout = Checkout(ROOT, tmp_path)
    assert not make_run.has_street_map(checkout, {})
    assert make_run.has_street_map(checkout, {"BASEMAP_URL": "/maps/city.pmtiles"})
    for media in (tmp_path / "media", tmp_path / "elsewhere"):
        (media / "basemap").mkdir(parents=True)
        (media / "basemap" / "basemap.pmtiles").touch()
    assert make_run.has_street_map(checkout, {})
    (tmp_path / "media" / "basemap" / "basemap.pmtiles").unlink()
    assert not make_run.has_street_map(checkout, {})
    assert make_run.has_street_map(checkout, {"SOLIDARITY_MEDIA_ROOT": str(tmp_path / "elsewhere")})


def test_make_basemap_hands_its_options_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []

    def managed(_checkout: object, command: list[str], _needs: object) -> int:
        handed.append(command)
        return 0

    monkeypatch.setattr(make_verbs, "_managed", managed)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "city.osm.pbf").touch()
    monkeypatch.setenv("PBF", "city.osm.pbf")
    monkeypatch.setenv("AREA", "paris")
    assert make_verbs.VERBS["basemap"](Checkout(ROOT, tmp_path)) == 0
    monkeypatch.setenv("PBF", "https://example.org/city.osm.pbf")
    monkeypatch.delenv("AREA")
    assert make_verbs.VERBS["basemap"](Checkout(ROOT, tmp_path)) == 0
    assert handed == [
        ["install_basemap", "--area=paris", f"--pbf={tmp_path}/city.osm.pbf"],
        ["install_basemap", "--pbf=https://example.org/city.osm.pbf"],
    ]


def test_a_start_remembers_whether_it_is_a_demonstration_and_never_mixes_the_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(value: str) -> str:
        monkeypatch.setenv("DEMO", value)
        make_run.Run(Checkout(ROOT, tmp_path))._choose_demo()
        return settings_file.read(tmp_path / "env").get("SOLIDARITY_DEMO", "")

    assert choose("") == ""
    assert choose("0") == "0"
    assert choose("") == "0"
    assert choose("1") == "1"  # there is no data yet
    (tmp_path / "stores" / "run" / "data").mkdir(parents=True)
    assert choose("1") == "1"
    with pytest.raises(SetUpRefused, match="holds the data of the demonstration"):
        choose("0")
    with pytest.raises(SetUpRefused, match="DEMO must be 0 or 1"):
        choose("no")


@pytest.mark.worker
def test_make_run_starts_stops_and_cleans_up_after_itself(collected: Path) -> None:
    """Start, start twice, Ctrl-C, restart, crash, kill -9, stop, reset. One test, because each start takes seconds."""
    state = Path(tempfile.mkdtemp(prefix="sol-"))
    state.chmod(0o755)
    shutil.copytree(collected, state / "static")  # compressing takes longer than the rest of a start
    port = free_port()
    try:
        with MakeRun(state, port) as first:
            assert status(port) == 200
            again = make("run", state, SOLIDARITY_PORT=str(port))
            assert again.returncode != 0
            assert f"already runs from this checkout at http://127.0.0.1:{port}/" in again.stderr
            for private in ("media", "log", "stores/run"):
                assert (state / private).stat().st_mode & 0o077 == 0, private
            started = processes_of(state)
            for program in ("granian", "celery", "beat", "postgres", "redis-server"):
                assert any(program in command for command in started.values()), program
            os.killpg(first.process.pid, signal.SIGINT)
            said = first.said + first.ends()
            link = re.search(rf"http://127\.0\.0\.1:{port}/first-start/[\w-]{{43}}/", said)
            assert link, said
            assert not any(link[0] in log.read_text(errors="replace") for log in (state / "log").glob("*.log"))
        assert eventually(lambda: not processes_of(state)), processes_of(state)

        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", port))
            taken.listen()
            refused = make("run", state, SOLIDARITY_PORT=str(port))
            assert refused.returncode != 0
            assert f"Port {port} is taken" in refused.stderr and "SOLIDARITY_PORT" in refused.stderr
            assert not processes_of(state)

        with MakeRun(state, port) as second:
            busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # more time if other tests run at the same time
            assert second.seconds <= SECOND_START * busy
            killed = second.child("worker")
            os.kill(killed, signal.SIGKILL)
            assert eventually(lambda: second.child("worker") != killed, 20), "the worker was not restarted"
            assert status(port) == 200
            for store in ("Redis", "PostgreSQL"):
                _kill_and_wait_for_the_next(state, store)
                assert eventually(lambda: status(port) == 200, 40), f"the site did not find the new {store}"
            os.killpg(second.process.pid, signal.SIGTERM)
            said = second.ends()
            assert "The worker process stopped by itself (signal 9). It starts again in 1 s" in said
            for name in ("Redis", "PostgreSQL"):
                assert f"{name} stopped by itself. It starts again (stop 1 of 5 in a minute)." in said
            assert "/first-start/" in said and link[0] not in said  # each start has its own link
        assert eventually(lambda: not processes_of(state)), processes_of(state)

        with MakeRun(state, port) as third:
            supervisor = json.loads((state / "run.json").read_text())["supervisor"]["pid"]
            os.kill(supervisor, signal.SIGKILL)
            third.ends()
        stopped = make("stop", state)
        assert stopped.returncode == 0 and "Stopped." in stopped.stdout
        assert not processes_of(state), processes_of(state)

        unasked = make("reset", state)
        assert unasked.returncode != 0 and "FORCE=1" in unasked.stderr
        assert (state / "stores" / "run").exists()
        (state / "audit").mkdir(exist_ok=True)
        (state / "audit" / "anchor.json").touch()  # the first entry of the audit log writes it
        assert make("reset", state, FORCE="1").returncode == 0
        assert not (state / "stores" / "run").exists()
        assert not list((state / "audit").iterdir())
        assert "SOLIDARITY_SECRET_KEY" in (state / "env").read_text()
    finally:
        make("reset", state, FORCE="1")
        shutil.rmtree(state)
