"""Nothing is left unclosed: needs by how long they have waited, what is missing, the daily reminder, the clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, DateTimeField, Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from needs.enums import NeedState, OutcomeReason
from needs.models import CallAttempt, Commitment, Need, NeedQuerySet, NeedStep
from needs.triage import lifecycle
from needs.triage.lifecycle import Actor, Cause, NotPossible
from needs.triage.triage_queue import with_call_at
from volunteers.enums import Role, Topic
from volunteers.models import User
from volunteers.notifications import notifying

BANDS = (2, 7, 14, 30)
"""Days since it was reported at which an age band begins."""

WARNED_BEFORE = timedelta(days=7)
"""How long before the clock closes a need its dispatchers are reminded of it."""

MOST_PER_BAND = 100
_CLOCK_STATES = [
    before
    for (before, after), actors in lifecycle.TRANSITIONS.items()
    if after == NeedState.EXPIRED and Actor.CLOCK in actors
]


@dataclass(frozen=True, slots=True)
class Aged:
    """A need and what it still misses. closes_at: when the clock closes it; None when the clock cannot."""

    need: Need
    missing: tuple[str | Promise, ...]
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Band:
    """The needs of one age. days: from how many days on; until: up to how many, None for no end. count: all of them."""

    days: int
    until: int | None
    count: int
    needs: list[Aged]


def with_heard_at(needs: NeedQuerySet) -> NeedQuerySet:
    """Needs with ``heard_at``: the last time that anything happened: a step, a word of the reporter's, a call."""
    steps = (
        NeedStep.objects.filter(need=OuterRef("pk")).order_by().values("need").annotate(last=Max("at")).values("last")
    )
    calls = (
        CallAttempt.objects.filter(need=OuterRef("pk"))
        .order_by()
        .values("need")
        .annotate(last=Max("at"))
        .values("last")
    )
    step = Coalesce(Subquery(steps, output_field=DateTimeField()), F("filed_at"))
    call = Coalesce(Subquery(calls, output_field=DateTimeField()), F("filed_at"))
    return needs.annotate(heard_at=Greatest(step, call, F("state_at")))


def bands(now: datetime) -> list[Band]:
    """Unfinished needs by age, the oldest band first; of a band the MOST_PER_BAND oldest."""
    ends = [*BANDS[1:], None]
    counts = Need.objects.unfinished().aggregate(
        **{f"from_{days}": Count("pk", filter=_aged(now, days, until)) for days, until in zip(BANDS, ends, strict=True)}
    )
    found = []
    for days, until in reversed(list(zip(BANDS, ends, strict=True))):
        needs = with_heard_at(with_call_at(Need.objects.unfinished().filter(_aged(now, days, until))))
        held = Commitment.objects.running(now).filter(need=OuterRef("pk"))
        needs = needs.annotate(held=Exists(held)).order_by("filed_at", "pk")[:MOST_PER_BAND]
        found.append(Band(days, until, counts[f"from_{days}"], [_look_at(need, now) for need in needs]))
    return found


def _aged(now: datetime, days: int, until: int | None) -> Q:
    aged = Q(filed_at__lte=now - timedelta(days=days))
    return aged if until is None else aged & Q(filed_at__gt=now - timedelta(days=until))


def _look_at(need: Need, now: datetime) -> Aged:
    closes = need.heard_at + timedelta(days=settings.NEED_EXPIRES_DAYS)  # type: ignore[attr-defined]
    return Aged(need, tuple(_missing(need, now)), closes if need.state in _CLOCK_STATES and not need.archive else None)


_MISSING: dict[str, str | Promise] = {
    NeedState.HELD: _("a moderator's decision"),
    NeedState.NEW: _("a check"),
    NeedState.VERIFIED: _("opening it to volunteers"),
    NeedState.REOPENED: _("a decision: it was opened again"),
    NeedState.PARTLY_MET: _("help for the rest"),
    NeedState.COMMITTED: _("word from whoever takes care of it"),
    NeedState.OPEN: _("somebody who takes care of it"),
}


def _missing(need: Need, now: datetime) -> Iterable[str | Promise]:
    yield _MISSING[need.state]
    call_at = getattr(need, "call_at", None)
    if call_at is not None and call_at <= now:
        yield _("a call back")
    if need.cell is None and not need.place_text:
        yield _("a place")


# --- reminding and closing ----------------------------------------------------------------------------------------


def remind(now: datetime | None = None) -> int:
    """Tell dispatchers once a day how many needs wait and how many the clock closes next; notifications written."""
    moment = now or timezone.now()
    waiting = Need.objects.unfinished().filter(_aged(moment, BANDS[0], None)).count()
    if not waiting:
        return 0
    closing = _quiet(moment, timedelta(days=settings.NEED_EXPIRES_DAYS) - WARNED_BEFORE).count()
    people = User.objects.filter(
        is_active=True, memberships__role=Role.DISPATCHER, memberships__left_at=None
    ).distinct()
    key = f"ageing:{timezone.localdate(moment):%Y%m%d}"
    return notifying.notify(people, Topic.TRIAGE, key, lambda: _words(waiting, closing))


def _words(waiting: int, closing: int) -> notifying.Message:
    title = ngettext(
        "%(n)d need has waited for two days or more", "%(n)d needs have waited for two days or more", waiting
    )
    body = gettext("Look at what each of them misses, and close what is done.")
    if closing:
        body += " " + ngettext(
            "%(n)d is closed by itself within a week unless something happens.",
            "%(n)d are closed by themselves within a week unless something happens.",
            closing,
        ) % {"n": closing}
    return notifying.Message(title % {"n": waiting}, body, reverse("needs:triage_ageing"))


def expire(now: datetime | None = None) -> int:
    """Close needs of which nothing was heard for NEED_EXPIRES_DAYS, by the clock; how many.

    A word of the reporter's, a call or any step starts the time anew; archives are left as they are.
    """
    moment = now or timezone.now()
    closed = 0
    for key, state in _quiet(moment, timedelta(days=settings.NEED_EXPIRES_DAYS)).values_list("pk", "state")[:1000]:
        try:
            lifecycle.move(key, NeedState.EXPIRED, Cause(Actor.CLOCK, reason=OutcomeReason.TOO_OLD), expected=state)
        except NotPossible:
            continue  # somebody moved it in this moment
        closed += 1
    return closed


def _quiet(now: datetime, span: timedelta) -> NeedQuerySet:
    """Needs that the clock may close and of which nothing was heard for a time."""
    needs = Need.objects.live().filter(state__in=_CLOCK_STATES, archive=False)
    return with_heard_at(needs).filter(Q(heard_at__lte=now - max(span, timedelta(0)))).order_by("filed_at")
