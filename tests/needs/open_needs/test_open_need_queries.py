"""The pages of open needs read each thing once, however many needs there are, and show what simpler code would show."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from needs.base.records.declarations import DraftPlace
from needs.help.commitments import taking
from needs.help.nearby.near_lines import time_ago
from needs.help.open_needs.forms import NearForm
from needs.models import Need
from tests.needs.commitments.commitment_cases import ReportNeed
from tests.support import Cast, SignedIn
from volunteers.models import Profile, Territory
from volunteers.places.territories import areas
from volunteers.places.territories.areas import Area

NEAR = DraftPlace(48.8700, 2.3500)
MOST = 13  # queries of a page, with those for the account and its menu


def queries_of(client: Client, path: str) -> list[str]:
    """Return the queries of a page that has been opened before."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


def fill(secret_need: ReportNeed, number: int) -> None:
    """Store needs of several kinds in several cells around NEAR."""
    for each in range(number):
        kinds = ["food", "blanket", "pet"][: 1 + each % 3]
        secret_need(place=DraftPlace(48.8640 + 0.0012 * (each % 5), 2.3350 + 0.002 * (each // 5)), kinds=kinds)


def test_the_list_asks_as_many_queries_for_thirty_needs_as_for_three(
    alice: Client, cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    Profile.objects.create(user=cast.alice, base=Point(NEAR.longitude, NEAR.latitude, srid=4326))
    bob = signed_in(cast.bob)
    fill(secret_need, 3)
    before = [len(queries_of(client, "/open/")) for client in (alice, bob)]
    fill(secret_need, 30)
    assert [len(queries_of(client, "/open/")) for client in (alice, bob)] == before
    assert max(before) <= MOST


def test_the_page_of_a_need_asks_as_many_queries_among_thirty_needs(
    alice: Client, cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    bob = signed_in(cast.bob)
    own = secret_need(place=NEAR)
    before = [len(queries_of(client, f"/open/{own.pk}/")) for client in (alice, bob)]
    fill(secret_need, 30)
    for need in Need.objects.exclude(pk=own.pk)[:3]:
        taking.take(need, cast.bob)
    assert [len(queries_of(client, f"/open/{own.pk}/")) for client in (alice, bob)] == before
    assert max(before) <= MOST


def test_one_need_is_in_a_territory_if_the_list_says_so(cast: Cast, secret_need: ReportNeed) -> None:
    places = [NEAR, DraftPlace(48.855, 2.35), DraftPlace(48.80, 2.20), None]
    needs = [secret_need(place=place) for place in places]
    Need.objects.filter(pk=secret_need(place=None).pk).update(district=Territory.objects.get(slug="nord"))
    needs = list(Need.objects.all())
    paths = list(Territory.objects.values_list("path", flat=True))
    for some in ([path] for path in paths):
        listed = set(areas.within_paths(Need.objects.all(), some).values_list("pk", flat=True))
        assert {need.pk for need in needs if areas.is_within_paths(need, some)} == listed
    nord = [path for path in paths if path.endswith("nord/")]
    assert sum(areas.is_within_paths(need, nord) for need in needs) == 2


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_an_age_is_the_one_of_the_shared_template(language: str) -> None:
    now = timezone.now()
    with translation.override(language):
        for age in (
            timedelta(0), timedelta(seconds=-30), timedelta(seconds=59), timedelta(seconds=60), timedelta(minutes=61),
            timedelta(hours=23, minutes=59), timedelta(days=1), timedelta(days=40), timedelta(days=500),
        ):  # fmt: skip
            when = now - age
            expected = render_to_string("includes/time.html", {"when": when})
            assert time_ago(when, timezone.now()) == expected.strip()


def test_chips_are_the_radio_buttons_of_the_form() -> None:
    near = [Area("a", "<A> & B"), Area("b", "B")]
    form = NearForm({"kind": "food", "area": "b"}, areas=near, has_base=True)
    for field, chips in form.rows():
        for option in field:
            assert f'for="{option.id_for_label}">{option.tag()}' in chips.replace("\n", "")
    assert [field.name for field, _chips in form.rows()] == ["kind", "urgency", "within", "area"]
    assert "&lt;A&gt; &amp; B" in {field.name: chips for field, chips in form.rows()}["area"]


def test_a_need_without_cell_and_district_is_said_to_be_on_no_map(
    cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    own, bob = secret_need(place=None), signed_in(cast.bob)
    page = bob.get("/open/").content.decode()
    assert "not on the map" in page
    assert "somewhere in" not in page
    Need.objects.filter(pk=own.pk).update(district=Territory.objects.get(slug="nord"))
    assert "somewhere in Nord" in bob.get("/open/").content.decode()
