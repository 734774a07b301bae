"""A region of about 100,000 cells with up to a million reports, identical in each run."""

import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import h3.api.basic_int as h3
import numpy as np
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection, transaction
from django.utils import timezone

from mapping.coverage.folding import rebuild, territory_cells
from needs.enums import Category
from needs.models import CitizenReport, Encounter
from solidarity.ops.bench.sizes import Size
from volunteers.enums import CountKind, Level
from volunteers.models import Association, Cell, Territory

CENTRE = (48.8566, 2.3522)
SPAN = (0.98, 1.40)  # degrees of latitude and longitude
DAYS = 730


def lay_out(size: Size) -> int:
    """Create the region (square territories around Paris) and the reference table; return the number of cells.

    A region of another size is replaced.
    """
    bare_table()
    root = Territory.objects.filter(slug="bench").first()
    if root is not None and root.children.count() == size.side**2:
        return Cell.objects.count()
    if root is not None:
        clear()
    side, span = size.side, (SPAN[0] * size.cells_share, SPAN[1] * size.cells_share)
    south, west = CENTRE[0] - span[0] / 2, CENTRE[1] - span[1] / 2

    def box(row: int, column: int, rows: int = 1) -> MultiPolygon:
        a, b = south + span[0] * row / side, west + span[1] * column / side
        c, d = a + span[0] * rows / side, b + span[1] * rows / side
        return MultiPolygon(Polygon([(b, a), (d, a), (d, c), (b, c), (b, a)]), srid=4326)

    root = territory_cells.save_territory(
        "Bench",
        box(0, 0, side),
        Level.REGION,
        slug="bench",
        zoned=False,
        expected_persons=60_000,
        count_kind=CountKind.OFFICIAL,
    )
    for row in range(side):
        for column in range(side):
            territory_cells.save_territory(
                f"B {row} {column}", box(row, column), Level.CITY, slug=f"b-{row}-{column}", parent=root
            )
    return territory_cells.assign_cells(root)


def association() -> Association:
    return Association.objects.get_or_create(slug="bench", defaults={"name": "Bench"})[0]


def points(count: int, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return latitudes and longitudes: a tenth anywhere in the region, the others in 400 clusters of 300 m to 3 km."""
    rng = np.random.default_rng(seed)
    centres = np.c_[rng.normal(CENTRE[0], 0.13, 400), rng.normal(CENTRE[1], 0.19, 400)]
    spread = 10 ** rng.uniform(-2.55, -1.55, 400)
    which = rng.integers(0, 400, count)
    lat = centres[which, 0] + rng.normal(0, 1, count) * spread[which]
    lng = centres[which, 1] + rng.normal(0, 1.5, count) * spread[which]
    loose = rng.random(count) < 0.1
    lat[loose] = rng.uniform(CENTRE[0] - SPAN[0] / 2, CENTRE[0] + SPAN[0] / 2, int(loose.sum()))
    lng[loose] = rng.uniform(CENTRE[1] - SPAN[1] / 2, CENTRE[1] + SPAN[1] / 2, int(loose.sum()))
    return lat, lng


def clear() -> None:
    """Delete the region with its reports and state. Global parameters stay. They belong to no territory, but CASCADE
    from the table of territories would delete them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE volunteers_cell, mapping_cellstate, mapping_lowzoomcell, needs_encounter, "
                       "needs_citizenreport, mapping_evidence, mapping_celltouch CASCADE")  # fmt: skip
        Territory.objects.filter(parent__slug="bench").delete()
        Territory.objects.filter(slug="bench").delete()


def ensure(total: int) -> None:
    """Fill the ledger with ``total`` reports, unless it already has that many, or a few more that were measured."""
    if not total <= Encounter.objects.count() + CitizenReport.objects.count() <= _MOST * total:
        fill(total)


_MOST = 1.04  # a workbook still holds so many times a million rows


def fill(total: int, seed: int = 5) -> None:
    """Replace the ledger by ``total`` folded reports: 70 % encounters, 30 % citizens' reports."""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE needs_encounter, needs_citizenreport, needs_need, needs_tour, needs_aid, mapping_evidence, "
                       "mapping_celltouch, bench_bare CASCADE")  # fmt: skip
        own = association().pk
        for part in range(-(-total // _PART)):
            _file(min(_PART, total - part * _PART), seed + 1000 * part, now, own)
    rebuild.recompute_all(rebuild=True, job="bench")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


_PART = 1_000_000  # reports that are in memory at once


def _file(total: int, seed: int, now: datetime, own: int) -> None:
    """Add ``total`` reports to the ledger and to the reference table. own: the association's primary key."""
    rng = np.random.default_rng(seed)
    lat, lng = points(total, seed)
    ages = rng.uniform(0, DAYS, total)
    persons = rng.poisson(2.2, total)
    citizen = rng.random(total) < 0.3
    minutes = rng.gamma(4, 5, total)
    logged = rng.random(total) < 0.8
    who = rng.zipf(1.6, total) % 20_000
    asked = [c.value for c in Category]
    encounters, citizens, bare = io.StringIO(), io.StringIO(), io.StringIO()
    digest, filed = "0" * 64, datetime.now(UTC).isoformat()
    for i in range(total):
        cell = h3.latlng_to_cell(lat[i], lng[i], 9)
        at = (now - timedelta(days=float(ages[i]))).isoformat()
        key = uuid.UUID(int=rng.integers(0, 2**63).item() << 64 | i, version=4)
        point = f"SRID=4326;POINT({lng[i]:.6f} {lat[i]:.6f})"
        if citizen[i]:
            citizens.write(f"{key}\t{digest}\t{at}\t{filed}\t\\N\t{cell}\tweb\tf\ts{who[i]}\tf\t1\t\t\n")
        else:
            spent = f"{minutes[i]:.1f}" if logged[i] else "\\N"
            need = asked[i % len(asked)]
            encounters.write(
                f"{key}\t{digest}\t{at}\t{filed}\t\\N\t{cell}\tweb\tf\t{own}\t{persons[i]}\t{persons[i] * 4 // 5}\t{spent}"
                f"\t{{{need}}}\t{{food}}\t\tf\tt\n"
            )
        bare.write(f"{key}\t{at}\t{point}\t{cell}\t{persons[i]}\t{persons[i] * 4 // 5}\n")
    common = "id, content_hash, at, filed_at, point, cell, channel, archive"
    for text, target in (
        (encounters, f"needs_encounter ({common}, association_id, persons, contacts, minutes, asked, given, note, "
                     "note_pinned, consent)"),
        (citizens, f"needs_citizenreport ({common}, source, with_account, persons, text, reference)"),
        (bare, "bench_bare (id, at, point, cell, persons, contacts)"),
    ):  # fmt: skip
        text.seek(0)
        with connection.cursor() as cursor:
            cursor.cursor.copy_expert(f"COPY {target} FROM STDIN", text)


def bare_table() -> None:
    """Create the reference: a plain table for the same reports, with the usual indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_bare (id uuid PRIMARY KEY, at timestamptz, point geography(Point, 4326), "
            "cell bigint, persons int, contacts int)"
        )
        cursor.execute("CREATE INDEX IF NOT EXISTS bench_bare_point ON bench_bare USING gist (point)")
        cursor.execute("CREATE INDEX IF NOT EXISTS bench_bare_cell ON bench_bare (cell)")
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_outbox (id bigserial PRIMARY KEY, kind int, report uuid, new_cell bigint, "
            "at timestamptz)"
        )
