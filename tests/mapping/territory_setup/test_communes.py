"""Territories from the list of communes: who may, the way from the search to the stored territory, the download."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from mapping.plans.territory_setup import commune_choice
from solidarity.lib.border_files import border_decoder, border_reader
from tests.mapping.territory_setup.test_territory_setup import stored_by_worker, text_of
from tests.support import Cast, City, SignedIn
from tests.volunteers.basemap.file_server import Files, file_server
from tests.volunteers.commune_borders.commune_cases import SEINE_SAINT_DENIS
from volunteers.models import Assignment, Cell, Commune, CommuneDownload, Territory
from volunteers.people.audit.models import AuditEntry
from volunteers.places.commune_borders import commune_download
from volunteers.tasks import download_communes

pytestmark = pytest.mark.django_db
PAGE = "/map/territories/communes/"


@pytest.fixture
def stored() -> None:
    features = border_reader.features_of(border_decoder.answer(SEINE_SAINT_DENIS))
    commune_download.store("fr", "93", features)


@pytest.fixture
def web(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.setattr(commune_download, "PAUSES", ())
    with file_server() as web:
        web.files = {"/93": SEINE_SAINT_DENIS}
        settings.BORDERS_URL = f"{web.origin}/{{area}}"
        yield web


def codes_on(answer: Any) -> tuple[list[str], list[str]]:
    return [each.code for each in answer.context["chosen"]], [each.code for each in answer.context["found"]]


def test_communes_found_by_name_and_number_become_territories(
    cast: Cast, city: City, signed_in: SignedIn, stored: None
) -> None:
    client = signed_in(cast.farid)
    found = client.post(PAGE, {"said": "saint denis", "search": "1"})
    assert codes_on(found) == ([], ["93066", "93039"])
    kept = client.post(PAGE, {"said": "93001", "chosen": ["93066"], "search": "1"})
    assert codes_on(kept) == (["93066"], ["93001"])  # communes chosen before another search stay chosen
    assert client.post(PAGE, {"said": "x", "preview": "1"}).status_code == 200
    preview = client.post(PAGE, {"said": "93001", "chosen": ["93001", "93066", "00000"], "preview": "1"})
    said = {
        "name_property": "nom", "level": "district", "parent": "", "root_name": "Plaine Commune", "root_level": "city",
        "persons": "90", "count_source": "", "resolution": "9",
    }  # fmt: skip
    shown = client.post(preview["Location"], said)
    assert "2 territories" in text_of(shown)
    seal = shown.context["form"]["previewed"].value()
    assert client.post(preview["Location"], said | {"previewed": seal, "save": "1"}).status_code == 302
    stored_by_worker(cast.farid, preview["Location"])
    made = Territory.objects.get(name="Saint-Denis")
    assert made.path == "plaine-commune/saint-denis/" and Cell.objects.filter(territory=made).count() > 10


def test_all_that_a_search_found_are_selected_at_once(cast: Cast, signed_in: SignedIn, stored: None) -> None:
    answer = signed_in(cast.farid).post(PAGE, {"said": "93", "all": "1"})
    assert codes_on(answer) == (["93001", "93039", "93066"], [])


def test_the_button_downloads_a_department_and_says_what_went_wrong(
    cast: Cast, signed_in: SignedIn, web: Files, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = signed_in(cast.farid)
    assert "The list is still empty" in text_of(client.get(PAGE))
    wrong = client.post(f"{PAGE}download/", {"areas": "93, 99"})
    assert wrong.status_code == 422 and "“99” is no number" in text_of(wrong)
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        assert client.post(f"{PAGE}download/", {"areas": "93"}).status_code == 302
    assert [each for each in callbacks if getattr(each, "func", None) is commune_choice.send]
    assert AuditEntry.objects.filter(verb="administered").count() == 1
    state = client.get(f"{PAGE}state/")
    assert "0 of 1 departments" in text_of(state) and "HX-Refresh" not in state.headers
    assert "already" in text_of(client.post(f"{PAGE}download/", {"areas": "93"}, follow=True))
    download_communes("fr")
    assert client.get(f"{PAGE}state/")["HX-Refresh"] == "true"
    assert "3 communes are stored" in text_of(client.get(PAGE))
    web.files = {}
    client.post(f"{PAGE}download/", {"areas": "93"})
    download_communes("fr")
    assert "answers 404. Check SOLIDARITY_BORDERS_URL" in text_of(client.get(PAGE))
    assert Commune.objects.count() == 3


def test_a_coordinator_chooses_from_the_list_but_does_not_fill_it(
    cast: Cast, city: City, signed_in: SignedIn, stored: None
) -> None:
    client = signed_in(cast.diane)
    assert "Download the communes" not in text_of(client.get(PAGE))
    assert client.post(f"{PAGE}download/", {"areas": "75"}).status_code == 404
    assert signed_in(cast.carol).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
    assert not CommuneDownload.objects.exists()


# --- the person in charge ----------------------------------------------------------------------------------------------


def test_a_coordinator_is_named_on_the_page_of_the_territory(cast: Cast, city: City, signed_in: SignedIn) -> None:
    client, address = signed_in(cast.farid), "/map/t/nord/charge/"
    unknown = client.post(address, {"email": "nobody@example.org", "purpose": "x"})
    assert unknown.status_code == 422 and "No account has this address" in text_of(unknown)
    assert client.post(address, {"email": cast.edith.email, "purpose": ""}).status_code == 422
    said = {"email": cast.edith.email.upper(), "purpose": "Coordination of the north"}
    assert client.post(address, said).status_code == 302
    made = Assignment.objects.coordinating().get(user=cast.edith)
    assert (made.territory, made.purpose, made.shown) == (city.nord, "Coordination of the north", False)
    assert "Edith" in text_of(client.get("/map/t/nord/territory/"))
    assert signed_in(cast.diane).post("/map/t/ville/charge/", said).status_code == 404
