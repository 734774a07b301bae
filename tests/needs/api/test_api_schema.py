"""The OpenAPI schema is complete and correct: schemathesis tests every operation in every role."""

import functools
import itertools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from needs.doors.api.open311_urls import urlpatterns as open311
from needs.enums import NeedState
from needs.help.commitments.taking import take
from needs.help.triage import duplicates
from needs.models import Crisis, CrisisCategory
from tests.conftest import SOUTH_WEST, square
from tests.needs.api_cases import NORD, TokenClient, file
from tests.repetitions import TEST_ALL, again
from tests.support import Cast
from volunteers.people.availability import offers
from volunteers.people.availability.offers import Availability

pytestmark = pytest.mark.xdist_group("api schema")  # the schema, which takes seconds, is made once

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FOR_EVERYBODY = {
    "needs_create",
    "crises_list",
    "places_list",
    "places_retrieve",
    "crises_retrieve",
    "crises_reports_create",
}
MORE = int(os.environ.get("SOLIDARITY_FUZZ", "0"))
"""Random requests per operation and role (make fuzz); 0 uses the same few requests in every run."""
EXAMPLES = dict.fromkeys(("anonymous", "volunteer", "dispatcher", "member", "coordinator", "reader"), 1)
"""Requests per operation, by role. ``make test-all`` sends more, in more roles; the access matrix tests every role."""
if TEST_ALL:
    EXAMPLES |= {"anonymous": 3, "volunteer": 3, "dispatcher": 3}


def test_the_schema_is_valid_and_equals_the_one_in_the_docs(db: None, tmp_path: Path) -> None:
    now = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(now))
    assert now.read_text() == (django_settings.ROOT / "docs" / "openapi.yaml").read_text()


def test_everyone_can_read_the_schema(client: Client, db: None) -> None:
    answer = client.get("/api/schema/?format=json")
    assert answer.status_code == 200
    said = answer.json()
    assert said["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in said["paths"])
    assert len(said["paths"]) > 45


def test_every_address_of_the_api_is_in_the_schema(client: Client, db: None) -> None:
    described = set(client.get("/api/schema/?format=json").json()["paths"])
    [api] = [each for each in get_resolver().url_patterns if isinstance(each, URLResolver) and each.app_name == "api"]
    [versioned] = [each for each in api.url_patterns if isinstance(each, URLResolver) and str(each.pattern) == "v1/"]
    served = [str(each.pattern) for each in versioned.url_patterns if isinstance(each, URLPattern) and each.name]
    assert len(served) == len(described)
    assert len(open311) == 8


def test_the_api_page_needs_no_script_and_no_other_host(client: Client, db: None) -> None:
    answer = client.get("/api/docs/")
    text = answer.content.decode()
    assert "/api/v1/triage/needs/" in text
    assert "Move a need to another state" in text
    assert 'src="http' not in text


def test_the_api_page_is_in_french_for_french_readers(client: Client, db: None) -> None:
    assert client.get("/api/docs/", headers={"Accept-Language": "fr"}).status_code == 200


@pytest.fixture
def things(cast: Cast, settings: Settings) -> dict[str, Iterator[str]]:
    """Objects for the path parameters, so that requests meet real rows and not only 404."""
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "100000/min")
    for user in (cast.alice, cast.carol):
        offers.store(user, Availability(base=NORD))
    needs = [file(state=state, kinds=["food", "tent"]) for state in (*NeedState.values, NeedState.OPEN, NeedState.NEW)]
    held = [take(file(), cast.alice), take(file(), cast.carol, association=cast.maraude)]
    merge = duplicates.merge(file().pk, file().pk, cast.carol)
    crisis = Crisis.objects.create(slug="heat", name="Heat", area=square(*SOUTH_WEST, 48.9, 2.4))
    topic = CrisisCategory.objects.create(crisis=crisis, names={"en": "Water", "fr": "De l'eau"}, kind="water")
    assert topic.pk
    return {
        "need": itertools.cycle(str(need.pk) for need in needs),
        "other": itertools.cycle(str(need.pk) for need in reversed(needs)),
        "commitment": itertools.cycle(str(own.pk) for own in held),
        "merge": itertools.cycle([str(merge.pk)]),
        "slug": itertools.cycle(["heat"]),
        "association": itertools.cycle([cast.maraude.slug]),
    }


def run_operation(
    operation: Any,
    headers: dict[str, str],
    things: dict[str, Iterator[str]],
    examples: int,
    mode: GenerationMode = GenerationMode.POSITIVE,
) -> list[Any]:
    """Return the checked answers to some requests, valid or invalid by ``mode``. The requests are the same in every
    run."""
    answers = []
    checks = CHECKS if mode is GenerationMode.POSITIVE else [not_a_server_error]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=MORE or examples, derandomize=not MORE, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def walk(case: Any) -> None:
        for parameter in case.path_parameters or {}:
            if parameter in things:
                case.path_parameters[parameter] = next(things[parameter])
        answer = case.call(headers={"Accept-Encoding": "identity", **headers})
        case.validate_response(answer, checks=checks)
        answers.append(answer)

    walk()
    return answers


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's database connection and its transaction open during WSGI requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@functools.cache
def operations() -> list[Any]:
    """Return the operations of the schema. The schema, which takes seconds, is made once per test process."""
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
    found = []
    for each in schema.get_all_operations():
        assert isinstance(each, Ok)
        found.append(each.ok())
    return found


def headers_of(role: str, cast: Cast) -> dict[str, str]:
    """Return the token header of a role. reader: a coordinator's read-only token."""
    people = {"volunteer": "alice", "member": "bob", "dispatcher": "carol", "coordinator": "diane", "reader": "diane"}
    if role not in people:
        return {}
    client = TokenClient(getattr(cast, people[role]), writes=role != "reader")
    return {"Authorization": client.defaults["HTTP_AUTHORIZATION"]}


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize(
    "role", ["anonymous", "dispatcher", "reader", *map(again, ("volunteer", "member", "coordinator"))]
)
def test_every_answer_to_valid_requests_follows_the_schema(
    role: str, cast: Cast, things: dict[str, Iterator[str]]
) -> None:
    headers = headers_of(role, cast)
    seen: Counter[str] = Counter()
    open_to_all, changed = set(), set()
    for operation in operations():
        for answer in run_operation(operation, headers, things, EXAMPLES[role]):
            seen[str(answer.status_code)] += 1
            if answer.status_code < 300:
                open_to_all.add(operation.definition.raw["operationId"])
                changed |= {operation.method.upper()} - {"GET", "HEAD", "OPTIONS"}
    assert sum(seen.values()) > 60
    if role == "anonymous":
        assert open_to_all <= FOR_EVERYBODY
    else:
        assert seen["200"] > 10 * EXAMPLES[role]
    if role == "reader":
        assert not changed


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("role", ["dispatcher", again("anonymous")])
def test_invalid_requests_cause_no_server_error(role: str, cast: Cast, things: dict[str, Iterator[str]]) -> None:
    headers = headers_of(role, cast)
    seen: Counter[int] = Counter()
    for operation in operations():
        try:
            answers = run_operation(operation, headers, things, 1, GenerationMode.NEGATIVE)
        except Unsatisfiable:
            continue  # this operation has no input that can be invalid
        seen.update(answer.status_code for answer in answers)
    assert sum(seen.values()) > 50
    assert seen[400] > 5 or role == "anonymous"
