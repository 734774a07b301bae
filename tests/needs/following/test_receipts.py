"""The receipt of a report: the number for a bed comes first, and no two sentences contradict each other."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Cause
from needs.enums import Actor, AlarmStep, NeedState
from needs.help.following.follow_link import path_of
from needs.messages.dialogue import dialogue_wording
from needs.models import DangerAlarm, Need
from solidarity.lib.site import site_choices
from tests.needs.reports.test_need_form import follow_page
from tests.support import Cast, City
from volunteers.places.territories import duties

BED, MODERATOR = "For a bed tonight, call 115.", "moderator"
TOLD, UNSTAFFED = "The people on duty have been told.", "Nobody is on duty at the moment: please call yourself."
FREEZES = "my baby is freezing"


def text_of(client: Client, need: Need) -> str:
    """Return the receipt, also of a need whose link first shows the emergency numbers."""
    answer = client.get(f"{path_of(need.pk)}?receipt=1")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def shelter(client: Client, **changes: Any) -> Need:
    return follow_page(client, kinds=["shelter"], text="nowhere to sleep", **changes)[0]


# --- a bed for the night ---------------------------------------------------------------------------------------------


def test_the_receipt_of_a_need_for_shelter_begins_with_the_number_for_a_bed(client: Client, city: City) -> None:
    page = text_of(client, shelter(client))
    main = page[page.index("<main") :]
    assert main.index(BED) < main.index('href="tel:115"') < main.index("We received it.") < main.index("Keep this link")


def test_a_need_for_something_else_or_one_that_is_over_has_no_such_number(client: Client, city: City) -> None:
    assert BED not in text_of(client, follow_page(client)[0])
    need = shelter(client)
    transitions.move(need.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER))
    assert BED in text_of(client, need)
    client.post(path_of(need.pk), {"say": "solved"})
    assert BED not in text_of(client, need)


@pytest.mark.parametrize(("country", "number"), [("US", "211"), ("PT", "144"), ("GB", ""), ("XX", "")])
def test_the_number_is_that_of_the_country(
    client: Client, city: City, settings: Settings, country: str, number: str
) -> None:
    settings.COUNTRY = country
    page = text_of(client, shelter(client))
    assert ("For a bed tonight" in page) == bool(number)
    assert f"For a bed tonight, call {number}." in page or not number


def test_with_an_alarm_the_emergency_numbers_come_before_it(client: Client, city: City) -> None:
    need, _address = follow_page(client, kinds=["shelter"], text=FREEZES)
    page = text_of(client, need)
    main = page[page.index("<main") :]
    assert main.index('href="tel:15"') < main.index(BED)


def test_a_number_of_the_site_that_may_not_be_sent_is_left_out(db: None) -> None:
    site_choices.keep({"country": "FR", "numbers": {"shelter": "+33 6 12 34 56 78"}})
    try:
        assert dialogue_wording.filed(["shelter"]) == dialogue_wording.filed()
    finally:
        site_choices.forget()


def filed_by_program(client: Client, **changes: Any) -> dict[str, Any]:
    body = {"latitude": 48.866, "longitude": 2.35, "kinds": ["shelter"], "urgency": "now", "text": "", **changes}
    answer = client.post("/api/v1/needs/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_program_gets_it_in_the_field_numbers(client: Client, city: City, open311: None) -> None:
    def numbers(answer: dict[str, Any]) -> list[str]:
        return [line["number"] for line in answer["numbers"]]

    plain = filed_by_program(client)
    assert plain["danger"] is False
    assert numbers(plain) == ["115"]
    danger = filed_by_program(client, text=FREEZES)
    assert danger["danger"] is True
    assert (numbers(danger)[0], numbers(danger)[-1]) == ("15", "115")
    assert numbers(filed_by_program(client, kinds=["food"])) == []
    batch = {"reports": [{"kind": "need", "id": "9d3c2f0e-6a51-4a8e-9b0e-0d6f5f7f6a11", "latitude": 48.866,
             "longitude": 2.35, "kinds": ["shelter"], "urgency": "now"}]}  # fmt: skip
    for _repeated in range(2):
        sent = client.post("/api/v1/reports/batch/", json.dumps(batch), content_type="application/json").json()
        assert numbers(sent["results"][0]) == ["115"]
    said = {"service_code": "shelter", "lat": 48.866, "long": 2.35, "description": "nowhere to sleep",
            "attribute[urgency]": "now"}  # fmt: skip
    answer = client.post("/open311/v2/requests.json", said)
    assert answer.status_code == 201, answer.content.decode()
    [request] = answer.json()
    assert request["service_notice"].startswith(BED)
    assert numbers(request) == ["115"]


# --- no contradiction ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on_duty", "said"), [(True, TOLD), (False, UNSTAFFED)])
def test_a_held_report_with_an_alarm_is_not_said_to_wait_for_a_moderator(
    client: Client, cast: Cast, settings: Settings, on_duty: bool, said: str
) -> None:
    settings.ANONYMOUS_PER_HOUR = 0
    if on_duty:
        duties.go_on_duty(cast.carol)
    need, _address = follow_page(client, text=FREEZES)
    assert need.state == NeedState.HELD
    page = text_of(client, need)
    assert said in page
    assert MODERATOR not in page
    assert "The dispatchers decide what happens next." in page
    assert dialogue_wording.status_of(need) == "We received it. The dispatchers decide what happens next."
    DangerAlarm.objects.filter(need=need).update(acknowledged_at=need.filed_at, step=AlarmStep.CALLED)
    page = text_of(client, need)
    assert "Somebody read it and called the emergency services." in page
    assert MODERATOR not in page and "reads it next" not in page


def test_a_held_report_without_an_alarm_waits_for_a_moderator_and_nobody_is_said_to_know(
    client: Client, cast: Cast, settings: Settings
) -> None:
    settings.ANONYMOUS_PER_HOUR = 0
    duties.go_on_duty(cast.carol)
    page = text_of(client, shelter(client))
    assert "a moderator reads it first" in page
    assert BED in page
    assert TOLD not in page
