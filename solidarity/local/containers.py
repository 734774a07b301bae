"""Files for ``docker compose``: the settings of a site, and the digests of the images."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from solidarity.local import settings_file
from solidarity.local.services import postgres
from solidarity.local.terminal import SetUpRefused

IMAGE = re.compile(
    r"^(?P<before>FROM |    image: )(?P<name>[a-z0-9./-]+:[\w.-]+)(?P<digest>@sha256:[0-9a-f]{64})?(?=\s|$)", re.M
)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_SIZES = {
    "SOLIDARITY_POSTGRES_SHARED_BUFFERS": "shared_buffers",
    "SOLIDARITY_POSTGRES_CACHE_SIZE": "effective_cache_size",
    "SOLIDARITY_POSTGRES_WORK_MEM": "work_mem",
    "SOLIDARITY_POSTGRES_MAINTENANCE_MEM": "maintenance_work_mem",
}


def write_env(root: Path, hosts: str) -> Path:
    """Write ``.env`` from ``.env.example`` with new keys, readable by its owner alone, and return its path.

    hosts: the names that people use, separated by commas. Raise SetUpRefused if the file exists or a name is invalid.
    """
    path, names = root / ".env", [name.strip().lower() for name in hosts.split(",") if name.strip()]
    if path.exists() or path.is_symlink():
        raise SetUpRefused(f"{path} exists and was not changed: its keys open the data. Edit it, or move it away.")
    wrong = [name for name in names if not _HOST.fullmatch(name)]
    if wrong or not names:
        raise SetUpRefused(
            f"{wrong[0]!r} is no host name." if wrong else "Name the site: make env HOST=solidarity.example.org"
        )
    sizes = postgres.sizes(postgres.memory_of_this_machine())
    values = {
        **settings_file.fresh_keys(),
        "SOLIDARITY_DB_PASSWORD": secrets.token_urlsafe(32),
        "SOLIDARITY_ALLOWED_HOSTS": ",".join(names),
        "SOLIDARITY_SITE_URL": f"https://{names[0]}",
        "SOLIDARITY_EMAIL_FROM": f"solidarity@{names[0]}",
        "SOLIDARITY_VAPID_CONTACT": f"mailto:solidarity@{names[0]}",
        **{name: sizes[size] for name, size in _SIZES.items()},
    }
    lines = (root / ".env.example").read_text(encoding="utf-8").splitlines()
    text = "".join(f"{_filled(line, values)}\n" for line in lines)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _filled(line: str, values: dict[str, str]) -> str:
    name, separator, _value = line.partition("=")
    return f"{name}={values[name]}" if separator and name in values else line


def pin(root: Path, digest_of: "Callable[[str], str] | None" = None) -> list[str]:
    """Write the digest of each image into Dockerfile and docker-compose.yml; return the pinned names.

    digest_of: function that returns the digest of a name with its version; by default, it asks the registry through
    docker. Without docker or without an answer, raise SetUpRefused and write nothing.
    """
    found: dict[str, str] = {}
    fresh: dict[Path, str] = {}
    for path in (root / "Dockerfile", root / "docker-compose.yml"):
        text = path.read_text(encoding="utf-8")
        for match in IMAGE.finditer(text):
            if match["name"] not in found:
                found[match["name"]] = (digest_of or _digest)(match["name"])
        fresh[path] = IMAGE.sub(lambda match: f"{match['before']}{match['name']}@{found[match['name']]}", text)
    for path, text in fresh.items():
        path.write_text(text, encoding="utf-8")
    return [f"{name}@{digest}" for name, digest in found.items()]


def _digest(name: str) -> str:
    if shutil.which("docker") is None:
        raise SetUpRefused("Without docker, the digests of the images cannot be asked for.")
    command = ["docker", "buildx", "imagetools", "inspect", name, "--format", "{{.Manifest.Digest}}"]
    asked = subprocess.run(command, capture_output=True, text=True)
    digest = asked.stdout.strip()
    if asked.returncode != 0 or not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise SetUpRefused(f"No digest of {name}: {asked.stderr.strip() or digest}")
    return digest
