"""The machine of a measurement, without its name."""

import os
import platform
from pathlib import Path

from django.db import connection


def description() -> str:
    """Return processor, cores, memory, load, system and versions, because a figure without its machine says little."""
    load = ", ".join(f"{share:.1f}" for share in os.getloadavg())
    cores = len(os.sched_getaffinity(0))
    return (
        f"machine: {_field('/proc/cpuinfo', 'model name') or platform.machine()}, {cores} cores, {_memory():.0f} GB, "
        f"load {load}; {platform.system()} {platform.release().partition('-')[0]}, Python {platform.python_version()}, "
        f"PostgreSQL {_postgresql()}"
    )


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text(errors="replace").splitlines():
        key, _colon, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _memory() -> float:
    return int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1024**2


def _postgresql() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).split()[0]
