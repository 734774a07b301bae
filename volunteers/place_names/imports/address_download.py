"""Download of one department of the national address file. An interrupted download continues where it stopped."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import requests
from django.conf import settings

TIMEOUT = (10, 30)
"""Seconds to connect, and between two parts of an answer."""
_PART = 16 * 1024
_TRIES = 3

type Tell = Callable[[int, int], None]
"""Called with the bytes read so far and the whole size, 0 if it is unknown."""


class Undownloadable(Exception):
    """The file could not be downloaded. The message names the cause and the cure."""


def address_of(department: str) -> str:
    """Return the address of a department's file."""
    return f"{str(settings.ADDRESSES_URL).rstrip('/')}/adresses-{department}.csv.gz"


def download(department: str, folder: Path, tell: Tell) -> Path:
    """Return the path of the newest file of a department, downloaded to a folder; a file of the same version is not
    downloaded again.

    The address is a setting of the operator, so proxies and certificates from the environment apply. Raise
    Undownloadable.
    """
    url = address_of(department)
    host = urlsplit(url).hostname or url
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"adresses-{department}.csv.gz"
    part, version = target.with_suffix(".part"), target.with_suffix(".version")
    for _try in range(_TRIES):
        try:
            return _continue(url, target, part, version, tell)
        except requests.HTTPError as error:
            status = error.response.status_code
            raise Undownloadable(
                f"{host} answers {status} for adresses-{department}.csv.gz. Check the number of the department "
                "(01 to 95, 2A, 2B, 971 to 976) and SOLIDARITY_ADDRESSES_URL."
            ) from error
        except requests.RequestException:
            continue
    done = part.stat().st_size if part.exists() else 0
    raise Undownloadable(
        f"{host} cannot be reached. Check the network, then try again"
        + (f"; the download continues at {done / 1e6:.1f} MB." if done else ".")
        + f" Or download the file elsewhere and name it: make addresses FILE=adresses-{department}.csv.gz"
    )


def _continue(url: str, target: Path, part: Path, version: Path, tell: Tell) -> Path:
    known = version.read_text() if version.exists() else ""
    done = part.stat().st_size if part.exists() and known else 0
    headers = {"Accept-Encoding": "identity"}
    if done:
        headers |= {"Range": f"bytes={done}-", "If-Range": known}
    elif target.exists() and known:
        headers["If-None-Match"] = known
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == 304 and target.exists():
            return target
        if answer.status_code != 416:  # the part is complete already, or longer than the file
            answer.raise_for_status()
        if answer.status_code == 416:
            part.unlink(missing_ok=True)
            raise requests.ConnectionError("the file has changed")
        if answer.status_code != 206:
            done = 0
        version.write_text(answer.headers.get("ETag", ""))
        length = answer.headers.get("Content-Length", "")
        total = done + int(length) if length.isdecimal() else 0
        with part.open("ab" if done else "wb") as stream:
            tell(done, total)
            for piece in answer.iter_content(_PART):
                stream.write(piece)
                done += len(piece)
                tell(done, total)
        if total and done < total:
            raise requests.ConnectionError("the answer ended early")
    part.replace(target)
    return target
