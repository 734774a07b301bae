"""Monthly sums of territories: they survive the erasure of reports, never change once they are shown, and leave out what is
small or would reveal something small."""

import csv
import io
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from mapping import tasks
from mapping.models import MonthlySum, UnseenFigure
from mapping.out.report_figures.report_period import Period
from mapping.out.winters import monthly_sums
from mapping.out.winters.monthly_sums import SETTLING, WINTER, is_fixed, last_day
from mapping.out.zone_reports.compose import make_report
from mapping.plans.recurring_needs.monthly_counts import months_until
from needs.doors.retention import runner
from needs.doors.retention.erasure import erase_report
from needs.enums import ReportKind
from needs.models import Need
from tests.needs.api_cases import SUD, file
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Territory

pytestmark = pytest.mark.django_db
NORD = (48.87, 2.35)
MAY = date(2026, 5, 1)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
AFTER = datetime(2026, 6, 16, 12, tzinfo=UTC)


def needs(number: int, met: int = 0, month: date = MAY, place: tuple[float, float] = NORD) -> list[Need]:
    """File needs in a month, and let the first ones be met. Return them in this order."""
    at = datetime(month.year, month.month, 20, 12, tzinfo=UTC)
    keys = [file(place).pk for _each in range(number)]
    Need.objects.filter(pk__in=keys).update(at=at, filed_at=at)
    Need.objects.filter(pk__in=keys[:met]).update(state="met", state_at=at)
    found = Need.objects.in_bulk(keys)
    return [found[key] for key in keys]


def row(territory: Territory, month: date = MAY) -> MonthlySum:
    return MonthlySum.objects.get(territory=territory, month=month)


def test_a_month_is_summed_until_two_weeks_after_its_end(city: City, cast: Cast) -> None:
    filed = needs(33, met=15)
    monthly_sums.sum_months(datetime(2026, 5, 28, 12, tzinfo=UTC))
    assert not MonthlySum.objects.filter(month=MAY).exists()  # the month is not over
    monthly_sums.sum_months(NOW)
    assert (row(city.nord).needs_new, row(city.nord).needs_met) == (33, 15)
    filed[0].retracted_at = timezone.now()
    filed[0].save(update_fields=["retracted_at"])
    assert monthly_sums.sum_months(NOW) == monthly_sums.sum_months(NOW)
    assert (row(city.nord).needs_new, row(city.nord).needs_met) == (32, 14)
    assert not monthly_sums.winters_of(city.nord, NOW.date())


def test_attack_an_erasure_after_the_month_changes_no_sum_that_was_shown(city: City, cast: Cast) -> None:
    filed = needs(33, met=15)
    monthly_sums.sum_months(NOW)
    erase_report(ReportKind.NEED, filed[0].pk, by=None, by_owner=True)  # nobody has read the month yet
    monthly_sums.sum_months(NOW)
    assert (row(city.nord).needs_new, row(city.nord).needs_met) == (32, 14)
    before = list(MonthlySum.objects.order_by("pk").values())
    for need in filed[1:12]:
        erase_report(ReportKind.NEED, need.pk, by=None, by_owner=True)
    monthly_sums.sum_months(AFTER)
    assert list(MonthlySum.objects.order_by("pk").values()) == before


def test_a_month_that_the_task_missed_is_summed_while_its_reports_exist(city: City, cast: Cast) -> None:
    needs(33)
    monthly_sums.sum_months(AFTER)
    assert row(city.nord).needs_new == 33
    MonthlySum.objects.all().delete()
    monthly_sums.sum_months(AFTER + timedelta(days=30))  # by then, its first days may be erased
    assert not MonthlySum.objects.filter(month=MAY).exists()


@pytest.mark.parametrize(
    ("new", "met", "kept"),
    [(9, 9, (None, None)), (30, 9, (30, None)), (15, 11, (15, None)), (12, 12, (12, None)), (25, 12, (25, 12))],
)
def test_attack_needs_that_were_not_met_are_no_small_number(
    city: City, cast: Cast, new: int, met: int, kept: tuple[int | None, int | None]
) -> None:
    needs(new, met=met)
    monthly_sums.sum_months(NOW)
    assert (row(city.nord).needs_new, row(city.nord).needs_met) == kept


@pytest.mark.parametrize("small", [0, 4])
def test_attack_a_small_district_cannot_be_subtracted_and_zero_is_as_small_as_four(
    city: City, cast: Cast, small: int
) -> None:
    needs(23)
    needs(small, place=SUD)
    monthly_sums.sum_months(NOW)
    assert [row(each).needs_new for each in (city.nord, city.sud, city.root)] == [23, None, None]
    needs(20, place=SUD)
    monthly_sums.sum_months(NOW)
    assert [row(each).needs_new for each in (city.nord, city.sud, city.root)] == [23, 20 + small, 43 + small]


def test_fourteen_months_stay_while_retention_erases_their_reports(city: City, cast: Cast) -> None:
    generator = random.Random(1)
    first, filed = date(2025, 4, 1), {}
    month = first
    for _number in range(14):
        filed[month] = 20 + generator.randrange(30)
        needs(filed[month], month=month)
        needs(6, month=month, place=SUD)
        for night in (last_day(month) + timedelta(days=3), last_day(month) + SETTLING + timedelta(days=2)):
            moment = datetime(night.year, night.month, night.day, 3, tzinfo=UTC)
            monthly_sums.sum_months(moment)
            runner.run(moment)
        month = last_day(month) + timedelta(days=1)
    assert Need.objects.filter(at__lt=datetime(2026, 3, 1, tzinfo=UTC)).count() == 0
    stored = dict(MonthlySum.objects.filter(territory=city.nord).values_list("month", "needs_new"))
    assert stored == filed
    assert set(MonthlySum.objects.filter(territory=city.sud).values_list("needs_new", flat=True)) == {None}
    two = [each for each in monthly_sums.winters_of(city.nord, date(2026, 5, 20)) if each.figure == "needs_new"]
    assert [each.first for each in two] == [2025, 2024]
    april = WINTER.index(4)
    assert [each.values[april] for each in two] == [filed[date(2026, 4, 1)], filed[first]]
    assert [each.together for each in two] == [filed[date(2026, 4, 1)], filed[first]]


def test_the_nightly_task_sums_hours_and_visits_of_tours(city: City, cast: Cast, seen: Seen, settings: Any) -> None:
    settings.REPORT_DAYS = 90  # so that the month before is open on every day
    today = timezone.localdate()
    month = months_until(today, 2)[0]
    noon = timezone.make_aware(datetime(month.year, month.month, 20, 12))
    hours_ago = (timezone.now() - noon).total_seconds() / 3600
    for _number in range(12):
        seen(lat=NORD[0], lng=NORD[1], persons=1, minutes=90, hours_ago=hours_ago)
    tasks.count_months()
    stored = MonthlySum.objects.get(territory=city.nord, month=month)
    assert (stored.hours, stored.visits, stored.needs_new) == (18, 12, None)


def test_few_long_visits_have_no_hours(city: City, cast: Cast) -> None:
    sums: dict[str, dict[int, float]] = {name: {city.nord.pk: 0.0} for name in monthly_sums.FIGURES}
    sums["hours"][city.nord.pk], sums["visits"][city.nord.pk] = 40.0, 9.0
    monthly_sums.store(MAY, sums)
    assert (row(city.nord).hours, row(city.nord).visits) == (None, None)


def test_expected_people_are_those_of_the_last_day_and_need_a_source(city: City, cast: Cast) -> None:
    for territory, expected in ((city.root, 61.4), (city.nord, 40.2), (city.sud, 21.2)):
        UnseenFigure.objects.create(
            territory=territory, day=last_day(MAY), days=14, persons=1, low=0, high=2, cells=3, expected=expected
        )
    monthly_sums.sum_months(NOW)
    assert [row(each).expected for each in (city.root, city.nord, city.sud)] == [61.4, 40.2, 21.2]
    UnseenFigure.objects.all().delete()  # no figure is stored where no count has a source
    monthly_sums.sum_months(NOW)
    assert row(city.nord).expected is None


# --- withholding ---------------------------------------------------------------------------------------------------


def shown(parts: dict[int, float], own: float = 0.0) -> set[int]:
    """A country 0 > city 1 > districts, and another city 2."""
    city = own + sum(parts.values())
    sums = {0: city + 500.0, 1: city, 2: 500.0, **parts}
    return monthly_sums.may_be_stored(
        sums, {0: None, 1: 0, 2: 0, **dict.fromkeys(parts, 1)}, {2, *parts, *({1} if own else ())}
    )


def test_the_left_out_parts_are_at_least_three_and_ten() -> None:
    assert shown({10: 30, 11: 40, 12: 50, 13: 60, 14: 70}) >= {10, 11, 12, 13, 14}
    assert shown({10: 3, 11: 40, 12: 50, 13: 60, 14: 70}) == {0, 1, 2, 13, 14}
    assert shown({10: 3, 11: 3, 12: 3, 13: 60, 14: 70}) == {0, 1, 2, 14}
    assert shown({10: 3, 11: 3, 12: 4, 13: 60, 14: 70}) == {0, 1, 2, 13, 14}
    assert shown({10: 30, 11: 40, 12: 50, 13: 60}, own=2) == {0, 1, 2, 12, 13}


@pytest.mark.parametrize("seed", range(20))
def test_attack_differences_of_stored_sums_are_never_small(seed: int) -> None:
    generator = random.Random(seed)
    parents: dict[int, int | None] = {0: None}
    for each in range(1, 40):
        parents[each] = generator.randrange(max(1, each // 3))
    leaves = set(parents) - set(parents.values())
    with_cells = leaves | {each for each in parents if generator.random() < 0.2}
    own = {each: float(generator.choice([0, 0, 1, 5, 12, 40])) if each in with_cells else 0.0 for each in parents}

    def below(territory: int) -> list[int]:
        return [territory] + [low for each, above in parents.items() if above == territory for low in below(each)]

    sums = {each: sum(own[low] for low in below(each)) for each in parents}
    kept = monthly_sums.may_be_stored(sums, parents, with_cells)
    assert all(sums[each] >= monthly_sums.LEAST for each in kept)
    for whole in kept:
        # The part of a stored sum that no stored sum below it covers.
        covered: set[int] = set()
        for each in below(whole)[1:]:
            if each in kept:
                covered |= set(below(each))
        hidden = [each for each in below(whole) if each not in covered]
        rest = sum(own[each] for each in hidden)
        if any(each in with_cells for each in hidden) and covered:
            assert rest >= monthly_sums.LEAST, (whole, rest)
            assert sum(each in with_cells for each in hidden) >= monthly_sums.PARTS


# --- pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_winters(city: City) -> None:
    for territory, times in ((city.root, 2), (city.nord, 1)):
        for first, hours in ((2025, 40.0), (2024, 25.5)):
            for month in (date(first, 12, 1), date(first + 1, 1, 1)):
                MonthlySum.objects.create(territory=territory, month=month, hours=hours * times, visits=60 * times)
    MonthlySum.objects.filter(month=date(2025, 1, 1)).delete()
    MonthlySum.objects.create(territory=city.sud, month=date(2025, 12, 1), visits=None)


def test_winters_stand_side_by_side_with_the_sum_of_the_months_that_both_have(city: City, two_winters: None) -> None:
    rows = {(each.figure, each.first): each for each in monthly_sums.winters_of(city.root, date(2026, 2, 20))}
    assert [rows["hours", first].values[2:4] for first in (2025, 2024)] == [[80, 80], [51, None]]
    assert [rows["hours", first].together for first in (2025, 2024)] == [80, 51]
    early = monthly_sums.winters_of(city.root, date(2026, 2, 14))
    assert early[0].values[3] is None and not is_fixed(date(2026, 1, 1), date(2026, 2, 14))


@pytest.mark.parametrize(("language", "head"), [("en", "Winter against winter"), ("fr", "Hiver contre hiver")])
def test_the_page_the_internal_report_and_the_file_show_the_same(
    city: City, cast: Cast, signed_in: SignedIn, settings: Any, two_winters: None, language: str, head: str
) -> None:
    settings.MFA_REQUIRED = False
    client = signed_in(cast.diane)
    week = Period(timezone.localdate() - timedelta(days=7), timezone.localdate() - timedelta(days=1))
    report = make_report(city.root, week, cast.diane)
    pages = (reverse("mapping:dashboard", args=["ville"]), reverse("mapping:report", args=[report.pk]))
    tables = []
    for address in pages:
        page = client.get(address, headers={"accept-language": language}).content.decode()
        assert head in page
        tables.append(page.partition('aria-labelledby="winters"')[2].partition("<table")[2].partition("</table")[0])
    assert tables[0] == tables[1] and "2025–26" in tables[0] and ">80<" in tables[0]
    answer = client.get(reverse("mapping:winters_file", args=["ville"]), headers={"accept-language": language})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(lines) == 1 + 7 and all(len(line) == 7 for line in lines)
    decimal = "," if language == "fr" else "."
    assert ["Ville", "2024-12", f"51{decimal}0", "120", "", "", ""] in lines
    assert ["Sud", "2025-12", "", "", "", "", ""] in lines


def test_attack_the_sums_are_for_coordinators_of_the_territory(
    city: City, cast: Cast, signed_in: SignedIn, settings: Any, two_winters: None
) -> None:
    settings.MFA_REQUIRED = False
    for person in (cast.alice, cast.bob, cast.carol, cast.edith):
        assert signed_in(person).get(reverse("mapping:winters_file", args=["ville"])).status_code == 404
