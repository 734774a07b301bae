"""Needs for the tests of the dispatchers' pages."""

import uuid
from datetime import timedelta

from django.utils import timezone

from needs.enums import NeedState
from needs.models import Need
from needs.reports import filing

GARE = (48.8660, 2.3500)


def reported(
    place: tuple[float, float] | None = GARE, *, hours_ago: float = 1, state: str = NeedState.NEW, channel: str = "web",
    **fields: object,
) -> Need:  # fmt: skip
    """File a need as a door would."""
    at = timezone.now() - timedelta(hours=hours_ago)
    values: dict[str, object] = {"kinds": ["food"], "urgency": "soon", "source": uuid.uuid4().hex, **fields}
    draft = filing.NeedDraft(at=at, place=filing.Place(*place) if place else None, **values)  # type: ignore[arg-type]
    filing.report_need(draft, state=state, extra=filing.Extra(filed_at=at, channel=channel))
    return Need.objects.get(pk=draft.id)
