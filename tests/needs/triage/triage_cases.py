"""Needs for the tests of the dispatchers' pages."""

import uuid
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import NeedState
from needs.models import Need
from needs.reports import filing
from tests import filing_verbs

GARE = (48.8660, 2.3500)


def reported(
    place: tuple[float, float] | None = GARE, *, hours_ago: float = 1, state: str = NeedState.NEW, channel: str = "web",
    **fields: object,
) -> Need:  # fmt: skip
    """File a need as the form and the API do."""
    at = timezone.now() - timedelta(hours=hours_ago)
    values: dict[str, object] = {"kinds": ["food"], "urgency": "soon", "source": uuid.uuid4().hex, **fields}
    draft = NeedDraft(at=at, place=DraftPlace(*place) if place else None, **values)  # type: ignore[arg-type]
    filing_verbs.report_need(draft, state=state, extra=filing.Extra(filed_at=at, channel=channel))
    return Need.objects.get(pk=draft.id)


def page_of(client: Client, need: Need) -> str:
    """Return the triage page of a need that the client may see."""
    answer = client.get(f"/triage/{need.pk}/")
    assert answer.status_code == 200
    return str(answer.content.decode())
