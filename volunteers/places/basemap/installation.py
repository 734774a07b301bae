"""Installing a street map: from a Protomaps build, from an archive, or from an OpenStreetMap extract.

The installed map stays in use until the new one is complete.
"""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings

from volunteers.places.basemap import installed, osm_builder
from volunteers.places.basemap.archive_extract import extract, require_space
from volunteers.places.basemap.archive_header import Header, header_of
from volunteers.places.basemap.area_catalogue import Bounds
from volunteers.places.basemap.byte_sources import TIMEOUT, LocalFile, RemoteFile, begun, download, is_address
from volunteers.places.basemap.installation_state import Recorder, only_one
from volunteers.places.basemap.problems import Problem, StreetMapError

_MOST_OF_LIST = 4 * 1024 * 1024  # maximum size of the list in bytes


def newest_build() -> str:
    """Return the address of the build to read: BASEMAP_BUILDS itself if it names one, else the newest of the list.

    Raise StreetMapError if the list cannot be read.
    """
    folder = str(settings.BASEMAP_BUILDS)
    if folder.endswith(".pmtiles"):
        return folder
    address = str(settings.BASEMAP_BUILDS_LIST)
    host = urlsplit(address).hostname or address
    try:
        with requests.get(address, timeout=TIMEOUT, stream=True) as answer:
            answer.raise_for_status()
            text = next(answer.iter_content(_MOST_OF_LIST), b"")
        builds = json.loads(text)
        # A name begins with its date, so the last in order is the newest.
        names = [name for build in builds if (name := str(build["key"])).endswith(".pmtiles") and "/" not in name]
    except requests.HTTPError as error:
        raise StreetMapError(Problem.NO_BUILD, host=host) from error
    except (OSError, requests.RequestException) as error:
        raise StreetMapError(Problem.UNREACHABLE, host=host) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StreetMapError(Problem.NO_BUILD, host=host) from error
    if not names:
        raise StreetMapError(Problem.NO_BUILD, host=host)
    return urljoin(folder.rstrip("/") + "/", max(names))


type Tell = Callable[[str, int, int], None]  # step, bytes or objects done, bytes in total or 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The map to install. pbf, pmtiles: the path or the address of a file; without both, a Protomaps build is read.

    name: the area's key, for messages. bounds: the part of the file to install.
    """

    name: str = ""
    bounds: Bounds | None = None
    pbf: str = ""
    pmtiles: str = ""

    @property
    def what(self) -> str:
        """The area or the file, without folders and hosts."""
        return self.name or (self.pbf or self.pmtiles).rsplit("/", 1)[-1] or ",".join(map(str, self.bounds or ()))


def install(wanted: Wanted, tell: Tell) -> Header:
    """Install a street map and return its header. tell: function that is called with the progress.

    Raise StreetMapError if another installation runs, or if there is no map to install. In both cases the old map stays
    in use.
    """
    with only_one():
        recorder = Recorder(wanted.what)

        def told(step: str, done: int = 0, total: int = 0) -> None:
            recorder.step(step, done, total)
            tell(step, done, total)

        try:
            told("read")
            with _work_folder() as work:
                made = work / installed.FILE_NAME
                _make(wanted, work, made, told)
                told("install")
                header = header_of(made)
                if not header.has_streets:
                    raise StreetMapError(Problem.EMPTY, name=wanted.what)
                _replace(made)
            told("done")
        except StreetMapError as error:
            recorder.failed(error)
            raise
        except BaseException:
            recorder.failed(StreetMapError(Problem.FAILED))
            raise
    return header


def _make(wanted: Wanted, work: Path, made: Path, told: Tell) -> None:
    """Write the new archive to ``made``."""
    if wanted.pbf:
        osm_builder.require_programs()
        source = _downloaded(wanted.pbf, told) if is_address(wanted.pbf) else Path(wanted.pbf)
        osm_builder.build(source, wanted.bounds, work, made, lambda step, count: told(step, count, 0))
        if is_address(wanted.pbf):
            source.unlink()
        return
    if wanted.pmtiles and not is_address(wanted.pmtiles):
        archive: LocalFile | RemoteFile = LocalFile(Path(wanted.pmtiles))
    else:
        archive = RemoteFile(wanted.pmtiles or newest_build())
    extract(archive, wanted.bounds, installed.root(), made, lambda done, total: told("read", done, total))


def _downloaded(url: str, told: Tell) -> Path:
    """Download a file to our folder and return its path. An interrupted download of the same file continues."""
    remote = RemoteFile(url)
    path = installed.root() / f"download-{remote.digest}.osm.pbf"
    require_space(installed.root(), 3 * remote.size - begun(remote, path))  # for the file, its features and tiles
    download(remote, path, lambda done, total: told("read", done, total))
    return path


def _replace(made: Path) -> None:
    """Put a complete archive in the place of the old one."""
    with made.open("rb") as stream:
        os.fsync(stream.fileno())
    made.chmod(0o644)
    made.replace(installed.path())


@contextlib.contextmanager
def _work_folder() -> Iterator[Path]:
    """Yield a new folder on the same disk; at the end, delete it and the folders that a killed process left."""
    for old in installed.root().glob("work-*"):
        shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=installed.root(), prefix="work-") as folder:
        yield Path(folder)
