"""Requests with a NUL character, which PostgreSQL cannot store, are answered before anything is looked up."""

import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.needs.api_cases import TokenClient
from tests.support import Cast, SignedIn

NUL = "\x00"


@pytest.fixture(autouse=True)
def errors_are_answers(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.raise_request_exception = False
    caplog.set_level(logging.WARNING)


@pytest.mark.parametrize("language, said", [("en", "Delete the text and type it again"), ("fr", "Effacez le texte")])
def test_a_form_is_refused_and_the_field_is_named(
    cast: Cast, signed_in: SignedIn, caplog: pytest.LogCaptureFixture, language: str, said: str
) -> None:
    client = signed_in(cast.bob)
    client.raise_request_exception = False
    for territory, text in ((f"no{NUL}rd", "a"), ("nord", f"a{NUL}b")):
        answer = client.post(
            "/words/new/", {"territory": territory, "text": text}, headers={"Accept-Language": language}
        )
        assert answer.status_code == 400
        page = answer.content.decode()
        assert said in page and ("territory" in page or "text" in page)
    assert "Traceback" not in caplog.text


def test_queries_and_paths_are_refused(client: Client, cast: Cast, signed_in: SignedIn) -> None:
    member = signed_in(cast.bob)
    member.raise_request_exception = False
    for who in (client, member):
        assert who.get("/words/new/?in=no%00rd").status_code == 400
        assert who.get("/find/?q=%00").status_code == 400
        assert who.get("/map/t/no%00rd/").status_code == 404
    answer = member.get("/words/new/?in=no%00rd")
    assert "“in”" in answer.content.decode()


def test_a_multipart_form_is_refused_in_fields_and_names_of_files(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    client.raise_request_exception = False
    file = SimpleUploadedFile("a.csv", b"a;b\n1;2\n")
    assert client.post("/map/imports/", {"file": file, "association": f"x{NUL}"}).status_code == 400


def test_the_api_names_the_field_for_sessions_and_tokens(cast: Cast) -> None:
    api = TokenClient(cast.carol)
    api.raise_request_exception = False
    answer = api.ask("triage/needs/", area=f"no{NUL}rd")
    assert (answer.status_code, answer.json()["code"]) == (400, "nul")
    sent = api.send("needs/", {"kinds": ["food"], "text": f"a{NUL}b"})
    assert sent.status_code == 400 and list(sent.json()) == ["text"]
    nested = api.send("needs/", {"kinds": [f"fo{NUL}od"]})
    assert nested.status_code == 400 and list(nested.json()) == ["kinds"]
    assert api.send("needs/", {"kinds": ["food"], "a\x00": 1}).status_code == 400


def test_no_page_looks_at_a_query_with_nul(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.farid)
    client.raise_request_exception = False
    paths = ["/", "/about/", "/help/", "/map/", "/triage/", "/find/", "/open/", "/health/", "/no-such-page/"]
    assert {client.get(path, {"q": NUL, "in": NUL}).status_code for path in paths} == {400}


def test_percent_signs_that_are_no_nul_pass(client: Client, db: None) -> None:
    assert client.get("/about/?q=%2500").status_code == 200
