"""The map page, the list, the zone panel and the dashboard: who sees what, with the same digits everywhere."""

import json
import re
import uuid
from collections import Counter
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import Settings

from mapping.coverage.folding import fold
from mapping.enums import STATUS_KEYS
from mapping.map.releases import reading, release_filter
from mapping.map.wording import rounding
from mapping.map.wording.sentences import words_of
from mapping.models import Parameters, Release, Zone
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn, zones_of
from volunteers.enums import Audience
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer


@pytest.fixture
def looked_at(cast: Cast, city: City, seen: Seen) -> City:
    """A city with reports older than the volunteers' delay, and with all releases published."""
    publish_north(seen)
    return city


class Figures(HTMLParser):
    """Parser that collects the texts of elements with data-figure, in page order: (figure, text)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = dict(attrs).get("data-figure")
        if self._open:
            self.found.append((self._open, ""))

    def handle_data(self, data: str) -> None:
        if self._open:
            name, text = self.found[-1]
            self.found[-1] = (name, text + data)

    def handle_endtag(self, tag: str) -> None:
        self._open = None


def page(client: Client, route: str, *args: Any, **query: Any) -> Any:
    if route == "mapping:zones":
        return zones_of(client, args[0], **query)
    return client.get(reverse(route, args=args), query)


PAGES = ["mapping:map", "mapping:zones", "mapping:tile", "mapping:boundaries", "mapping:zone", "mapping:dashboard"]


def address(route: str, territory: Territory, zone: Zone) -> str:
    parts: dict[str, list[int] | list[uuid.UUID]] = {"mapping:tile": [12, 2074, 1409], "mapping:zone": [zone.key]}
    return reverse(route, args=[territory.slug, *parts.get(route, [])])


@pytest.mark.parametrize("route", PAGES)
def test_a_territory_out_of_reach_answers_like_one_that_does_not_exist(
    route: str, looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = Zone.objects.live().filter(territory=looked_at.sud)[0]
    client = signed_in(cast.alice)  # a volunteer in Nord
    there = client.get(address(route, looked_at.sud, zone))
    missing = client.get(address(route, looked_at.sud, zone).replace("sud", "nowhere"))
    assert there.status_code == missing.status_code == 404
    strip = re.compile(rb"sud|nowhere|csrf\w*\"?[^>]*|X-CSRFToken[^}]*")
    assert strip.sub(b"", there.content) == strip.sub(b"", missing.content)


@pytest.mark.parametrize(
    ("who", "slug", "status"),
    [
        ("alice", "nord", 200), ("alice", "sud", 404), ("alice", "ville", 404), ("greta", "nord", 404),
        ("bob", "ville", 200), ("edith", "sud", 200), ("diane", "nord", 200), ("farid", "ville", 200),
    ],
)  # fmt: skip
def test_the_map_opens_for_those_who_may_see_the_territory(
    who: str, slug: str, status: int, looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(getattr(cast, who))
    for route in ("mapping:map", "mapping:zones", "mapping:boundaries"):
        assert page(client, route, slug).status_code == status
    assert client.get(reverse("mapping:tile", args=[slug, 12, 2074, 1409])).status_code == status


def test_somebody_who_is_not_signed_in_is_sent_to_the_sign_in(client: Client, looked_at: City) -> None:
    for route in ("mapping:map", "mapping:zones"):
        answer = page(client, route, "nord")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")


def test_the_map_starts_at_the_readers_own_territory(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    assert page(signed_in(cast.alice), "mapping:map")["Location"] == "/map/t/nord/"
    assert page(signed_in(cast.diane), "mapping:map")["Location"] == "/map/t/ville/"
    client = signed_in(cast.diane)
    page(client, "mapping:map", "sud")
    assert page(client, "mapping:map")["Location"] == "/map/t/sud/"
    assert signed_in(cast.greta).get(reverse("mapping:map"))["Location"] == reverse("mapping:public")
    public = signed_in(cast.greta).get(reverse("mapping:public")).content.decode()
    assert "This is the public map. A coordinator decides" in public
    assert (
        "This is the public map. A coordinator"
        not in signed_in(cast.alice).get(reverse("mapping:public")).content.decode()
    )


def test_the_list_counts_what_the_map_draws(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    stored = Counter(Zone.objects.live().values_list("status", flat=True))
    context = page(signed_in(cast.diane), "mapping:zones", "ville").context
    assert {count.status: count.zones for count in context["counts"]} == {
        key: stored.get(int(status), 0) for status, key in STATUS_KEYS.items() if key != "searched"
    }
    assert context["page"].paginator.count == sum(stored.values())
    for status, key in STATUS_KEYS.items():
        shown = page(signed_in(cast.diane), "mapping:zones", "ville", status=key).context["page"]
        assert shown.paginator.count == stored.get(int(status), 0)
        assert {row.status for row in shown} <= {key}


def test_panel_list_and_figures_show_the_same_digits(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    table = Figures(page(client, "mapping:zones", "ville", page=1).content.decode()).found
    assert table.pop(0)[0] == "unseen"
    rows = page(client, "mapping:zones", "ville", page=1).context["page"].object_list
    columns = ("people", "chance", "help", "search")
    assert len(rows) > 3
    assert len(table) == len(rows) * len(columns)
    for number, row in enumerate(rows):
        zone = Zone.objects.live().select_related("territory", "model").get(key=row.key)
        with translation.override("en"):
            words = words_of(rounding.figures_of(zone), "exact")
        panel = dict(Figures(page(client, "mapping:zone", "ville", row.key).content.decode()).found)
        for column, (name, text) in zip(columns, table[number * 4 : number * 4 + 4], strict=True):
            assert name == column
            assert text == panel[column] == getattr(words, column)
        assert str(rounding.figures_of(zone).persons) in panel["people"]


RANDOM = (
    rb'[0-9a-f]{8}-[0-9a-f-]{27}|/release/[0-9a-f]{32}/|(?<="queue-account" content=")[0-9a-f]+(?=")|'
    rb'data-centre="[^"]+"|data-version="[^"]*"|name="corners" value="[^"]*"'
)
"""Keys, hashes and centres of cells in a page; their digits are not figures."""


def test_a_volunteer_gets_no_figure_of_a_zone_by_any_way(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.alice)
    frozen = Release.objects.get(audience=Audience.VOLUNTEER)
    Zone.objects.of_release(frozen).update(
        persons=7771.0, persons_low=7772.0, persons_high=7773.0, sweeps=777.4, chance=0.775, help_share=77.6, citizen_share=0.777
    )  # fmt: skip
    zone = Zone.objects.of_release(frozen).filter(territory=looked_at.nord)[0]
    answers = [
        page(client, "mapping:map", "nord", zone=str(zone.key)),
        page(client, "mapping:zones", "nord"),
        page(client, "mapping:zone", "nord", zone.key),
        client.get(reverse("mapping:zone", args=["nord", zone.key]), headers={"HX-Request": "true"}),
        client.get(reverse("mapping:tile", args=["nord", 12, 2074, 1409])),
    ]
    for answer in answers:
        assert answer.status_code == 200
        text = re.sub(RANDOM, b"", answer.content)
        assert not re.search(rb"77[0-9][.,]?[0-9]|7[., \xa0]?77[0-9]|7[78] ?%", text)
    assert "many" in answers[2].content.decode()


def test_a_volunteers_page_stays_as_it_is_until_the_next_publication(
    looked_at: City, cast: Cast, signed_in: SignedIn, seen: Seen
) -> None:
    client = signed_in(cast.alice)
    token = re.compile(rb'X-CSRFToken": "\w+"|name="csrfmiddlewaretoken" value="\w+"|data-relative>[^<]*|title="[^"]*"')

    def look() -> bytes:
        return token.sub(b"", page(client, "mapping:zones", "nord").content)

    before, live = look(), page(signed_in(cast.diane), "mapping:zones", "nord").context["counts"]
    for step in range(5):
        seen(lat=48.868, lng=2.345 + step * 0.003, persons=25, minutes=60, hours_ago=3)
    fold.fold_outbox()
    assert page(signed_in(cast.diane), "mapping:zones", "nord").context["counts"] != live
    assert look() == before
    release_filter.publish_all(timezone.now() + timedelta(hours=30))
    assert look() != before


def test_a_zone_of_another_release_is_not_found(looked_at: City, cast: Cast, signed_in: SignedIn, seen: Seen) -> None:
    seen(lat=48.8655, lng=2.36, persons=30, minutes=60, hours_ago=1)
    fold.fold_outbox()
    frozen = set(Zone.objects.exclude(release=None).values_list("key", flat=True))
    new = Zone.objects.live().exclude(key__in=frozen).first()
    assert new is not None
    slug = new.territory.slug
    assert page(signed_in(cast.diane), "mapping:zone", slug, new.key).status_code == 200
    assert page(signed_in(cast.bob), "mapping:zone", slug, new.key).status_code == 404


def test_before_the_first_release_the_map_says_so(city: City, cast: Cast, signed_in: SignedIn) -> None:
    answer = page(signed_in(cast.alice), "mapping:map", "nord")
    assert "No map is published yet" in answer.content.decode()
    assert signed_in(cast.alice).get(reverse("mapping:tile", args=["nord", 12, 2074, 1409])).status_code == 204


def test_the_filter_and_the_order_stay_in_the_address(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    answer = page(signed_in(cast.diane), "mapping:zones", "ville", status="to_verify", sort="-people")
    html = answer.content.decode()
    assert re.search(r'value="to_verify" checked', html)
    assert 'aria-sort="descending"' in html
    assert "status=to_verify" in next(c["href"] for c in answer.context["columns"] if c["name"] == "chance")
    people = [row.words.ranks["people"] for row in answer.context["page"]]
    assert people == sorted(people, reverse=True)
    unknown = page(signed_in(cast.diane), "mapping:zones", "ville", status="'; drop", sort="persons", page="x")
    assert unknown.status_code == 200
    assert unknown.context["sort"] == "unhelped"


def test_a_release_tells_when_the_next_one_comes(looked_at: City, cast: Cast) -> None:
    found = reading.read(Viewer(cast.alice), looked_at.nord)
    assert found.as_of == Release.objects.get(audience=Audience.VOLUNTEER).as_of
    assert found.next_at is not None
    assert timedelta(0) < found.next_at - timezone.now() <= timedelta(hours=24, minutes=1)
    assert timezone.localtime(found.next_at).strftime("%H:%M") == "05:00"
    assert reading.read(Viewer(cast.diane), looked_at.nord).next_at is None


def test_the_search_offers_only_territories_that_the_reader_may_open(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    def names(who: User) -> list[str]:
        return [one["name"] for one in page(signed_in(who), "mapping:territories").json()["territories"]]

    assert names(cast.alice) == ["Nord"]
    assert names(cast.bob) == ["Ville", "Nord", "Sud"]
    assert names(cast.greta) == []


def test_borders_are_cached_by_the_browser(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    first = page(client, "mapping:boundaries", "ville")
    found = json.loads(first.content)
    assert {f["properties"]["name"] for f in found["features"]} == {"Ville", "Nord", "Sud"}
    assert {f["geometry"]["type"] for f in found["features"]} == {"Polygon", "Point"}
    again = client.get(reverse("mapping:boundaries", args=["ville"]), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert "private" in first["Cache-Control"]


def test_no_page_holds_a_script_or_style_of_its_own(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = Zone.objects.live()[0]
    client = signed_in(cast.diane)
    for answer in (
        page(client, "mapping:map", "ville", zone=str(zone.key)),
        page(client, "mapping:zones", "ville"),
        page(client, "mapping:zone", "ville", zone.key),
        page(client, "mapping:dashboard", "ville"),
    ):
        html = answer.content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=", html)
        assert all("src=" in tag or 'type="application/json"' in tag for tag in re.findall(r"<script[^>]*>", html))
        assert not re.search(r'(src|href|action)="(https?:)?//', html)


def test_the_dashboard_is_for_those_who_coordinate(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    for who in (cast.alice, cast.bob, cast.carol):
        assert page(signed_in(who), "mapping:dashboard", "nord").status_code == 404
        assert page(signed_in(who), "mapping:dashboard").status_code == 404
    client = signed_in(cast.diane)
    assert page(client, "mapping:dashboard")["Location"] == "/map/t/ville/dashboard/"
    context = page(client, "mapping:dashboard", "ville").context
    assert [part.territory.name for part in context["parts"]] == ["Nord", "Sud"]
    for place, count in enumerate(context["counts"]):
        assert count.zones == sum(part.counts[place].zones for part in context["parts"])
    assert context["changes"].needs.waiting == 0


def test_an_open_need_is_counted_where_it_lies(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    from needs.models import Need
    from solidarity.lib import grid

    cell = grid.cell_of(48.868, 2.35)
    Need.objects.create(kinds=["food"], at=timezone.now(), cell=cell, content_hash="x")
    client = signed_in(cast.diane)
    counts = {
        slug: page(client, "mapping:dashboard", slug).context["changes"].needs.waiting
        for slug in ("ville", "nord", "sud")
    }
    assert counts == {"ville": 1, "nord": 1, "sud": 0}


def test_the_number_of_queries_does_not_grow_with_the_zones(
    looked_at: City, cast: Cast, signed_in: SignedIn, seen: Seen
) -> None:
    client = signed_in(cast.diane)
    addresses = [reverse("mapping:map", args=["ville"]), reverse("mapping:zones", args=["ville"])]
    tile = reverse("mapping:tile", args=["ville", 12, 2074, 1409])

    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    few, zones = [queries(address) for address in addresses], Zone.objects.live().count()
    for step in range(10):
        seen(lat=48.852 + step * 0.002, lng=2.333 + step * 0.0035, persons=step % 4 * 6, minutes=50, hours_ago=9)
    fold.fold_outbox()
    assert Zone.objects.live().count() > zones
    assert [queries(address) for address in addresses] == few
    assert max(few) <= 24
    assert queries(tile) <= 8


def test_the_page_speaks_french(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    answer = signed_in(cast.diane).get(reverse("mapping:dashboard", args=["ville"]), headers={"Accept-Language": "fr"})
    html = answer.content.decode()
    assert "Ce qui a changé depuis le " in html
    assert "Le plus de personnes" in html


@pytest.mark.parametrize(
    "model",
    ["volunteers/territory", "mapping/parameters", "mapping/release", "mapping/recompute"],
)
def test_an_administrator_opens_every_list_without_a_third_party(
    model: str, looked_at: City, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.DJANGO_ADMIN = True
    client = signed_in(cast.farid)
    assert client.get(f"/admin/{model}/").status_code == 200
    if model == "volunteers/territory":
        html = client.get(f"/admin/volunteers/territory/{looked_at.nord.pk}/change/").content.decode()
        assert "openstreetmap" not in html.lower()


def test_parameters_are_added_and_never_edited(
    looked_at: City, cast: Cast, signed_in: SignedIn, parameters: Parameters, settings: Settings
) -> None:
    settings.DJANGO_ADMIN = True
    from mapping.models import Parameters
    from volunteers.models import Territory

    client = signed_in(cast.farid)
    values = {**parameters.values, "covered_at": 0.2}
    wrong = client.post("/admin/mapping/parameters/add/", {"territory": "", "reason": "r", "values": '{"theta": 1}'})
    assert "not the model&#x27;s parameters" in wrong.content.decode()
    client.post("/admin/mapping/parameters/add/", {"territory": "", "reason": "trial", "values": json.dumps(values)})
    added = Parameters.objects.get(version=2)
    assert (added.author, added.values["covered_at"]) == (cast.farid, 0.2)
    assert client.post(f"/admin/mapping/parameters/{added.pk}/change/", {"values": "{}"}).status_code == 403
    assert client.post(f"/admin/mapping/parameters/{added.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Territory.objects.filter(coverage__model=parameters).exists()


def test_makemigrations_finds_nothing_to_do(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", "mapping", verbosity=0)
