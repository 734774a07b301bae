"""Public releases are weekly, a week old, frozen at a content-addressed URL, and the same for everybody."""

import gzip
import io
import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import mapbox_vector_tile
import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding import fold, rebuild
from mapping.enums import Source
from mapping.map.releases import archives
from mapping.map.releases.public import counts, gathering, partition, publishing, release_schedule
from mapping.map.releases.public.public_files import release_ranges
from mapping.models import CountLedger, CoverageSettings, Evidence, Parameters, PublicPlace, Release, evidence_day
from mapping.tasks import publish_public
from needs.enums import ReportKind
from tests.support import Cast, City, Seen
from tests.tile_archives import header_of, tiles_of
from volunteers.models import Cell

PARIS = ZoneInfo("Europe/Paris")


def monday(year: int, month: int, day: int, hour: int = 6, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


@pytest.fixture
def published(told: Callable[..., None]) -> Release:
    told(22)
    publishing.publish_due()
    release = Release.objects.public().last()
    assert release is not None
    return release


def test_the_week_turns_on_monday_at_six() -> None:
    assert release_schedule.week_of(monday(2026, 11, 23, 5, 59)) == monday(2026, 11, 16)
    assert release_schedule.week_of(monday(2026, 11, 23)) == monday(2026, 11, 23)
    assert release_schedule.week_of(monday(2026, 11, 29, 23)) == monday(2026, 11, 23)
    assert release_schedule.as_of(monday(2026, 11, 23)) == monday(2026, 11, 16)
    # The publication stays at six o'clock when summer time ends.
    assert release_schedule.as_of(monday(2026, 10, 26)) == monday(2026, 10, 19)
    assert monday(2026, 10, 26) - monday(2026, 10, 19) == timedelta(days=7)
    assert release_schedule.after(monday(2026, 11, 23)) == monday(2026, 11, 30)


def test_missing_weeks_are_made_up_in_order() -> None:
    now = monday(2026, 11, 25, 9)
    assert release_schedule.due(None, now) == [monday(2026, 11, 16), monday(2026, 11, 23)]
    assert release_schedule.due(monday(2026, 11, 23), now) == []
    assert release_schedule.due(monday(2026, 11, 2), now) == [monday(2026, 11, day) for day in (9, 16, 23)]
    assert len(release_schedule.due(monday(2025, 11, 3), now)) == release_schedule.AT_MOST


def test_a_release_is_made_once_a_week_and_the_old_ones_stay(published: Release) -> None:
    assert Release.objects.public().count() == 2
    assert publish_public() == 0
    next_monday = release_schedule.after(published.published_at)
    assert len(publishing.publish_due(next_monday + timedelta(minutes=3))) == 1
    assert Release.objects.public().count() == 3
    newest = Release.objects.public().last()
    assert newest is not None
    assert (newest.published_at, newest.as_of) == (next_monday, published.published_at)
    assert archives.file_of(published.folder, archives.MAP).is_file()


def test_what_is_published_is_status_and_coverage_and_nothing_else(published: Release) -> None:
    data = json.loads(archives.file_of(published.folder, archives.DATA).read_text())
    assert set(data) == {"format", "published_at", "as_of", "next_at", "recent_days", "places"}
    assert data["places"]
    for place in data["places"]:
        assert set(place) == {"key", "level", "commune", "name", "number", "status", "coverage_from"}
    drawn: set[str] = set()
    for _zxy, tile in tiles_of(archives.file_of(published.folder, archives.MAP).read_bytes()):
        layers = mapbox_vector_tile.decode(gzip.decompress(tile))
        assert set(layers) == {"places"}
        for feature in layers["places"]["features"]:
            assert set(feature["properties"]) == {"key", "status", "coverage"}
            drawn.add(feature["properties"]["key"])
    assert drawn == {place["key"] for place in data["places"]}


def test_the_same_input_gives_the_same_bytes_at_the_same_address(published: Release) -> None:
    folder = published.folder
    first = [archives.file_of(folder, name).read_bytes() for name in (archives.DATA, archives.MAP)]
    for release in Release.objects.public():
        archives.drop(release.folder)
    Release.objects.public().delete()
    publishing.publish_due()
    again = Release.objects.public().last()
    assert again is not None
    assert again.folder == folder
    assert [archives.file_of(folder, name).read_bytes() for name in (archives.DATA, archives.MAP)] == first


def test_nothing_public_changes_with_reports_until_the_next_monday(
    published: Release, told: Callable[..., None], client: Client
) -> None:
    addresses = [reverse("mapping:public"), *(_address(published, name) for name in (archives.MAP, archives.DATA))]

    def answers() -> list[tuple[int, bytes, dict[str, str]]]:
        return [
            (answer.status_code, without_token(answer), dict(answer.headers))
            for answer in (client.get(address) for address in addresses)
        ]

    before = answers()
    told(2, persons=30)
    told(10, persons=30)
    fold.refresh_all()
    assert publish_public() == 0
    assert answers() == before


def without_token(answer: Any) -> bytes:
    """Return the body without the form's token, which differs in each response."""
    body = b"".join(answer) if answer.streaming else answer.content
    return re.sub(rb"[A-Za-z0-9]{64}", b"", body)


def _address(release: Release, name: str) -> str:
    return reverse("mapping:public_file", args=[release.folder.split("/")[1], name])


def test_files_are_kept_for_ever_and_come_in_ranges(published: Release, client: Client) -> None:
    address = _address(published, archives.MAP)
    whole = archives.file_of(published.folder, archives.MAP).read_bytes()
    answer = client.get(address)
    assert b"".join(answer) == whole
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in answer.headers
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["Cross-Origin-Resource-Policy"] == answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff" and "Permissions-Policy" in answer.headers
    assert not answer.cookies
    part = client.get(address, headers={"Range": "bytes=7-106"})
    assert (part.status_code, part.getvalue()) == (206, whole[7:107])
    assert part["Content-Range"] == f"bytes 7-106/{len(whole)}"
    assert set(part.headers) == set(answer.headers) - {"Content-Disposition"} | {"Content-Range"}
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get(address, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


def _wsgi_answer(application: Any, address: str, **asked: str) -> tuple[str, dict[str, str], bytes]:
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": address, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), **asked,
    }  # fmt: skip
    said: list[tuple[str, dict[str, str]]] = []
    answer = application(environ, lambda status, headers, *_more: said.append((status, dict(headers))))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return *said[0], body


def test_a_short_range_is_answered_before_django_as_django_answers_it(published: Release) -> None:
    reached: list[str] = []
    site = get_wsgi_application()

    def counted(environ: dict[str, Any], start_response: Any) -> Any:
        reached.append(environ["PATH_INFO"])
        return site(environ, start_response)

    application, address = release_ranges(counted), _address(published, archives.MAP)
    _wsgi_answer(application, address, HTTP_RANGE="bytes=0-9")
    for asked in ("bytes=7-106", "bytes=-20", "bytes=300-", "bytes=0-0"):
        before = len(reached)
        ours = _wsgi_answer(application, address, HTTP_RANGE=asked)
        assert len(reached) == before
        assert ours == _wsgi_answer(site, address, HTTP_RANGE=asked)
        assert ours[0] == "206 Partial Content"
    others: list[dict[str, str]] = [
        {"HTTP_RANGE": "bytes=99999999-"}, {"HTTP_RANGE": "bytes=0-1,4-5"}, {"HTTP_RANGE": "bytes=9-1"}, {},
        {"HTTP_RANGE": "bytes=0-9", "HTTP_IF_RANGE": '"x"'}, {"HTTP_RANGE": "bytes=0-9", "REQUEST_METHOD": "HEAD"},
        {"HTTP_RANGE": "bytes=0-9", "HTTP_IF_NONE_MATCH": f'"{published.folder.partition("/")[2]}"'},
    ]  # fmt: skip
    for each in others:
        before = len(reached)
        assert _wsgi_answer(application, address, **each) == _wsgi_answer(site, address, **each)
        assert len(reached) == before + 1, each


def test_a_withdrawn_release_has_no_ranges_any_more(published: Release) -> None:
    application, address = release_ranges(get_wsgi_application()), _address(published, archives.MAP)
    for _time in range(2):
        assert _wsgi_answer(application, address, HTTP_RANGE="bytes=0-9")[0] == "206 Partial Content"
    archives.drop(published.folder)
    assert _wsgi_answer(application, address, HTTP_RANGE="bytes=0-9")[0] == "404 Not Found"


def test_only_ranges_that_the_site_answers_over_this_scheme_are_answered(
    published: Release, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    application, address = release_ranges(get_wsgi_application()), _address(published, archives.MAP)
    for _time in range(2):
        secure = _wsgi_answer(application, address, HTTP_RANGE="bytes=0-9", HTTP_X_FORWARDED_PROTO="https")
        assert secure[0] == "206 Partial Content"
        assert _wsgi_answer(application, address, HTTP_RANGE="bytes=0-9")[0] == "301 Moved Permanently"


@pytest.mark.parametrize("name", ["other.txt", "..", "release.json.bak"])
def test_no_other_file_is_served(published: Release, client: Client, name: str) -> None:
    assert client.get(_address(published, archives.MAP).replace(archives.MAP, name)).status_code == 404
    assert client.get(f"/map/releases/public/{'0' * 32}/{archives.MAP}").status_code == 404


def test_the_page_says_when_it_speaks_of_and_lists_every_place(published: Release, client: Client) -> None:
    page = client.get(reverse("mapping:public")).content.decode()
    assert "published every Monday at six in the morning" in page
    keys = set(published.places.values_list("key", flat=True))
    assert keys
    assert all(f'data-place="{key}"' in page for key in keys)
    assert reverse("mapping:public") in client.get("/").content.decode()


def test_before_the_first_release_the_page_says_so(client: Client, db: None) -> None:
    answer = client.get(reverse("mapping:public"))
    assert answer.status_code == 200
    assert "No public map yet" in answer.content.decode()


def test_a_thin_city_publishes_nothing_small(cast: Cast, city: City, seen: Seen) -> None:
    for step in range(8):
        seen(lat=48.8655 + step * 0.0008, lng=2.337 + step * 0.002, persons=20, minutes=60, hours_ago=24 * 22)
    fold.fold_outbox()
    publishing.publish_due()
    assert not PublicPlace.objects.filter(level="8").exists()


def test_citizens_without_account_are_one_source_and_a_month_is_heard(cast: Cast, city: City) -> None:
    first = Cell.objects.first()
    assert first is not None
    cell = first.cell
    as_of = monday(2026, 11, 9)

    def row(source: Source, origin: int, at: datetime) -> Evidence:
        return Evidence(
            kind=ReportKind.CITIZEN_REPORT, report=uuid.uuid4(), cell=cell, day=evidence_day(at), source=source,
            origin=origin, persons=1, hours=0, contacts=0,
        )  # fmt: skip

    Evidence.objects.bulk_create(
        [
            *(row(Source.CITIZEN, origin, monday(2026, 10, 30)) for origin in (11, 12, 13)),
            row(Source.CITIZEN_ACCOUNT, 21, monday(2026, 10, 30)),
            row(
                Source.CITIZEN_ACCOUNT, 22, monday(2026, 11, 3)
            ),  # perhaps the same person under another month's pseudonym
            row(Source.CITIZEN_ACCOUNT, 23, monday(2026, 10, 2)),  # older than the release's window
            row(Source.LOGGED, 7, monday(2026, 11, 3)),
        ]
    )
    weeks = {delay: timedelta(weeks=delay) for delay in partition.DELAYS}
    for delay, late in weeks.items():  # a source counts a secret number of weeks late
        evidence, _models = gathering.evidence_at(as_of + late, 14)
        heard = dict(zip(evidence.source.tolist(), evidence.source_monthly.tolist(), strict=True))
        found = evidence.source[evidence.source_delay == delay]
        assert sorted(found.tolist()) == [gathering.UNNAMED, 7, 21]
        assert heard[21] and not heard[7] and not heard[gathering.UNNAMED]
    evidence, _models = gathering.evidence_at(
        monday(2026, 11, 4), 14
    )  # after a day, the association does not count yet
    assert 7 not in evidence.source


def test_a_flood_of_citizens_reports_counts_up_to_the_limit_of_a_cell(city: City) -> None:
    now = timezone.now()
    defaults = Parameters.objects.create(territory=None, version=99, values=Model().values())
    CoverageSettings.objects.update(model=defaults)
    cell = Cell.objects.values_list("cell", flat=True)[0]
    Evidence.objects.bulk_create(
        Evidence(
            kind=ReportKind.CITIZEN_REPORT, report=uuid.uuid4(), cell=cell, day=evidence_day(now) - day - 0.1,
            source=Source.CITIZEN_ACCOUNT, origin=source, persons=1, hours=0, contacts=0,
        )
        for day in range(5)
        for source in range(12)
    )  # fmt: skip
    evidence, _models = gathering.evidence_at(now, 14)
    assert rebuild.compute(now)[0].ac.max() > 2 * Model().cell_limit
    assert evidence.seen.max() == pytest.approx(Model().cell_limit)


def test_an_encounter_outside_a_tour_is_no_search(cast: Cast, city: City, seen: Seen) -> None:
    seen(lat=48.866, lng=2.350, persons=3, minutes=40, hours_ago=24)
    fold.fold_outbox()
    evidence, _models = gathering.evidence_at(timezone.now(), 14)
    assert evidence.seen.sum() > 0
    assert evidence.sweeps.sum() == 0
    assert not evidence.toured.any()


# --- counts ---------------------------------------------------------------------------------------------------------


def test_counts_are_not_published_unless_a_deployment_wants_them(published: Release) -> None:
    assert not PublicPlace.objects.filter(count__isnull=False).exists()
    assert not CountLedger.objects.exists()


def test_counts_are_monthly_memoised_and_only_of_small_places(told: Callable[..., None], settings: Settings) -> None:
    settings.PUBLIC_COUNTS = True
    told(22)
    publishing.publish_due()
    first = Release.objects.public().last()
    assert first is not None
    counted = dict(first.places.filter(count__isnull=False).values_list("key", "count"))
    assert all(key.startswith("8-") for key in counted)
    spent = CountLedger.objects.count()
    again = publishing.publish_due(release_schedule.after(first.published_at))[0]
    if counts.month_before(again.published_at) == counts.month_before(first.published_at):
        assert CountLedger.objects.count() == spent
        assert dict(again.places.filter(count__isnull=False, key__in=counted).values_list("key", "count")) == counted


def test_the_budget_is_twelve_a_year_and_a_month_once(db: None) -> None:
    from datetime import date

    from django.db import IntegrityError, transaction

    for month in range(1, 13):
        counts.spend(date(2026, month, 1))
    with pytest.raises(counts.BudgetSpent):
        counts.spend(date(2026, 3, 1))
    with pytest.raises(counts.BudgetSpent):
        counts.spend(date(2026, 12, 31))
    assert counts.spend(date(2027, 1, 1)).number == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        CountLedger.objects.create(year=2026, number=13, month=date(2026, 12, 30), epsilon=1.0)
    with pytest.raises(IntegrityError), transaction.atomic():
        CountLedger.objects.create(year=2026, number=12, month=date(2026, 12, 30), epsilon=1.0)


def test_an_archive_of_nothing_is_an_archive() -> None:
    made = archives.pack(lambda z, x, y: b"", (2.0, 48.0, 2.5, 49.0), 4, 5, "nothing", {"places": {}})
    header = header_of(made)
    assert header["max_zoom"] == 4
    assert BytesIO(made).read(7) == b"PMTiles"
