"""Installation of missing packages. It checks first whether all packages are installed, so that a second start contacts
no registry."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from solidarity.local.checkout import Checkout
from solidarity.local.services import nginx, pgbouncer, postgres, redis
from solidarity.local.terminal import SetUpRefused, last_lines, say

LIBRARIES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")  # for WeasyPrint
MORE_BROWSERS = ("chromium-headless-shell", "firefox-esr")  # tests are faster in Chromium without windows
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TEST_TOOLS = {"ip": "iproute2", "pdftotext": "poppler-utils", "envsubst": "gettext-base", "openssl": "openssl"}
BASEMAP_TOOLS = {"osmium": "osmium-tool", "tippecanoe": "tippecanoe"}
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/solidarity.conf")
# Packages that some distributions lack → the beginning that their version must have.
OPTIONAL = {"chromium": "", **dict.fromkeys(MORE_BROWSERS, ""), "docker-compose": "2."}
DATABASE_SERVER = "PostgreSQL with PostGIS"  # stands for two packages that have a version in their names


@dataclass(frozen=True)
class Needs:
    """Packages that a verb needs in addition."""

    tests: bool = False
    lake: bool = False
    basemap: bool = False


def install(checkout: Checkout, needs: Needs) -> None:
    """Install missing packages of the distribution, the virtual environment and the browser libraries.

    Steps run in parallel where possible. With SOLIDARITY_INSTALL=0, do nothing. Raise SetUpRefused with the end of the log
    if a step fails.
    """
    if os.environ.get("SOLIDARITY_INSTALL", "1") != "0":
        Installation(checkout, needs).run()


class Installation:
    """A check of the machine and the resulting steps."""

    def __init__(self, checkout: Checkout, needs: Needs) -> None:
        self.checkout = checkout
        self.needs = needs
        self.requirements = self._requirements()
        self.lock = checkout.root / "package-lock.json"
        self.modules = checkout.root / "node_modules"
        self.running: list[subprocess.Popen[str]] = []

    def run(self) -> None:
        """Run and print the necessary steps."""
        python = not (self.checkout.python.exists() and self._stamp("python") == self._python_stamp())
        node = not (self.modules.is_dir() and self._stamp("node") == self._node_stamp())
        venv_package = self._missing_venv_package() if python or (node and not npm(self.checkout)) else []
        packages = self._missing_packages()
        if not (packages or python or node):
            return
        say("Installing what is missing. This happens once.")
        if packages or venv_package:
            self._apt_ready([*venv_package, *packages])
        if venv_package:
            self._apt(venv_package)
        with ThreadPoolExecutor(max_workers=3) as pool:
            steps = []
            if packages:
                steps.append(pool.submit(self._distribution, packages))
            if python:
                steps.append(pool.submit(self._python))
            if node:
                steps.append(pool.submit(self._node))
            try:
                for step in steps:
                    step.result()
            except BaseException:
                for process in self.running:
                    process.terminate()
                raise
        if self._wants_browser():  # Ubuntu has Chromium only as a snap
            command = [str(self.checkout.python), "-m", "playwright", "install", "--with-deps", "chromium"]
            self._step("Playwright's own Chromium", "browser", [command])
            self._set_stamp("browser", "playwright")

    # --- checks ----------------------------------------------------------------------------------------------------

    def _requirements(self) -> Path:
        """Return the lock file to install: the tests', the lake's or the plain one. Each contains the next one, and stays
        in use once it is installed."""
        root, before = self.checkout.root, self._stamp("python")
        if self.needs.tests or before.startswith("tests "):
            return root / "tests" / "requirements.txt"
        if self.needs.lake or before.startswith("lake "):
            return root / "requirements-lake.txt"
        return root / "requirements.txt"

    def _python_stamp(self) -> str:
        lake = "lake" if self.requirements.stem.endswith("-lake") else "run"
        kind = "tests" if self.requirements.parent.name == "tests" else lake
        return f"{kind} {_digest(self.requirements)}"

    def _node_stamp(self) -> str:
        """Return a digest of the lock file, and of the style sheets that are compiled from the libraries."""
        styles = sorted((self.checkout.root / "solidarity" / "styles").glob("*.scss"))
        return " ".join(_digest(path) for path in (self.lock, self.lock.with_name("package.json"), *styles))

    def _stamp(self, name: str) -> str:
        path = self.checkout.installed / "stamps" / name
        return path.read_text(encoding="ascii") if path.is_file() else ""

    def _set_stamp(self, name: str, stamp: str) -> None:
        path = self.checkout.installed / "stamps" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(stamp, encoding="ascii")

    def _missing_venv_package(self) -> list[str]:
        """Return the package for venv, which Debian separates from the standard library, if it is missing."""
        if importlib.util.find_spec("ensurepip") is not None:
            return []
        return [f"python{sys.version_info.major}.{sys.version_info.minor}-venv"]

    def _missing_packages(self) -> list[str]:
        missing = []
        if not postgres.installed_versions():
            missing.append(DATABASE_SERVER)
        if redis.server_program() is None:
            missing.append("redis-tools")
        if shutil.which("msgfmt") is None:
            missing.append("gettext")
        missing += _missing_libraries()
        if self._wants_browser():
            missing.append("chromium")
        if self.needs.tests:  # tried once: Ubuntu has the browsers only as snaps, and the tests work without them
            here: dict[str, object] = {"docker-compose": _composes()}
            here |= {name: shutil.which(name) for name in MORE_BROWSERS}
            here |= {each.PACKAGE: each.program(self.checkout.installed) for each in (nginx, pgbouncer)}
            missing += [name for name, found in here.items() if not found and not self._stamp(name)]
        tools = {**(TEST_TOOLS if self.needs.tests else {}), **(BASEMAP_TOOLS if self.needs.basemap else {})}
        missing += [package for program, package in tools.items() if shutil.which(program) is None]
        return missing

    def _wants_browser(self) -> bool:
        return self.needs.tests and not any(map(shutil.which, BROWSERS)) and not self._stamp("browser")

    # --- the distribution's packages -------------------------------------------------------------------------------

    def _apt_ready(self, packages: Sequence[str]) -> None:
        """Check that packages can be installed here, and ask for the password before other steps print."""
        wanted = ", ".join(packages)
        if shutil.which("apt-get") is None:
            raise SetUpRefused(
                f"Missing: {wanted}. Only Debian and Ubuntu are set up by themselves: install them by hand."
            )
        if os.geteuid() != 0:
            if shutil.which("sudo") is None:
                raise SetUpRefused(f"Missing: {wanted}. Without sudo, ask an administrator to install them.")
            ask = ["sudo", "-v"] if sys.stdin.isatty() else ["sudo", "-n", "true"]
            if subprocess.run(ask).returncode != 0:
                raise SetUpRefused(f"Missing: {wanted}. sudo did not let this account install them.")
        self._step("the lists of packages", "apt", [self._as_root(["apt-get", "-q", "update"])], required=False)

    def _as_root(self, command: list[str]) -> list[str]:
        settings = ["env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=l", *command]
        return settings if os.geteuid() == 0 else ["sudo", *settings]

    def _distribution(self, packages: list[str]) -> None:
        names = [package for package in packages if package != DATABASE_SERVER]
        if DATABASE_SERVER in packages:
            version = _offered_postgres()
            names += [f"postgresql-{version}", f"postgresql-{version}-postgis-3"]
        for each in (nginx, pgbouncer):
            if each.PACKAGE in names:
                names.remove(each.PACKAGE)
                commands = [each.unpacking(self.checkout.installed)] if _candidate(each.PACKAGE) else []
                self._step(f"{each.PACKAGE}, unpacked for the tests", each.PACKAGE, commands, required=False)
                self._set_stamp(each.PACKAGE, "asked")
        names = [name for name in names if name not in OPTIONAL or _offers(name, OPTIONAL[name])]
        if names:
            self._apt(names)
        for name in OPTIONAL.keys() & packages:
            self._set_stamp(name, "asked")

    def _apt(self, names: list[str]) -> None:
        """Install packages without creating, starting or stopping the system's own database clusters."""
        install = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends", *names]
        quiet = f"mkdir -p {NO_CLUSTER.parent} && echo create_main_cluster = false > {NO_CLUSTER}"
        commands = [self._as_root(install)]
        server = any(name.startswith("postgresql-") for name in names)
        if server:
            commands.insert(0, self._as_root(["sh", "-c", quiet]))
        try:
            self._step(f"{len(names)} packages: {' '.join(names)}", f"apt-{names[0]}", commands)
        finally:
            if server:
                subprocess.run(self._as_root(["rm", "-f", str(NO_CLUSTER)]))

    # --- Python and browser libraries ------------------------------------------------------------------------------

    def _python(self) -> None:
        venv, python = self.checkout.venv, str(self.checkout.python)
        commands = []
        if not self.checkout.python.exists():
            commands.append([sys.executable, "-m", "venv", "--clear", str(venv)])
        if not (venv / "bin" / "uv").exists():
            uv_list = str(Path(__file__).parent / "uv.txt")
            commands.append([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", uv_list])
        sync = ["pip", "sync", "-q", "--require-hashes", "--compile-bytecode", "-p", python, str(self.requirements)]
        plain = [python, "-m", "pip", "install", "-q", "--require-hashes", "-r", str(self.requirements)]
        what = f"Python packages of {self.checkout.shown(self.requirements)}"
        self._step("the virtual environment", "venv", commands)
        if not self._step(what, "python", [[str(venv / "bin" / "uv"), *sync]], required=False):
            self._step(f"{what}, with pip", "python", [plain])
        self._set_stamp("python", self._python_stamp())

    def _node(self) -> None:
        """Install the browser libraries. Without npm on the machine, use npm from PyPI, because Debian's npm has 340
        dependencies."""
        if npm(self.checkout) is None:
            venv = self.checkout.npm_venv
            npm_list = str(Path(__file__).parent / "npm.txt")
            install = [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes", "-r", npm_list]
            self._step("npm", "npm-itself", [[sys.executable, "-m", "venv", "--clear", str(venv)], install])
        command = [str(npm(self.checkout)), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        styles = [str(npm(self.checkout)), "run", "--silent", "styles"]
        self._step("browser libraries", "npm", [command, styles])
        self._set_stamp("node", self._node_stamp())

    def _step(self, what: str, log_name: str, commands: list[list[str]], required: bool = True) -> bool:
        """Run commands in order and log their output. Return False if a command fails and the step is not required."""
        log = self.checkout.logs / f"install-{log_name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        environment = {**os.environ, "PATH": path_with_node(self.checkout), **uv_settings()}
        with log.open("w", encoding="utf-8") as output:
            for command in commands:
                process = subprocess.Popen(
                    command,
                    cwd=self.checkout.root,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
                self.running.append(process)
                if process.wait() != 0:
                    if required:
                        raise SetUpRefused(f"Installing failed: {what}. The end of {log}:\n{last_lines(log)}")
                    return False
        if commands:
            say(f"  {what} ({time.monotonic() - began:.0f} s)")
        return True


def uv_settings() -> dict[str, str]:
    """Return settings that let uv trust the machine's certificates, which may include a company's own."""
    return {"UV_NO_PROGRESS": "1", **({"UV_SYSTEM_CERTS": "1"} if CERTIFICATES.exists() else {})}


def path_with_node(checkout: Checkout) -> str:
    """Return the PATH with our own npm and node after the machine's."""
    return f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{checkout.npm_venv / 'bin'}"


def npm(checkout: Checkout) -> str | None:
    """Return the machine's npm, or our own, or None if neither is installed."""
    return shutil.which("npm", path=path_with_node(checkout))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _missing_libraries() -> list[str]:
    """Return the required shared libraries that Debian's package list lacks; none without such a list."""
    if shutil.which("dpkg-query") is None:
        return []
    command = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *LIBRARIES]
    shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return [name for name in LIBRARIES if f"{name} installed" not in shown.splitlines()]


def _composes() -> bool:
    """Return whether a program that checks docker-compose.yml is installed. It needs no container engine."""
    docker = shutil.which("docker")
    plugin = docker and subprocess.run([docker, "compose", "version"], capture_output=True)
    return shutil.which("docker-compose") is not None or bool(plugin and plugin.returncode == 0)


def _candidate(name: str) -> str:
    """Return the version of a package that apt would install, or an empty text."""
    shown = subprocess.run(["apt-cache", "policy", name], stdout=subprocess.PIPE, text=True).stdout
    version = shown.partition("Candidate:")[2].split("\n", 1)[0].strip()
    return "" if version == "(none)" else version


def _offers(name: str, beginning: str) -> bool:
    version = _candidate(name)
    return bool(version) and version.startswith(beginning)


def _offered_postgres() -> int:
    """Return the PostgreSQL version to install: the preferred one, or the newest with PostGIS."""
    versions: list[int] = [postgres.PREFERRED, *range(postgres.PREFERRED + 5, postgres.OLDEST - 1, -1)]
    for version in versions:
        if _candidate(f"postgresql-{version}-postgis-3"):
            return version
    raise SetUpRefused(f"apt offers no PostgreSQL {postgres.OLDEST} or newer with PostGIS.")
