"""Attack 4: look for unreleased data in validators, sizes, ranges and the queries behind a response.

Response times are not measured. The tests show that no query reads unreleased rows, so the times cannot depend on them.
"""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mapping.map.releases.public import publishing
from tests.privacy import filed
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn

LIVE = re.compile(
    r'(?:FROM|JOIN) "?(needs_encounter|needs_citizenreport|needs_need|needs_tour\w*|needs_aid|mapping_evidence'
    r'|mapping_celltouch|mapping_cellstate|mapping_zonechange|mapping_unseenfigure)"?'
)
UNTIL = re.compile(r'"mapping_zonechange"\."at" <= ')  # a zone's history ends at the time of the release
OF_A_RELEASE = re.compile(r"release_id|z\.id = ANY")  # these ids come from the release's zones, which were read earlier
FROZEN = re.compile(r'(?:FROM|JOIN) "?(mapping_zone|mapping_lowzoomcell)\b')


@pytest.fixture
def published(cast: Cast, city: City, seen: Seen) -> None:
    publish_north(seen)


def asked_in_every_way(reader: Client, address: str) -> list[tuple[int, dict[str, str], int]]:
    """Return status, headers and size for a plain GET, a HEAD, a range and conditional requests."""
    plain = reader.get(address)
    ways: list[Any] = [plain, reader.head(address), reader.get(address, headers={"Range": "bytes=0-9"})]
    for header, value in (
        ("If-None-Match", plain.headers.get("ETag", '"none"')),
        ("If-None-Match", '"none"'),
        ("If-Modified-Since", "Wed, 25 Nov 2020 10:00:00 GMT"),
        ("Accept-Encoding", "gzip"),
    ):
        ways.append(reader.get(address, headers={header: value}))
    return [_seen(way) for way in ways]


def _seen(answer: Any) -> tuple[int, dict[str, str], int]:
    """Return status, headers and size. A compressed answer has random padding: its size is that of its content."""
    body, headers = b"" if answer.streaming else answer.content, dict(answer.headers)
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
        headers.pop("Content-Length")
    return answer.status_code, headers, len(body)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_validators_and_sizes_stand_still_while_people_report(
    who: str, published: None, cast: Cast, signed_in: SignedIn
) -> None:
    reader, member = signed_in(getattr(cast, who)), signed_in(cast.edith)
    tiles = [address for address in filed.released(reader, "nord") if address.endswith((".mvt", ".json"))]
    before = {address: asked_in_every_way(reader, address) for address in tiles}
    assert all(ways[3][0] == 304 and ways[0][1].get("ETag") for ways in before.values())
    filed.file_many(member)
    assert {address: asked_in_every_way(reader, address) for address in tiles} == before


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_an_answer_of_a_release_reads_no_row_that_was_not_released(
    who: str, published: None, cast: Cast, signed_in: SignedIn
) -> None:
    reader = signed_in(getattr(cast, who))
    for address in list(filed.released(reader, "nord")):
        with CaptureQueriesContext(connection) as asked:
            assert reader.get(address).status_code == 200
        said = [query["sql"] for query in asked.captured_queries]
        live = {found[1] for sql in said for found in LIVE.finditer(sql) if not UNTIL.search(sql)}
        assert live == set(), address
        assert [sql for sql in said if FROZEN.search(sql) and not OF_A_RELEASE.search(sql)] == [], address


def test_the_public_release_reads_no_row_and_its_headers_stand_still(
    cast: Cast, told: Callable[..., None], signed_in: SignedIn
) -> None:
    told(22)
    publishing.publish_due()
    addresses = [reverse("mapping:public"), *filed.public_files()]
    before = {address: asked_in_every_way(Client(), address) for address in addresses}
    assert before[addresses[1]][3][0] == 304
    assert all("Last-Modified" not in ways[0][1] for ways in before.values())
    filed.file_many(signed_in(cast.edith))
    assert {address: asked_in_every_way(Client(), address) for address in addresses} == before
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            Client().get(address)
        said = [query["sql"] for query in asked.captured_queries]
        assert [sql for sql in said if LIVE.search(sql) or FROZEN.search(sql)] == [], address
