"""Open311 GeoReport v2: conformance to its specification, and what the public can read."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from needs.doors.api.public_requests import edition
from needs.enums import Category, Channel, NeedState
from needs.models import Need, NeedStep
from solidarity.lib import field_encryption, grid
from tests.needs.api_cases import NORD, file
from tests.support import Cast, City
from volunteers.models import User
from volunteers.people.tokens import tokens

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

pytestmark = pytest.mark.usefixtures("open311")

BASE = "/open311/v2/"
FORM = "application/x-www-form-urlencoded"


def xml(answer: "_MonkeyPatchedWSGIResponse") -> ElementTree.Element:
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    return ElementTree.fromstring(answer.content)


def post(client: Client, ending: str = "json", /, **said: Any) -> "_MonkeyPatchedWSGIResponse":
    body = {"service_code": "food", "lat": "48.866", "long": "2.35", "description": "two people, hungry", **said}
    return client.post(f"{BASE}requests.{ending}", {k: v for k, v in body.items() if v is not None})


def published(number: int = 1, *, persons: int = 4, author: User | None = None, **more: Any) -> list[Need]:
    """Store needs from before the end of the current edition. author: None creates a new account for each need, which
    counts as a source."""
    made = [file(persons=persons, **more) for _each in range(number)]
    moment = edition(timezone.now()) - timedelta(days=2)
    for need in made:
        by = author or User.objects.create_user(f"{need.pk}@example.org")
        Need.objects.filter(pk=need.pk).update(
            at=moment, filed_at=moment, state_at=moment, author=by, with_account=True
        )
        NeedStep.objects.filter(need=need).update(at=moment)
    return made


# --- conformance to the specification ---------------------------------------------------------------------------------


def test_discovery_names_the_endpoint_and_its_formats(client: Client, db: None) -> None:
    said = client.get(f"{BASE}discovery.json").json()
    assert set(said) == {"changeset", "contact", "key_service", "endpoints"}
    [endpoint] = said["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    root = xml(client.get(f"{BASE}discovery.xml"))
    assert root.tag == "discovery"
    assert [each.text for each in root.iter("format")] == ["text/xml", "application/json"]


def test_services_are_the_kinds_of_need(client: Client, db: None) -> None:
    services = client.get(f"{BASE}services.json").json()
    assert [each["service_code"] for each in services] == Category.values
    assert set(services[0]) == {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
    assert services[0]["metadata"] is True
    assert services[0]["type"] == "realtime"
    root = xml(client.get(f"{BASE}services.xml?jurisdiction_id=ville.example"))
    assert root.tag == "services"
    assert [each.findtext("service_code") for each in root.findall("service")] == Category.values
    assert root.findtext("service/metadata") == "true"


def test_services_are_in_the_reader_s_language(client: Client, db: None) -> None:
    french = client.get(f"{BASE}services.json", headers={"Accept-Language": "fr"}).json()
    assert french[0]["service_name"] == "nourriture"


def test_a_service_definition_lists_its_attributes(client: Client, db: None) -> None:
    said = client.get(f"{BASE}services/tent.json").json()
    assert said["service_code"] == "tent"
    urgency, persons = said["attributes"]
    assert set(urgency) == {
        "variable", "code", "datatype", "required", "order", "datatype_description", "description", "values",
    }  # fmt: skip
    assert (urgency["datatype"], persons["datatype"]) == ("singlevaluelist", "number")
    assert [value["key"] for value in urgency["values"]] == ["now", "soon", "later"]
    root = xml(client.get(f"{BASE}services/tent.xml"))
    assert root.tag == "service_definition"
    assert [each.text for each in root.findall("attributes/attribute/code")] == ["urgency", "persons"]
    assert root.findtext("attributes/attribute/values/value/key") == "now"


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_an_unknown_service_answers_404_in_the_error_format(client: Client, db: None, ending: str) -> None:
    answer = client.get(f"{BASE}services/gold.{ending}")
    assert answer.status_code == 404
    if ending == "json":
        [error] = answer.json()
        assert error["code"] == "404"
        assert "gold" in error["description"]
    else:
        root = xml(answer)
        assert root.tag == "errors"
        assert root.findtext("error/code") == "404"


def test_a_request_is_filed_from_a_form_and_answered_with_its_id(client: Client, city: City) -> None:
    answer = post(
        client,
        phone="06 12 34 56 78",
        email="a@example.org",
        **{"attribute[urgency]": "now", "attribute[persons]": "3"},
    )
    assert answer.status_code == 201
    [said] = answer.json()
    assert set(said) == {"service_request_id", "service_notice", "account_id", "danger", "numbers"}
    need = Need.objects.get(pk=said["service_request_id"])
    assert (need.kinds, need.urgency, need.persons, need.channel) == (["food"], "now", 3, Channel.OPEN311)
    assert need.text == "two people, hungry"
    assert b"06 12" not in bytes(need.contact or b"")
    assert field_encryption.decrypt(need.contact or b"") == "06 12 34 56 78, a@example.org"
    link = said["service_notice"].split("http://testserver")[1]
    assert client.get(link).status_code == 200


def test_a_request_is_filed_with_an_address_in_words_and_answered_in_xml(client: Client, city: City) -> None:
    root = xml(post(client, "xml", lat=None, long=None, address_string="by the station"))
    assert root.tag == "service_requests"
    number = root.findtext("request/service_request_id")
    assert number is not None
    need = Need.objects.get(pk=number)
    assert (need.place_text, need.point) == ("by the station", None)
    assert root.find("request/account_id") is not None


@pytest.mark.parametrize(
    ("changed", "status", "named"),
    [
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "gold"}, 404, "gold"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"lat": None}, 400, "lat"),
        ({"lat": "91"}, 400, "lat"),
        ({"long": "east"}, 400, "long"),
        ({"attribute[persons]": "0"}, 400, "persons"),
        ({"attribute[urgency]": "never"}, 400, "urgency"),
        ({"api_key": "unknown"}, 400, "api_key"),
    ],
)
def test_invalid_fields_are_listed_in_the_error_format(
    client: Client, city: City, changed: dict[str, str | None], status: int, named: str
) -> None:
    answer = post(client, **changed)
    assert answer.status_code == status
    [error] = answer.json()
    assert error["code"] == str(status)
    assert named in error["description"]
    assert not Need.objects.exists()


def test_an_empty_argument_is_ignored(client: Client, city: City) -> None:
    assert post(client, email="", phone="", address_id="", media_url="").status_code == 201
    assert Need.objects.get().contact is None


def test_an_image_is_not_stored_and_the_answer_says_so(client: Client, city: City) -> None:
    [said] = post(client, media_url="https://example.org/face.jpg").json()
    assert "The picture that you sent was left out" in said["service_notice"]


def test_the_limits_of_anonymous_filing_apply(client: Client, city: City) -> None:
    states = [Need.objects.get(pk=post(client).json()[0]["service_request_id"]).state for _each in range(7)]
    assert states == [NeedState.NEW] * 5 + [NeedState.HELD] * 2


def test_a_request_with_a_key_is_filed_in_its_owner_s_name(client: Client, cast: Cast) -> None:
    _row, key = tokens.make(cast.bob, "the city's app", writes=True, days=30)
    post(client, api_key=key)
    need = Need.objects.get()
    assert need.author == cast.bob
    assert need.with_account
    _row, reading = tokens.make(cast.bob, "reads", writes=False, days=30)
    assert post(client, api_key=reading).status_code == 403


def test_a_token_is_the_request_s_id(client: Client, city: City) -> None:
    key = post(client).json()[0]["service_request_id"]
    assert client.get(f"{BASE}tokens/{key}.json").json() == [{"service_request_id": key, "token": key}]
    assert xml(client.get(f"{BASE}tokens/{key}.xml")).findtext("request/token") == key
    assert client.get(f"{BASE}tokens/{uuid.uuid4()}.json").status_code == 404


def test_an_unknown_address_answers_in_the_error_format(client: Client, db: None) -> None:
    answer = client.get(f"{BASE}nothing.xml")
    assert answer.status_code == 404
    assert xml(answer).findtext("error/code") == "404"


# --- the public list -------------------------------------------------------------------------------------------------

FIELDS = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
}  # fmt: skip


def test_a_request_shows_its_status_without_its_texts(client: Client, city: City) -> None:
    key = post(client, description="a man with a dog", phone="06 12 34 56 78").json()[0]["service_request_id"]
    answer = client.get(f"{BASE}requests/{key}.json")
    [said] = answer.json()
    assert set(said) == FIELDS
    assert (said["status"], said["service_code"]) == ("open", "food")
    assert (said["description"], said["lat"], said["address"]) == (None, None, None)
    for secret in ("dog", "06 12", "48.866"):
        assert secret not in answer.content.decode()
    assert "T00:00:00" in said["requested_datetime"]


def test_nothing_public_is_live(client: Client, city: City) -> None:
    file()
    assert client.get(f"{BASE}requests.json").json() == []
    [old] = published()
    assert [each["service_request_id"] for each in client.get(f"{BASE}requests.json").json()] == [str(old.pk)]
    Need.objects.filter(pk=old.pk).update(state=NeedState.MET, state_at=timezone.now())
    [listed] = client.get(f"{BASE}requests.json").json()
    assert listed["status"] == "open"  # the state when the list was made
    assert client.get(f"{BASE}requests/{old.pk}.json").json() == [listed]
    assert client.get(f"{BASE}requests.json?status=closed").json() == []


def test_a_place_is_shown_with_enough_reports_and_no_finer_than_its_cell(client: Client, city: City) -> None:
    needs = published(2)
    assert {each["lat"] for each in client.get(f"{BASE}requests.json").json()} == {None}  # two sources are too few
    needs += published(1)
    rows = client.get(f"{BASE}requests.json").json()
    latitude, longitude = grid.centre(grid.parent(needs[0].cell or 0, 8))
    assert {(each["lat"], each["long"]) for each in rows} == {(round(latitude, 5), round(longitude, 5))}
    assert (latitude, longitude) != NORD


def test_many_reports_from_one_person_do_not_make_a_place_public(client: Client, city: City) -> None:
    published(5, author=User.objects.create_user("one@example.org"))
    assert {each["lat"] for each in client.get(f"{BASE}requests.json").json()} == {None}


def test_a_narrower_query_does_not_show_a_finer_place(client: Client, city: City) -> None:
    published(2)
    [tent] = published(1, kinds=["tent"])
    every = {each["service_request_id"]: each["lat"] for each in client.get(f"{BASE}requests.json").json()}
    [alone] = client.get(f"{BASE}requests.json?service_code=tent").json()
    assert alone["lat"] == every[str(tent.pk)]


@pytest.mark.parametrize("state", [NeedState.HELD, NeedState.REJECTED, NeedState.DUPLICATE])
def test_held_and_rejected_needs_are_not_listed(client: Client, city: City, state: str) -> None:
    published(1, state=state)
    assert client.get(f"{BASE}requests.json").json() == []


def test_requests_are_filtered_as_the_specification_requires(client: Client, city: City) -> None:
    [food] = published()
    [tent] = published(kinds=["tent"])
    [met] = published(kinds=["water"], state=NeedState.MET)
    everything = (f"{food.pk}", f"{tent.pk}", f"{met.pk}")

    def found(query: str) -> set[str]:
        return {each["service_request_id"] for each in client.get(f"{BASE}requests.json?{query}").json()}

    assert found("") == set(everything)
    assert found("service_code=tent,water") == set(everything[1:])
    assert found("status=closed") == {everything[2]}
    assert found("status=open,closed") == set(everything)
    assert found(f"service_request_id={food.pk},{uuid.uuid4()}") == {everything[0]}
    day = edition(timezone.now()).date()
    assert found(f"start_date={day}T00:00:00Z") == set()
    assert found(f"end_date={day}T00:00:00Z") == set(everything)
    root = xml(client.get(f"{BASE}requests.xml"))
    assert len(root.findall("request")) == 3
    assert root.find("request/description") is not None


@pytest.mark.parametrize(
    "query", ["status=lost", "service_request_id=7", "start_date=yesterday", "end_date=2026-13-40T00:00:00Z"]
)
def test_an_invalid_argument_is_named(client: Client, db: None, query: str) -> None:
    answer = client.get(f"{BASE}requests.json?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()[0]["description"]


def test_the_list_uses_few_queries(
    client: Client, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    published(20)
    with django_assert_max_num_queries(4):
        assert len(client.get(f"{BASE}requests.json").json()) == 20


def test_control_characters_do_not_break_the_xml(client: Client, db: None) -> None:
    answer = client.post(f"{BASE}requests.xml", "service_code=%0B%EF%BF%BE", content_type=FORM)
    assert answer.status_code == 404
    xml(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "options", "put"])
def test_a_site_that_did_not_switch_open311_on_answers_404_everywhere(
    client: Client, settings: Settings, method: str
) -> None:
    settings.OPEN311 = False
    [need] = published()
    for ending in ("", "discovery.json", "services.xml", "services/food.json", "requests.json", "requests.xml",
                   f"requests/{need.pk}.json", f"tokens/{need.pk}.xml", "anything"):  # fmt: skip
        answer = getattr(client, method)(BASE + ending)
        assert answer.status_code == 404, ending
        assert str(need.pk) not in answer.content.decode()
    assert Need.objects.count() == 1
    assert "Open311" not in client.get("/api/docs/").content.decode()


def test_open311_is_off_unless_a_site_switches_it_on() -> None:
    source = (Path(__file__).resolve().parents[3] / "solidarity" / "settings.py").read_text()
    assert 'OPEN311 = env.flag("SOLIDARITY_OPEN311", False)' in source
