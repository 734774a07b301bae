"""A private PostgreSQL cluster on a Unix socket, from the distribution's packages."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from solidarity.local.processes import Process, wait_until_gone
from solidarity.local.services.data_dirs import Home, without_postgres_settings
from solidarity.local.terminal import SetUpRefused, last_lines

VERSIONS = Path("/usr/lib/postgresql")
EXTENSIONS = Path("/usr/share/postgresql")
PREFERRED = 17
OLDEST = 15
PORT = 5432  # only a part of the socket's name, because nothing listens on TCP
SUPERUSER = "postgres"
OWNER = "solidarity"
DATABASE = "solidarity"
UNSAFE_AND_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def sizes(memory: int) -> dict[str, str]:
    """Return the settings that depend on the machine's memory (MiB)."""
    return {
        "shared_buffers": f"{max(128, min(1024, memory // 8))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "32MB" if memory > 4000 else "8MB",
        "maintenance_work_mem": "256MB" if memory > 4000 else "64MB",
    }


def memory_of_this_machine() -> int:
    """Return the memory in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


def installed_versions() -> list[int]:
    """Return the installed major versions with a server and PostGIS: first the preferred version, then the newest."""
    found = [
        int(folder.name)
        for folder in (VERSIONS.iterdir() if VERSIONS.is_dir() else ())
        if folder.name.isdigit()
        and int(folder.name) >= OLDEST
        and (folder / "bin" / "initdb").exists()
        and (EXTENSIONS / folder.name / "extension" / "postgis.control").exists()
    ]
    return sorted(found, key=lambda version: (version != PREFERRED, -version))


@dataclass(frozen=True)
class Cluster:
    """The cluster in a home. Durable clusters survive a crash of the machine; other clusters are for tests."""

    home: Home
    durable: bool

    def _version(self) -> int:
        versions = installed_versions()
        if (marker := self.home.data / "PG_VERSION").exists():
            version = int(marker.read_text(encoding="ascii"))
            if version not in versions:
                raise SetUpRefused(
                    f"The database in {self.home.data} needs PostgreSQL {version} with PostGIS, not found here."
                )
            return version
        if not versions:
            raise SetUpRefused(f"No PostgreSQL {OLDEST} or newer with PostGIS is installed.")
        return versions[0]

    def _program(self, name: str) -> str:
        return str(VERSIONS / str(self._version()) / "bin" / name)

    def running(self) -> Process | None:
        """Return the postmaster of this cluster, or None."""
        try:
            pid = int((self.home.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        ours = b"postgres" in command[0] and os.fsencode(self.home.data) in command
        return Process.of(pid) if ours else None

    def start(self) -> Process:
        """Start the cluster, created if missing, and return the postmaster once it accepts connections.

        Raise SetUpRefused with the end of the log if it does not start.
        """
        if not self.durable and (self.home.data / "postmaster.pid").exists():
            self._remove_data()  # without fsync, data after an unclean stop is unusable
        if not (self.home.data / "PG_VERSION").exists():
            self._make()
        self._remove_stale_locks()
        log = self.home.folder / "postgres.log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.replace(log.with_suffix(".log.1"))
        options = " ".join(f"-c {name}={_quoted(value)}" for name, value in self._settings().items())
        command = [self._program("pg_ctl"), "-D", str(self.home.data), "-l", str(log), "-w", "-t", "120"]
        command += ["-o", options, "start"]
        for attempt in range(3):
            if self.home.run(command, check=False).returncode == 0:
                break
            time.sleep(2 * attempt + 1)  # after kill -9, the old server's children briefly hold its shared memory
        postmaster = self.running()
        if postmaster is None:
            raise SetUpRefused(f"PostgreSQL did not start. The end of {log}:\n{last_lines(log)}")
        if not (self.home.folder / "prepared").exists():
            self._prepare()
        return postmaster

    def stop(self) -> None:
        """Stop the cluster if it runs, and close its connections."""
        if postmaster := self.running():
            command = [self._program("pg_ctl"), "-D", str(self.home.data), "-m", "fast", "-w", "-t", "30", "stop"]
            if self.home.run(command, check=False).returncode != 0:
                self.home.run([*command[:4], "immediate", *command[5:]], check=False)
            wait_until_gone([postmaster], 5)

    def _make(self) -> None:
        self._remove_data()
        command = [self._program("initdb"), "-D", str(self.home.data), "-U", SUPERUSER, "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", *([] if self.durable else ["--no-sync"])]
        try:
            self.home.run(command)
        except subprocess.CalledProcessError as error:
            raise SetUpRefused(f"PostgreSQL could not make a cluster in {self.home.data}:\n{error.stdout}") from None

    def _remove_data(self) -> None:
        self.home.run(["rm", "-rf", str(self.home.data), str(self.home.folder / "prepared")])

    def _remove_stale_locks(self) -> None:
        """Remove lock files with a process id that now belongs to another program, because PostgreSQL would not
        start."""
        for lock in (self.home.data / "postmaster.pid", self.home.sockets / f".s.PGSQL.{PORT}.lock"):
            try:
                pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
            except (OSError, ValueError):
                continue
            try:
                foreign = b"postgres" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
            except OSError:
                foreign = True
            if foreign:
                lock.unlink(missing_ok=True)

    def _settings(self) -> dict[str, str]:
        shared_memory = os.statvfs("/dev/shm") if Path("/dev/shm").is_dir() else None
        cramped = shared_memory is None or shared_memory.f_bavail * shared_memory.f_frsize < 256 << 20
        return {
            "listen_addresses": "",
            "unix_socket_directories": str(self.home.sockets),
            "port": str(PORT),
            "max_connections": "100",
            **sizes(memory_of_this_machine()),
            "max_wal_size": "4GB" if self.durable else "1GB",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            # Statements and error details can contain a place or a contact, so neither may be logged.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            **({"dynamic_shared_memory_type": "mmap"} if cramped else {}),
            **({} if self.durable else UNSAFE_AND_FAST),
        }

    def _prepare(self) -> None:
        """Create the role, the database, and PostGIS in the template, so that test databases have it too.

        The role is no superuser, so that rights missing in a real deployment are missing here too.
        """
        roles = f"""
            SELECT 'CREATE ROLE {OWNER} LOGIN CREATEDB'
            WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') \\gexec
            GRANT pg_monitor, pg_checkpoint TO {OWNER};
            CREATE EXTENSION IF NOT EXISTS postgis;
        """
        database = f"""
            SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}'
            WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
        """
        try:
            self._psql("template1", roles)
            self._psql("postgres", database)
        except subprocess.CalledProcessError as error:
            raise SetUpRefused(f"The database could not be prepared:\n{error.stdout}") from None
        (self.home.folder / "prepared").touch()

    def _psql(self, database: str, script: str) -> None:
        where = ["-h", str(self.home.sockets), "-p", str(PORT), "-U", SUPERUSER, "-d", database]
        script = re.sub(r"^\s+", "", script, flags=re.MULTILINE)
        subprocess.run(
            [self._program("psql"), *where, "-X", "-q", "-v", "ON_ERROR_STOP=1"],
            input=script,
            env=without_postgres_settings(os.environ),
            text=True,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


def _quoted(value: str) -> str:
    """Quote a value for pg_ctl's options, which a shell parses."""
    return "'" + value.replace("'", "'\\''") + "'"
