"""One unseen estimate: every page and file shows the same figure of a territory, each audience at its own detail."""

import io
import json
import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from mapping.coverage.folding import fold
from mapping.coverage.unseen import estimate_rounding, unseen_estimate
from mapping.coverage.unseen.unseen_estimate import UNSEARCHED, DayFigure
from mapping.enums import ExportFormat
from mapping.map.estimates import public_estimate, reader_estimate
from mapping.map.releases import reading, release_filter
from mapping.map.releases.public import weekly_figures
from mapping.map.wording import rounding
from mapping.models import Release, UnseenFigure, Zone
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from tests.support import Cast, City, Seen, SignedIn
from volunteers.enums import Audience
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer

SHOWN = re.compile(r'data-figure="unseen">\s*([^<]+?)\s*<')
PAGES = ("mapping:map", "mapping:tonight", "mapping:dashboard")


@pytest.fixture
def walked(city: City, cast: Cast, seen: Seen) -> City:
    """A city with searches of two to forty days ago and all releases."""
    for step in range(9):
        seen(
            lat=48.865 + step * 0.0009,
            lng=2.34 + step * 0.003,
            persons=1 + step % 4,
            minutes=40,
            hours_ago=48 + 96 * step,
        )
    fold.fold_outbox()
    fold.refresh_all()
    unseen_estimate.fill_latest()
    release_filter.publish_all()
    return city


def page(client: Client, name: str, slug: str) -> str:
    answer = client.get(reverse(name, args=[slug]))
    assert answer.status_code == 200, name
    return answer.content.decode()


def shown(html: str) -> set[str]:
    return set(SHOWN.findall(html))


def stored(territory: Any, back: int = 0) -> UnseenFigure:
    day = unseen_estimate.last_day(timezone.now()) - timedelta(days=back)
    return UnseenFigure.objects.get(territory=territory, days=14, day=day)


def test_every_page_of_a_coordinator_shows_the_same_figure(walked: City, cast: Cast, signed_in: SignedIn) -> None:
    diane, figure = signed_in(cast.diane), str(round(stored(walked.root).persons))
    report = make_report(walked.root, Period.latest(), cast.diane)
    pages = {name: page(diane, name, walked.root.slug) for name in PAGES}
    pages["report"] = diane.get(reverse("mapping:report", args=[report.pk])).content.decode()
    pages["home"] = diane.get("/").content.decode()
    assert {name: shown(html) for name, html in pages.items()} == dict.fromkeys(pages, {figure})
    low, high = round(stored(walked.root).low), round(stored(walked.root).high)
    assert [name for name, html in pages.items() if f"9 times in 10: {low} to {high}" not in html] == []


def test_the_files_of_a_report_hold_the_figure_of_the_pages(walked: City, cast: Cast) -> None:
    report, figure = make_report(walked.root, Period.latest(), cast.diane), stored(walked.root)

    def written(format: ExportFormat) -> io.BytesIO:
        out = io.BytesIO()
        with translation.override("en"):
            write_file(report, format, out)
        return out

    told = json.loads(written(ExportFormat.GEOJSON).getvalue())["report"]["left_unseen"]["spans"][0]
    assert (told["persons"], told["low"], told["high"]) == tuple(
        round(n) for n in (figure.persons, figure.low, figure.high)
    )
    lines = dict(
        openpyxl.load_workbook(written(ExportFormat.XLSX)).worksheets[0].iter_rows(max_col=2, values_only=True)
    )
    assert lines["people likely in places not searched for 14 days"] == round(figure.persons)
    # The people expected in the whole territory stand in the report once, at its cut-off: the sheet of the statuses.
    assert not [label for label in lines if label and label.startswith("people expected")]
    text = " ".join(one.extract_text() for one in pypdf.PdfReader(written(ExportFormat.PDF)).pages[:2])
    numbers = re.findall(r"(\d+) people \(\d+ to \d+\) are likely to be in places", re.sub(r"\s+", " ", text))
    assert numbers == [str(round(figure.persons))]


def test_the_figure_of_a_part_is_that_of_its_own_dashboard(walked: City, cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    parts = dict(re.findall(r'data-part="(\w+)">(\d+)<', page(diane, "mapping:dashboard", walked.root.slug)))
    assert set(parts) == {"nord", "sud"}
    for slug, number in parts.items():
        assert shown(page(diane, "mapping:dashboard", slug)) == {number}


def test_associations_read_about_the_same_figure_and_volunteers_a_word(
    walked: City, cast: Cast, signed_in: SignedIn
) -> None:
    bob, alice = signed_in(cast.bob), signed_in(cast.alice)
    about = estimate_rounding.rounded(round(stored(walked.root).persons))
    for name in ("mapping:map", "mapping:zones", "mapping:tonight"):
        html = page(bob, name, walked.root.slug)
        assert shown(html) == {str(about)}
        assert re.search(r"about\s*(<b|<span) data-figure=\"unseen\"", html), name
    late = rounding.persons_band(round(stored(walked.nord, back=1).persons)).capitalize()
    for name in ("mapping:map", "mapping:zones"):
        html = page(alice, name, "nord")
        assert shown(html) == {late}
        assert "9 times in 10" not in html


def test_the_public_reads_the_figure_of_its_week_rounded_as_associations_do(walked: City) -> None:
    now = timezone.now()
    day = public_estimate.public_day(now)
    unseen_estimate.fill([day, day - timedelta(days=7)])
    figure = UnseenFigure.objects.get(territory=walked.root, day=day, days=14)
    html = Client().get("/about/").content.decode()
    assert shown(Client().get("/").content.decode()) == {str(estimate_rounding.rounded(figure.persons))}
    assert str(estimate_rounding.rounded(figure.persons)) in shown(html)
    released = reader_estimate.in_words(
        unseen_estimate.latest([walked.root.pk], unseen_estimate.end_of(day))[walked.root.pk], "bucket"
    )
    assert released.number in shown(html)


def test_the_comparison_adds_up_to_the_last_person(walked: City, cast: Cast, signed_in: SignedIn) -> None:
    html = page(signed_in(cast.diane), "mapping:dashboard", walked.root.slug)
    found = {name: int(number) for name, number in re.findall(r'<b\s+data-figure="(\w+)">(\d+)<', html)}
    sentence = re.search(r"(\d+) of these are\s+in places.*?The other (\d+) are", html, re.S)
    assert sentence
    both, late = (int(number) for number in sentence.groups())
    assert found["to_verify"] == both + late
    assert both <= found["unseen"] <= found["expected"]
    assert late > 0
    everybody = sum(Zone.objects.live().values_list("persons", flat=True))
    weak = sum(Zone.objects.live().filter(status__in=UNSEARCHED).values_list("persons", flat=True))
    # The zones are those of now and the figures those of midnight, so they differ by some hours of decay.
    assert found["expected"] == pytest.approx(everybody, rel=0.03)
    assert found["to_verify"] == pytest.approx(weak, rel=0.1)


def test_the_parts_of_a_comparison_are_never_negative() -> None:
    for persons, expected, to_verify, both in ((10, 9, 4, 5), (0, 0, 0, 0), (7, 7, 3, 7), (608, 2105, 844, 560)):
        figure: DayFigure = {
            "day": "2026-11-26", "days": 14, "persons": persons, "low": 0, "high": persons, "cells": 1,
            "expected": expected, "to_verify": to_verify, "in_both": both,
        }  # fmt: skip
        with translation.override("en"):
            words = reader_estimate.in_words(figure, "exact").comparison
        assert words is not None
        everybody, unseen, inside, late, zones = (
            int(number.replace(",", ""))
            for number in (words.expected, words.unseen, words.unseen_in_zones, words.searched_lately, words.to_verify)
        )
        assert zones == inside + late
        assert inside <= unseen <= everybody
        assert late >= 0


def test_only_coordinators_get_exact_digits(walked: City, cast: Cast, signed_in: SignedIn) -> None:
    figure = stored(walked.root)
    assert any(round(number) % 5 for number in (figure.persons, figure.low, figure.high)), "all are round by chance"
    for name in ("mapping:map", "mapping:zones", "mapping:tonight"):
        html = page(signed_in(cast.bob), name, walked.root.slug)
        ends = re.findall(r"9 times in 10: (\d+) to (\d+)", html)
        numbers = {int(number) for number in (*shown(html), *(end for pair in ends for end in pair))}
        assert len(numbers) >= 2 and all(number % 5 == 0 for number in numbers), numbers


def test_a_handful_of_people_is_never_a_number_for_associations() -> None:
    for persons in range(estimate_rounding.LEAST):
        figure: DayFigure = {"day": "2026-11-26", "days": 14, "persons": persons, "low": 0, "high": 12, "cells": 3}
        with translation.override("en"):
            words = reader_estimate.in_words(figure, "bucket")
        assert (words.number, words.interval, words.about) == ("fewer than 10", "", False)


def test_a_report_after_a_release_changes_no_figure_of_the_release(
    walked: City, cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    """Attack: request the estimate again and again while teams report, and learn from its changes where they were."""
    readers = {"bob": (signed_in(cast.bob), walked.root.slug), "alice": (signed_in(cast.alice), "nord")}

    def polled() -> dict[str, Any]:
        return {
            name: re.search(r"unseen-summary.*?</p>", page(client, "mapping:map", slug), re.S)[0]  # type: ignore[index]
            for name, (client, slug) in readers.items()
        }

    before, exact = polled(), round(stored(walked.root).persons)
    for step in range(20):
        seen(lat=48.861 + step * 0.0005, lng=2.345 + step * 0.002, persons=9, minutes=90, hours_ago=40)
    fold.fold_outbox()
    unseen_estimate.fill_latest()
    assert round(stored(walked.root).persons) != exact
    assert polled() == before
    release_filter.publish_all()
    assert polled() != before


def test_a_release_keeps_the_figure_of_its_own_day(walked: City, cast: Cast) -> None:
    for audience, back in ((Audience.ASSOCIATION, 0), (Audience.VOLUNTEER, 1)):
        release = Release.objects.get(audience=audience)
        found = release.unseen[str(walked.root.pk)]
        assert found["day"] == stored(walked.root, back).day.isoformat()
        assert found["persons"] == round(stored(walked.root, back).persons)


def test_before_the_first_figure_the_pages_say_so(city: City, cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    for name in ("mapping:map", "mapping:dashboard"):
        html = page(diane, name, city.root.slug)
        assert "The first figure is computed tonight." in html
        assert shown(html) == set()
    assert reader_estimate.of_reading(reading.read(Viewer(cast.diane), city.root)) is None


def test_every_figure_links_to_the_zones_it_counts(walked: City, cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    html = page(diane, "mapping:dashboard", walked.root.slug)
    links = set(re.findall(r'href="([^"]*/zones/\?[^"]*)"', html))
    counted = {link for link in links if "sort=-search" in link or link.count("status=") == 2}
    assert len(counted) == 2
    for link in counted:
        answer = diane.get(link.replace("&amp;", "&"), follow=True)
        assert answer.status_code == 200 and answer.context["page"].object_list, link
    answer = diane.get(reverse("mapping:dashboard", args=[walked.root.slug]) + "?sort=-search")
    ranks = [row.words.ranks["search"] for row in answer.context["page"]]
    assert all(one >= other for one, other in pairwise(ranks))


def test_a_count_without_a_source_gives_no_reader_an_unseen_estimate(
    walked: City, cast: Cast, signed_in: SignedIn
) -> None:
    slug, day = walked.root.slug, public_estimate.public_day(timezone.now())
    unseen_estimate.fill([day, day - timedelta(days=7)])
    readers = {
        "coordinator": (signed_in(cast.diane), slug),
        "association": (signed_in(cast.bob), slug),
        "volunteer": (signed_in(cast.alice), "nord"),
    }

    def figures() -> dict[str, set[str]]:
        found = {"public": shown(Client().get("/").content.decode()) | shown(Client().get("/about/").content.decode())}
        for reader, (client, where) in readers.items():
            pages = PAGES if reader == "coordinator" else ("mapping:map", "mapping:zones")
            found[reader] = set().union(*(shown(page(client, name, where)) for name in pages))
        report = make_report(walked.root, Period.latest(), cast.diane)
        found["report"] = {str(week["unseen"]) for week in report.payload["weeks"] if week["unseen"] is not None}
        found["report"] |= {"left unseen"} if report.payload["left_unseen"] else set()
        found["weeks of the public"] = {str(number) for number in weekly_figures.unseen_of(day).values()}
        return found

    assert all(figures().values())
    # The releases were made while the count had a source, and hold its figures until the next ones are made.
    Territory.objects.filter(pk=walked.root.pk).update(count_kind="")
    assert figures() == dict.fromkeys(figures(), set())
