"""Storing new territories in a worker: progress, defects, repeated and interrupted runs."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from mapping.plans.territory_setup import border_drafts, new_territories, territory_storing
from mapping.plans.territory_setup.new_territories import Choices, Step
from tests.mapping.territory_setup.test_territory_setup import EAST, WEST, features, sent, stored_by_worker, text_of
from tests.support import Cast, City, SignedIn
from volunteers.enums import Level
from volunteers.models import Assignment, AuditEntry, Territory

SAID = {
    "name_property": "name", "level": "district", "parent": "", "root_name": "Nouvelle", "root_level": "city",
    "persons": "90", "count_source": "", "resolution": "",
}  # fmt: skip


def asked_to_store(client: Client, said: dict[str, str] | None = None) -> str:
    """Upload two districts and press the button; return the address of the preview."""
    address: str = sent(client, WEST, EAST)["Location"]
    page = text_of(client.post(address, (said or SAID) | {"preview": "1"}))
    seal = re.search(r'name="previewed" value="([^"]+)"', page)
    assert seal
    answer = client.post(address, (said or SAID) | {"previewed": seal[1], "save": "1"})
    assert answer["Location"] == f"{address}stored/"
    return address


def test_each_step_is_told_with_the_number_of_territories(cast: Cast, city: City) -> None:
    told: list[tuple[Step, int, int]] = []
    choices = Choices("name", Level.DISTRICT, root_name="Nouvelle")
    new_territories.enter(features(WEST, EAST), choices, cast.farid, lambda *each: told.append(each))
    assert told == [
        (Step.PLAN, 0, 0), (Step.TERRITORIES, 0, 2), (Step.TERRITORIES, 1, 2), (Step.CELLS, 2, 2), (Step.MAP, 2, 2)
    ]  # fmt: skip


def test_the_page_shows_the_progress_and_ends_at_the_list(
    cast: Cast, city: City, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(cast.farid)
    address = asked_to_store(client)
    assert "Waiting for the worker" in text_of(client.get(f"{address}stored/"))
    seen: list[str] = []
    enter = new_territories.enter

    def watched(given: Any, choices: Any, by: Any, tell: Any) -> Any:
        def look(step: Step, done: int, total: int) -> None:
            tell(step, done, total)
            part = client.get(f"{address}stored/", headers={"HX-Request": "true"})
            seen.append(text_of(part))
            assert "HX-Refresh" not in part and "<html" not in seen[-1]

        return enter(given, choices, by, look)

    monkeypatch.setattr(new_territories, "enter", watched)
    stored_by_worker(cast.farid, address)
    assert any("1 of 2 territories are stored" in each and 'max="2" value="1"' in each for each in seen)
    assert any("The map is computed" in each for each in seen)
    over = client.get(f"{address}stored/", headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"
    done = client.get(f"{address}stored/", follow=True)
    assert "3 territories are added" in text_of(done) and Territory.objects.filter(name="Ouest").exists()


def test_a_repeated_task_and_a_second_click_store_nothing_twice(cast: Cast, city: City, signed_in: SignedIn) -> None:
    client = signed_in(cast.farid)
    address = asked_to_store(client)
    draft = uuid.UUID(address.rstrip("/").split("/")[-1])
    stored_by_worker(cast.farid, address)
    stored_by_worker(cast.farid, address)
    territory_storing.start(cast.farid, draft, Choices("name", Level.DISTRICT, root_name="Nouvelle"), "en")
    run = territory_storing.find(cast.farid, draft)
    assert run is not None and run.stored == 3 and not run.lines
    assert AuditEntry.objects.filter(verb="territories_added").count() == 1


def test_defects_that_came_up_since_the_preview_are_shown_in_the_language_of_the_page(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    client = signed_in(cast.farid)
    client.cookies["django_language"] = "fr"
    address = asked_to_store(client)
    new_territories.enter(features(WEST), Choices("name", Level.DISTRICT, root_name="Nouvelle"), cast.farid)
    before = Territory.objects.count()
    stored_by_worker(cast.farid, address)
    page = text_of(client.get(f"{address}stored/"))
    assert "« Nouvelle » existe" in page.replace("\u202f", " ").replace("\xa0", " ") and address in page
    assert Territory.objects.count() == before


def test_a_right_that_ended_meanwhile_stores_nothing(cast: Cast, city: City, signed_in: SignedIn) -> None:
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    x0, y0, x1, y1 = city.nord.polygon.extent
    draft = border_drafts.keep(cast.diane, features(WEST))
    territory_storing.start(cast.diane, draft, Choices("name", Level.NEIGHBOURHOOD, parent=city.nord), "en")
    Assignment.objects.filter(user=cast.diane).delete()
    territory_storing.work(cast.diane, draft)
    run = territory_storing.find(cast.diane, draft)
    assert run is not None and run.lines == ("You may not add territories here any more.",)


def test_an_interrupted_run_can_be_started_again(
    cast: Cast, city: City, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(cast.farid)
    address = asked_to_store(client)
    monkeypatch.setattr(territory_storing, "STALE", -1)
    assert "Storing was interrupted" in text_of(client.get(f"{address}stored/"))
    draft = uuid.UUID(address.rstrip("/").split("/")[-1])
    territory_storing.start(cast.farid, draft, Choices("name", Level.DISTRICT, root_name="Autre"), "en")
    stored_by_worker(cast.farid, address)
    assert Territory.objects.filter(name="Autre").exists()


def test_nobody_sees_the_progress_of_another_person(cast: Cast, city: City, signed_in: SignedIn) -> None:
    address = asked_to_store(signed_in(cast.farid))
    assert signed_in(cast.diane).get(f"{address}stored/")["Location"] == "/map/territories/new/"
    assert signed_in(cast.bob).get(f"{address}stored/").status_code == 404
