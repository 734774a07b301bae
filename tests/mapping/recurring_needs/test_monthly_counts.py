"""Needs that come back: only monthly counts are kept longer than the reports."""

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from mapping import tasks
from mapping.map.pages.picture_borders import borders
from mapping.models import MonthlyNeed
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from mapping.plans.recurring_needs import monthly_counts, recurring_presenter
from needs.base.records.declarations import DraftPlace, EncounterDraft, NeedDraft
from needs.base.retention_rules import pseudonyms
from needs.enums import NeedState, ReportKind, Urgency
from needs.models import Encounter, Need
from needs.reports import filing
from solidarity.lib import grid
from tests import filing_verbs
from tests.support import Cast, City, SignedIn, zones_of
from volunteers.models import Association, Territory

LAT, LNG = 48.868, 2.350
NOW = timezone.make_aware(datetime(2026, 3, 20, 12))


def at(month: int, day: int, hour: int = 20, year: int = 2026) -> datetime:
    return timezone.make_aware(datetime(year, month, day, hour))


@pytest.fixture
def asks(cast: Cast) -> Callable[..., filing.Filed]:
    """A function that files an encounter with the kinds asked for."""

    def file(when: datetime, *asked: str, lat: float = LAT, by: Association | None = None) -> filing.Filed:
        draft = EncounterDraft(at=when, place=DraftPlace(lat, LNG), persons=2, asked=list(asked))
        return filing_verbs.log_encounter(draft, association=(by or cast.maraude).pk, author=cast.bob.pk)

    return file


@pytest.fixture
def needs_one(cast: Cast) -> Callable[..., filing.Filed]:
    """A function that files a need without an account."""

    def file(when: datetime, *kinds: str, source: str = "a phone", **more: Any) -> filing.Filed:
        draft = NeedDraft(
            at=when, place=DraftPlace(LAT, LNG), kinds=list(kinds), urgency=str(Urgency.SOON), persons=1,
            source=pseudonyms.pseudonym(source, when), **more,
        )  # fmt: skip
        return filing_verbs.report_need(draft)

    return file


def counts() -> dict[tuple[date, str], int]:
    return {(row.month, row.kind): row.count for row in MonthlyNeed.objects.all()}


# --- counting ------------------------------------------------------------------------------------------------------


def test_one_source_counts_once_a_day_for_a_place_and_a_kind(
    city: City, cast: Cast, asks: Callable[..., filing.Filed], needs_one: Callable[..., filing.Filed]
) -> None:
    for hour in (9, 12, 20):
        asks(at(3, 5, hour), "blanket")
    asks(at(3, 5), "blanket", by=cast.other)
    asks(at(3, 6), "blanket", "food")
    for hour in (9, 20):
        needs_one(at(3, 5, hour), "blanket")
    needs_one(at(3, 5), "blanket", source="another phone")
    monthly_counts.count_months(NOW)
    assert counts() == {(date(2026, 3, 1), "blanket"): 5, (date(2026, 3, 1), "food"): 1}


def test_what_a_moderator_holds_or_refused_does_not_count(city: City, needs_one: Callable[..., filing.Filed]) -> None:
    for state, source in ((NeedState.HELD, "a"), (NeedState.REJECTED, "b"), (NeedState.DUPLICATE, "c")):
        Need.objects.filter(pk=needs_one(at(3, 5), "food", source=source).id).update(state=state)
    needs_one(at(3, 5), "food", source="d")
    monthly_counts.count_months(NOW)
    assert counts() == {(date(2026, 3, 1), "food"): 1}


def test_what_lies_in_no_territory_does_not_count(city: City, asks: Callable[..., filing.Filed]) -> None:
    asks(at(3, 5), "food", lat=47.0)
    assert monthly_counts.count_months(NOW) == 0


def test_a_month_is_that_of_the_local_day(city: City, asks: Callable[..., filing.Filed]) -> None:
    asks(at(2, 28, 23), "food")
    asks(at(3, 1, 0), "food")
    monthly_counts.count_months(NOW)
    assert counts() == {(date(2026, 2, 1), "food"): 1, (date(2026, 3, 1), "food"): 1}


def test_counting_twice_says_the_same(city: City, asks: Callable[..., filing.Filed]) -> None:
    asks(at(3, 5), "food")
    monthly_counts.count_months(NOW)
    before = counts()
    monthly_counts.count_months(NOW)
    assert counts() == before == {(date(2026, 3, 1), "food"): 1}


def test_nothing_of_who_said_it_is_stored() -> None:
    assert {field.name for field in MonthlyNeed._meta.fields} == {"id", "territory", "cell", "month", "kind", "count"}


def test_a_place_lies_in_the_territory_that_has_most_of_it(city: City, asks: Callable[..., filing.Filed]) -> None:
    asks(at(3, 5), "food")
    monthly_counts.count_months(NOW)
    (row,) = MonthlyNeed.objects.all()
    assert row.territory == city.nord
    assert grid.resolution_of(row.cell) == 8


# --- after retention -----------------------------------------------------------------------------------------------


def test_erasing_reports_lowers_no_finished_month(city: City, asks: Callable[..., filing.Filed]) -> None:
    for day in (3, 10, 28):
        asks(at(1, day), "blanket")
    monthly_counts.count_months(at(2, 20))
    assert counts() == {(date(2026, 1, 1), "blanket"): 3}
    for now in (at(3, 6), NOW, at(5, 1)):
        Encounter.objects.filter(at__lt=now - timedelta(days=60)).delete()
        monthly_counts.count_months(now, since=date(2026, 1, 1))
        assert counts() == {(date(2026, 1, 1), "blanket"): 3}
    assert not Encounter.objects.exists()


@pytest.mark.parametrize("days_later", [1, 58, 59, 60, 75, 89])
def test_a_report_that_is_taken_back_is_taken_out_exactly(
    city: City, cast: Cast, asks: Callable[..., filing.Filed], days_later: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File reports at the end of January and retract one report. Whatever the day, the next count is lower by one."""
    filed = [asks(at(1, 30, hour), "blanket") for hour in (9,)] + [asks(at(1, 31), "blanket", "food")]
    monthly_counts.count_months(at(2, 20))
    now = at(1, 1) + timedelta(days=days_later)
    now = max(now, at(2, 1))
    monthly_counts.count_months(now)
    monkeypatch.setattr(timezone, "now", lambda: now)
    filing.retract(ReportKind.ENCOUNTER, filed[1].id, author=cast.bob.pk)
    for later in (1, 2, 40):
        monthly_counts.count_months(now + timedelta(days=later), since=date(2026, 1, 1))
        assert counts() == {(date(2026, 1, 1), "blanket"): 1}


def test_a_need_that_is_taken_back_lowers_a_closed_month(
    city: City, needs_one: Callable[..., filing.Filed], monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = needs_one(at(1, 31), "food")
    needs_one(at(1, 31), "food", source="another phone")
    monthly_counts.count_months(at(2, 20))
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    filing.retract(ReportKind.NEED, filed.id, author=None)
    assert counts() == {(date(2026, 1, 1), "food"): 1}


def test_a_source_that_named_it_twice_that_day_still_counts(
    city: City, cast: Cast, asks: Callable[..., filing.Filed], monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = asks(at(1, 31, 9), "food")
    asks(at(1, 31, 20), "food")
    monthly_counts.count_months(at(2, 20))
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    filing.retract(ReportKind.ENCOUNTER, filed.id, author=cast.bob.pk)
    assert counts() == {(date(2026, 1, 1), "food"): 1}


def test_an_archive_that_is_read_in_later_raises_old_months(city: City, asks: Callable[..., filing.Filed]) -> None:
    asks(at(6, 3, year=2025), "food")
    monthly_counts.count_months(NOW)
    assert counts() == {}
    monthly_counts.count_months(NOW, since=date(2025, 6, 1))
    assert counts() == {(date(2025, 6, 1), "food"): 1}


def test_the_task_counts_the_running_month(city: City, asks: Callable[..., filing.Filed]) -> None:
    asks(timezone.now() - timedelta(minutes=1), "food")
    tasks.count_months()
    assert sum(counts().values()) == 1


# --- reading -------------------------------------------------------------------------------------------------------


def monthly(territory: Territory, months: list[date], kind: str = "blanket", count: int = 7, lat: float = LAT) -> None:
    place = grid.parent(recurring_cell(lat), 8)
    MonthlyNeed.objects.bulk_create(
        MonthlyNeed(territory=territory, cell=place, month=month, kind=kind, count=count) for month in months
    )


def recurring_cell(lat: float) -> int:
    from solidarity.lib.grid import cell_of

    return cell_of(lat, LNG)


def last_months(now: datetime | None = None) -> list[date]:
    return monthly_counts.months_until(timezone.localtime(now or timezone.now()).date(), monthly_counts.MONTHS)


def test_a_need_comes_back_from_the_third_of_six_months_on(city: City) -> None:
    months = last_months()
    monthly(city.nord, [months[0], months[2], months[5]], "blanket")
    monthly(city.nord, [months[1], months[3]], "food")
    told = monthly_counts.summary(city.root, timezone.now())
    assert [(one["kind"], one["months"]) for one in told["returning"]] == [("blanket", 3)]
    assert {one["kind"] for one in told["kinds"]} == {"blanket", "food"}
    assert monthly_counts.summary(city.sud, timezone.now())["kinds"] == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "People asked for blankets in 5 of the last 6 months around place 1 (Nord, east).")],
)
def test_it_says_so_in_a_sentence(city: City, language: str, sentence: str) -> None:
    monthly(city.nord, last_months()[1:], "blanket")
    with translation.override(language):
        shown = recurring_presenter.present(
            monthly_counts.summary(city.root, timezone.now()), "exact", borders(city.root), "Ville"
        )
    assert [place.sentence for place in shown.places] == [sentence]


def test_a_month_of_which_nothing_is_known_is_not_called_zero(city: City) -> None:
    monthly(city.nord, last_months()[3:], "blanket")
    monthly(city.nord, last_months()[4:], "food")
    shown = recurring_presenter.present(monthly_counts.summary(city.root, timezone.now()), "exact", [], "Ville")
    assert [beat.text for beat in shown.kinds[1].beats] == ["–", "–", "–", "0", "7", "7"]


def test_members_read_bands_and_coordinators_numbers(city: City, cast: Cast, signed_in: SignedIn) -> None:
    monthly(city.nord, last_months(), "blanket", count=17)
    pages = {
        name: signed_in(getattr(cast, name)).get(reverse("mapping:recurring", args=["ville"])).content.decode()
        for name in ("bob", "diane")
    }
    beats = {name: re.findall(r'heat__beat" data-level="\d">([^<]*)<', page) for name, page in pages.items()}
    assert beats == {"bob": ["15–19"] * 6, "diane": ["17"] * 6}
    assert "blankets in 6 of the last 6 months around place 1" in pages["bob"]


def test_the_shades_of_a_member_follow_the_bands_alone(city: City) -> None:
    months = last_months()
    levels = []
    for count in (10, 14):
        MonthlyNeed.objects.all().delete()
        monthly(city.nord, months[:3], "blanket", count=47)
        monthly(city.nord, months[:3], "food", count=count)
        shown = recurring_presenter.present(monthly_counts.summary(city.root, timezone.now()), "bucket", [], "Ville")
        levels.append([list(kind.beats) for kind in shown.kinds])
    assert levels[0] == levels[1]


@pytest.mark.parametrize("name", ["alice", "greta"])
def test_who_is_no_member_and_coordinates_nothing_finds_no_page(
    city: City, cast: Cast, signed_in: SignedIn, name: str
) -> None:
    assert signed_in(getattr(cast, name)).get(reverse("mapping:recurring", args=["nord"])).status_code == 404
    assert signed_in(cast.diane).get(reverse("mapping:recurring", args=[f"x{uuid.uuid4().hex[:6]}"])).status_code == 404


def test_no_page_names_a_point(city: City, cast: Cast, signed_in: SignedIn, asks: Callable[..., filing.Filed]) -> None:
    for back in range(3):
        month = last_months()[5 - back]
        asks(timezone.make_aware(datetime(month.year, month.month, 1, 0, 1)), "blanket")
    monthly_counts.count_months(since=last_months()[0])
    page = signed_in(cast.bob).get(reverse("mapping:recurring", args=["ville"])).content.decode()
    assert "blankets in 3 of the last 6 months" in page
    assert f"{LAT}" not in page and f"{LNG:.3f}" not in page
    assert grid.to_text(recurring_cell(LAT)) not in page


def test_many_places_cost_the_page_no_further_queries(
    city: City, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(cast.diane)
    address = reverse("mapping:recurring", args=["ville"])
    monthly(city.nord, last_months(), "blanket")
    client.get(address)
    for step in range(1, 8):
        for kind in ("food", "water"):
            month = last_months()
            place = grid.parent(recurring_cell(48.85 + step * 0.003), 8)
            MonthlyNeed.objects.bulk_create(
                [MonthlyNeed(territory=city.nord, cell=place, month=one, kind=kind, count=3) for one in month],
                ignore_conflicts=True,
            )
    with django_assert_max_num_queries(24):
        page = client.get(address).content.decode()
    assert page.count("Zone around place") > 2


def test_dashboard_and_report_say_the_same(city: City, cast: Cast, signed_in: SignedIn) -> None:
    monthly(city.nord, last_months(), "blanket", count=17)
    client = signed_in(cast.diane)
    report = make_report(city.root, Period.latest(), cast.diane)
    pages = [
        client.get(reverse("mapping:dashboard", args=["ville"])).content.decode(),
        client.get(reverse("mapping:report", args=[report.pk])).content.decode(),
    ]
    for page in pages:
        assert re.findall(r'heat__beat" data-level="\d">([^<]*)<', page) == ["17"] * 6
        assert "People asked for blankets in 6 of the last 6 months around place 1 (Nord, east)." in page


@pytest.mark.parametrize(("name", "linked"), [("alice", False), ("bob", True), ("diane", True)])
def test_the_list_of_zones_leads_there_who_may_read_it(
    city: City, cast: Cast, signed_in: SignedIn, name: str, linked: bool
) -> None:
    page = zones_of(signed_in(getattr(cast, name)), "nord").content.decode()
    assert (reverse("mapping:recurring", args=["nord"]) in page) == linked
