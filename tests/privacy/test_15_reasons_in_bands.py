"""Attack 15: read the reasons of all zones as a volunteer each day, and compare the days. The page may tell no more
than the release itself: a lone need changes it only if it changes a band that the release shows."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter, volunteer_files
from mapping.map.wording import rounding, sentences
from mapping.models import Release, Zone
from tests.privacy import filed
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn
from volunteers.enums import Audience


@pytest.fixture
def reader(cast: Cast, city: City, seen: Seen, signed_in: SignedIn) -> Client:
    """A volunteer of the north, after the first publication."""
    publish_north(seen)
    return signed_in(cast.alice)


def released() -> dict[str, Zone]:
    """Return the zones of the volunteers' release of the north, by key."""
    release = Release.objects.get(audience=Audience.VOLUNTEER)
    found = Zone.objects.of_release(release).filter(territory__slug="nord").select_related("territory", "model")
    return {str(zone.key): zone for zone in found}


def told_by_the_release(zone: Zone) -> tuple[Any, ...]:
    """Return what the release and its list tell of a zone: bands, and nothing finer."""
    figures = rounding.figures_of(zone)
    with translation.override("en"):
        row = volunteer_files._zone(figures)
        search = sentences.search_band(figures.searched_days, figures.recent_days)
    return (*sorted(row.items()), search, figures.computed, zone.cold)


def page(reader: Client, key: str) -> str:
    """Return the Why page of a zone, without the time of the publication."""
    answer = reader.get(reverse("mapping:why", args=["nord", key]))
    assert answer.status_code == 200
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL)
    assert main
    return re.sub(r'<p class="as-of">.*?</p>', "", main.group(), flags=re.DOTALL)


def test_the_page_is_the_same_for_all_figures_in_the_same_bands(reader: Client) -> None:
    for key, zone in released().items():
        before, bands = page(reader, key), told_by_the_release(zone)
        figures = rounding.figures_of(zone)
        others = 0
        for persons in (0.4, 2.2, 3.4, 7.0, 9.2, 10.6, 48.0, 310.0):
            for chance in (0.01, 0.09, 0.11, 0.24, 0.26, 0.58, 0.62, 0.99):
                changed = {
                    "persons": persons, "persons_low": persons / 2, "persons_high": persons * 3, "chance": chance,
                    "help_share": chance * 2, "citizen_share": 1 - chance, "sweeps": persons / 7, "cells": zone.cells + 9,
                }  # fmt: skip
                for name, value in changed.items():
                    setattr(zone, name, value)
                if told_by_the_release(zone) != bands:
                    continue
                Zone.objects.filter(pk=zone.pk).update(**changed)
                assert page(reader, key) == before, (figures, changed)
                others += 1
        assert others > 1


def test_a_day_with_a_lone_need_changes_no_page_whose_bands_are_the_same(
    reader: Client, seen: Seen, settings: Any
) -> None:
    pages, told = (
        {key: page(reader, key) for key in released()},
        {k: told_by_the_release(z) for k, z in released().items()},
    )
    filed.file_need(latitude=48.8745, longitude=2.3585, persons=1)
    fold.fold_outbox()
    release_filter.publish_all(timezone.now() + timedelta(hours=settings.VOLUNTEER_DELAY_HOURS + 1))
    after = released()
    compared = 0
    for key in pages.keys() & after.keys():
        same = told_by_the_release(after[key]) == told[key]
        assert (page(reader, key) == pages[key]) >= same, key
        compared += same
    assert compared  # at least one zone is a test of this claim


def test_the_page_has_no_number_but_the_parameter_of_the_model(reader: Client) -> None:
    for key, zone in released().items():
        html = re.sub(r'<p class="why-head__where">.*?</p>', "", page(reader, key), flags=re.DOTALL)  # the zone's name
        text = re.sub(r"<[^>]+>", " ", html)
        days = str(zone.model.recent_days)
        assert set(re.findall(r"\d+", text)) <= {days}
        assert 'data-why="bands"' in page(reader, key)
