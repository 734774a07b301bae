"""Items as a phone sends them."""

import json
import uuid
from typing import Any

from django.test import Client

from volunteers.models import User
from volunteers.site.web_app import app_shell

MET = {"latitude": "48.866", "longitude": "2.35", "persons": "3", "asked": ["food"], "given": ["food"], "when": "now"}
SPOT = {"latitude": "48.866", "longitude": "2.35"}

type Item = dict[str, Any]


def item(kind: str, fields: object, **more: object) -> Item:
    """Return an item of the phone queue."""
    return {"id": str(uuid.uuid4()), "kind": kind, "body": json.dumps({"v": 1, "fields": fields}), "ago": 0, **more}


def send(client: Client, user: User | None, *items: Item) -> Any:
    """Send items under an account; return the response."""
    body = {"account": app_shell.account_of(user) if user else "", "items": list(items)}
    return client.post("/queue/send/", json.dumps(body), content_type="application/json")


def one(client: Client, user: User | None, thing: Item) -> dict[str, Any]:
    """Send one item and return its result."""
    result: dict[str, Any]
    [result] = send(client, user, thing).json()["results"]
    return result
