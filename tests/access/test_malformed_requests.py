"""Malformed requests are refused with a clear text and never cause a server error."""

import json
import logging
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mapping.map.releases.public import publishing
from mapping.models import Release
from solidarity.lib.http.json_bodies import DEEPEST, TooDeep, read_json
from solidarity.lib.http.logged_paths import RoutesForPaths
from tests.needs.api_cases import TokenClient
from tests.repetitions import again
from tests.support import Cast, City, SignedIn, dispatches

BRACKETS = "[" * 100_000
DEEP = {
    "only brackets": BRACKETS,
    "brackets in an object": '{"kinds": ' + BRACKETS,
    "objects": '{"a":' * 100_000,
    "closed, and just accepted by Python's parser": "[" * 900 + "]" * 900,
    "closed in an object": '{"account": "", "items": [' + '{"id":' * 800 + "1" + "}" * 800 + "]}",
}
ANONYMOUS = (
    "/api/v1/needs/", "/api/v1/crises/heat/reports/", "/api/v1/encounters/", "/open311/v2/requests.json",
    "/open311/v2/requests.xml", "/queue/send/", "/map/t/ville/cold/hook/",
)  # fmt: skip
FAR_DAYS = ("0001-01-01", "0001-01-02", "9999-12-31", "9999-12-31T23:59:59Z")


@pytest.fixture
def published(told: Callable[..., None]) -> Release:
    told(22)
    publishing.publish_due()
    release = Release.objects.public().last()
    assert release is not None
    return release


pytestmark = pytest.mark.usefixtures("open311")


def addresses_without_arguments() -> list[str]:
    """Return the addresses of all pages that take no argument, but those that end the session."""
    lines = (Path(__file__).parent / "table.txt").read_text(encoding="utf-8").splitlines()
    paths = {line.split()[0] for line in lines if line.strip() and not line.startswith(("#", " "))}
    return sorted(
        f"/{path}" for path in paths if "<" not in path and not path.startswith(("accounts/logout", "health/", "^"))
    )


def refused(response: Any) -> bool:
    """Return whether a response is a client error (4xx) with a text."""
    return 400 <= response.status_code < 500 and len(response.content) > 5


@pytest.mark.django_db
@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("address", ANONYMOUS)
def test_a_deeply_nested_body_is_the_senders_error(address: str, body: str, cast: Cast) -> None:
    assert refused(Client().post(address, body, content_type="application/json"))


@pytest.mark.django_db
@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)
def test_a_deeply_nested_body_is_refused_in_every_field_that_holds_json(
    body: str, cast: Cast, signed_in: SignedIn
) -> None:
    for address in ("me/", "profile/", "alerts/", "triage/bulk/", "triage/searches/"):
        assert TokenClient(cast.carol).generic("PUT", f"/api/v1/{address}", body, "application/json").status_code < 500
        assert TokenClient(cast.carol).generic("POST", f"/api/v1/{address}", body, "application/json").status_code < 500
    passkey = Client().post("/accounts/2fa/webauthn/login/", {"credential": body})
    assert passkey.status_code < 500
    alerts = signed_in(cast.carol).post("/alerts/", {"name": "x", "where": "drawn", "corners": body[:20_000]})
    assert alerts.status_code < 500


def test_json_is_read_up_to_a_depth_and_never_raises_anything_but_value_error() -> None:
    fits, over = "[" * DEEPEST + "]" * DEEPEST, "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2)
    assert json.dumps(read_json(fits)) == fits
    for text in (over, *DEEP.values()):
        with pytest.raises(ValueError):
            read_json(text)
    with pytest.raises(TooDeep):
        read_json(over)
    with pytest.raises(ValueError):
        read_json("1" * 5000)


@given(st.text(alphabet='[]{}":,0a\\ ', max_size=400) | st.binary(max_size=200))
def test_any_text_is_json_or_a_value_error(text: str | bytes) -> None:
    try:
        read_json(text)
    except ValueError:
        return


@pytest.mark.django_db
@pytest.mark.parametrize("day", FAR_DAYS)
def test_the_ends_of_the_calendar_are_refused_on_the_tonight_pages(day: str, cast: Cast, signed_in: SignedIn) -> None:
    for person in (cast.bob, cast.diane):
        client = signed_in(person)
        for page in ("tonight", "tonight_shapes", "suggest"):
            response = client.get(reverse(f"mapping:{page}", args=["ville"]), {"date": day})
            assert response.status_code in ((400,) if len(day) == 10 else (200,)), page
            assert response.content


@pytest.mark.django_db
def test_a_refused_date_writes_no_traceback_to_the_log(
    cast: Cast, signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    page = signed_in(cast.diane).get(reverse("mapping:tonight", args=["ville"]), {"date": FAR_DAYS[0]})
    assert page.status_code == 400
    [record] = [each for each in caplog.records if each.name == "django.request"]
    assert RoutesForPaths().filter(record)
    assert record.levelname == "WARNING" and record.exc_info is None
    assert "Traceback" not in logging.Formatter().format(record)


@pytest.mark.django_db
@pytest.mark.parametrize("day", [FAR_DAYS[-1], *map(again, FAR_DAYS[:-1])])
def test_no_page_that_takes_a_date_fails_at_the_ends_of_the_calendar(
    day: str, cast: Cast, city: City, signed_in: SignedIn
) -> None:
    from needs.models import Crisis

    Crisis.objects.create(slug="heat", name="Heat", area=city.root.polygon)
    at = f"{day[:10]}T23:59"
    carol, diane, bob, alice = (signed_in(each) for each in (cast.carol, cast.diane, cast.bob, cast.alice))
    whole = {
        "start": at,
        "end": at,
        "starts_at": at,
        "ends_at": at,
        "since": at,
        "until": at,
        "at": at,
        "when": "earlier",
    }
    days = {"start": day, "end": day, "paused_until": day, "on": day, "territory": "ville"}
    for client, addresses in (
        (carol, ("/crises/", "/crises/heat/", "/crises/heat/reports/", "/triage/", "/api/v1/triage/needs/",
                 "/api/v1/crises/heat/reports/")),
        (diane, ("/map/reports/", "/map/t/ville/cold/", "/map/audit/", "/map/t/ville/parameters/", "/map/dashboard/")),
        (bob, ("/encounters/new/", "/tours/start/", reverse("mapping:suggest", args=["ville"]))),
        (alice, ("/me/offer/", "/api/v1/open-needs/", "/open311/v2/requests.json")),
        (Client(), ("/help/", "/map/public/", "/open311/v2/requests.xml")),
    ):  # fmt: skip
        for address in addresses:
            for query in (whole, {**whole, **days}, {"start_date": at, "end_date": at}):
                assert client.get(address, query).status_code in (200, 302, 400), address
                assert client.post(address, query).status_code < 500, address


@pytest.mark.django_db
def test_a_null_character_is_the_senders_error_in_every_address_that_takes_no_argument(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    """Also before a form is checked: look-ups by an address, a hidden field or a parameter."""
    dispatches(cast.carol, city.nord)
    carol = signed_in(cast.carol)
    names = ("in", "territory", "q", "text", "slug", "association", "category", "kind", "next", "id", "place", "name",
             "page", "list", "lane", "sort", "words", "to", "language", "email", "crisis", "key", "label")  # fmt: skip
    sent = dict.fromkeys(names, "a\0b")
    for address in addresses_without_arguments():
        assert carol.get(address, sent).status_code < 500, address
        assert carol.post(address, sent).status_code < 500, address
    for path in ("needs/", "encounters/", "alerts/", "triage/needs/", "open-needs/"):
        assert TokenClient(cast.carol).ask(path, **sent).status_code < 500
        assert (
            TokenClient(cast.carol).generic("POST", f"/api/v1/{path}", json.dumps(sent), "application/json").status_code
            < 500
        )


@pytest.mark.django_db
def test_a_null_character_before_a_look_up_is_refused_and_its_field_is_named(cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.bob).post("/words/new/", {"territory": "nord\0", "text": "x"})
    assert page.status_code == 400
    assert "territory" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["-1", "0", "x", "1.5", "9" * 4400, "²", "-0", "+5", " 5"])
def test_a_limit_that_is_no_positive_number_is_refused(value: str, cast: Cast) -> None:
    carol = TokenClient(cast.carol)
    for path in ("triage/needs/", "open-needs/", "commitments/"):
        response = carol.ask(path, limit=value)
        assert response.status_code == 400, path
        assert "whole number" in response.json()["limit"][0]
        assert carol.ask(path, offset=value).status_code == (200 if value == "0" else 400)
        assert carol.ask(path, limit="100000").status_code == 200


@pytest.mark.django_db
def test_numbers_of_thousands_of_digits_are_refused_in_ranges(client: Client, published: Release) -> None:
    from mapping.map.releases import archives

    address = reverse("mapping:public_file", args=[published.folder.rsplit("/", 1)[-1], archives.MAP])
    many = "9" * 4400
    for said, status in {
        f"bytes={many}-": 416, f"bytes={many}-{many}": 416, f"bytes=0-{many}": 206, f"bytes=-{many}": 206,
        f"bytes={'0' * 4400}-": 206, "bytes=-": 416, "bytes=9-1": 416, "bytes=²-": 200,
    }.items():  # fmt: skip
        response = client.get(address, headers={"Range": said})
        assert response.status_code == status, said[:20]
        if status == 416:
            assert b"range" in response.content
            assert response["Content-Type"] == "text/plain"


def test_a_range_as_long_as_a_street_map_is_never_in_memory(tmp_path: Any, rf: Any) -> None:
    from solidarity.lib.http.byte_ranges import ranged

    file, size = tmp_path / "map", 64 * 1024 * 1024
    with file.open("wb") as stream:
        stream.truncate(size)
    tracemalloc.start()
    try:
        answer = ranged(rf.get("/", headers={"Range": "bytes=1-"}), file, etag='"1"', content_type="x/y", cache="")
        assert sum(len(piece) for piece in answer) == size - 1  # type: ignore[attr-defined]
        assert (answer.status_code, answer["Content-Length"]) == (206, str(size - 1))
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024
    finally:
        tracemalloc.stop()


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(said=st.text(alphabet="0123456789-,=bytes ²", max_size=40))
def test_any_range_is_answered(said: str, tmp_path: Any, rf: Any) -> None:
    from solidarity.lib.http.byte_ranges import ranged

    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    request = rf.get("/", headers={"Range": f"bytes={said}"})
    assert ranged(request, file, etag='"1"', content_type="x/y", cache="").status_code in (200, 206, 416)
