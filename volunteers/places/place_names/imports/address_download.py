"""Download of one department of the national address file. An interrupted download continues where it stopped."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from volunteers.places.basemap import byte_sources
from volunteers.places.basemap.problems import Problem, StreetMapError

type Tell = Callable[[int, int], None]
"""Called with the bytes read so far and the whole size."""


class Undownloadable(Exception):
    """The file could not be downloaded. The message names the cause and says what to do, in English; problem does so in
    the reader's language."""

    def __init__(self, message: str, problem: StreetMapError) -> None:
        super().__init__(message)
        self.problem = problem


def download(department: str, folder: Path, tell: Tell) -> Path:
    """Return the path of the newest file of a department, downloaded to a folder; a file of the same version is not
    downloaded again, and older versions are deleted. Raise Undownloadable.
    """
    name = f"adresses-{department}.csv.gz"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        remote = byte_sources.RemoteFile(f"{str(settings.ADDRESSES_URL).rstrip('/')}/{name}")
        path = folder / f"{remote.digest}-{name}"
        byte_sources.download(remote, path, tell)
    except StreetMapError as error:
        if error.problem == Problem.NOT_FOUND:
            raise Undownloadable(
                f"{error} Check the number of the department (01 to 95, 2A, 2B, 971 to 976) and SOLIDARITY_ADDRESSES_URL.",
                error,
            ) from error
        raise Undownloadable(
            f"{error} Or download the file elsewhere and name it: make addresses FILE={name}", error
        ) from error
    for old in folder.glob(f"*{name}"):
        if old != path:
            old.unlink()
    return path
