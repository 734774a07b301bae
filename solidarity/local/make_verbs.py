"""The verbs of the Makefile."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from solidarity.local import catalogues, chaos_test, checks, containers, lock_files, make_run, packages, settings_file
from solidarity.local.checkout import Checkout
from solidarity.local.packages import Needs
from solidarity.local.services import data_dirs
from solidarity.local.services.running_services import Stores
from solidarity.local.terminal import Interrupted, SetUpRefused, complain, say

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def perform(arguments: Sequence[str]) -> int:
    """Run the verb that the only argument names, and return the exit code."""
    if len(arguments) != 1 or arguments[0] not in VERBS:
        complain(_help())
        return 2
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    try:
        return VERBS[arguments[0]](Checkout.here())
    except SetUpRefused as refused:
        complain(str(refused))
        return 1
    except (KeyboardInterrupt, Interrupted) as interrupt:
        return 130 if isinstance(interrupt, KeyboardInterrupt) else 143


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """End the verb at the first signal. Later signals are ignored, so that stopping is never interrupted."""
    for each in SIGNALS:
        signal.signal(each, _let_pass)
    raise KeyboardInterrupt if number == signal.SIGINT else Interrupted


def _let_pass(_number: int, _frame: FrameType | None) -> None:
    return


def _foreground(command: list[str], checkout: Checkout, environment: dict[str, str]) -> int:
    """Run a program in the foreground and return its exit code. Ctrl-C goes to that program."""
    before = signal.signal(signal.SIGINT, _let_pass)
    child = subprocess.Popen(command, cwd=checkout.root, env=environment)
    try:
        code = child.wait()
        return code if code >= 0 else 128 - code
    except Interrupted:
        child.terminate()
        child.wait()
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def _arguments(name: str) -> list[str]:
    """Return the words of a variable on make's command line, for example ARGS="-k zone"."""
    return shlex.split(os.environ.get(name, ""))


def _managed(checkout: Checkout, command: list[str], needs: Needs | None = None) -> int:
    """Run a management command with the services of the run."""
    checkout.keep_to_ourselves()
    settings_file.complete(checkout.state / "env", settings_file.DEFAULTS)
    packages.install(checkout, needs or Needs())
    with Stores(checkout, "run").serving(checkout.state / "env"):
        return _foreground([str(checkout.python), "manage.py", *command], checkout, make_run.environment(checkout))


def _run(checkout: Checkout) -> int:
    """install what is missing, then start everything and print the address"""
    return make_run.Run(checkout).perform()


def _install(checkout: Checkout) -> int:
    """install what is missing and compile the translations, without starting anything (LAKE=1 adds the lake's engines)"""
    packages.install(checkout, Needs(lake=os.environ.get("LAKE") == "1"))
    catalogues.compile_changed(checkout.root)
    return 0


def _dev(checkout: Checkout) -> int:
    """like run, but code, worker and templates reload when a file changes"""
    return make_run.Run(checkout, reload=True).perform()


def _stop(checkout: Checkout) -> int:
    """stop what a run started or left"""
    say("Stopped." if make_run.stop(checkout) else "Nothing was running.")
    return 0


def _reset(checkout: Checkout) -> int:
    """stop, then delete the run's data after asking (FORCE=1 does not ask)"""
    if os.environ.get("FORCE") != "1":
        if not sys.stdin.isatty():
            raise SetUpRefused("This deletes the run's data. To confirm, run: make reset FORCE=1")
        say(f"This deletes the database, uploads and logs in {checkout.shown(checkout.state)}.")
        if input("Type yes to continue: ").strip() != "yes":
            raise SetUpRefused("Nothing was deleted.")
    make_run.stop(checkout)
    data_dirs.remove(checkout, "run")
    for folder in ("media", "static", "log", "audit"):  # an anchor without its log would look like a manipulation
        for path in (checkout.state / folder).glob("*"):
            if path.name == "basemap":
                continue  # built from a large download, without personal data
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in (*checkout.state.glob("beat-schedule*"), *checkout.state.glob("demo-logins.txt")):
        path.unlink()
    say(f"The run's data is deleted. Settings stay in {checkout.shown(checkout.state / 'env')}.")
    return 0


def _test_all(checkout: Checkout) -> int:
    """run the tests and their repetitions in other languages and sizes"""
    os.environ["SOLIDARITY_TEST_ALL"] = "1"
    return _test(checkout)


def _test(checkout: Checkout) -> int:
    """install what is missing, then run the tests (ARGS="tests/needs/tours" or ARGS="-k zone" chooses)"""
    packages.install(checkout, Needs(tests=True, basemap=True))
    catalogues.compile_changed(checkout.root)
    state = checkout.state / "testing"
    settings_file.complete(state / "env", {})
    # One more worker than cores, because tests wait for browsers.
    workers = os.environ.get("SOLIDARITY_TEST_WORKERS", str(min(4, (os.cpu_count() or 1) + 1)))
    command = [str(checkout.python), "-m", "pytest", "-n", workers, "--dist", "loadgroup", *_arguments("ARGS")]
    with Stores(checkout, "test").serving(state / "env"):
        # In demo mode, accounts need no second factor. Tests of the second factor enable it themselves.
        settings = {"SOLIDARITY_STATE": str(state), "SOLIDARITY_DEMO": "1", "SOLIDARITY_DEBUG": "0"}
        settings["SOLIDARITY_STATIC_FROM_SOURCE"] = "1"
        # Each test process, and each program that tests start, would compile the project again without bytecode files.
        settings["PYTHONDONTWRITEBYTECODE"] = ""
        # The test processes share the cores: with a thread for each core, numpy's would wait for each other and spin.
        settings["OPENBLAS_NUM_THREADS"] = "1"
        return _foreground(command, checkout, {**make_run.environment(checkout), **settings})


def _fuzz(checkout: Checkout) -> int:
    """send the API many random requests in every role (COUNT=100 each)"""
    os.environ["SOLIDARITY_FUZZ"] = os.environ.get("COUNT", "100")
    os.environ.setdefault("ARGS", "tests/needs/api/test_api_schema.py")
    return _test(checkout)


def _quality(checkout: Checkout) -> int:
    """check style, types, templates, imports, dependencies, migrations and translations"""
    packages.install(checkout, Needs(tests=True))
    state = checkout.state / "testing"
    settings_file.complete(state / "env", settings_file.DEFAULTS)
    with Stores(checkout, "test").serving(state / "env"):  # Django's checks query the database version
        return checks.run(checkout, {"SOLIDARITY_STATE": str(state)})


def _fix(checkout: Checkout) -> int:
    """fix style where a program can"""
    packages.install(checkout, Needs(tests=True))
    return checks.fix(checkout)


def _bench(checkout: Checkout) -> int:
    """measure against references, at most 15 minutes (ARGS="--only fold" chooses)"""
    return _managed(checkout, ["bench", *_arguments("ARGS")], Needs(tests=True))


def _bench_full(checkout: Checkout) -> int:
    """measure with more repetitions and simulated cities, without a time limit"""
    return _managed(checkout, ["bench", "--size", "full", *_arguments("ARGS")], Needs(tests=True))


def _chaos(checkout: Checkout) -> int:
    """kill everything while reports are filed, then count (about 5 minutes)"""
    packages.install(checkout, Needs())
    result = ["--out", str(checkout.root / "bench" / "chaos.json")]
    return chaos_test.perform(checkout, checkout.python, [*result, *_arguments("ARGS")])


def _several_hosts(checkout: Checkout) -> int:
    """cut off and kill hosts in network namespaces while reports are filed (root; about 7 minutes)"""
    packages.install(checkout, Needs(tests=True))
    result = ["--out", str(checkout.root / "bench" / "several_hosts.json")]
    return chaos_test.perform(checkout, checkout.python, [*result, *_arguments("ARGS")], "several_hosts")


def _bad_night(checkout: Checkout) -> int:
    """400 phones, 30 dispatchers and 5,000 readers a minute at once (ARGS="--kill-redis")"""
    packages.install(checkout, Needs(tests=True))
    result = ["--out", str(checkout.root / "bench" / "bad_night.json")]
    os.environ["SOLIDARITY_BEHIND_PROXY"] = "1"  # each person of the load has an address of their own
    return chaos_test.perform(checkout, checkout.python, [*result, *_arguments("ARGS")], "bad_night")


def _basemap(checkout: Checkout) -> int:
    """install a street map (AREA=paris, BBOX=w,s,e,n, PBF=file or address, PMTILES=file or address)"""
    arguments = []
    for name in ("AREA", "BBOX", "PBF", "PMTILES"):
        if value := os.environ.get(name, ""):
            path = Path(value).expanduser()
            arguments.append(f"--{name.lower()}={path.absolute() if path.exists() else value}")
    return _managed(checkout, ["install_basemap", *arguments], Needs(basemap=bool(os.environ.get("PBF"))))


def _addresses(checkout: Checkout) -> int:
    """import the French national address file (AREA=75, or FILE=adresses-75.csv.gz)"""
    area, file = os.environ.get("AREA", ""), os.environ.get("FILE", "")
    if bool(area) == bool(file):
        raise SetUpRefused(
            "Name a department or a file: make addresses AREA=75, or make addresses FILE=adresses-75.csv.gz"
        )
    if file and not Path(file).is_file():
        raise SetUpRefused(f"There is no file {file}.")
    chosen = ["--file", str(Path(file).absolute())] if file else ["--area", area]
    return _managed(checkout, ["import_addresses", *chosen])


def _borders(checkout: Checkout) -> int:
    """download the communes from which territories are chosen (COUNTRY=fr AREA=93,75, or FILE=…)"""
    file = os.environ.get("FILE", "")
    if file and not Path(file).is_file():
        raise SetUpRefused(f"There is no file {file}.")
    chosen = {"country": os.environ.get("COUNTRY", "fr"), "area": os.environ.get("AREA", ""), "file": file}
    if file:
        chosen["file"] = str(Path(file).absolute())
    return _managed(checkout, ["import_communes", *(f"--{name}={value}" for name, value in chosen.items() if value)])


def _backup(checkout: Checkout) -> int:
    """write a back-up of database and media, encrypted if a key is set"""
    return _managed(checkout, ["backup"])


def _restore(checkout: Checkout) -> int:
    """restore a back-up into an empty database (FILE=…; FORCE=1 replaces)"""
    source = Path(os.environ.get("FILE", ""))
    if not source.is_file():
        raise SetUpRefused("Name an existing back-up: make restore FILE=.local/backups/…")
    _refuse_while_running(checkout)
    force = ["--force"] if os.environ.get("FORCE") == "1" else []
    return _managed(checkout, ["restore", str(source.absolute()), *force])


def _upgrade(checkout: Checkout) -> int:
    """back up, check and migrate the database; all migrations or none"""
    _refuse_while_running(checkout)
    return _managed(checkout, ["upgrade"])


def _refuse_while_running(checkout: Checkout) -> None:
    supervisor = make_run.Record.load(make_run.record_path(checkout)).supervisor
    if supervisor is not None and supervisor.alive():
        raise SetUpRefused("Solidarity runs. Stop it first: make stop")


def _env(checkout: Checkout) -> int:
    """write .env for docker compose, with new keys (HOST=solidarity.example.org)"""
    path = containers.write_env(checkout.root, os.environ.get("HOST", ""))
    say(
        f"{path.name} is written. Keep a copy of its keys apart from the back-ups: without them, no back-up can be read."
    )
    return 0


def _pin(checkout: Checkout) -> int:
    """add the digests of the images to Dockerfile and docker-compose.yml"""
    say("\n".join(containers.pin(checkout.root)))
    return 0


def _lock(checkout: Checkout) -> int:
    """rewrite the lock files (ARGS=--upgrade takes the newest versions)"""
    packages.install(checkout, Needs())
    lock_files.write(checkout, _arguments("ARGS"))
    return 0


def _screenshots(checkout: Checkout) -> int:
    """take the screenshots of the guides again from the demonstration (ARGS="--only NAME")"""
    return _managed(checkout, ["take_screenshots", *_arguments("ARGS")], Needs(tests=True))


def _shell(checkout: Checkout) -> int:
    """a Python shell inside the project"""
    return _managed(checkout, ["shell"])


def _manage(checkout: Checkout) -> int:
    """a management command (CMD="showmigrations needs")"""
    return _managed(checkout, _arguments("CMD") or ["help"])


def _print_help(_checkout: Checkout) -> int:
    """this list"""
    say(_help())
    return 0


VERBS: dict[str, Callable[[Checkout], int]] = {
    "run": _run,
    "install": _install,
    "dev": _dev,
    "stop": _stop,
    "reset": _reset,
    "test": _test,
    "test-all": _test_all,
    "fuzz": _fuzz,
    "quality": _quality,
    "fix": _fix,
    "bench": _bench,
    "bench-full": _bench_full,
    "chaos": _chaos,
    "several-hosts": _several_hosts,
    "bad-night": _bad_night,
    "backup": _backup,
    "restore": _restore,
    "upgrade": _upgrade,
    "env": _env,
    "pin": _pin,
    "basemap": _basemap,
    "addresses": _addresses,
    "borders": _borders,
    "screenshots": _screenshots,
    "shell": _shell,
    "manage": _manage,
    "lock": _lock,
    "help": _print_help,
}


def _help() -> str:
    return "\n".join(f"make {name:<13} {verb.__doc__}" for name, verb in VERBS.items())
