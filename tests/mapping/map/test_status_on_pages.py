"""A place that was searched too little has the same name on every page and in every file; so does a place that was
never searched."""

import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from mapping.coverage.folding import fold
from mapping.enums import STATUS_KEYS, ExportFormat, Status
from mapping.map.releases import release_filter
from mapping.map.releases.public import public_page, publishing
from mapping.models import Parameters, PublicPlace, Release, Zone
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from tests.support import Cast, City, Seen, SignedIn

TOO_LITTLE, NEVER = "searched too little", "never searched (14 days)"
NOT_SEARCHED = Status.NOT_SEARCHED
UNTRANSLATED = re.compile(r"not searched\b(?! recently)(?! enough)(?! for \d+ days)", re.IGNORECASE)


@pytest.fixture
def searched_a_little(cast: Cast, city: City, seen: Seen) -> City:
    """Five minutes in the north two days ago, which is a search, but too little. Nobody ever searched the south."""
    seen(lat=48.866, lng=2.350, persons=0, minutes=5, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    return city


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def zones_of(release: Release | None) -> dict[str, Zone]:
    """Return the two zones without enough search, by the name of their territory."""
    found = Zone.objects.of_release(release).filter(status=NOT_SEARCHED).select_related("territory")
    zones = {zone.territory.slug: zone for zone in found.order_by("-last_search")}
    assert zones["nord"].last_search is not None and zones["sud"].last_search is None
    return zones


@pytest.mark.parametrize("who", ["alice", "bob", "diane"])
def test_map_table_panel_and_reasons_say_the_same(
    who: str, searched_a_little: City, cast: Cast, signed_in: SignedIn
) -> None:
    client: Client = signed_in(getattr(cast, who))
    audience = {"alice": "volunteer", "bob": "association"}.get(who)
    zones = zones_of(Release.objects.filter(audience=audience).first() if audience else None)
    names = {"nord": TOO_LITTLE} if who == "alice" else {"nord": TOO_LITTLE, "sud": NEVER}
    for slug, name in names.items():
        key, other = zones[slug].key, ({TOO_LITTLE, NEVER} - {name}).pop()
        panel = text_of(client.get(reverse("mapping:zone", args=[slug, key]), headers={"HX-Request": "true"}))
        why = client.get(reverse("mapping:why", args=[slug, key])).content.decode()
        heads = re.findall(r"<title>.*?</title>|<p class=\"why-head__status\">.*?</p>", why, re.DOTALL)
        assert len(heads) == 2
        for text in (panel, *heads):
            assert name in text
            assert other not in text
        for route in ("mapping:zones", "mapping:map"):
            html = client.get(reverse(route, args=[slug]), headers={"HX-Request": "true"}).content.decode()
            rows = re.findall(rf"<(?:tr|li)[^>]*>(?:(?!</tr>|</li>).)*{key}.*?</(?:tr|li)>", html, re.DOTALL)
            assert rows
            assert all(name in row and other not in row for row in rows)
            assert not UNTRANSLATED.search(html)


@pytest.mark.parametrize("format", [ExportFormat.CSV, ExportFormat.GEOJSON, ExportFormat.XLSX])
def test_the_report_and_its_files_say_the_same(
    format: ExportFormat, searched_a_little: City, cast: Cast, signed_in: SignedIn
) -> None:
    zones = zones_of(None)
    report = make_report(searched_a_little.root, Period.latest(), cast.diane)
    html = signed_in(cast.diane).get(reverse("mapping:report", args=[report.pk])).content.decode()
    for slug, name in (("nord", TOO_LITTLE), ("sud", NEVER)):
        number = next(each["number"] for each in report.payload["zones"] if each["key"] == str(zones[slug].key))
        row = re.search(rf'<tr [^>]*data-number="{number}".*?</tr>', html, re.DOTALL)
        assert row and name in row.group()
    out = io.BytesIO()
    with translation.override("en"):
        write_file(report, format, out)
    if format != ExportFormat.XLSX:
        assert TOO_LITTLE in out.getvalue().decode() and NEVER in out.getvalue().decode()
    assert not UNTRANSLATED.search(html)


def test_the_public_map_says_the_same_and_never_contradicts_its_search_coverage(told: Any, client: Client) -> None:
    told(22)
    publishing.publish_due()
    release = Release.objects.public().last()
    assert release is not None
    places = list(PublicPlace.objects.filter(release=release).order_by("pk"))
    for place, coverage in zip(places, [0, 1, 75], strict=False):
        PublicPlace.objects.filter(pk=place.pk).update(status=NOT_SEARCHED, coverage=coverage)
    shown = {row.key: row for commune in public_page.page_of(release).communes for row in commune.rows}
    said = [(shown[place.key].status_label, str(shown[place.key].coverage)) for place in places[:3]]
    assert said == [(NEVER, "nothing"), (TOO_LITTLE, "less than 25 %"), (TOO_LITTLE, "75 % or more")][: len(said)]
    text = text_of(client.get(reverse("mapping:public")))
    assert "searched in 14 days" in text
    assert not UNTRANSLATED.search(text)


def test_the_number_of_days_is_the_parameter_of_the_territory(
    searched_a_little: City, cast: Cast, signed_in: SignedIn
) -> None:
    own = Parameters.objects.in_force(None)
    version = Parameters.objects.create(
        territory=searched_a_little.sud, version=1, values={**own.values, "recent_days": 21.0}
    )
    Zone.objects.of_release(None).filter(territory=searched_a_little.sud).update(model=version)
    client = signed_in(cast.diane)
    text = text_of(client.get(reverse("mapping:map", args=["sud"])))
    assert "never searched (21 days)" in text  # in the list and in the legend
    assert NEVER not in text


def test_one_tap_shows_what_is_to_verify(searched_a_little: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    Zone.objects.of_release(None).filter(territory=searched_a_little.nord).update(status=Status.TO_VERIFY)
    number = Zone.objects.live().filter(status=Status.TO_VERIFY).count()
    for route in ("mapping:map", "mapping:dashboard"):
        html = client.get(reverse(route, args=["ville"])).content.decode()
        link = re.search(r'<a class="to-verify__link"[^>]*href="([^"]*)"', html)
        assert link and f"{number} zone" in text_of(client.get(reverse(route, args=["ville"])))
        filtered = client.get(reverse(route, args=["ville"]) + link[1]).content.decode()
        assert f'data-zone-count="{number}"' in filtered
        assert 'aria-current="true"' in re.findall(r'<a class="to-verify__link"[^>]*>', filtered)[0]
        chips = re.findall(r'name="status"\s+value="([a-z_]+)"', html)
        assert chips[0] == STATUS_KEYS[Status.TO_VERIFY]


def test_the_public_map_shows_only_what_is_to_verify_in_one_tap(told: Any, client: Client) -> None:
    told(22)
    publishing.publish_due()
    release = Release.objects.public().last()
    assert release is not None
    place = PublicPlace.objects.filter(release=release).order_by("pk")[0]
    PublicPlace.objects.filter(release=release).update(status=Status.COVERED)
    PublicPlace.objects.filter(pk=place.pk).update(status=Status.TO_VERIFY)
    everything = client.get(reverse("mapping:public")).content.decode()
    assert "1 place to verify" in everything
    only = client.get(reverse("mapping:public"), {"status": "to_verify"}).content.decode()
    assert re.findall(r'data-place="([^"]+)"', only) == [place.key]
    assert '"statuses": [4]' in only
    nonsense = client.get(reverse("mapping:public"), {"status": "<script>"}).content.decode()
    assert re.findall(r'data-place="([^"]+)"', nonsense) == re.findall(r'data-place="([^"]+)"', everything)
