"""The latest public release in formats that other programs read: GeoJSON, CSV, TileJSON with vector tiles.

All content comes from the files of the release and from the outlines stored with it, so it changes only when a release
is published or withdrawn. The files show nothing that the public map does not show.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable
from typing import Any, BinaryIO

from django.conf import settings
from django.urls import reverse
from pmtiles.reader import MmapSource, Reader

from mapping.map.releases import archives
from mapping.map.releases.public import publishing
from mapping.models import Release
from solidarity.lib import cache
from solidarity.lib.files.formula_injection import neutral

CSV_COLUMNS = (
    "key", "commune", "name", "number", "level", "status", "coverage_from", "count",
    "longitude", "latitude", "as_of", "next_at", "terms",
)  # fmt: skip
CACHE_SECONDS = 8 * 24 * 3600


def digest_of(release: Release) -> str:
    """Return the hash of the release's files, which names its folder."""
    return release.folder.rpartition("/")[2]


def released(release: Release) -> dict[str, Any] | None:
    """Return the JSON of the release as it was published; None if its files are gone."""
    file = archives.file_of(release.folder, archives.DATA)
    if not release.folder or not file.is_file():
        return None
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def terms_address() -> str:
    """Return the address of the terms of use."""
    return f"{settings.SITE_URL}{reverse('mapping:public')}#reuse"


def geojson(release: Release) -> bytes | None:
    """Return the release as a FeatureCollection (RFC 7946); None if its files are gone."""
    return _kept(release, "geojson", _geojson)


def table(release: Release) -> bytes | None:
    """Return the release as CSV: UTF-8 with a byte order mark, commas, one line for each place."""
    return _kept(release, "csv", _table)


def tilejson(release: Release) -> bytes | None:
    """Return the TileJSON 3.0 of the release's vector tiles; None if its files are gone."""
    return _kept(release, "tilejson", _tilejson)


def tile(release: Release, z: int, x: int, y: int) -> bytes | None:
    """Return a vector tile of the release, uncompressed; None for an empty tile. Raise ValueError outside the zooms."""
    if not (publishing.FIRST_ZOOM <= z <= archives.LAST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise ValueError((z, x, y))
    with _archive(release) as file:
        found = Reader(MmapSource(file)).get(z, x, y)  # type: ignore[no-untyped-call]
    return gzip.decompress(found) if found else None


def _archive(release: Release) -> BinaryIO:
    return archives.file_of(release.folder, archives.MAP).open("rb")


def _kept(release: Release, kind: str, make: Callable[[Release, dict[str, Any]], bytes]) -> bytes | None:
    """Return the content from the cache, or make it. The hash in the key changes with the files."""
    data = released(release)
    if data is None:
        return None
    key = f"latest-public:{kind}:{digest_of(release)}:{settings.SITE_URL}"
    content: bytes | None = cache.get(key)
    if content is None:
        content = make(release, data)
        cache.put(key, content, CACHE_SECONDS)
    return content


def _outlines(release: Release) -> dict[str, Any]:
    return dict(release.places.values_list("key", "outline"))


def _geojson(release: Release, data: dict[str, Any]) -> bytes:
    outlines = _outlines(release)
    features = [
        {
            "type": "Feature",
            "id": place["key"],
            "geometry": json.loads(outlines[place["key"]].json) if place["key"] in outlines else None,
            "properties": place,
        }
        for place in data["places"]
    ]
    head = {name: value for name, value in data.items() if name != "places"}
    whole = {"type": "FeatureCollection", **head, "terms": terms_address(), "features": features}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _table(release: Release, data: dict[str, Any]) -> bytes:
    outlines, terms = _outlines(release), terms_address()
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, restval="")
    writer.writeheader()
    for place in data["places"]:
        middle = outlines[place["key"]].centroid if place["key"] in outlines else None
        row = {**place, "as_of": data["as_of"], "next_at": data["next_at"], "terms": terms}
        if middle is not None:
            row |= {"longitude": round(middle.x, 5), "latitude": round(middle.y, 5)}
        writer.writerow({name: neutral(value) if isinstance(value, str) else value for name, value in row.items()})
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _tilejson(release: Release, data: dict[str, Any]) -> bytes:
    with _archive(release) as file:
        header = Reader(MmapSource(file)).header()  # type: ignore[no-untyped-call]
    pattern = reverse("public_data:tile", args=[digest_of(release), 0, 0, 0]).removesuffix("0/0/0.mvt")
    whole = {
        "tilejson": "3.0.0",
        "name": f"Solidarity, {data['as_of'][:10]}",
        "tiles": [f"{settings.SITE_URL}{pattern}{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": publishing.FIRST_ZOOM,
        "maxzoom": archives.LAST_ZOOM,
        "bounds": [header[f"{end}_{axis}_e7"] / 1e7 for end in ("min", "max") for axis in ("lon", "lat")],
        "attribution": terms_address(),
        "version": "1.0.0",
        "vector_layers": [{"id": layer, "fields": fields} for layer, fields in publishing.FIELDS.items()],
        **{name: data[name] for name in ("published_at", "as_of", "next_at")},
    }
    return json.dumps(whole, ensure_ascii=False).encode()
