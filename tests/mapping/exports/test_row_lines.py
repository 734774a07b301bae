"""Lines of row exports, byte for byte, and the local hours in them."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from mapping.enums import ExportFormat
from mapping.out.exports import row_export
from mapping.out.exports.local_hours import EPOCH, LocalHours
from mapping.out.report_figures import report_cells
from mapping.out.report_figures.report_period import Period
from solidarity.lib.database.snapshot import snapshot
from tests.support import Cast, City, Seen
from volunteers.models import Association, Cell

DAY = date(2026, 3, 29)
"""The day on which clocks go from 2 to 3 in the night."""

_TEXT = '<c t="str"><v>%s</v></c>'
_LINES = {
    "csv": [
        """encounter,0189abcd-0000-4000-8000-00000000000f,2026-03-29 01:00:00,{cell},{lat},{lng},"'=a;""b"", <&>",12,0,"""
        """12.3,'-x food,"",,""",
        """encounter,f189abcd-0000-4000-8000-00000000000f,2026-03-29 03:00:00,{cell},{lat},{lng},"'=a;""b"", <&>",1000,"""
        """3,,"",tent food,,""",
    ],
    "words": [
        """rencontre;0189abcd-0000-4000-8000-00000000000f;29/03/2026 01:00;{cell};{lat};{lng};"'=a;""b"", <&>";12;0;12,3;"""
        """'-x, nourriture;;;""",
        """rencontre;f189abcd-0000-4000-8000-00000000000f;29/03/2026 03:00;{cell};{lat};{lng};"'=a;""b"", <&>";1000;3;;;"""
        """tente, nourriture;;""",
    ],
    "geojson": [
        """{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{lng},{lat}]}},"properties":{{"kind":"encounter","""
        """"id":"0189abcd-0000-4000-8000-00000000000f","at":"2026-03-29T01:00:00","cell":"{cell}","""
        """"association":"=a;\\"b\\", <&>","persons":12,"contacts":0,"minutes":12.3,"asked":["-x","food"],"given":[],"""
        """"urgency":null,"state":null}}}}""",
        """{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{lng},{lat}]}},"properties":{{"kind":"encounter","""
        """"id":"f189abcd-0000-4000-8000-00000000000f","at":"2026-03-29T03:00:00","cell":"{cell}","""
        """"association":"=a;\\"b\\", <&>","persons":1000,"contacts":3,"minutes":null,"asked":[],"given":["tent","food"],"""
        """"urgency":null,"state":null}}}}""",
    ],
    "xlsx": [
        f"<row>{_TEXT % 'encounter'}{_TEXT % '0189abcd-0000-4000-8000-00000000000f'}"
        f'<c s="1"><v>46110.04166666667</v></c>{_TEXT % "{cell}"}<c><v>{{lat}}</v></c><c><v>{{lng}}</v></c>'
        f"""{_TEXT % "'=a;\"b\", &lt;&amp;&gt;"}<c><v>12</v></c><c><v>0</v></c><c><v>12.3</v></c>"""
        f"""{_TEXT % "'-x food"}{_TEXT % ""}<c/><c/></row>""",
        f"<row>{_TEXT % 'encounter'}{_TEXT % 'f189abcd-0000-4000-8000-00000000000f'}"
        f'<c s="1"><v>46110.125</v></c>{_TEXT % "{cell}"}<c><v>{{lat}}</v></c><c><v>{{lng}}</v></c>'
        f"""{_TEXT % "'=a;\"b\", &lt;&amp;&gt;"}<c><v>1000</v></c><c><v>3</v></c><c/>"""
        f"{_TEXT % ''}{_TEXT % 'tent food'}<c/><c/></row>",
    ],
}  # fmt: skip
"""Lines as SQL wrote them before numpy put them together."""


@pytest.mark.parametrize("format", list(_LINES))
def test_the_bytes_of_a_line_stay_the_same(city: City, cast: Cast, format: str) -> None:
    cell = Cell.objects.filter(territory=city.nord)[0]
    own = Association.objects.create(slug="odd", name='=a;"b",\n<&>')
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO needs_encounter (id, content_hash, at, filed_at, cell, channel, archive, association_id, persons,"
            " contacts, minutes, asked, given, note, note_pinned, consent, place_text) VALUES"
            " ('0189abcd-0000-4000-8000-00000000000f', '', '2026-03-29 00:59:59.999999Z', now(), %(cell)s, 'web', true,"
            " %(own)s, 12, 0, 12.34, '{-x,food}', '{}', '', false, true, ''),"
            " ('f189abcd-0000-4000-8000-00000000000f', '', '2026-03-29 01:00:00Z', now(), %(cell)s, 'web', true,"
            " %(own)s, 1000, 3, NULL, '{}', '{tent,food}', '', false, true, '')",
            {"cell": cell.cell, "own": own.pk},
        )
    out = io.BytesIO()
    with translation.override("fr" if format == "words" else "en"):
        assert row_export.stream_reports(format, city.nord, DAY, DAY, out) == 2
    data = out.getvalue()
    if format == "xlsx":
        data = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    sign = "," if format == "words" else "."
    expected = [
        line.format(
            cell=f"{cell.cell:x}", lat=f"{cell.lat:.6f}".replace(".", sign), lng=f"{cell.lng:.6f}".replace(".", sign)
        )
        for line in _LINES[format]
    ]
    found = [line.removeprefix(",") for line in data.decode().split("\n") if "189abcd" in line]  # rows have no order
    assert sorted(found) == sorted(expected)


def test_most_cells_and_few_cells_give_the_same_rows(city: City, cast: Cast, seen: Seen) -> None:
    """With most cells all reports are read, with few cells only those inside."""
    for lat, lng in ((48.866, 2.35), (48.855, 2.34), (45.0, 5.0)):
        seen(lat=lat, lng=lng)
    period = Period.latest()
    with snapshot():
        all_cells, few = report_cells.centres(city.root), report_cells.centres(city.nord)
        assert all_cells.most
        found = {}
        for most in (True, False):
            out = io.BytesIO()
            centres = report_cells.Centres(few.cell, few.lat, few.lng, few.table, most)
            row_export.Selection(period, centres).write(ExportFormat.CSV, out)
            found[most] = sorted(out.getvalue().splitlines())
    assert found[True] == found[False]
    assert len(found[True]) == 2


@pytest.mark.parametrize("zone", ["Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"])
@given(st.lists(st.integers(0, 3 * 366 * 86_400_000_000 - 1), min_size=1))
def test_local_hours_are_those_of_the_clock(zone: str, after: list[int]) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(microseconds=each) for each in after]
    since = np.array([(moment.replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1) for moment in moments])
    hours = LocalHours(start, start + timedelta(days=3 * 366), ZoneInfo(zone)).of(since)
    clock = [
        moment.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0, tzinfo=None) for moment in moments
    ]
    assert [EPOCH + timedelta(hours=hour) for hour in hours.tolist()] == clock
