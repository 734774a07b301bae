"""Sentences that raise the danger flags, and one helper for each way to file a report."""

import itertools
import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from needs.messages.channels import inbox
from needs.messages.channels.models import Correspondent, InboundMessage
from needs.messages.dialogue import message_reading
from needs.models import Crisis
from needs.reports.filing import follow_token
from solidarity.lib.danger_words.flags import DangerFlag
from tests.conftest import sign_in
from tests.needs.phone_queue.queue_cases import item, one
from tests.support import Cast
from volunteers.enums import Medium
from volunteers.models import User

FRENCH = {
    DangerFlag.NOT_BREATHING: "il ne respire plus",
    DangerFlag.UNCONSCIOUS: "elle est inconsciente",
    DangerFlag.BLUE_LIPS: "il a les lèvres bleues",
    DangerFlag.BLEEDING: "il saigne beaucoup",
    DangerFlag.OVERDOSE: "overdose, il a pris trop de médicaments",
    DangerFlag.LABOUR: "elle est en train d’accoucher",
    DangerFlag.CHEST_PAIN: "il a mal à la poitrine",
    DangerFlag.HYPOTHERMIA: "il est en hypothermie",
    DangerFlag.VIOLENCE: "un homme la frappe en ce moment",
    DangerFlag.SUICIDE: "il veut se suicider",
    DangerFlag.FIRE: "il y a le feu à la tente",
    DangerFlag.CHILD_ALONE: "un enfant est seul dans la rue",
}
ENGLISH = {
    DangerFlag.NOT_BREATHING: "he is not breathing",
    DangerFlag.UNCONSCIOUS: "she is unconscious",
    DangerFlag.BLUE_LIPS: "his lips are blue",
    DangerFlag.BLEEDING: "he is bleeding heavily",
    DangerFlag.OVERDOSE: "he took an overdose",
    DangerFlag.LABOUR: "she is in labour",
    DangerFlag.CHEST_PAIN: "he has chest pain",
    DangerFlag.HYPOTHERMIA: "she has hypothermia",
    DangerFlag.VIOLENCE: "a man is beating her right now",
    DangerFlag.SUICIDE: "she is suicidal",
    DangerFlag.FIRE: "the tent is on fire",
    DangerFlag.CHILD_ALONE: "a child is alone in the street",
}
_senders = itertools.count()
HARMLESS = "deux personnes sans couverture"
NORD = {"latitude": "48.866000", "longitude": "2.350000"}
SUD = {"latitude": "48.855000", "longitude": "2.350000"}


def filled_in(text: str, urgency: str = "soon", **changes: Any) -> dict[str, Any]:
    """Return the need form as somebody fills it in."""
    return {
        "id": str(uuid.uuid4()), **NORD, "place_text": "", "kinds": ["blanket"], "urgency": urgency, "origin": "citizen",
        "persons": "1", "text": text, "text_as_it_is": "1", "contact": "", **changes,
    }  # fmt: skip


def by_form(client: Client, text: str, urgency: str = "soon", *, gate: str = "none", **changes: Any) -> uuid.UUID:
    """File a need with the form; return its id."""
    sent = filled_in(text, urgency, **changes)
    answer = client.post(f"/help/{gate}/form/", sent)
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == f"/follow/{follow_token(uuid.UUID(sent['id']))}/"
    return uuid.UUID(sent["id"])


def by_phone_queue(client: Client, text: str, urgency: str) -> uuid.UUID:
    sent = filled_in(text, urgency)
    result = one(client, None, item("need", sent, id=sent["id"]))
    assert result.get("content_hash"), result
    return uuid.UUID(sent["id"])


def by_api(client: Client, text: str, urgency: str) -> uuid.UUID:
    body = {"latitude": 48.866, "longitude": 2.35, "kinds": ["blanket"], "urgency": urgency, "text": text}
    answer = client.post("/api/v1/needs/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["danger"] is True
    assert answer.json()["numbers"][0]["number"]
    return uuid.UUID(answer.json()["id"])


def by_open311(client: Client, text: str, urgency: str) -> uuid.UUID:
    body = {"service_code": "blanket", "lat": 48.866, "long": 2.35, "description": text, "attribute[urgency]": urgency}
    answer = client.post("/open311/v2/requests.json", body)
    assert answer.status_code == 201, answer.content.decode()
    [said] = answer.json()
    assert said["danger"] is True
    assert said["numbers"][0]["number"] in said["service_notice"]
    return uuid.UUID(said["service_request_id"])


def on_event_page(crisis: Crisis, client: Client, text: str, urgency: str, **changes: Any) -> uuid.UUID:
    """Report to an event on its public page; return the id."""
    sent = {
        "id": str(uuid.uuid4()), "category": crisis.categories.all()[1].pk, "place_text": "", **NORD, "urgency": urgency,
        "persons": "1", "text": text, "contact": "", **changes,
    }  # fmt: skip
    assert client.post(f"/crisis/{crisis.slug}/", sent).status_code == 302
    return uuid.UUID(sent["id"])


def by_batch(client: Client, text: str, urgency: str) -> uuid.UUID:
    body = {
        "kind": "need",
        "id": str(uuid.uuid4()),
        "latitude": 48.866,
        "longitude": 2.35,
        "kinds": ["blanket"],
        "urgency": urgency,
        "text": text,
    }
    answer = client.post("/api/v1/reports/batch/", json.dumps({"reports": [body]}), content_type="application/json")
    [result] = answer.json()["results"]
    assert result["danger"] is True and result["numbers"][0]["number"], result
    return uuid.UUID(result["id"])


def by_event_api(crisis: Crisis, client: Client, text: str, urgency: str) -> uuid.UUID:
    body = {"category": crisis.categories.all()[1].pk, "latitude": 48.866, "longitude": 2.35, "urgency": urgency,
            "text": text}  # fmt: skip
    answer = client.post(f"/api/v1/crises/{crisis.slug}/reports/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201 and answer.json()["danger"] is True, answer.json()
    return uuid.UUID(answer.json()["id"])


def by_message(medium: Medium, text: str) -> uuid.UUID:
    """Send a text message or an e-mail from a new sender; the automatic dialogue reads it and files the need."""
    number = next(_senders)
    sender = f"+336123{number:05}" if medium is Medium.SMS else f"person{number}@mail.example"
    inbox.receive(medium, gateway="test", provider_id=sender, sender=sender, text=text, received_at=timezone.now())
    InboundMessage.objects.filter(read_at=None).update(stored_at=timezone.now() - timedelta(minutes=1))
    message_reading.read_waiting()
    person = Correspondent.objects.get(digest=inbox.digest_of(medium, sender))
    first = person.sent.order_by("written_at", "pk")[0]
    assert numbers_in(first.text), "the first answer has the emergency numbers"
    need = person.dialogues.get().need_id
    assert need is not None
    return need


def numbers_in(text: str) -> bool:
    return bool({"15", "18", "17", "112", "119", "3114"} & set(re.findall(r"\d+", text)))


def by_dispatcher(cast: Cast) -> Callable[[Client, str, str], uuid.UUID]:
    return lambda _client, text, urgency: by_form(sign_in(Client(), cast.carol), text, urgency)


def encounter_with(note: str, user: User, **changes: Any) -> tuple[Client, str]:
    """Log an encounter with the form; return the signed-in client and the receipt's path."""
    client = sign_in(Client(), user)
    sent = {
        "id": str(uuid.uuid4()), **NORD, "persons": "1", "when": "now", "note": note, "note_as_it_is": "1", **changes,
    }  # fmt: skip
    answer = client.post("/encounters/new/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return client, answer["Location"]
