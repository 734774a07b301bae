"""Counts of people: their source, how far they may be wrong today, and which territories have a source."""

from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.support import City
from volunteers.enums import CountKind
from volunteers.models import Territory
from volunteers.places.territories import people_counts
from volunteers.places.territories.people_counts import PeopleCount

DAY = date(2026, 2, 1)


def test_each_kind_of_count_has_an_error_that_a_coordinator_may_only_enlarge() -> None:
    assert [PeopleCount(600, kind, DAY).cv(DAY) for kind in CountKind] == pytest.approx([0.1, 0.2, 0.3])
    assert PeopleCount(600, CountKind.COUNT, DAY, error=0.25).cv(DAY) == pytest.approx(0.25)
    assert PeopleCount(600, CountKind.ESTIMATE, DAY, error=0.05).cv(DAY) == pytest.approx(0.3)


def test_the_range_of_an_estimate_counts_if_it_is_wider_than_usual() -> None:
    narrow = PeopleCount(600, CountKind.ESTIMATE, DAY, low=590, high=610)
    wide = PeopleCount(600, CountKind.ESTIMATE, DAY, low=200, high=1200)
    assert narrow.cv(DAY) == pytest.approx(0.3)
    assert wide.cv(DAY) == pytest.approx(1000 / (2 * 1.645 * 600))


def test_a_count_becomes_less_certain_with_its_age() -> None:
    count = PeopleCount(600, CountKind.COUNT, DAY)
    by_year = [count.cv(date(2026 + years, 2, 1)) for years in range(5)]
    assert by_year == sorted(by_year)
    assert 0.2 <= by_year[1] <= 0.3  # half of the months of real counts
    assert count.cv(date(2025, 1, 1)) == by_year[0]  # a day before the count
    undated = PeopleCount(600, CountKind.COUNT)
    assert undated.cv(DAY) == pytest.approx(by_year[1])


def test_a_territory_takes_the_count_above_it_and_a_number_without_a_source_is_none(city: City) -> None:
    Territory.objects.filter(pk=city.nord.pk).update(**PeopleCount(40, CountKind.COUNT, DAY, "Ville").columns())
    found = people_counts.counts_in_force()
    assert (found[city.root.pk].owner, found[city.nord.pk].owner, found[city.sud.pk].owner) == (
        city.root.pk, city.nord.pk, city.root.pk,
    )  # fmt: skip
    assert people_counts.territories_with_source() == {city.root.pk, city.nord.pk, city.sud.pk}
    # somebody invents a number for one district
    Territory.objects.filter(pk=city.nord.pk).update(**PeopleCount(55).columns())
    invented = Territory.objects.get(pk=city.nord.pk)
    assert people_counts.count_in_force(invented) is None and city.nord.pk not in people_counts.counts_in_force()
    assert people_counts.territories_with_source() == {city.sud.pk}  # the sum of the city would contain it
    assert not people_counts.has_source(invented) and people_counts.has_source(city.sud)


def test_a_city_whose_districts_were_all_counted_has_a_source(city: City) -> None:
    Territory.objects.filter(pk=city.root.pk).update(**PeopleCount().columns())
    assert people_counts.territories_with_source() == set()
    for district in (city.nord, city.sud):
        Territory.objects.filter(pk=district.pk).update(**PeopleCount(35, CountKind.OFFICIAL).columns())
    assert people_counts.territories_with_source() == {city.root.pk, city.nord.pk, city.sud.pk}
    assert people_counts.count_in_force(Territory.objects.get(pk=city.root.pk)) is None


def test_the_columns_hold_the_count_and_when_it_was_entered(city: City) -> None:
    count = PeopleCount(610, CountKind.ESTIMATE, DAY, "Équipes", "https://example.org/", 0.4, 500, 800)
    Territory.objects.filter(pk=city.root.pk).update(**count.columns())
    stored = PeopleCount.of(Territory.objects.get(pk=city.root.pk))
    assert stored.entered_at is not None and stored.has_source
    assert stored == PeopleCount(
        610, CountKind.ESTIMATE, DAY, "Équipes", "https://example.org/", 0.4, 500, 800, stored.entered_at
    )
    assert PeopleCount().columns()["count_entered_at"] is None


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_marks_a_number_without_a_named_source() -> None:
    before, after = ("volunteers", "0005_administrators"), ("volunteers", "0006_source_of_counts")
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    old = executor.migrate([before]).apps.get_model("volunteers", "Territory")
    shape = "MULTIPOLYGON (((2 48, 3 48, 3 49, 2 48)))"
    try:
        for slug, persons, source in (("insee", 90, "INSEE 2025"), ("invented", 90, " "), ("none", None, "INSEE")):
            old.objects.create(
                slug=slug, name=slug, path=f"{slug}/", level="city", polygon=shape, expected_persons=persons,
                count_source=source,
            )  # fmt: skip
        executor = MigrationExecutor(connection)
        new = executor.migrate([after]).apps.get_model("volunteers", "Territory")
        kinds = dict(new.objects.values_list("slug", "count_kind"))
        assert kinds == {"insee": "official", "invented": "", "none": ""}
    finally:
        MigrationExecutor(connection).migrate(newest)
        Territory.objects.all().delete()
