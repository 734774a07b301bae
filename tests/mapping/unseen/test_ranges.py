"""The range of the unseen estimate knows the error of the count, and that people come in groups."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mapping.coverage.cells import coverage_model
from mapping.coverage.citizen_rates import group_sizes
from mapping.coverage.folding import fold, rebuild
from mapping.coverage.unseen import hindcasts, unseen_estimate
from mapping.models import CoverageSettings, UnseenFigure, Zone
from tests.mapping.unseen.test_unseen_estimate import figure, yesterday
from tests.support import Cast, City, Seen
from volunteers.enums import CountKind
from volunteers.models import Territory
from volunteers.places.territories.people_counts import PeopleCount


def counted(territory: Territory, persons: float, kind: str, days_ago: int = 0) -> None:
    count = PeopleCount(persons, kind, timezone.localdate() - timedelta(days=days_ago))
    Territory.objects.filter(pk=territory.pk).update(**count.columns())
    territory.refresh_from_db()


def computed(territory: Territory) -> UnseenFigure:
    unseen_estimate.fill([yesterday()], recompute=True)
    return figure(territory)


def spread(row: UnseenFigure) -> float:
    return (row.high - row.low) / row.persons


def test_the_range_contains_the_error_of_the_count_and_its_age(city: City) -> None:
    by_kind = []
    for kind in (CountKind.COUNT, CountKind.OFFICIAL, CountKind.ESTIMATE):
        counted(city.root, 70, kind)
        by_kind.append(spread(computed(city.root)))
    assert by_kind == sorted(by_kind)
    counted(city.root, 70, CountKind.COUNT, days_ago=700)
    assert spread(computed(city.root)) > by_kind[0]
    # With an exact count, the variance would be that of independent cells.
    found, _params = rebuild.compute(unseen_estimate.end_of(yesterday()))
    assert found.posterior is not None
    mean = float(found.posterior.mean.sum())
    variance = float((found.posterior.shape / found.posterior.rate**2).sum())
    counted(city.root, 70, CountKind.OFFICIAL)
    cv = PeopleCount.of(city.root).cv(yesterday())
    expected = coverage_model.total_interval(mean, variance + (cv * mean) ** 2)
    row = computed(city.root)
    assert (row.low, row.high) == pytest.approx(expected)
    assert (row.expected_low, row.expected_high) == pytest.approx(expected)  # nobody searched here


def test_counts_of_two_districts_are_wrong_independently(city: City) -> None:
    counted(city.root, 70, CountKind.ESTIMATE)
    together = computed(city.root)
    for district in (city.nord, city.sud):
        counted(district, 35, CountKind.ESTIMATE)
    apart = computed(city.root)
    assert spread(apart) < spread(together)
    assert spread(figure(city.nord)) == pytest.approx(spread(figure(city.sud)), rel=0.05)


@pytest.fixture
def groups_of_four(city: City, cast: Cast, seen: Seen) -> None:
    for number in range(group_sizes.LEAST_ENCOUNTERS):
        seen(lat=48.868, lng=2.340 + 0.001 * (number % 9), persons=4, minutes=5, hours_ago=24 * (number % 20) + 1)
    fold.fold_outbox()


def test_groups_widen_displayed_ranges_and_change_no_status(city: City, groups_of_four: None) -> None:
    fold.refresh_all()
    before = computed(city.root)
    zones = {zone.key: zone for zone in Zone.objects.live()}
    assert group_sizes.renew(timezone.now()) == group_sizes.LEAST_ENCOUNTERS
    assert set(CoverageSettings.objects.values_list("group_size", flat=True)) == {4.0}
    fold.refresh_all()
    after = Zone.objects.live()
    assert {zone.key: (zone.status, round(zone.persons, 3)) for zone in after} == {
        key: (zone.status, round(zone.persons, 3)) for key, zone in zones.items()
    }
    assert all(
        zone.persons_high - zone.persons_low > zones[zone.key].persons_high - zones[zone.key].persons_low
        for zone in after
    )
    assert spread(computed(city.root)) > spread(before)


def test_a_meal_for_a_hundred_is_no_group_and_few_encounters_say_nothing(
    city: City, cast: Cast, seen: Seen, groups_of_four: None
) -> None:
    seen(lat=48.868, lng=2.340, persons=100, minutes=5, hours_ago=5)
    fold.fold_outbox()
    group_sizes.renew(timezone.now())
    most = (30 * 16 + 100) / (30 * 4 + 10)
    assert CoverageSettings.objects.get(territory=city.nord).group_size == pytest.approx(most)
    group_sizes.renew(timezone.now() + timedelta(days=58))  # by then, most of them are older than 60 days
    assert CoverageSettings.objects.get(territory=city.nord).group_size == 1.0


# --- hindcasts -----------------------------------------------------------------------------------------------------


def test_a_new_count_is_compared_with_what_the_map_said_the_day_before(city: City) -> None:
    counted(city.root, 70, CountKind.OFFICIAL, days_ago=300)
    said = computed(city.root)
    new = PeopleCount(95, CountKind.COUNT, yesterday() + timedelta(days=1))
    row = hindcasts.note(city.root, new)
    assert row is not None
    assert (row.day, row.said, row.low, row.high, row.found) == (
        yesterday(), said.expected, said.expected_low, said.expected_high, 95,
    )  # fmt: skip
    [public] = hindcasts.public_hindcasts()
    assert (public.said, public.found, public.low % 5, public.high % 5) == (70, 95, 0, 0)
    assert public.inside is (public.low <= 95 <= public.high)


def test_an_estimate_an_older_count_or_a_first_count_is_no_hindcast(city: City) -> None:
    counted(city.root, 70, CountKind.OFFICIAL, days_ago=300)
    day = timezone.localdate()
    assert hindcasts.note(city.root, PeopleCount(95, CountKind.ESTIMATE, day)) is None
    assert hindcasts.note(city.root, PeopleCount(95, CountKind.COUNT)) is None
    assert hindcasts.note(city.root, PeopleCount(95, CountKind.COUNT, day - timedelta(days=300))) is None
    assert (
        hindcasts.note(city.root, PeopleCount(95, CountKind.COUNT, day - timedelta(days=100))) is None
    )  # reports are erased
    Territory.objects.filter(pk=city.root.pk).update(count_kind="")
    city.root.refresh_from_db()
    assert hindcasts.note(city.root, PeopleCount(95, CountKind.COUNT, day)) is None
