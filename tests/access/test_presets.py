"""The access matrix under each preset: addresses of features that are off are there for nobody, all others as always."""

import pytest
from django.template.backends.django import Template

from solidarity.lib.site import features, site_choices
from solidarity.lib.site.features import Preset
from solidarity.lib.site.filled_templates import FixedTemplate
from tests.access import doors, world
from tests.access.doors import COLUMNS, NOT_THERE, AccessWorld
from tests.access.test_matrix import ROUTES, TABLE, WHOLE, wrong
from tests.repetitions import again

PRESETS = [Preset.TOURS, Preset.DESK, Preset.NEIGHBOURS]
SHARDS = 3


def choose(preset: Preset) -> None:
    gone = {each.key for each in features.every()} - features.in_preset(preset)
    site_choices.keep({features.FIELD: sorted(gone)}, 1e9)


def patterns(*, there: bool) -> list[str]:
    """Return the declared patterns whose pages are there, or those that are not."""
    return [pattern for pattern in sorted(set(ROUTES) & set(TABLE)) if features.has_route(pattern.strip("^")) is there]


KINDS = {
    "report/<slug:kind>": ("moderated", "loan"),
    "conversations/<slug:kind>": ("conversations", "commitment"),
    "api/v1/conversations/<slug:kind>": ("conversations", "commitment"),
}
"""Addresses whose kind of text belongs to a feature, and the kind of the access world."""


def is_about_what_is_off(pattern: str) -> bool:
    """Whether the address of the access world shows a text of a feature that is off."""
    return any(pattern.startswith(start) and not features.has(what, kind) for start, (what, kind) in KINDS.items())


def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not render pages: access does not depend on their content."""
    if not WHOLE:
        monkeypatch.setattr(Template, "render", lambda *given, **named: "")
        monkeypatch.setattr(FixedTemplate, "html", lambda part: "")


@pytest.mark.parametrize("feature", [each.key for each in features.every()])
def test_every_beginning_of_an_address_that_a_feature_declares_has_pages(feature: str) -> None:
    [declared] = [each for each in features.every() if each.key == feature]
    for beginning in declared.addresses:
        assert any(pattern.startswith(beginning) for pattern in ROUTES), beginning
    assert set(declared.always) <= set(ROUTES)


def test_no_two_features_own_the_same_address() -> None:
    for pattern in ROUTES:
        owners = [each.key for each in features.every() if each.has_route(pattern)]
        assert len(owners) <= 1, (pattern, owners)


def test_danger_own_data_and_erasure_belong_to_no_feature() -> None:
    for pattern in ROUTES:
        if "alarms" in pattern or "my-data" in pattern or "erase" in pattern or pattern.endswith("/data/"):
            assert not any(each.has_route(pattern) for each in features.every()), pattern


@pytest.mark.django_db
@pytest.mark.parametrize("preset", PRESETS)
def test_an_address_of_a_feature_that_is_off_is_there_for_nobody(
    access_world: AccessWorld, preset: Preset, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pages(monkeypatch)
    clients, ids, _accounts = access_world
    choose(preset)
    found = []
    gone = patterns(there=False)
    assert len(gone) > 50
    for pattern in gone:
        address = world.filled(ROUTES[pattern], ids["here"])
        for role in COLUMNS:
            for method in doors.methods_of(pattern) if WHOLE else ("GET", "POST"):
                said = doors.knock(clients[role], method, address, doors.FORMS.get(pattern))
                if said != NOT_THERE:
                    found.append(f"{pattern} {method} {role}: {said}")
    assert not found, "\n".join(found)


@pytest.mark.django_db
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("preset", [PRESETS[0], *map(again, PRESETS[1:])])
def test_all_other_addresses_are_open_to_the_same_people_as_always(
    access_world: AccessWorld, preset: Preset, shard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pages(monkeypatch)
    clients, ids, _accounts = access_world
    choose(preset)
    found: list[str] = []
    for pattern in patterns(there=True)[shard::SHARDS]:
        cells = {} if is_about_what_is_off(pattern) else TABLE[pattern]
        found += wrong(ROUTES[pattern], cells, clients, ids)
    assert not found, "\n".join(found)
