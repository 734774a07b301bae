"""Monthly sums of districts: they survive the erasure of reports, and leave out what is small."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from mapping.models import MonthlySum
from mapping.winters import monthly_sums
from needs.models import Need
from needs.retention import runner
from tests.needs.api_cases import file
from tests.support import Cast, City, SignedIn
from volunteers.models import Territory

NORD = (48.87, 2.35)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
MAY = date(2026, 5, 1)


def needs(number: int, met: int = 0) -> None:
    """File needs in Nord in May, and let the first ones be met."""
    at = datetime(2026, 5, 20, 12, tzinfo=UTC)
    filed = [file(NORD) for _each in range(number)]
    keys = [need.pk for need in filed]
    Need.objects.filter(pk__in=keys).update(at=at, filed_at=at)
    Need.objects.filter(pk__in=keys[:met]).update(state="met", state_at=at)


def row(city: City) -> MonthlySum:
    return MonthlySum.objects.get(territory=city.nord, month=MAY)


def test_months_with_ten_needs_are_kept_and_smaller_ones_are_not(city: City, cast: Cast) -> None:
    needs(23, met=12)
    monthly_sums.sum_months(NOW)
    assert (row(city).needs_new, row(city).needs_met) == (23, 12)
    assert MonthlySum.objects.get(territory=city.sud, month=MAY).needs_new is None
    Need.objects.filter(pk=Need.objects.filter(state="met")[0].pk).update(retracted_at=timezone.now())
    monthly_sums.sum_months(NOW)
    assert (row(city).needs_new, row(city).needs_met) == (22, 11)


@pytest.mark.parametrize(
    ("new", "met", "kept"), [(9, 9, None), (30, 9, None), (15, 11, None), (12, 12, 12), (25, 12, 12)]
)
def test_attack_no_small_number_can_be_subtracted(city: City, cast: Cast, new: int, met: int, kept: int | None) -> None:
    needs(new, met=met)
    monthly_sums.sum_months(NOW)
    assert row(city).needs_met == kept


def test_sums_stay_when_reports_are_erased(city: City, cast: Cast) -> None:
    needs(15)
    monthly_sums.sum_months(NOW)
    assert row(city).needs_new == 15
    later = NOW + timedelta(days=settings.REPORT_DAYS + 60)
    runner.run(later)
    Need.objects.all().delete()
    monthly_sums.sum_months(later)
    assert row(city).needs_new == 15


def test_two_winters_stand_side_by_side_and_a_city_sums_its_districts(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    for territory in (city.nord, city.sud):
        for year, hours in ((2025, 40.0), (2024, 25.0)):
            MonthlySum.objects.create(territory=territory, month=date(year, 12, 1), hours=hours, tours=20)
    rows = {(each.figure, each.first): each.values for each in monthly_sums.winters_of(city.root, date(2026, 1, 9))}
    assert rows["hours", 2025][2] == 80 and rows["hours", 2024][2] == 50
    assert rows["hours", 2025][3] is None
    today = timezone.localdate()
    MonthlySum.objects.update_or_create(
        territory=city.nord, month=today.replace(month=12, year=today.year - 1, day=1), defaults={"needs_new": 31}
    )
    page = signed_in(cast.diane).get("/map/t/nord/dashboard/").content.decode()
    assert "Winter against winter" in page and ">31<" in page


def test_expected_people_need_a_source(city: City, cast: Cast) -> None:
    Territory.objects.filter(pk=city.nord.pk).update(expected_persons=40, count_kind="count")
    monthly_sums.sum_months(NOW)
    assert row(city).expected == 40
    Territory.objects.filter(pk=city.nord.pk).update(count_kind="")
    monthly_sums.sum_months(NOW)
    assert row(city).expected is None
