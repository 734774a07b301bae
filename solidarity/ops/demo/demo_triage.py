"""Work for the demonstration's dispatcher: duplicate reports, calls to make, a saved team filter."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point

from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import CallResult, Channel, NeedState, OutcomeReason, SearchPage, Urgency
from needs.models import CallAttempt, Need, NeedStep, SavedSearch
from needs.reports.filing import follow_hash, follow_token
from solidarity.lib import grid
from solidarity.lib.database.idempotent_insert import content_hash
from solidarity.ops.demo.people import SPACE, Cast

TWINS = 3
CALLS = 4
LATER = timedelta(minutes=40)
DEGREES = 0.0006
"""Distance from a report to its duplicate, to the north: about 65 m."""


def enter(cast: Cast, until: datetime) -> dict[str, int]:
    """Store the work in the caller's transaction; return row counts. Safe to repeat; storing.wipe deletes it."""
    dispatcher = cast.logins["dispatcher"]
    fresh = (
        Need.objects.live()
        .filter(channel=Channel.DEMO, state=NeedState.NEW, at__lt=until - LATER)
        .order_by("-at", "pk")
    )
    twins = [_twin(need) for need in fresh.exclude(point=None).exclude(text="")[:TWINS]]
    Need.objects.bulk_create(twins)
    NeedStep.objects.bulk_create(NeedStep(need=twin, state=twin.state, at=twin.state_at) for twin in twins)
    calls = CallAttempt.objects.bulk_create(_calls(fresh.exclude(contact=None)[:CALLS], dispatcher, until))
    _reopen(until)
    SavedSearch.objects.update_or_create(
        user_id=dispatcher,
        page=SearchPage.TRIAGE,
        name="Couchage, aujourd’hui",
        defaults={
            "query": SearchQuery(kinds=("blanket", "tent", "shelter"), urgency=(Urgency.NOW,)).to_json(),
            "association_id": cast.associations[0],
        },
    )
    return {"twins": len(twins), "calls": len(calls)}


def _twin(need: Need) -> Need:
    """Return a second report of the same need by another person, a little later and a few metres away."""
    assert need.point is not None
    place = Point(need.point.x, need.point.y + DEGREES, srid=4326)
    cell, fine = grid.cells_of(place.y, place.x)
    key = uuid.uuid5(SPACE, f"twin {need.pk}")
    at = need.at + LATER
    return Need(
        id=key, content_hash=content_hash({"twin": str(need.pk)}), at=at, filed_at=at, point=place, cell=cell,
        fine_cell=fine if need.fine_cell else None, channel=Channel.DEMO, origin=need.origin,
        source=uuid.uuid5(key, "device").hex, kinds=need.kinds[:1], urgency=need.urgency, persons=need.persons,
        text=need.text, follow_hash=follow_hash(follow_token(key)), state=NeedState.NEW, state_at=at,
    )  # fmt: skip


def _reopen(until: datetime) -> None:
    """Reopen a need because its reporter says that help is still needed."""
    at = until - timedelta(hours=5)
    ended = Need.objects.live().filter(channel=Channel.DEMO, state=NeedState.UNMET, state_at__lt=at)
    need = ended.order_by("-state_at", "pk").first()
    if need is not None and ended.count() > 1:
        NeedStep.objects.create(
            need=need,
            before=need.state,
            state=NeedState.REOPENED,
            at=at,
            by_reporter=True,
            reason=OutcomeReason.STILL_NEEDED,
        )
        need.state, need.state_at = NeedState.REOPENED, at
        need.save(update_fields=["state", "state_at"])


def _calls(needs: Iterable[Need], by: int, until: datetime) -> Iterable[CallAttempt]:
    """Yield failed calls that should be tried again now, and a successful call."""
    results = (CallResult.NO_ANSWER, CallResult.VOICEMAIL, CallResult.CALL_LATER, CallResult.REACHED)
    for need, result in zip(needs, results, strict=False):
        at = max(need.at, until - timedelta(hours=3))
        again = None if result == CallResult.REACHED else max(at, until - timedelta(minutes=30))
        yield CallAttempt(need=need, by_id=by, at=at, result=result, next_at=again)
