"""Program that turns a file of another guide into JSON lines: one object for each place, with the values of its row.

The program reads the file from standard input, writes to standard output and one JSON object to standard error.
``guide_upload`` runs it as a separate process with limited memory and time, because the input may attack the readers.
The program knows the formats of the files and joins their tables; the readers interpret the values.
"""

import csv
import io
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from needs.reports.importers.any_table import table_converter as tables  # noqa: E402
from needs.reports.importers.any_table.table_converter import ConversionRefused  # noqa: E402

MOST_ROWS, MOST_CELL = 1_000_000, 1 << 16
MOST_DEPTH = 40
OSM_FILTERS = (
    "nwr/social_facility", "nwr/amenity=drinking_water,water_point,toilets,shower,public_bath,food_bank,food_sharing,"
    "luggage_locker,device_charging_station,social_facility", "nwr/drinking_water=yes", "nwr/man_made=water_tap",
)  # fmt: skip
Row = dict[str, Any]
Rows = Iterator[Row]


def rows_of(file: IO[bytes]) -> tuple[str, Rows]:
    """Return (kind of guide, one object for each place). Raises ConversionRefused."""
    start = file.read(4096)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        return "hsds", _hsds(_zipped_tables(file))
    if b"OSMHeader" in start[:32]:
        return "osm", _osm()
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _of_json(file)
    return _of_table(file)


# --- JSON ----------------------------------------------------------------------------------------------------------


def _of_json(file: IO[bytes]) -> tuple[str, Rows]:
    try:
        found = json.load(file)
    except (ValueError, RecursionError):
        raise ConversionRefused("broken") from None
    if _too_deep(found):
        raise ConversionRefused("broken")
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        return _table_kind(_features(found))
    if isinstance(found, dict) and "services.csv" in found:
        return "hsds", _hsds({name.removesuffix(".csv"): _objects(rows) for name, rows in found.items()})
    if isinstance(found, dict) and ("services" in found and "structures" in found):
        return "data_inclusion", _data_inclusion(_objects(found["structures"]), _objects(found["services"]))
    items = _objects(_items(found))
    if not items:
        raise ConversionRefused("no_places")
    first = items[0]
    if "services_all" in first or "lieu_id" in first:
        return "soliguide", itertools.chain.from_iterable(map(_soliguide, items))
    if "thematiques" in first or "structure_id" in first or ("source" in first and "nom" in first):
        services = [row for row in items if "structure_id" in row]
        return "data_inclusion", _data_inclusion([row for row in items if "structure_id" not in row], services)
    if any(name in first for name in ("service_at_locations", "location", "services", "organization", "status")):
        return "hsds", itertools.chain.from_iterable(map(_nested_hsds, items))
    raise ConversionRefused("guide")


def _too_deep(found: Any) -> bool:
    """Return whether lists and objects are nested deeper than MOST_DEPTH, without recursion."""
    level = [found]
    for _depth in range(MOST_DEPTH):
        level = [inner for each in level if isinstance(each, dict | list)
                 for inner in (each.values() if isinstance(each, dict) else each) if isinstance(inner, dict | list)]  # fmt: skip
        if not level:
            return False
    return True


def _items(found: Any) -> Any:
    """Return the list inside the answer of an API, or the object itself as a list."""
    if isinstance(found, dict):
        for name in ("contents", "places", "items", "results", "data"):
            if isinstance(found.get(name), list):
                return found[name]
        return [found]
    return found


def _objects(found: Any) -> list[Row]:
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [each["service"] if isinstance(each.get("service"), dict) and "distance" in each else each for each in rows]


def _features(found: Row) -> list[Row]:
    """Return the properties of GeoJSON features, with their geometry in the column geo_shape."""
    rows = []
    for each in _objects(found.get("features")):
        properties = each.get("properties")
        rows.append({**(properties if isinstance(properties, dict) else {}), "geo_shape": each.get("geometry")})
    if not rows:
        raise ConversionRefused("no_places")
    return rows


# --- guides --------------------------------------------------------------------------------------------------------


def _soliguide(place: Row) -> Rows:
    """Yield the place with the services that keep its hours, and each service that has hours of its own."""
    every = _objects(place.get("services_all"))
    own = [each for each in every if each.get("differentHours") and isinstance(each.get("hours"), dict)]
    yield {"place": {**place, "services_all": [each for each in every if each not in own]}, "service": None}
    for each in own:
        yield {"place": {**place, "services_all": []}, "service": each}


def _data_inclusion(structures: list[Row], services: list[Row]) -> Rows:
    """Yield each service with its structure, and the structures without a service."""
    by_key = {str(row.get("id")): row for row in structures}
    used = set()
    for service in services:
        key = str(service.get("structure_id"))
        used.add(key)
        inner = service.get("structure")
        yield {"service": service, "structure": inner if isinstance(inner, dict) else by_key.get(key, {})}
    for key, structure in by_key.items():
        if key not in used:
            yield {"service": None, "structure": structure}


def _nested_hsds(item: Row) -> Rows:
    """Yield each service at each of its locations, from an object that is a service, an organization or a service at a
    location."""
    if isinstance(item.get("location"), dict):
        yield {"sal": item, "service": item.get("service") or {}, "location": item["location"],
               "organization": (item.get("service") or {}).get("organization") or {}}  # fmt: skip
        return
    organization = item if "services" in item else None
    for service in _objects(item["services"]) if organization is not None else [item]:
        owner = organization or service.get("organization") or {}
        places = _objects(service.get("service_at_locations"))
        for sal in places or [{}]:
            yield {"sal": sal, "service": service, "location": sal.get("location") or {}, "organization": owner}


def _hsds(found: dict[str, list[Row]]) -> Rows:
    """Yield each service at each of its locations from the tables of HSDS, with the rows that refer to it."""
    if "services" not in found:
        raise ConversionRefused("guide")

    def of(name: str, key: str) -> dict[str, list[Row]]:
        rows = defaultdict(list)
        for row in found.get(name, []):
            if row.get(key):
                rows[str(row[key])].append(row)
        return rows

    terms = {str(row.get("id")): row for row in found.get("taxonomy_terms", [])}
    attributes = defaultdict(list)
    for row in found.get("attributes", []):
        attributes[str(row.get("link_id"))].append(
            {**row, "taxonomy_term": terms.get(str(row.get("taxonomy_term_id")), {})}
        )
    for table, key in (("services", "service_id"), ("locations", "location_id"),
                       ("service_at_location", "service_at_location_id"), ("organizations", "organization_id")):  # fmt: skip
        parts = {name: of(name, key) for name in ("phones", "schedules", "languages", "addresses", "accessibility")}
        for row in found.get(table, []):
            mine = str(row.get("id"))
            row.update({name: rows[mine] for name, rows in parts.items() if mine in rows})
            row["attributes"] = attributes.get(mine, [])
    services = {str(row.get("id")): row for row in found["services"]}
    locations = {str(row.get("id")): row for row in found.get("locations", [])}
    organizations = {str(row.get("id")): row for row in found.get("organizations", [])}
    for sal in found.get("service_at_location") or found.get("service_at_locations") or []:
        service = services.get(str(sal.get("service_id")), {})
        yield {"sal": sal, "service": service, "location": locations.get(str(sal.get("location_id")), {}),
               "organization": organizations.get(str(service.get("organization_id")), {})}  # fmt: skip


def _zipped_tables(file: IO[bytes]) -> dict[str, list[Row]]:
    """Return the rows of the CSV files of an archive, by their names. Refuse archives that grow suspiciously."""
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise ConversionRefused("broken") from None
    with archive:
        entries = [each for each in archive.infolist() if each.filename.casefold().endswith(".csv")]
        unzipped, zipped = sum(each.file_size for each in entries), sum(each.compress_size for each in entries)
        if unzipped > tables.MOST_UNZIPPED // 4 or (
            unzipped > tables.SMALL and unzipped > tables.MOST_RATIO * max(1, zipped)
        ):
            raise ConversionRefused("bomb")
        found: dict[str, list[Row]] = {}
        for each in entries:
            name = each.filename.casefold().rsplit("/", 1)[-1].removesuffix(".csv")
            with archive.open(each) as stream:
                text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
                found[name] = [dict(row) for row in itertools.islice(csv.DictReader(text), MOST_ROWS)]
    return found


def _osm() -> Rows:
    """Yield the tags and a point of the objects of an OpenStreetMap extract that the guide may list."""
    path = os.defpath + ":/usr/local/bin"
    with tempfile.TemporaryDirectory() as folder:
        chosen = f"{folder}/chosen.osm.pbf"
        filtering = ["osmium", "tags-filter", "-F", "pbf", "-o", chosen, "/dev/stdin", *OSM_FILTERS]
        exporting = [
            "osmium", "export", "-f", "geojsonseq", "-x", "print_record_separator=false", "--add-unique-id=type_id",
            "--geometry-types=point,polygon", "-o", f"{folder}/found", chosen,
        ]  # fmt: skip
        for command in (filtering, exporting):
            try:
                done = subprocess.run(command, check=False, capture_output=True, env={"PATH": path})  # noqa: S603
            except FileNotFoundError:
                raise ConversionRefused("osmium") from None
            if done.returncode != 0:
                raise ConversionRefused("broken")
        with open(f"{folder}/found", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if not line.strip():
                    continue
                each = json.loads(line)
                yield {"key": each.get("id"), "tags": each["properties"], "point": _middle(each["geometry"])}


def _middle(geometry: Row) -> list[float]:
    """Return longitude and latitude of the middle of a geometry's bounds."""
    xs, ys, waiting = [], [], [geometry["coordinates"]]
    while waiting:
        each = waiting.pop()
        if isinstance(each[0], int | float):
            xs.append(each[0])
            ys.append(each[1])
        else:
            waiting.extend(each)
    return [(min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2]


# --- tables --------------------------------------------------------------------------------------------------------

_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("paris_fountains", ("type objet", "disponibilité", "voie")),
    ("paris_toilets", ("type", "horaire", "acces_pmr", "arrondissement")),
    ("data_inclusion", ("structure_id", "thematiques")),
    ("solidarity", ("name", "kinds", "step_free")),
)


def _kind_of(names: Sequence[str]) -> str:
    known = {name.strip().casefold() for name in names}
    for kind, signs in _SIGNS:
        if known.issuperset(signs):
            return kind
    raise ConversionRefused("guide")


def _table_kind(rows: list[Row]) -> tuple[str, Rows]:
    return _shaped(_kind_of(list(rows[0])), iter(rows))


def _shaped(kind: str, rows: Rows) -> tuple[str, Rows]:
    """Return the rows of a table, with the names of their columns in small letters."""
    small = ({str(name).strip().casefold(): value for name, value in row.items()} for row in rows)
    if kind == "data_inclusion":
        return kind, ({"service": row, "structure": {}} for row in small)
    return kind, small


def _of_table(file: IO[bytes]) -> tuple[str, Rows]:
    lines, _notes = tables.rows_of(file, "", "")
    names = tables.names_of([tables.plain(cell) for cell in next(lines, [])])

    def rows() -> Rows:
        for cells in lines:
            if len(cells) != len(names):
                yield {"fault": f"{len(cells)} cells where the header has {len(names)}"}
            else:
                yield dict(zip(names, map(tables.plain, cells), strict=True))

    return _shaped(_kind_of(names), rows())


# --- output --------------------------------------------------------------------------------------------------------


def cleaned(value: Any) -> Any:
    """Return a value without NUL, with texts cut to MOST_CELL characters."""
    if isinstance(value, str):
        return value.replace("\x00", "")[:MOST_CELL]
    if isinstance(value, dict):
        return {str(name).replace("\x00", ""): cleaned(inner) for name, inner in value.items()}
    return [cleaned(inner) for inner in value] if isinstance(value, list) else value


def main() -> int:
    """Convert standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (tables.MEMORY, tables.MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (tables.CPU_SECONDS, tables.CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (tables.MOST_OUTPUT, tables.MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    csv.field_size_limit(1 << 20)
    notes: dict[str, Any]
    try:
        kind, rows = rows_of(sys.stdin.buffer)
        number = 0
        with io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="\n") as out:
            for number, row in enumerate(rows, start=1):
                if number > MOST_ROWS:
                    raise ConversionRefused("rows")
                out.write(json.dumps(cleaned(row), ensure_ascii=False) + "\n")
        notes = {"kind": kind, "rows": number} if number else {"problem": "no_places"}
    except ConversionRefused as refusal:
        notes = {"problem": str(refusal)}
    except (MemoryError, OSError):
        notes = {"problem": "large"}
    except Exception:
        notes = {"problem": "broken"}
    sys.stderr.write(json.dumps(notes))
    return 1 if "problem" in notes else 0


if __name__ == "__main__":
    sys.exit(main())
