"""Telephone calls, entered as a dispatcher does it."""

import uuid
from typing import Any

from django.test import Client

NORD = {"latitude": "48.866000", "longitude": "2.350000"}
SUD = {"latitude": "48.855000", "longitude": "2.350000"}
NEW = "/triage/calls/new/"
SIMILAR = "/triage/calls/similar/"


def written_down(**changes: Any) -> dict[str, Any]:
    """Return the form data of a call that can be saved as verified."""
    return {
        "id": str(uuid.uuid4()), "gate": "none", "number": "06 12 34 56 78", "caller_name": "", "call_back": "",
        **NORD, "place_text": "under the bridge", "kinds": ["blanket"], "urgency": "soon", "persons": "2",
        "origin": "citizen", "text": "two people without a blanket", "ending": "verified", "reason": "", **changes,
    }  # fmt: skip


def take(client: Client, **changes: Any) -> uuid.UUID:
    """Save a call; return the id of its need."""
    form = written_down(**changes)
    answer = client.post(NEW, form)
    assert answer.status_code == 302, answer.content.decode()
    assert answer.headers["Location"] == f"/triage/calls/{form['id']}/"
    return uuid.UUID(form["id"])
