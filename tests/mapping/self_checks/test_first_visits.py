"""First visits: the test of the count may be read every night, sees a count that is wrong by two, and counts only visits
to places that nobody had searched."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from mapping.coverage.folding import rebuild
from mapping.models import CheckedDay, Prediction
from mapping.plans.self_checks import comparing, first_visits, predicting
from mapping.plans.self_checks.past_checks import first_visits_of
from tests.mapping.self_checks.test_checks import cell_of, tour
from tests.support import City
from volunteers.enums import CountKind
from volunteers.models import Territory
from volunteers.places.territories.people_counts import PeopleCount

NOW = timezone.make_aware(datetime(2026, 11, 27, 15, 5))
DAYS, PER_DAY = 60, 12.0


def pasts(ratio: float, number: int = 300, expected: float = PER_DAY, dispersion: float = 2.5) -> list[np.ndarray]:
    """Days of first visits where teams meet ``ratio`` times the people expected. The counts are negative binomial."""
    chance = np.random.default_rng(round(100 * ratio))
    mean = ratio * expected
    met = chance.negative_binomial(mean / (dispersion - 1), 1 / dispersion, size=(number, DAYS))
    return [
        np.stack([np.full(DAYS, 20.0), np.full(DAYS, expected), row, np.full(DAYS, 2.0 * expected)], axis=1)
        for row in met.astype(float)
    ]


@pytest.mark.parametrize("ratio", [1 / first_visits.TOLERANCE, 1.0, first_visits.TOLERANCE])
def test_reading_every_night_gives_few_false_alarms(ratio: float) -> None:
    alarms = np.mean([first_visits.misfit(days) for days in pasts(ratio)])
    assert alarms <= first_visits.ALPHA


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_a_count_that_is_wrong_by_two_is_noticed(ratio: float) -> None:
    assert np.mean([first_visits.misfit(days) for days in pasts(ratio)]) >= 0.95


def test_an_alarm_stays_and_nothing_is_no_alarm() -> None:
    wrong, right = pasts(2.0, 1)[0], pasts(1.0, 1)[0]
    assert first_visits.misfit(np.concatenate([wrong[:40], right[:20] * [1, 1, 0.4, 1]]))
    assert not first_visits.misfit(np.zeros((0, 4))) and not first_visits.misfit(np.zeros((10, 4)))
    empty = first_visits.over_days(np.zeros((0, 4)), np.zeros((0, 4)))
    assert not empty.enough and (empty.ratio, empty.alarm) == (0.0, False)


def test_the_range_of_the_ratio_holds_the_true_ratio() -> None:
    found = [first_visits.over_days(days, days) for days in pasts(1.2)]
    assert 0.85 <= np.mean([one.low <= 1.2 <= one.high for one in found]) <= 0.97
    assert all(one.low < one.ratio < one.high and one.enough for one in found)


@pytest.mark.django_db
def test_only_visits_to_places_that_nobody_searched_for_14_days_count(city: City) -> None:
    long_ago, known, fresh = (cell_of(city.nord, number) for number in range(3))
    tour(long_ago, NOW - timedelta(days=15), met=1)
    tour(known, NOW - timedelta(days=13), met=1)
    predicting.predict(NOW)
    table = {row.territory_id: predicting.unpacked(bytes(row.table)) for row in Prediction.objects.all()}
    m0 = Prediction.objects.get(territory=city.nord).m0
    for cell, met in ((long_ago, 3), (known, 5), (fresh, 2)):
        tour(cell, NOW + timedelta(hours=4), met=met, hours=0.5)
    tour(fresh, NOW + timedelta(hours=5), met=7, hours=None)  # without time, nobody knows how much was searched
    comparing.compare(NOW.date())
    places, expected, found, variance = CheckedDay.objects.get(territory=city.nord).first_visits
    assert (places, found) == (2, 5)
    means = {pk: columns[0] / columns[1] for pk, (_cells, columns) in table.items()}
    share = 70 / sum(float(mean.sum()) for mean in means.values())  # the count of the city, over all its cells
    assert m0 * sum(len(mean) for mean in means.values()) == pytest.approx(70)
    cells = table[city.nord.pk][0]
    there = np.isin(cells, [long_ago, fresh])
    sweeps = -np.expm1(-2.0 * 0.5)
    assert expected == pytest.approx(float(share * sweeps * means[city.nord.pk][there].sum()), rel=1e-5)
    assert variance > expected


@pytest.mark.django_db
def test_the_ratio_begins_anew_with_each_count_and_needs_a_source(city: City) -> None:
    today = timezone.localdate()
    for back, sums in ((12, [9, 5, 50, 9]), (3, [9, 20, 10, 50])):
        for territory in (city.nord, city.sud):
            CheckedDay.objects.create(
                territory=territory, day=today - timedelta(days=back), bands=[], likelihoods=[], meetings=[], reported=[],
                first_visits=sums,
            )  # fmt: skip
    found = first_visits_of(city.root, today)
    assert found is not None and (found.expected, found.met) == (50, 120)
    part = first_visits_of(city.nord, today)
    assert part is not None and (part.expected, part.met, part.alarm) == (25, 60, False)  # the alarm is the city's
    count = PeopleCount(70, CountKind.COUNT).columns() | {"count_entered_at": timezone.now() - timedelta(days=8)}
    Territory.objects.filter(pk=city.root.pk).update(**count)
    city.root.refresh_from_db()
    found = first_visits_of(city.root, today)
    assert found is not None and (found.expected, found.met, found.ratio) == (40, 20, 0.5)
    Territory.objects.filter(pk=city.root.pk).update(count_kind="")
    city.root.refresh_from_db()
    assert first_visits_of(city.root, today) is None


@pytest.mark.django_db
def test_without_a_source_no_first_visit_is_compared(city: City) -> None:
    Territory.objects.filter(pk=city.root.pk).update(count_kind="")
    rebuild.recompute_all()
    predicting.predict(NOW)
    tour(cell_of(city.nord), NOW + timedelta(hours=4), met=3)
    comparing.compare(NOW.date())
    assert CheckedDay.objects.get(territory=city.nord).first_visits == []
