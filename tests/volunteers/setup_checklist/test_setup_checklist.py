"""The administrators' checklist: who sees it, and the street map that its button installs."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.support import Cast, City, SignedIn
from tests.volunteers.basemap.file_server import Files
from volunteers.enums import Audience, Duty
from volunteers.models import Assignment, Association, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit.models import AuditEntry
from volunteers.places.basemap import installation_state, installed
from volunteers.places.basemap.installation_state import State
from volunteers.places.basemap.problems import Problem
from volunteers.site.setup_checklist import checklist
from volunteers.site.site_details import saving
from volunteers.tasks import install_street_map

PAGE, START, STATE = "/set-up/", "/set-up/street-map/", "/set-up/street-map/state/"


@pytest.fixture
def farid(signed_in: SignedIn, cast: Cast, builds: Files) -> Client:
    return signed_in(cast.farid)


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_checklist_lists_the_street_map_until_it_is_installed(farid: Client, cast: Cast) -> None:
    page = text_of(farid.get(PAGE))
    assert "1 of 5 is still to do" in page
    assert "Install the street map" in page
    assert '<option value="paris">Paris</option>' in page
    assert [item.key for item in checklist.open_items()] == ["street_map"]
    assert 'data-card="card_setup"' in text_of(farid.get("/"))
    install_street_map("paris")
    page = text_of(farid.get(PAGE))
    assert "Everything is set up" in page
    assert re.search(r"<strong>Paris</strong> · installed on .*, \d", page)
    assert "Replace the street map" in page
    assert 'data-card="card_setup"' not in text_of(farid.get("/"))


def test_each_item_of_a_real_site_is_done_when_its_thing_exists(
    signed_in: SignedIn, city: City, settings: Settings, builds: Files, tmp_path: Path
) -> None:
    settings.DEMO, settings.BACKUP_ROOT = False, tmp_path
    person = User.objects.create_superuser("head@example.org", "a long password")
    client = signed_in(person)

    def missing() -> list[str]:
        return [item.key for item in checklist.open_items()]

    every = [
        "organisation", "mail", "street_map", "associations", "people", "administrators", "back_up", "public_address"
    ]  # fmt: skip
    assert missing() == every  # the area is there
    page = text_of(client.get(PAGE))
    assert "8 of 10 are still to do" in page
    for address in (
        "/set-up/organisation/", "/set-up/messages/", "/map/territories/", "/associations/apply/",
        "/associations/applications/", "/people/", "/territories/duties/", "/set-up/back-up/", "/set-up/what-runs/",
    ):  # fmt: skip
        assert re.search(rf'(href|action)="{address}', page), address
        assert client.get(address).status_code in {200, 405}, address
    saving.save(person, "organisation", name="Maraude", email="nord@example.org")
    saving.note_mail_test(works=True)
    maraude = Association.objects.create(name="Maraude", slug="maraude")
    assert missing() == ["street_map", "people", "administrators", "back_up", "public_address"]
    Membership.objects.create(user=person, association=maraude, role="dispatcher")
    assert "people" in missing()  # an administrator alone is not a team
    bob = User.objects.create_user("bob@example.org", "a long password")
    membership = Membership.objects.create(user=bob, association=maraude, role="member")
    assert "people" not in missing()
    membership.left_at = timezone.now()
    membership.save()
    assert "people" in missing()
    Assignment.objects.create(user=bob, territory=city.root, duty=Duty.COORDINATOR)
    (tmp_path / f"solidarity-{timezone.now():%Y%m%dT%H%M%SZ}.tar.age").touch()
    settings.SITE_URL = "http://solidarity.example.org"
    assert missing() == ["street_map", "administrators", "public_address"]
    User.objects.create_superuser("second@example.org", "a long password")
    assert missing() == ["street_map", "public_address"]
    settings.SITE_URL = "https://solidarity.example.org"
    settings.BASEMAP_URL = "/maps/city.pmtiles"
    assert missing() == []
    assert 'data-card="card_setup"' not in text_of(client.get("/"))
    assert "Everything is set up." in text_of(client.get(PAGE))


def test_later_takes_an_item_off_the_home_page_but_not_off_the_list(farid: Client, cast: Cast) -> None:
    assert 'href="/set-up/#street_map"' in text_of(farid.get("/"))
    answer = farid.post("/set-up/items/street_map/later/", {"later": "1", "back": "home"})
    assert answer["Location"] == "/"
    assert 'data-card="card_setup"' not in text_of(farid.get("/"))
    page = text_of(farid.get(PAGE))
    assert "1 of 5 is still to do" in page and "Remind me on the home page again" in page
    farid.post("/set-up/items/street_map/later/", {"later": "0"})
    assert 'href="/set-up/#street_map"' in text_of(farid.get("/"))
    assert farid.post("/set-up/items/everything/later/", {"later": "1"}).status_code == 404


def test_the_count_is_to_do_until_each_territory_has_one_with_a_source(farid: Client, city: City) -> None:
    def card() -> str:
        return text_of(farid.get(PAGE)).partition('id="count"')[2].partition("</li>")[0]

    assert re.search(r"done </span>", card()) and "/count/" not in card()
    Territory.objects.filter(slug="ville").update(count_kind="")
    assert "count" in [item.key for item in checklist.open_items()]
    assert "to do" in card() and "Enter the count: Ville" in card()
    assert 'href="/map/t/ville/count/"' in card() and farid.get("/map/t/ville/count/").status_code == 200
    assert 'href="/set-up/#count"' in text_of(farid.get("/"))
    farid.post("/map/t/ville/count/", {"expected_persons": "2 500", "count_kind": "official"})
    assert "count" not in [item.key for item in checklist.open_items()]
    assert "/count/" not in card()


def test_without_territories_the_count_waits_for_the_area(signed_in: SignedIn, db: None) -> None:
    client = signed_in(User.objects.create_superuser("farid@example.org", "a long password"))
    page = text_of(client.get(PAGE)).partition('id="count"')[2].partition("</li>")[0]
    assert "to do" in page and "Add your area first" in page and 'href="#area"' in page


def test_without_territories_the_area_is_to_do_and_leads_to_the_upload(signed_in: SignedIn, db: None) -> None:
    client = signed_in(User.objects.create_superuser("farid@example.org", "a long password"))
    assert "area" in [item.key for item in checklist.open_items()]
    assert 'href="/map/territories/new/"' in text_of(client.get(PAGE))
    assert 'href="/set-up/#area"' in text_of(client.get("/"))


def test_the_checklist_is_for_administrators_in_their_own_view(cast: Cast, builds: Files, signed_in: SignedIn) -> None:
    assert not checklist.may_set_up(Viewer(cast.diane))
    assert not checklist.may_set_up(Viewer(cast.farid, Audience.PUBLIC))
    assert 'data-card="card_setup"' not in text_of(signed_in(cast.diane).get("/"))


def test_the_button_asks_a_worker_and_is_recorded(
    farid: Client, cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as sent:
        answer = farid.post(START, {"area": "paris"})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert len([each for each in sent if "_send" in repr(each)]) == 1
    entry = AuditEntry.objects.get(verb="administered")
    assert (entry.actor, entry.details) == (cast.farid.key, {"area": "paris"})
    state = farid.get(STATE)
    assert "Waiting for the worker" in text_of(state)
    assert 'hx-trigger="load delay:1s"' in text_of(state)
    assert "HX-Refresh" not in state
    assert "<select" not in text_of(farid.get(PAGE)).partition("street-map-state")[2]
    # A second press does not start a second download.
    with django_capture_on_commit_callbacks() as sent:
        again = farid.post(START, {"area": "lyon"}, follow=True)
    assert [each for each in sent if "_send" in repr(each)] == []
    assert "is being installed already" in text_of(again)
    assert AuditEntry.objects.filter(verb="administered").count() == 1


@pytest.mark.parametrize("area", ["", "atlantis", "../etc", "https://evil.example/map.pmtiles", "2.2,48.8,2.5,48.9"])
def test_only_areas_of_the_catalogue_can_be_chosen(area: str, farid: Client, builds: Files) -> None:
    answer = farid.post(START, {"area": area})
    assert answer.status_code == 422
    assert 'class="field field--invalid"' in text_of(answer)
    assert builds.asked == []
    assert not AuditEntry.objects.filter(verb="administered").exists()


@pytest.mark.parametrize("person", ["alice", "bob", "carol", "diane", "greta"])
def test_nobody_else_sees_or_starts_it(person: str, signed_in: SignedIn, cast: Cast, builds: Files) -> None:
    client = signed_in(getattr(cast, person))
    for answer in (client.get(PAGE), client.get(STATE), client.post(START, {"area": "paris"})):
        assert answer.status_code == 404
    assert installation_state.current() == State()


def test_an_administrator_needs_the_second_factor(farid: Client, settings: Settings) -> None:
    settings.MFA_REQUIRED = True
    for answer in (farid.get(PAGE), farid.post(START, {"area": "paris"})):
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    assert installation_state.current() == State()


def test_an_error_is_shown_with_its_cure(farid: Client, builds: Files, settings: Settings) -> None:
    settings.BASEMAP_BUILDS_LIST = "http://127.0.0.1:9/builds.json"
    install_street_map("paris")
    page = text_of(farid.get(PAGE))
    assert "The street map was not installed." in page
    assert "127.0.0.1 cannot be reached. Check the network, then try again." in page
    assert "Install the street map" in page
    french = text_of(farid.get(PAGE, headers={"Accept-Language": "fr"}))
    assert 'role="alert"' in french


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State(step="waiting", what="paris"), "No worker has started the installation."),
        (State(step="read", done=1, total=2, what="paris"), "The installation was interrupted."),
    ],
)
def test_a_worker_that_does_not_start_or_dies_is_noticed(
    state: State, words: str, farid: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation_state, "WAITS", -1)
    installation_state.write(state)
    page = text_of(farid.get(PAGE))
    assert words in page
    assert "hx-trigger" not in page.partition('id="street-map-state"')[2].partition("</div>")[0]


def test_the_progress_is_shown_in_percent(farid: Client) -> None:
    with installation_state.only_one():
        installation_state.write(State(step="read", done=30, total=120, what="lyon"))
        shown = text_of(farid.get(STATE))
    assert "<strong>Lyon</strong>: Downloading (25 %)" in shown
    assert 'value="25"' in shown


def test_the_page_is_loaded_again_when_the_installation_has_ended(farid: Client) -> None:
    installation_state.write(State(step="failed", problem=Problem.UNREACHABLE.value, what="lyon"))
    assert farid.get(STATE)["HX-Refresh"] == "true"
    assert '<option value="lyon" selected>' in text_of(farid.get(PAGE))


def test_an_unreadable_state_is_no_error(farid: Client) -> None:
    installed.root().mkdir(parents=True)
    for text in ("", "[]", '{"step": 5, "x": 1}', '{"step": "failed", "problem": "unheard of"}'):
        (installed.root() / "installation.json").write_text(text)
        assert farid.get(PAGE).status_code == 200


def test_the_task_reports_an_error_and_does_not_fail(builds: Files, db: None) -> None:
    builds.files.clear()
    install_street_map("paris")
    assert installation_state.current().problem == Problem.NO_BUILD
