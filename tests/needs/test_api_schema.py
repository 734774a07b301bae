"""The schema is served, holds, and nothing in it breaks: schemathesis walks through all of it in every role."""

import itertools
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
from django.urls import get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from needs.api.open311_urls import urlpatterns as open311
from needs.commitments import take
from needs.enums import NeedState
from needs.models import Crisis, CrisisCategory
from needs.triage import duplicates
from tests.conftest import SOUTH_WEST, square
from tests.needs.api_cases import NORD, TokenClient, file
from volunteers import offering
from volunteers.offering import Offer

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FOR_EVERYBODY = {"needs_create", "crises_list", "crises_retrieve", "crises_reports_create"}
EXAMPLES = 3


def test_the_schema_has_no_error_and_no_warning_and_stands_in_the_docs(db: None, tmp_path: Path) -> None:
    now = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(now))
    assert now.read_text() == (django_settings.ROOT / "docs" / "openapi.yaml").read_text()


def test_the_schema_is_served_to_everybody(client: Client, db: None) -> None:
    answer = client.get("/api/schema/?format=json")
    assert answer.status_code == 200
    said = answer.json()
    assert said["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in said["paths"])
    assert len(said["paths"]) > 45


def test_every_address_of_the_api_is_in_the_schema(client: Client, db: None) -> None:
    described = set(client.get("/api/schema/?format=json").json()["paths"])
    [api] = [each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "api"]
    [versioned] = [each for each in api.url_patterns if str(each.pattern) == "v1/"]
    served = [str(each.pattern) for each in versioned.url_patterns if each.name]
    assert len(served) == len(described)
    assert len(open311) == 8


def test_the_page_of_the_api_needs_no_script_and_no_other_host(client: Client, db: None) -> None:
    answer = client.get("/api/docs/")
    text = answer.content.decode()
    assert "/api/v1/triage/needs/" in text
    assert "Bring a need to another state" in text
    assert 'src="http' not in text


def test_french_readers_get_the_page_in_french_words(client: Client, db: None) -> None:
    assert client.get("/api/docs/", headers={"Accept-Language": "fr"}).status_code == 200


@pytest.fixture
def things(cast: Any, settings: Any) -> dict[str, Iterator[str]]:
    """Things that the paths' parameters can name: walks meet real rows, not only 404."""
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "100000/min")
    for user in (cast.alice, cast.carol):
        offering.store(user, Offer(base=NORD))
    needs = [file(state=state, kinds=["food", "tent"]) for state in (*NeedState.values, NeedState.OPEN, NeedState.NEW)]
    held = [take(file(), cast.alice), take(file(), cast.carol, association=cast.maraude)]
    merge = duplicates.merge(file().pk, file().pk, cast.carol)
    crisis = Crisis.objects.create(slug="heat", name="Heat", area=square(*SOUTH_WEST, 48.9, 2.4))
    topic = CrisisCategory.objects.create(crisis=crisis, name_en="Water", name_fr="De l'eau", kind="water")
    assert topic.pk
    return {
        "need": itertools.cycle(str(need.pk) for need in needs),
        "other": itertools.cycle(str(need.pk) for need in reversed(needs)),
        "commitment": itertools.cycle(str(own.pk) for own in held),
        "merge": itertools.cycle([str(merge.pk)]),
        "slug": itertools.cycle(["heat"]),
        "association": itertools.cycle([cast.maraude.slug]),
    }


def walked(operation: Any, headers: dict[str, str], things: dict[str, Iterator[str]]) -> list[Any]:
    """The answers to some requests that an operation allows, each checked; the same ones every time."""
    answers = []

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def walk(case: Any) -> None:
        for parameter in case.path_parameters or {}:
            if parameter in things:
                case.path_parameters[parameter] = next(things[parameter])
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)
        answers.append(answer)

    walk()
    return answers


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests of a WSGI client leave the test's connection, and with it its transaction, alone."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("role", ["anonymous", "volunteer", "dispatcher"])
def test_nothing_breaks_and_every_answer_is_as_the_schema_says(role: str, cast: Any, things: Any) -> None:
    user = {"volunteer": cast.alice, "dispatcher": cast.carol}.get(role)
    headers = {"Authorization": TokenClient(user).defaults["HTTP_AUTHORIZATION"]} if user else {}
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
    seen: Counter[str] = Counter()
    open_to_all = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        for answer in walked(operation, headers, things):
            seen[str(answer.status_code)] += 1
            if answer.status_code < 300:
                open_to_all.add(operation.definition.raw["operationId"])
    assert sum(seen.values()) > 100
    if role == "anonymous":
        assert open_to_all <= FOR_EVERYBODY
    else:
        assert seen["200"] > 50
