"""Archives made to do harm are refused, and the installed map stays."""

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.volunteers.basemap.file_server import Files
from volunteers.places.basemap import archive_directories, installed
from volunteers.places.basemap.archive_header import header_of
from volunteers.places.basemap.byte_sources import LocalFile
from volunteers.places.basemap.problems import Problem, StreetMapError


def number(value: int) -> bytes:
    """A variable-length number."""
    out = bytearray()
    while True:
        out.append((value & 0x7F) | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)


def directory(*entries: tuple[int, int, int, int]) -> bytes:
    """A packed directory of entries: step of the tile number, run, length, offset + 1."""
    columns = (number(entry[at]) for at in range(4) for entry in entries)
    return gzip.compress(number(len(entries)) + b"".join(columns))


METADATA = b'{"vector_layers": [{"id": "roads", "fields": {"kind": "String", "name": "String"}}]}'
TILE = gzip.compress(b"a tile")


def packed(root: bytes, leaves: bytes = b"", tiles: bytes = TILE, metadata: bytes = METADATA) -> bytes:
    """An archive of given sections."""
    about = gzip.compress(metadata)
    at = 127
    sections = []
    for block in (root, about, leaves, tiles):
        sections += [at, len(block)]
        at += len(block)
    numbers = (*sections, 1, 1, 1)
    header = struct.pack("<7sB11Q6B4iB2i", b"PMTiles", 3, *numbers, 1, 2, 2, 1, 0, 14, 0, 0, 10**7, 10**7, 0, 0, 0)
    return header + root + about + leaves + tiles


LOOP = directory((0, 0, 25, 1))  # a leaf whose only entry is this leaf
FAR = directory((5_000_000, 1, len(TILE), 1))  # a leaf with a tile far behind those that the root promises
FINE = directory((0, 1, len(TILE), 1))
BOMB = gzip.compress(b"\0" * (archive_directories.MOST_TILE + 1))

HOSTILE: dict[str, Callable[[], bytes]] = {
    "a directory that unpacks to 100 MB": lambda: packed(gzip.compress(b"\0" * 100_000_000)),
    "a directory with a billion entries": lambda: packed(gzip.compress(number(10**9))),
    "a directory that ends early": lambda: packed(gzip.compress(number(2) + b"\1\1\1")),
    "a number without end": lambda: packed(gzip.compress(b"\xff" * 100)),
    "a leaf that contains itself": lambda: packed(
        directory((0, 0, len(LOOP), 1)), leaves=LOOP
    ),
    "a tile behind the end": lambda: packed(directory((0, 1, 10**9, 1))),
    "an offset before the start": lambda: packed(directory((0, 1, len(TILE), 0))),
    "a run of 10^15 tiles": lambda: packed(directory((0, 10**15, len(TILE), 1))),
    "overlapping tiles": lambda: packed(directory((0, 1, len(TILE), 1), (1, 1, len(TILE) - 2, 1))),
    "a tile that unpacks to more than 8 MB": lambda: packed(directory((0, 1, len(BOMB), 1)), tiles=BOMB),
    "a tile that is no gzip": lambda: packed(directory((0, 1, 5, 1)), tiles=b"hello"),
    "metadata that unpack to 100 MB": lambda: packed(FINE, metadata=b"[" * 100_000_000),
    "metadata of nested lists": lambda: packed(FINE, metadata=b"[" * 100_000),
    "metadata that are a list": lambda: packed(FINE, metadata=b"[1]"),
    "a header whose sections lie behind the file": lambda: packed(FINE)[:200],
    "pictures instead of vectors": lambda: packed(FINE)[:99] + b"\2" + packed(FINE)[100:],
    "an archive without roads": lambda: packed(FINE, metadata=b'{"vector_layers": [{"id": "water"}]}'),
    "roads of another schema": lambda: packed(
        FINE, metadata=b'{"vector_layers": [{"id": "roads", "fields": {"highway": "String"}}]}'
    ),
    "a web page": lambda: b"<html>" * 100,
    "an empty file": lambda: b"",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_the_old_map_stays(
    name: str, root: Path, archive: bytes, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.pmtiles", tmp_path / "bad.pmtiles"
    good.write_bytes(archive)
    call_command("install_basemap", pmtiles=str(good))
    before = installed.path().read_bytes()
    bad.write_bytes(HOSTILE[name]())
    with pytest.raises(CommandError, match=r"bad\.pmtiles|too large"):
        call_command("install_basemap", pmtiles=str(bad))
    assert installed.path().read_bytes() == before


def test_a_directory_that_a_thousand_others_name_is_not_read_a_thousand_times(tmp_path: Path) -> None:
    file = tmp_path / "bad.pmtiles"
    file.write_bytes(packed(directory((0, 0, len(FAR), 1), *[(1, 0, len(FAR), 1)] * 999), leaves=FAR))
    with pytest.raises(StreetMapError) as refused:
        archive_directories.entries_of(LocalFile(file), header_of(file), (0.0, 0.0, 1.0, 1.0))
    assert refused.value.problem is Problem.DAMAGED


def test_the_same_archive_without_the_harm_is_installed(root: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.pmtiles"
    good.write_bytes(packed(FINE))
    call_command("install_basemap", pmtiles=str(good))
    assert installed.header() is not None


def test_texts_of_a_foreign_archive_do_not_reach_the_page(root: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.pmtiles"
    text = METADATA[:-1] + b', "attribution": "<a href=https://evil.example>map</a>", "name": "<script>"}'
    foreign.write_bytes(packed(FINE, metadata=text))
    call_command("install_basemap", pmtiles=str(foreign))
    content = installed.path().read_bytes()
    header = header_of(installed.path())
    about = gzip.decompress(content[127 + header.root.length : header.leaves.offset])
    assert b"evil" not in about
    assert b"script" not in about
    assert json.loads(about)["attribution"] == "© OpenStreetMap contributors"


def test_a_path_in_an_address_writes_nothing_outside_the_folder(root: Path, files: Files, archive: bytes) -> None:
    outside = set(root.parent.iterdir())
    files.files["/..%2F..%2Fevil.pmtiles"] = files.files["/a/..%2F..%2Fevil.pmtiles"] = archive
    for path in ("/..%2F..%2Fevil.pmtiles", "/a/..%2F..%2Fevil.pmtiles"):
        call_command("install_basemap", pmtiles=files.origin + path)
    assert set(root.parent.iterdir()) - outside == {root}
    assert {path.name for path in root.iterdir()} == {"basemap.pmtiles", "installation.json", "installation.lock"}
