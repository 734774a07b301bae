"""Shared helpers of the API tests: needs in the city, clients with tokens."""

import uuid
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import NeedState
from needs.models import Need
from tests import filing_verbs
from volunteers.models import User
from volunteers.people.tokens import tokens

NORD = (48.866, 2.350)
SUD = (48.855, 2.340)
V1 = "/api/v1/"


def file(
    place: tuple[float, float] | None = NORD, *, state: str = NeedState.OPEN, hours_ago: float = 3, **more: Any
) -> Need:
    """Store a need."""
    draft = NeedDraft(
        at=timezone.now() - timedelta(hours=hours_ago),
        place=DraftPlace(*place) if place else None,
        **{"kinds": ["food"], "source": uuid.uuid4().hex, **more},
    )
    filing_verbs.report_need(draft, state=state)
    return Need.objects.get(pk=draft.id)


class TokenClient(Client):
    """A client that authenticates by token, without a session."""

    def __init__(self, user: User, *, writes: bool = True) -> None:
        self.row, text = tokens.make(user, "a program", writes=writes, days=30)
        super().__init__(headers={"Authorization": f"Bearer {text}"})

    def send(self, path: str, body: Any = None, method: str = "post") -> Any:
        """Send a request with a JSON body below /api/v1/."""
        return self.generic(method.upper(), V1 + path, "" if body is None else _json(body), "application/json")

    def ask(self, path: str, **query: Any) -> Any:
        return self.get(V1 + path, query)


def _json(body: Any) -> str:
    import json

    return json.dumps(body, default=str)
