"""A back-up that an administrator asks for in the browser."""

import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from solidarity.ops.operation import back_up_request
from tests.support import Cast, SignedIn

ASK, STATE = "/set-up/back-up/", "/set-up/back-up/state/"


@pytest.fixture
def farid(signed_in: SignedIn, cast: Cast, settings: Settings, tmp_path: Path) -> Client:
    settings.BACKUP_ROOT = tmp_path / "backups"
    return signed_in(cast.farid)


def state_of(client: Client, query: str = "") -> str:
    return re.sub(r"\s+", " ", client.get(STATE + query).content.decode())


def test_the_button_asks_once_and_the_page_waits_for_the_result(farid: Client) -> None:
    assert "hx-get" not in state_of(farid)
    assert farid.post(ASK)["Location"] == "/set-up/#back_up"
    assert 'hx-trigger="load delay:1s"' in state_of(farid) and "A back-up is being made." in state_of(farid)
    assert not back_up_request.start()  # one at a time
    cache.delete("operation:back_up_request")  # what the worker does at the end
    assert farid.get(STATE + "?ran=1")["HX-Refresh"] == "true"


def test_a_folder_that_others_can_read_is_refused_with_the_reason(farid: Client, settings: Settings) -> None:
    settings.BACKUP_ROOT.mkdir(mode=0o755)
    settings.BACKUP_ROOT.chmod(0o755)
    farid.post(ASK)
    back_up_request.carry_out()
    page = state_of(farid)
    assert "The back-up was not made." in page and str(settings.BACKUP_ROOT) in page
    assert back_up_request.start()  # a back-up can be requested again


def test_nobody_else_asks_for_one(signed_in: SignedIn, cast: Cast) -> None:
    for person in (cast.alice, cast.carol, cast.diane):
        client = signed_in(person)
        assert client.post(ASK).status_code == client.get(STATE).status_code == 404
    assert back_up_request.current() is None
