"""Unfinished needs by age, with the step or information that each lacks; the daily reminder; automatic expiry."""

import uuid
from collections.abc import Iterable, Sequence
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

from needs.base.dispatch_scope import scope
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.enums import NeedState, OutcomeReason
from needs.help.triage.triage_queue import with_call_at
from needs.models import CallAttempt, Commitment, Need, NeedQuerySet, NeedStep
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.notifications import notifying

BANDS = (2, 7, 14, 30)
"""Age in days at which each band begins."""
WARNING_TIME = timedelta(days=7)
"""The reminder counts a need as expiring soon if it expires within this time."""
MAX_PER_BAND = 100
_EXPIRING_STATES = [
    before
    for (before, after), actors in transitions.TRANSITIONS.items()
    if after == NeedState.EXPIRED and Actor.CLOCK in actors
]


@dataclass(frozen=True, slots=True)
class AgedNeed:
    """A need, and the steps and information that it lacks. closes_at: the time at which the need expires; None if it
    cannot expire."""

    need: Need
    missing: tuple[str | Promise, ...]
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Band:
    """Needs of one age range. days: lower bound; until: upper bound or None. count: number of all its needs."""

    days: int
    until: int | None
    count: int
    needs: list[AgedNeed]


def with_last_activity(needs: NeedQuerySet) -> NeedQuerySet:
    """Annotate needs with ``last_activity_at``: the latest step, answer of the reporter or call."""
    return needs.annotate(last_activity_at=Greatest(_latest(NeedStep), _latest(CallAttempt), F("state_at")))


def _latest(model: type[NeedStep] | type[CallAttempt]) -> Coalesce:
    rows = model._default_manager.filter(need=OuterRef("pk")).order_by().values("need").annotate(last=Max("at"))
    return Coalesce(Subquery(rows.values("last"), output_field=DateTimeField()), F("filed_at"))


def closing_times(needs: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return the time at which each of these needs closes by itself unless something happens; needs that cannot expire
    are left out."""
    rows = Need.objects.live().filter(pk__in=needs, state__in=_EXPIRING_STATES, archive=False)
    after = timedelta(days=settings.NEED_EXPIRES_DAYS)
    found = with_last_activity(rows).only("pk")
    return {need.pk: need.last_activity_at + after for need in found}  # type: ignore[attr-defined]


def bands(needs: NeedQuerySet, now: datetime) -> list[Band]:
    """Return the unfinished needs in bands of age, the oldest band first. A band contains only its MAX_PER_BAND oldest
    needs."""
    ends = [*BANDS[1:], None]
    unfinished = needs.unfinished()
    counts = unfinished.aggregate(
        **{
            f"from_{days}": Count("pk", filter=_age_between(now, days, until))
            for days, until in zip(BANDS, ends, strict=True)
        }
    )
    found = []
    for days, until in reversed(list(zip(BANDS, ends, strict=True))):
        aged = with_last_activity(with_call_at(unfinished.filter(_age_between(now, days, until))))
        held = Commitment.objects.running(now).filter(need=OuterRef("pk"))
        aged = aged.annotate(held=Exists(held)).order_by("filed_at", "pk")[:MAX_PER_BAND]
        found.append(Band(days, until, counts[f"from_{days}"], [_with_gaps(need, now) for need in aged]))
    return found


def _age_between(now: datetime, days: int, until: int | None) -> Q:
    aged = Q(filed_at__lte=now - timedelta(days=days))
    return aged if until is None else aged & Q(filed_at__gt=now - timedelta(days=until))


def _with_gaps(need: Need, now: datetime) -> AgedNeed:
    closes_at = need.last_activity_at + timedelta(days=settings.NEED_EXPIRES_DAYS)  # type: ignore[attr-defined]
    may_expire = need.state in _EXPIRING_STATES and not need.archive
    return AgedNeed(need, tuple(_gaps(need, now)), closes_at if may_expire else None)


_GAPS: dict[str, str | Promise] = {
    NeedState.HELD: _("a moderator’s decision"),
    NeedState.NEW: _("a check"),
    NeedState.VERIFIED: _("opening to volunteers"),
    NeedState.REOPENED: _("a decision about the reopened need"),
    NeedState.PARTLY_MET: _("help for the rest"),
    NeedState.COMMITTED: _("news from the person who takes care of it"),
    NeedState.OPEN: _("somebody to take care of it"),
}


def _gaps(need: Need, now: datetime) -> Iterable[str | Promise]:
    yield _GAPS[need.state]
    call_at = getattr(need, "call_at", None)
    if call_at is not None and call_at <= now:
        yield _("a call back")
    if need.lacks_place:
        yield _("a place")


# --- reminder and expiry ----------------------------------------------------------------------------------------


def remind(now: datetime | None = None) -> int:
    """Tell dispatchers once a day the number of their waiting needs and the number that expire soon.

    Return the number of notifications.
    """
    now = now or timezone.now()
    return sum(_remind(person, now) for person in scope.dispatchers())


def _remind(person: User, now: datetime) -> int:
    needs = scope.needs_for(Viewer(person))
    waiting = needs.unfinished().filter(_age_between(now, BANDS[0], None)).count()
    if not waiting:
        return 0
    closing = _inactive(needs, now, timedelta(days=settings.NEED_EXPIRES_DAYS) - WARNING_TIME).count()
    key = f"ageing:{timezone.localdate(now):%Y%m%d}"
    return notifying.notify([person], Topic.TRIAGE, key, lambda: _message(waiting, closing))


def _message(waiting: int, closing: int) -> notifying.Message:
    title = ngettext(
        "%(n)d need has waited for two days or more", "%(n)d needs have waited for two days or more", waiting
    )
    body = gettext("See what each of them lacks, and close those that are done.")
    if closing:
        body += " " + ngettext(
            "%(n)d will close automatically within a week unless something happens.",
            "%(n)d will close automatically within a week unless something happens.",
            closing,
        ) % {"n": closing}
    return notifying.Message(title % {"n": waiting}, body, reverse("needs:triage") + "?aged=1")


def expire(now: datetime | None = None) -> int:
    """Expire needs without activity for NEED_EXPIRES_DAYS; return their number. Archives do not expire."""
    now = now or timezone.now()
    closed = 0
    for key, state in _inactive(Need.objects.all(), now, timedelta(days=settings.NEED_EXPIRES_DAYS)).values_list(
        "pk", "state"
    )[:1000]:
        try:
            transitions.move(key, NeedState.EXPIRED, Cause(Actor.CLOCK, reason=OutcomeReason.TOO_OLD), expected=state)
        except NotPossible:
            continue  # somebody changed its state at the same time
        closed += 1
    return closed


def _inactive(needs: NeedQuerySet, now: datetime, span: timedelta) -> NeedQuerySet:
    """Return the needs that may expire and had no activity for ``span``."""
    needs = needs.live().filter(state__in=_EXPIRING_STATES, archive=False)
    return with_last_activity(needs).filter(Q(last_activity_at__lte=now - max(span, timedelta(0)))).order_by("filed_at")
