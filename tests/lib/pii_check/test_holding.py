"""The PII check on the server asks once, gives the reason, keeps the typed text, and never delays urgent reports."""

import json
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from needs.enums import NeedState
from needs.help.commitments import taking
from needs.models import CallAttempt, Encounter, Message, Need
from tests.needs.api_cases import TokenClient, file
from tests.needs.crises.crisis_cases import opened
from tests.needs.reports.test_encounter_form import URL as ENCOUNTER
from tests.needs.reports.test_encounter_form import typed as met
from tests.needs.reports.test_need_form import typed as needed
from tests.support import Cast, City, SignedIn, TestResponse

NAMED = "Karim a froid, il est diabétique, 06 12 34 56 78"
HELD = "data-pii-held"
FORM = "/help/none/form/"


def said(answer: TestResponse) -> str:
    return str(answer.content.decode())


def test_a_note_with_a_name_is_held_once_with_the_reason_and_the_text(cast: Cast, signed_in: SignedIn) -> None:
    bob = signed_in(cast.bob)
    answer = bob.post(ENCOUNTER, met(note=NAMED))
    page = said(answer)
    assert answer.status_code == 400
    assert not Encounter.objects.exists()
    assert NAMED in page
    for part in (
        "“Karim” looks like a name",
        "a man of about 40",
        "“06 12 34 56 78” looks like",
        "“diabétique” is about",
    ):
        assert part in page
    assert 'name="note_as_it_is"' in page
    assert bob.post(ENCOUNTER, met(note=NAMED, note_as_it_is="1")).status_code == 302
    assert Encounter.objects.get().note == NAMED


def test_a_corrected_text_is_accepted(cast: Cast, signed_in: SignedIn) -> None:
    bob = signed_in(cast.bob)
    form = met(note=NAMED)
    assert bob.post(ENCOUNTER, form).status_code == 400
    assert bob.post(ENCOUNTER, {**form, "note": "un homme d'environ 40 ans a froid"}).status_code == 302


def test_it_speaks_french(cast: Cast, signed_in: SignedIn) -> None:
    bob = signed_in(cast.bob)
    page = said(bob.post(ENCOUNTER, met(note=NAMED), headers={"Accept-Language": "fr"}))
    assert "“Karim” ressemble à un nom" in page
    assert "Envoyer tel quel" in page


def test_the_confirmation_stays_checked_after_another_error(cast: Cast, signed_in: SignedIn) -> None:
    page = said(signed_in(cast.bob).post(ENCOUNTER, met(note=NAMED, note_as_it_is="1", persons="-1")))
    assert re.search(r'name="note_as_it_is"[^>]* checked', page)
    assert "tick “Send it as it is”" not in page


def test_street_names_are_accepted(cast: Cast, signed_in: SignedIn) -> None:
    form = met(note="sous le porche, rue Victor Hugo", place_text="12 avenue Jean Jaurès")
    assert signed_in(cast.bob).post(ENCOUNTER, form).status_code == 302


def test_a_need_that_can_wait_is_asked_about(client: Client, city: City) -> None:
    form = needed(urgency="later", text=NAMED)
    assert HELD in said(client.post(FORM, form))
    assert not Need.objects.exists()
    assert client.post(FORM, {**form, "text_as_it_is": "1"}).status_code == 302


@pytest.mark.parametrize(("gate", "urgency"), [("none", "now"), ("medical", "later")])
def test_an_emergency_is_stored_at_once_and_the_warning_comes_afterwards(
    client: Client, city: City, gate: str, urgency: str
) -> None:
    path = reverse("needs:need_form", args=[gate])
    answer = client.post(path, needed(urgency=urgency, text=NAMED), follow=True)
    assert Need.objects.get().text == NAMED
    assert "Your report is sent." in said(answer)
    assert "looks like a name" in said(answer)


def test_a_crisis_report_is_never_held(client: Client, cast: Cast) -> None:
    crisis = opened(cast.diane)
    form = {
        "id": str(uuid.uuid4()), "category": crisis.categories.all()[0].pk, "urgency": "later", "persons": "1",
        "text": NAMED, "place_text": "au pont", "latitude": "", "longitude": "", "contact": "",
    }  # fmt: skip
    page = said(client.get(reverse("needs:crisis_report", args=[crisis.slug])))
    assert "data-pii" not in page and "pii_check" not in page
    answer = client.post(reverse("needs:crisis_report", args=[crisis.slug]), form, follow=True)
    assert Need.objects.get().text == NAMED
    assert "Your report is sent." in said(answer)


def test_the_api_accepts_everything_and_warns_in_the_response(client: Client, cast: Cast) -> None:
    body = {"latitude": 48.866, "longitude": 2.35, "kinds": ["food"], "text": NAMED}
    answer = client.post("/api/v1/needs/", json.dumps(body), "application/json")
    assert answer.status_code == 201
    assert any("looks like a name" in line for line in answer.json()["warnings"])
    clean = client.post("/api/v1/needs/", json.dumps({**body, "text": "une soupe"}), "application/json")
    assert "warnings" not in clean.json()
    met_them = {"latitude": 48.866, "longitude": 2.35, "persons": 1, "note": NAMED}
    filed = TokenClient(cast.bob).send("encounters/", met_them)
    assert filed.status_code == 201
    assert len(filed.json()["warnings"]) == 3


@pytest.mark.usefixtures("open311")
def test_open311_accepts_it_and_warns_in_the_service_notice(client: Client, city: City) -> None:
    body = {"service_code": "food", "lat": "48.866", "long": "2.35", "description": NAMED}
    [filed] = client.post("/open311/v2/requests.json", body).json()
    assert "looks like a name" in filed["service_notice"]


def test_a_message_to_the_holder_is_held_on_the_reporters_page(client: Client, cast: Cast) -> None:
    answer = client.post(FORM, needed(text="une soupe"))
    own = Need.objects.get()
    Need.objects.filter(pk=own.pk).update(state=NeedState.OPEN)
    own.refresh_from_db()
    taking.take(own, cast.alice, kinds=["food"], association=None)
    path = f"{answer['Location']}message/"
    held = client.post(path, {"text": NAMED, "to": "holders"})
    assert held.status_code == 400
    assert NAMED in said(held) and HELD in said(held)
    assert not Message.objects.exists()
    assert client.post(path, {"text": NAMED, "text_as_it_is": "1"}).status_code == 302
    assert Message.objects.get().text == NAMED


def test_asking_a_holder_keeps_the_text_and_the_safety_checkbox(cast: Cast, signed_in: SignedIn) -> None:
    own = file()
    held = taking.take(own, cast.alice, kinds=["food"], association=None)
    dave = signed_in(cast.bob)
    path = reverse("needs:commitment_ask", args=[held.pk])
    answer = dave.post(path, {"ask-message": NAMED, "ask-safe": "on"})
    assert answer.status_code == 400
    assert NAMED in said(answer) and 'name="ask-message_as_it_is"' in said(answer)
    assert not held.hand_overs.exists()
    assert dave.post(path, {"ask-message": NAMED, "ask-safe": "on", "ask-message_as_it_is": "1"}).status_code == 302
    assert held.hand_overs.exists()


def test_dispatchers_are_asked_too(cast: Cast, signed_in: SignedIn) -> None:
    own = file(state=NeedState.NEW)
    carol = signed_in(cast.carol)
    call = reverse("needs:triage_call", args=[own.pk])
    answer = carol.post(call, {"result": "no_answer", "note": NAMED})
    assert HELD in said(answer)
    assert not CallAttempt.objects.exists()
    step = reverse("needs:triage_step", args=[own.pk])
    answer = carol.post(step, {"seen": "new", "state": "verified", "text": NAMED})
    assert HELD in said(answer) and NAMED in said(answer)
    chosen = {"action": "reject", "need": f"{own.pk}:new", "reason": "junk", "text": NAMED}
    answer = carol.post("/triage/bulk/", chosen)
    assert HELD in said(answer) and NAMED in said(answer)
    own.refresh_from_db()
    assert own.state == NeedState.NEW
