"""The public feeds of an event: formats, what they leave out, and attacks."""

import io
import json
from datetime import timedelta

import feedparser
import hxl
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from mapping.models import Release
from mapping.out.crisis_feeds import feed_rows
from needs.crises import crisis_events
from needs.crises.crisis_events import Topic
from needs.enums import NeedState
from needs.models import Crisis, DangerAlarm, Need, NeedStep
from solidarity.lib import grid
from tests.needs.crises.crisis_cases import opened
from tests.support import Cast, City, without_times
from volunteers.enums import Audience
from volunteers.models import Territory

pytestmark = pytest.mark.django_db
NORD = (48.866, 2.35)


@pytest.fixture
def crisis(cast: Cast, city: City) -> Crisis:
    """A running event whose name and categories a spreadsheet could take for formulas."""
    topics = [Topic({"en": "=1+1", "fr": "=1+1"}, "food"), Topic({"en": "Water", "fr": "De l’eau"}, "water")]
    return opened(cast.diane, "=cmd()", topics=topics, starts_at=timezone.now() - timedelta(days=30))


def release(days: float = 7) -> Release:
    return Release.objects.create(audience=Audience.PUBLIC, as_of=timezone.now() - timedelta(days=days), folder="x/abc")


def store(crisis: Crisis, number: int, topic: int = 0, state: str = "open", days: float = 10, sources: int = 5) -> None:
    """Store reports in Nord that were filed some days ago."""
    at = timezone.now() - timedelta(days=days)
    category = list(crisis.categories.all())[topic]
    rows = [
        Need(
            content_hash="x", at=at, filed_at=at, cell=grid.cell_of(*NORD), kinds=[category.kind], crisis=crisis,
            crisis_category=category, urgency="now", persons=1, state=state, text="red tent", source=f"s{each % sources}",
        )
        for each in range(number)
    ]  # fmt: skip
    Need.objects.bulk_create(rows)
    NeedStep.objects.bulk_create(NeedStep(need=row, state=state, at=at, actor="dispatcher") for row in rows)
    NeedStep.objects.filter(need__in=rows).update(at=at)


def get(crisis: Crisis, kind: str, **headers: str) -> bytes:
    response = Client().get(f"/crisis-feeds/{crisis.slug}.{kind}", headers={"accept-language": "en", **headers})
    assert response.status_code == 200, response.status_code
    return response.content


def test_the_feeds_are_read_by_the_programs_of_others(crisis: Crisis) -> None:
    store(crisis, 23)
    store(crisis, 12, topic=1, state="committed")
    made = release()
    table = hxl.data(io.BytesIO(get(crisis, "csv")))
    assert table.display_tags[:5] == ["#crisis+name", "#date+reported", "#adm3+name", "#sector+name", "#sector+code"]
    rows = []
    for row in table:  # noqa: PERF401 - libhxl's iterator works only in a plain loop
        rows.append(row.values)
    assert [row[2:] for row in rows] == [
        ["Nord", "'=1+1", "food", "20", "", ""], ["Nord", "Water", "water", "10", "10", ""],
    ]  # fmt: skip
    assert rows[0][0] == "'=cmd()"
    assert hxl.validate(hxl.data(io.BytesIO(get(crisis, "csv"))))["is_valid"]
    shapes = json.loads(get(crisis, "geojson"))
    assert shapes["until"] == made.as_of.isoformat()
    assert [each["properties"]["reports_from"] for each in shapes["features"]] == [20, 10]
    assert shapes["features"][0]["geometry"] == json.loads(Territory.objects.get(slug="nord").polygon.json)
    news = feedparser.parse(get(crisis, "rss"))
    assert not news.bozo
    assert [entry.title for entry in news.entries] == ["Nord · =1+1", "Nord · Water"]
    assert news.entries[0].summary == "20 reports or more."


def test_the_page_of_the_event_names_its_feeds(crisis: Crisis) -> None:
    shown = Client().get(f"/crisis/{crisis.slug}/").content.decode()
    for kind in ("rss", "csv", "geojson"):
        assert shown.count(f"/crisis-feeds/{crisis.slug}.{kind}") == 2, "in the head and as a link"


def test_what_is_held_dangerous_secret_or_small_is_left_out(crisis: Crisis) -> None:
    store(crisis, 12)
    store(crisis, 9, topic=1)
    store(crisis, 30, topic=1, state="held")
    store(crisis, 30, topic=1, state="rejected")
    store(crisis, 3, topic=1, days=1)
    for need in Need.objects.filter(state=NeedState.OPEN)[:1]:
        DangerAlarm.objects.create(need=need, source="gate")
    release()
    for kind in ("csv", "geojson", "rss"):
        shown = get(crisis, kind).decode()
        assert "Water" not in shown, "nine reports are too few"
        assert "red tent" not in shown
        assert "48.86" not in without_times(shown) or kind == "geojson"
    [row] = feed_rows.feed_of(crisis, timezone.now()).rows  # type: ignore[union-attr]
    assert (row.reports, row.handled, row.closed) == (10, None, None)
    cache.clear()
    Need.objects.update(source="one")
    assert feed_rows.feed_of(crisis, timezone.now()).rows == (), "three sources are needed"  # type: ignore[union-attr]


def test_attack_many_cookies_make_no_row_until_somebody_confirms_or_knows_them(crisis: Crisis) -> None:
    store(crisis, 12, state="new", sources=12)
    release()
    assert feed_rows.feed_of(crisis, timezone.now()).rows == ()  # type: ignore[union-attr]
    cache.clear()
    two = Need.objects.filter(source__in=["s0", "s1"])
    two.update(with_account=True)
    [row] = feed_rows.feed_of(crisis, timezone.now()).rows  # type: ignore[union-attr]
    assert row.reports == 10
    cache.clear()
    two.update(with_account=False)
    NeedStep.objects.filter(need__in=two).update(state="verified")
    [row] = feed_rows.feed_of(crisis, timezone.now()).rows  # type: ignore[union-attr]
    assert row.reports == 10


def test_attack_averaging_the_feed_over_time_tells_nothing_between_two_releases(crisis: Crisis) -> None:
    store(crisis, 19)
    release()
    before = {kind: get(crisis, kind) for kind in ("csv", "geojson", "rss")}
    first = Client().get(f"/crisis-feeds/{crisis.slug}.csv")
    store(crisis, 40, days=0.1)
    Need.objects.filter(crisis=crisis).update(state=NeedState.MET)
    assert {kind: get(crisis, kind) for kind in before} == before
    again = Client().get(f"/crisis-feeds/{crisis.slug}.csv")
    assert (again["ETag"], again["Last-Modified"]) == (first["ETag"], first["Last-Modified"])
    known = Client().get(f"/crisis-feeds/{crisis.slug}.csv", headers={"if-none-match": first["ETag"]})
    assert known.status_code == 304
    cache.clear()
    rows = feed_rows.feed_of(crisis, timezone.now()).rows  # type: ignore[union-attr]
    assert [row.reports for row in rows] == [10], "later reports and states are left out even without the cache"
    assert rows[0].closed is None


def test_attack_events_that_are_over_coming_or_absent_answer_the_same(crisis: Crisis, cast: Cast) -> None:
    store(crisis, 20)
    release()
    coming = opened(cast.diane, "Later", starts_at=timezone.now() + timedelta(days=1))
    crisis_events.close(crisis)
    for slug in (crisis.slug, coming.slug, "none"):
        for kind in ("csv", "rss", "geojson"):
            assert Client().get(f"/crisis-feeds/{slug}.{kind}").status_code == 404
    assert Client().get(f"/crisis-feeds/{crisis.slug}.exe").status_code == 404


def test_without_a_public_release_a_feed_is_empty(crisis: Crisis) -> None:
    store(crisis, 20)
    assert json.loads(get(crisis, "geojson"))["features"] == []
    assert not feedparser.parse(get(crisis, "rss")).entries
