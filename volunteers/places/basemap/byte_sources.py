"""Files that are read in parts: on this disk, or on a server by range requests.

The addresses come from the operator (the command line or a setting), never from a form. So proxies and certificates
from the environment apply, and addresses in a private network are allowed.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from volunteers.places.basemap.problems import Problem, StreetMapError, size_words

RETRY_PAUSES = (1.0, 3.0, 6.0)  # seconds before each further try
TIMEOUT = (10, 30)  # seconds to connect, and between two parts of an answer
PART = 256 * 1024


class ByteSource(Protocol):
    """A file of known size. name: the name of the source, for messages. identity: a text that changes when the content
    changes."""

    name: str
    identity: str
    size: int

    def parts(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield the bytes from offset on, in parts. Raise StreetMapError if they cannot be read."""
        ...


def read(source: ByteSource, offset: int, length: int) -> bytes:
    """Return exactly ``length`` bytes. Raise StreetMapError if the file is too short or cannot be read."""
    if offset < 0 or length < 0 or offset + length > source.size:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what="a section ends behind the file")
    return b"".join(source.parts(offset, length)) if length else b""


class LocalFile:
    """A file on this disk."""

    def __init__(self, path: Path) -> None:
        stat = path.stat()
        self.path, self.name, self.size = path, path.name, stat.st_size
        self.identity = f"{path.resolve()}:{stat.st_mtime_ns}:{stat.st_size}"

    def parts(self, offset: int, length: int) -> Iterator[bytes]:
        with self.path.open("rb") as stream:
            stream.seek(offset)
            while length > 0 and (part := stream.read(min(PART, length))):
                length -= len(part)
                yield part


class RemoteFile:
    """A file on a server. ``ranges`` is False if the server sends only whole files, which can only be read from offset
    0."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = urlsplit(url).hostname or url
        self.name = urlsplit(url).path.rsplit("/", 1)[-1] or self.host
        self.session = requests.Session()
        self.session.max_redirects = 5
        self.session.headers["Accept-Encoding"] = "identity"
        with self._first() as answer:
            self.ranges = answer.status_code == 206
            self.size = _total(answer)
            self.version = _version(answer)
        self.identity = f"{url}:{self.version}:{self.size}"

    @property
    def digest(self) -> str:
        """A name for this version of the file."""
        return hashlib.sha256(self.identity.encode()).hexdigest()[:24]

    def parts(self, offset: int, length: int) -> Iterator[bytes]:
        if offset and not self.ranges:
            raise StreetMapError(Problem.NO_RANGES, host=self.host, name=self.name)
        start, end, pauses = offset, offset + length, list(RETRY_PAUSES)
        while offset < end:
            try:
                with self._answer(offset, end - offset) as answer:
                    self._check(answer, offset, end)
                    while offset < end and (part := answer.raw.read1(min(PART, end - offset))):
                        offset += len(part)
                        yield part
                if offset < end:
                    raise requests.ConnectionError("the answer ended early")
            except (requests.RequestException, HTTPError) as error:
                if not pauses or not self.ranges:
                    raise StreetMapError(Problem.BROKEN_OFF, host=self.host, done=size_words(offset)) from error
                if offset > start:
                    start, pauses = offset, list(RETRY_PAUSES)  # bytes arrived, so count the tries from the beginning
                time.sleep(pauses.pop(0))

    def _answer(self, offset: int, length: int) -> requests.Response:
        headers = {"Range": f"bytes={offset}-{offset + length - 1}"}
        answer = self.session.get(self.url, headers=headers, stream=True, timeout=TIMEOUT)
        if urlsplit(self.url).scheme == "https" and urlsplit(answer.url).scheme != "https":
            answer.close()
            raise StreetMapError(Problem.NOT_FOUND, host=self.host, status="http", name=self.name)
        return answer

    def _first(self) -> requests.Response:
        """Return the first answer; try a second time if the server cannot be reached."""
        try:
            answer = self._answer(0, 1)
        except requests.RequestException:
            time.sleep(RETRY_PAUSES[0])
            try:
                answer = self._answer(0, 1)
            except requests.RequestException as error:
                raise StreetMapError(Problem.UNREACHABLE, host=self.host) from error
        if answer.status_code not in (200, 206):
            answer.close()
            raise StreetMapError(Problem.NOT_FOUND, host=self.host, status=answer.status_code, name=self.name)
        return answer

    def _check(self, answer: requests.Response, offset: int, end: int) -> None:
        if answer.status_code >= 500:
            raise requests.ConnectionError(str(answer.status_code))
        if not self.ranges and answer.status_code == 200:
            return
        wanted = f"bytes {offset}-{end - 1}/{self.size}"
        if (
            answer.status_code != 206
            or answer.headers.get("Content-Range") != wanted
            or _version(answer) != self.version
        ):
            raise StreetMapError(Problem.CHANGED, name=self.name)


def begun(remote: RemoteFile, path: Path) -> int:
    """Return the number of bytes of a file that were already downloaded to a path. The caller has named the path after
    ``remote.digest``."""
    done = path.stat().st_size if path.exists() and remote.version else 0
    return done if done == remote.size or (done < remote.size and remote.ranges) else 0


def download(remote: RemoteFile, path: Path, tell: Callable[[int, int], None]) -> None:
    """Write a whole file to a path. Bytes that are already there (``begun``) are not downloaded again.

    tell: function that is called with the number of bytes done and the size. Raise StreetMapError; the next call
    continues the download.
    """
    if not remote.size:
        raise StreetMapError(Problem.DAMAGED, name=remote.name, what="the server gives no size")
    done = begun(remote, path)
    with path.open("r+b" if path.exists() else "wb") as stream:
        stream.truncate(done)
        stream.seek(done)
        tell(done, remote.size)
        for piece in remote.parts(done, remote.size - done):
            stream.write(piece)
            done += len(piece)
            tell(done, remote.size)


def _version(answer: requests.Response) -> str:
    return answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""


def _total(answer: requests.Response) -> int:
    """Return the size of the whole file, from the headers of an answer to a range request; 0 if it is not given."""
    if answer.status_code == 206:
        total = answer.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        total = answer.headers.get("Content-Length", "")
    return int(total) if total.isdecimal() else 0


def is_address(text: str) -> bool:
    """Return whether a text is a web address and not a path."""
    return text.startswith(("https://", "http://"))
