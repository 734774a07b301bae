"""The migration to the defaults that hold: a newer version where nobody chose another, and back."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from mapping.evidence import PUBLISHED, Model
from mapping.models import Parameters, Territory

MIGRATION = import_module("mapping.migrations.0008_zonebench_defaults")


def versions() -> list[Parameters]:
    return list(Parameters.objects.filter(territory=None).order_by("version"))


@pytest.mark.django_db
def test_where_the_published_parameters_are_in_force_a_newer_version_comes_and_none_is_edited(city: Any) -> None:
    before = versions()
    MIGRATION.forwards(apps, None)
    *same, added = versions()
    assert [(row.pk, row.values) for row in same] == [(row.pk, row.values) for row in before]
    assert added.version == before[-1].version + 1
    assert Model.of(added.values) == Model()
    assert Parameters.objects.in_force(city.nord) == added
    MIGRATION.forwards(apps, None)
    assert versions()[-1] == added, "once only"
    Territory.objects.filter(pk=city.nord.pk).update(model=added)
    MIGRATION.backwards(apps, None)
    assert versions() == before
    assert Territory.objects.get(pk=city.nord.pk).model == before[-1]
    MIGRATION.backwards(apps, None)
    assert versions() == before


@pytest.mark.django_db
def test_a_version_that_somebody_chose_stays_in_force(parameters: Parameters) -> None:
    chosen = Parameters.objects.create(territory=None, version=2, values=PUBLISHED.values() | {"half_life": 14.0})
    MIGRATION.forwards(apps, None)
    assert versions()[-1] == chosen


@pytest.mark.django_db
def test_a_version_of_before_the_later_parameters_counts_as_the_published_one(parameters: Parameters) -> None:
    first = import_module("mapping.migrations.0003_parameters").VALUES
    Parameters.objects.filter(pk=parameters.pk).update(values=first)
    assert Model.of(first) == PUBLISHED
    MIGRATION.forwards(apps, None)
    assert len(versions()) == 2
