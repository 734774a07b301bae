"""The unseen estimate: people in places not searched for 14 or 28 days, its history, and the public figure."""

import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pypdf
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries, Settings

from mapping import tasks
from mapping.coverage.folding import fold
from mapping.coverage.unseen import unseen_estimate
from mapping.enums import ExportFormat
from mapping.map.estimates import estimate_presenter, public_estimate
from mapping.models import Parameters, UnseenFigure
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from needs.base.records.declarations import DraftPlace, PresenceDraft
from needs.enums import ReportKind
from needs.reports import filing
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Cell, Territory

PARIS = ZoneInfo("Europe/Paris")


def yesterday() -> date:
    return unseen_estimate.last_day(timezone.now())


def figure(territory: Territory, days: int = 14, day: date | None = None) -> UnseenFigure:
    return UnseenFigure.objects.get(territory=territory, days=days, day=day or yesterday())


@pytest.fixture
def searched(city: City, cast: Cast, seen: Seen) -> None:
    """Store and fold searches of places 3, 20 and 40 days ago."""
    for days, lng in ((3, 2.340), (20, 2.350), (40, 2.360)):
        seen(lat=48.868, lng=lng, persons=2, minutes=30, hours_ago=24 * days)
    fold.fold_outbox()
    fold.refresh_all()


# --- the figures ---------------------------------------------------------------------------------------------------


def test_a_place_is_unseen_from_the_fourteenth_and_the_twenty_eighth_day_on(city: City, searched: None) -> None:
    unseen_estimate.fill([yesterday()])
    cells = Cell.objects.count()
    assert figure(city.root, 14).cells == cells - 1
    assert figure(city.root, 28).cells == cells - 2


def test_a_place_that_nobody_ever_searched_is_unseen(city: City) -> None:
    unseen_estimate.fill([yesterday()])
    found = figure(city.root, 28)
    assert found.cells == Cell.objects.count()
    assert found.persons == pytest.approx(70, rel=0.01)
    assert found.low < found.persons < found.high


def test_a_territory_is_the_sum_of_its_parts(city: City, searched: None) -> None:
    unseen_estimate.fill([yesterday()])
    for days in unseen_estimate.SPANS:
        parts = [figure(city.nord, days), figure(city.sud, days)]
        whole = figure(city.root, days)
        assert whole.persons == pytest.approx(sum(part.persons for part in parts), abs=1e-9)
        assert whole.cells == sum(part.cells for part in parts)
        assert whole.high - whole.low < sum(part.high - part.low for part in parts)


def test_a_citizens_report_is_no_search(city: City) -> None:
    at = timezone.now() - timedelta(days=2)
    draft = PresenceDraft(at=at, place=DraftPlace(48.868, 2.35), persons=3, source="somebody")
    filing.report_presence(draft)
    fold.fold_outbox()
    unseen_estimate.fill([yesterday()])
    assert figure(city.root).cells == Cell.objects.count()
    assert figure(city.root).persons > 70


def test_a_day_that_is_filled_later_has_the_same_digits(city: City, searched: None) -> None:
    days = [yesterday() - timedelta(days=back) for back in range(5)]
    unseen_estimate.fill(days)
    before = list(UnseenFigure.objects.order_by("pk").values_list("territory", "day", "days", "persons", "low", "high"))
    UnseenFigure.objects.all().delete()
    for day in reversed(days):
        unseen_estimate.fill([day])
    after = UnseenFigure.objects.values_list("territory", "day", "days", "persons", "low", "high")
    assert sorted(after) == sorted(before)


def test_what_happened_later_does_not_change_a_day(city: City, cast: Cast, seen: Seen) -> None:
    day = yesterday() - timedelta(days=10)
    unseen_estimate.fill([day])
    before = figure(city.root, 14, day).persons
    seen(persons=9, minutes=30, hours_ago=30)
    fold.fold_outbox()
    unseen_estimate.fill([day], recompute=True)
    assert figure(city.root, 14, day).persons == before


def test_the_nightly_task_is_safe_twice_and_hears_what_came_late(city: City, cast: Cast, seen: Seen) -> None:
    assert tasks.tell_unseen() == unseen_estimate.SETTLING_DAYS
    rows = UnseenFigure.objects.count()
    before = figure(city.root).cells
    filed = seen(persons=2, minutes=30, hours_ago=24 * 3)
    fold.fold_outbox()
    tasks.tell_unseen()
    assert UnseenFigure.objects.count() == rows == unseen_estimate.SETTLING_DAYS * 3 * 2
    assert figure(city.root).cells == before - 1
    filing.retract(ReportKind.ENCOUNTER, filed.id, author=cast.bob.pk)
    fold.fold_outbox()
    tasks.tell_unseen()
    assert figure(city.root).cells == before


def test_a_figure_older_than_a_week_stays_as_it_was(city: City, cast: Cast, seen: Seen) -> None:
    day = yesterday() - timedelta(days=unseen_estimate.SETTLING_DAYS)
    unseen_estimate.fill([day])
    before = figure(city.root, 14, day).persons
    seen(persons=9, minutes=30, hours_ago=24 * 12)
    fold.fold_outbox()
    tasks.tell_unseen()
    assert figure(city.root, 14, day).persons == before
    call_command("unseen_history", since=day.isoformat(), again=True, stdout=io.StringIO())
    assert figure(city.root, 14, day).persons != before


def test_the_command_fills_what_is_missing_and_leaves_the_rest(city: City) -> None:
    out = io.StringIO()
    since = (yesterday() - timedelta(days=9)).isoformat()
    unseen_estimate.fill([yesterday()])
    call_command("unseen_history", since=since, stdout=out)
    assert "9 days computed, 1 left unchanged." in out.getvalue()
    assert UnseenFigure.objects.filter(territory=city.root, days=14).count() == 10


@pytest.mark.parametrize("text", ["soon", "2025-02-31", "2999-01-01"])
def test_the_command_refuses_a_day_that_is_none_or_not_over(city: City, text: str) -> None:
    with pytest.raises(CommandError):
        call_command("unseen_history", since=text)


# --- dashboard and report ------------------------------------------------------------------------------------------


def test_dashboard_and_report_print_the_same_digits(
    city: City, cast: Cast, signed_in: SignedIn, searched: None
) -> None:
    unseen_estimate.fill([yesterday() - timedelta(days=back) for back in range(40)])
    client = signed_in(cast.diane)
    report = make_report(city.root, Period.latest(), cast.diane)
    pages = [
        client.get(reverse("mapping:dashboard", args=["ville"])).content.decode(),
        client.get(reverse("mapping:report", args=[report.pk])).content.decode(),
    ]
    said = [re.findall(r'data-figure="((?:persons|interval|cells)_\d+)">([^<]+)<', page) for page in pages]
    assert said[0] == said[1]
    assert ("persons_14", str(round(figure(city.root).persons))) in said[0]
    assert len(said[0]) == 2 + 6 * 6
    out = io.BytesIO()
    write_file(report, ExportFormat.PDF, out)
    paper = "\n".join(page.extract_text() for page in pypdf.PdfReader(out).pages)
    for days in unseen_estimate.SPANS:
        row = figure(city.root, days)
        assert str(round(row.persons)) in paper
        assert f"{round(row.low)} to {round(row.high)}" in paper


def test_the_files_carry_the_figures(city: City, cast: Cast, searched: None) -> None:
    unseen_estimate.fill([yesterday(), yesterday() - timedelta(days=1)])
    report = make_report(city.root, Period.latest(), cast.diane)
    out = io.BytesIO()
    write_file(report, ExportFormat.GEOJSON, out)
    found = json.loads(out.getvalue())["report"]["left_unseen"]
    assert found["spans"][1]["persons"] == round(figure(city.root, 28).persons)
    out = io.BytesIO()
    with translation.override("en"):
        write_file(report, ExportFormat.XLSX, out)
    rows = list(openpyxl.load_workbook(out)["People left unseen"].iter_rows(values_only=True))
    day, *rest = rows[1]
    assert day.date() == yesterday()
    assert rest[:2] == [14, round(figure(city.root).persons)]
    assert len(rows) == 5


def test_an_old_report_without_an_unseen_estimate_still_opens(city: City, cast: Cast, signed_in: SignedIn) -> None:
    report = make_report(city.root, Period.latest(), cast.diane)
    del report.payload["left_unseen"], report.payload["recurring"]
    report.save()
    answer = signed_in(cast.diane).get(reverse("mapping:report", args=[report.pk]))
    assert answer.status_code == 200
    for format in ExportFormat:
        write_file(report, format, io.BytesIO())


def test_before_the_first_night_the_dashboard_says_so(city: City, cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.diane).get(reverse("mapping:dashboard", args=["ville"])).content.decode()
    assert "The first figure is computed tonight." in page


def test_a_long_history_costs_the_dashboard_no_further_queries(
    city: City, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    unseen_estimate.fill([yesterday() - timedelta(days=back) for back in range(60)])
    with django_assert_max_num_queries(4):
        unseen_estimate.summary(city.root, timezone.now())


@pytest.mark.parametrize("count", [1, 2, 60])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_plot_is_an_image_with_a_title_and_a_description(city: City, count: int, language: str) -> None:
    unseen_estimate.fill([yesterday() - timedelta(days=back) for back in range(count)])
    standing = unseen_estimate.summary(city.root, timezone.now())
    assert standing
    with translation.override(language):
        picture = ET.fromstring(estimate_presenter.plot(standing["over_time"], "Ville <&>"))
    space = "{http://www.w3.org/2000/svg}"
    titles = picture.attrib["aria-labelledby"].split()
    title, description = picture.find(f"{space}title"), picture.find(f"{space}desc")
    assert title is not None and title.text is not None and description is not None
    assert [title.attrib["id"], description.attrib["id"]] == titles
    assert "Ville <&>" in title.text
    assert "style" not in {name for part in picture.iter() for name in part.attrib}
    for line in picture.findall(f"{space}polyline"):
        assert len(line.attrib["points"].split()) == count


def test_the_numbers_of_a_large_scale_are_not_cut(city: City) -> None:
    spans = [{"days": days, "persons": 9000, "low": 8000, "high": 120_000, "cells": 1} for days in (14, 28)]
    points = [{"day": f"2026-11-{day:02}", "spans": spans} for day in (1, 8)]
    with translation.override("en"):
        picture = ET.fromstring(estimate_presenter.plot(points, "Ville"))
    space = "{http://www.w3.org/2000/svg}"
    scale = [part for part in picture.iter(f"{space}text") if part.attrib.get("text-anchor") == "end"]
    assert "120,000" in {part.text for part in scale}
    for part in scale:
        assert float(part.attrib["x"]) - 8 * len(part.text or "") >= 0, part.text


def test_only_coordinators_read_the_figures(city: City, cast: Cast, signed_in: SignedIn) -> None:
    unseen_estimate.fill([yesterday()])
    for name in ("alice", "bob", "greta"):
        assert signed_in(getattr(cast, name)).get(reverse("mapping:dashboard", args=["ville"])).status_code == 404


# --- the public -----------------------------------------------------------------------------------------------------


def public_rows(territory: Territory, this: tuple[float, float], before: tuple[float, float], now: datetime) -> None:
    """Store figures of the public week and the week before: people unseen for 14 and 28 days."""
    day = public_estimate.public_day(now)
    for when, persons in ((day, this), (day - timedelta(days=7), before)):
        for days, number in zip(unseen_estimate.SPANS, persons, strict=True):
            UnseenFigure.objects.update_or_create(
                territory=territory, day=when, days=days,
                defaults={"persons": number, "low": number * 0.8, "high": number * 1.2, "cells": 20},
            )  # fmt: skip


def test_the_public_week_turns_on_monday_at_six(parameters: Parameters) -> None:
    def on(day: int, hour: int, minute: int = 0) -> date:
        return public_estimate.public_day(datetime(2026, 3, day, hour, minute, tzinfo=PARIS))

    assert on(9, 6) == on(12, 12) == on(16, 5, 59) == date(2026, 3, 1)
    assert on(16, 6) == date(2026, 3, 8)
    assert on(16, 6).weekday() == 6


def test_the_figures_of_the_public_week_have_stopped_changing(parameters: Parameters) -> None:
    monday = datetime(2026, 3, 9, 6, tzinfo=PARIS)
    oldest_retold = unseen_estimate.last_day(monday) - timedelta(days=unseen_estimate.SETTLING_DAYS - 1)
    assert public_estimate.public_day(monday) < oldest_retold


def test_everybody_reads_rounded_figures_of_the_whole_alone(city: City) -> None:
    now = timezone.now()
    for territory in (city.root, city.nord, city.sud):
        public_rows(territory, (63.2, 41.7), (60.0, 40.0), now)
    (found,) = public_estimate.public_unseen_estimates(now)
    assert found.name == "Ville"
    assert [(span.persons, span.low, span.high) for span in found.spans] == [(65, 50, 80), (40, 30, 55)]
    about, home = (Client().get(path).content.decode().split("<main", 1)[1] for path in ("/about/", "/"))
    for page in (about, home):
        assert ">65<" in page and "63" not in page and "Nord" not in page
    assert ">40<" in about and ">40<" not in home  # the start page has one figure


@pytest.mark.parametrize(
    ("this", "before", "shown"),
    [
        ((9.9, 3.0), (30.0, 20.0), [None, None]),
        ((30.0, 12.0), (9.0, 3.0), [None, None]),
        ((10.0, 3.0), (10.0, 3.0), [10, None]),
        ((30.0, 21.0), (30.0, 12.0), [30, None]),  # the two figures differ by nine people
        ((30.0, 20.0), (30.0, 20.0), [30, 20]),
    ],
)
def test_few_people_are_not_shown_in_public(
    city: City, this: tuple[float, float], before: tuple[float, float], shown: list[int | None]
) -> None:
    now = timezone.now()
    public_rows(city.root, this, before, now)
    (found,) = public_estimate.public_unseen_estimates(now)
    assert [span.persons for span in found.spans] == shown
    page = Client().get("/about/").content.decode()
    assert ("data-unseen-line" in Client().get("/").content.decode()) == (shown[0] is not None)
    assert ("too few people are likely to be in these places" in page) == (shown == [None, None])


def test_the_public_page_is_the_same_before_and_after_a_report(city: City, cast: Cast, seen: Seen) -> None:
    now = timezone.now()
    public_rows(city.root, (63.2, 41.7), (60.0, 40.0), now)

    def section() -> str:
        found = re.search(
            r'<section class="section unseen-public".*?</section>', Client().get("/about/").content.decode(), re.S
        )
        assert found
        return found[0]

    before = section()
    for days in (0, 1, 5):
        seen(persons=9, minutes=30, hours_ago=24 * days + 1)
    fold.fold_outbox()
    fold.refresh_all()
    tasks.tell_unseen()
    assert section() == before


def test_a_deployment_can_keep_the_figure_to_itself(city: City, settings: Settings) -> None:
    public_rows(city.root, (63.2, 41.7), (60.0, 40.0), timezone.now())
    assert "unseen-public" in Client().get("/about/").content.decode()
    assert "data-unseen-line" in Client().get("/").content.decode()
    settings.PUBLIC_UNSEEN_ESTIMATE = False
    assert "unseen-public" not in Client().get("/about/").content.decode()
    assert "data-unseen-line" not in Client().get("/").content.decode()
