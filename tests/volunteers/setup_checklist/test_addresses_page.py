"""The page that installs streets and house numbers: who may, which files, progress, errors and their cure."""

import gzip
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from solidarity.ops.demo import demo_streets
from solidarity.ops.demo.arrondissements import arrondissements
from tests.support import Cast, SignedIn
from tests.volunteers.basemap.file_server import Files
from tests.volunteers.place_names.test_addresses import HEADER, ROWS, packed
from volunteers.models import PlaceSource
from volunteers.people.audit.models import AuditEntry
from volunteers.places.basemap import byte_sources, installation_state
from volunteers.places.basemap.installation_state import ADDRESSES, State
from volunteers.places.place_names.imports import address_installation
from volunteers.places.place_names.search import search
from volunteers.tasks import install_addresses

PAGE, STATE = "/set-up/addresses/", "/set-up/addresses/state/"


@pytest.fixture
def farid(
    signed_in: SignedIn, cast: Cast, builds: Files, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Client:
    monkeypatch.setattr(byte_sources, "RETRY_PAUSES", (0.0, 0.0))
    settings.ADDRESSES_URL = f"{builds.origin}/csv"
    builds.files["/csv/adresses-75.csv.gz"] = packed(ROWS)
    return signed_in(cast.farid)


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("adresses-75.csv.gz", content)


def test_one_press_installs_a_department_and_replaces_made_up_streets(
    farid: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    demo_streets.enter(arrondissements())
    assert "The streets of this demonstration are made up." in text_of(farid.get(PAGE))
    with django_capture_on_commit_callbacks() as sent:
        waiting = text_of(farid.post(PAGE, {"department": "75"}, follow=True))
    assert "Department 75: Waiting for the worker" in waiting
    assert "Install the addresses" not in waiting
    assert len([each for each in sent if "_send" in repr(each)]) == 1
    # A second press starts nothing.
    with django_capture_on_commit_callbacks() as sent:
        assert "Addresses are being installed already." in text_of(farid.post(PAGE, {"department": "75"}, follow=True))
    assert [each for each in sent if "_send" in repr(each)] == []
    assert AuditEntry.objects.filter(verb="administered").count() == 1
    install_addresses("75", "")
    page = text_of(farid.get(PAGE))
    assert "Department 75: 7 streets and house numbers, installed on" in page
    assert "made up" not in page
    assert search("12 rue de crimée")[0].label == "12 rue de Crimée"
    assert search("12 rue de rivoli") == []
    assert farid.get(STATE)["HX-Refresh"] == "true"


def test_a_file_larger_than_a_photo_can_be_sent(farid: Client) -> None:
    content = ("\n".join([HEADER, *ROWS, ""]) + "\n" * 6_000_000).encode()
    assert farid.post(PAGE, {"department": "75", "file": upload(content)}).status_code == 302
    (kept,) = address_installation.folder().iterdir()
    assert kept.stat().st_size == len(content)
    install_addresses("75", kept.name)
    assert PlaceSource.objects.get().source == "addresses:75"
    assert list(address_installation.folder().iterdir()) == []
    assert installation_state.current(ADDRESSES).step == "done"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "This field is required."),
        ({"department": "20"}, "Use the number of a department"),
        ({"department": "../"}, "Use the number of a department"),
        ({"department": "75", "file": upload(b"")}, "The submitted file is empty"),
    ],
    ids=["nothing", "no department", "forged", "empty"],
)
def test_a_wrong_choice_is_named_and_nothing_starts(sent: dict[str, Any], words: str, farid: Client) -> None:
    answer = farid.post(PAGE, sent)
    assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert installation_state.current(ADDRESSES) == State()


def test_a_file_that_is_too_large_is_refused(farid: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("volunteers.site.setup_checklist.forms.MOST_BYTES", 10)
    assert "The file is too large." in text_of(farid.post(PAGE, {"department": "75", "file": upload(b"x" * 11)}))


@pytest.mark.parametrize(
    ("content", "words", "french"),
    [
        (b"name,place\n1,2\n", "the column numero is missing in line 1. Use a file from the folder csv", "la colonne"),
        (packed(ROWS)[:-20], "cannot be read to its end. Download it again.", "jusqu’à la fin"),
        (gzip.compress(HEADER.encode(), mtime=0), "has no usable row.", "aucune ligne utilisable"),
    ],
    ids=["another table", "cut off", "no row"],
)
def test_a_file_that_is_no_list_of_addresses_is_explained_and_the_old_list_stays(
    content: bytes, words: str, french: str, farid: Client
) -> None:
    install_addresses("75", "")
    farid.post(PAGE, {"department": "75", "file": upload(content)})
    (kept,) = address_installation.folder().glob("upload-*")
    install_addresses("75", kept.name)
    page = text_of(farid.get(PAGE))
    assert "The addresses were not installed." in page
    assert words in page
    assert french in text_of(farid.get(PAGE, headers={"Accept-Language": "fr"}))
    assert search("12 rue de crimée")[0].label == "12 rue de Crimée"
    assert not kept.exists()


def test_a_server_that_is_not_reached_is_named(farid: Client, settings: Settings) -> None:
    settings.ADDRESSES_URL = "http://127.0.0.1:9/csv"
    install_addresses("75", "")
    assert "127.0.0.1 cannot be reached. Check the network, then try again." in text_of(farid.get(PAGE))


def test_the_progress_is_shown_in_percent(farid: Client) -> None:
    with installation_state.only_one(ADDRESSES):
        installation_state.write(State(step="store", done=30, total=120, what="75"), ADDRESSES)
        assert "Department 75: Storing the addresses (25 %)" in text_of(farid.get(STATE))


@pytest.mark.parametrize("person", ["alice", "bob", "carol", "diane", "greta"])
def test_nobody_else_sees_or_starts_it(person: str, signed_in: SignedIn, cast: Cast, builds: Files) -> None:
    client = signed_in(getattr(cast, person))
    for answer in (client.get(PAGE), client.get(STATE), client.post(PAGE, {"department": "75"})):
        assert answer.status_code == 404
    assert installation_state.current(ADDRESSES) == State()


def test_another_site_cannot_start_it(signed_in: SignedIn, cast: Cast, farid: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = farid.cookies
    assert strict.post(PAGE, {"department": "75"}).status_code == 403
    assert installation_state.current(ADDRESSES) == State()
