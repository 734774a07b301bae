"""Cold plans: another norm and other expectations for a territory and a time; started by hand or by a temperature.

``mapping.coverage.cell_states.territory_params_of`` applies the plans of the moment. When one begins or ends, the worker computes everything
anew (mapping.parameters.versions.catch_up): at once for what is stored now, within its schedule for what was planned.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.cold_plans.cold_plan_wording import period_words
from needs.models import ColdPlan, ColdTrigger
from needs.signals import cold_plans_changed
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Territory

LONGEST = timedelta(days=120)
OLDEST_READING = timedelta(hours=6)
EARLIEST_READING = timedelta(minutes=10)  # a clock that is ahead
COLDEST, WARMEST = -60.0, 60.0


# --- reading -------------------------------------------------------------------------------------------------------


def reaching(territory: Territory, moment: datetime) -> ColdPlan | None:
    """The plan in force in a territory: of the deepest territory that has one, the latest to start."""
    return (
        ColdPlan.objects.active(moment)
        .filter(territory__path__in=_paths(territory.path))
        .select_related("territory")
        .defer("territory__polygon")
        .order_by(Length("territory__path").desc(), "-start")
        .first()
    )


def shown(territory: Territory, moment: datetime) -> list[ColdPlan]:
    """Plans in force in a territory or in parts of it, the widest first."""
    return list(
        ColdPlan.objects.active(moment)
        .filter(Q(territory__path__in=_paths(territory.path)) | Q(territory__path__startswith=territory.path))
        .select_related("territory")
        .defer("territory__polygon")
        .order_by(Length("territory__path"), "territory__path", "-start")
    )


def between(territory: Territory, start: datetime, end: datetime) -> list[ColdPlan]:
    """Plans that were in force in a territory or in parts of it at some moment of a period, the earliest first."""
    return list(
        ColdPlan.objects.filter(Q(end=None) | Q(end__gt=start), start__lt=end)
        .filter(Q(territory__path__in=_paths(territory.path)) | Q(territory__path__startswith=territory.path))
        .select_related("territory")
        .defer("territory__polygon")
        .order_by("start")
    )


def _paths(path: str) -> list[str]:
    """The path of a territory and of all above it."""
    steps = path.split("/")[:-1]
    return ["/".join(steps[: number + 1]) + "/" for number in range(len(steps))]


@dataclass(frozen=True, slots=True)
class Plans:
    """A territory's own plans. above: one of a territory above that is in force here."""

    running: list[ColdPlan]
    planned: list[ColdPlan]
    past: list[ColdPlan]
    above: ColdPlan | None


def plans_of(territory: Territory, now: datetime, most: int = 20) -> Plans:
    """The plans of a territory: running, planned, past."""
    own = ColdPlan.objects.filter(territory=territory).select_related("author", "territory").defer("territory__polygon")
    found = reaching(territory, now)
    return Plans(
        running=list(own.active(now)),
        planned=list(own.filter(start__gt=now).order_by("start")),
        past=list(own.filter(end__lte=now)[:most]),
        above=found if found is not None and found.territory_id != territory.pk else None,
    )


# --- by hand -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan to be. start: None for now; end: None for open."""

    start: datetime | None
    end: datetime | None
    norm_factor: float
    persons_factor: float
    reason: str


def start(territory: Territory, draft: Draft, author: Any, now: datetime | None = None) -> ColdPlan:
    """Store a plan. Raises ValidationError by field for times that cannot be, or that another plan has."""
    moment = now or timezone.now()
    begin = max(draft.start or moment, moment)
    _check_times(begin, draft.end)
    with transaction.atomic():
        lock([_lock(territory)])
        clash = _clash(territory, begin, draft.end)
        if clash is not None:
            raise ValidationError({"start": _clash_words(clash)})
        plan = ColdPlan.objects.create(
            territory=territory,
            start=begin,
            end=draft.end,
            norm_factor=draft.norm_factor,
            persons_factor=draft.persons_factor,
            reason=draft.reason,
            author=author,
        )
        cold_plans_changed.send(ColdPlan)
    return plan


def _check_times(begin: datetime, end: datetime | None) -> None:
    if end is None:
        return
    if end <= begin:
        raise ValidationError({"end": _("The end comes before the start. Choose a later one.")})
    if end - begin > LONGEST:
        raise ValidationError({"end": _("A plan lasts at most 120 days. Choose an earlier end.")})


def _clash(territory: Territory, begin: datetime, end: datetime | None) -> ColdPlan | None:
    plans = ColdPlan.objects.filter(territory=territory).filter(Q(end=None) | Q(end__gt=begin))
    if end is not None:
        plans = plans.filter(start__lt=end)
    return plans.order_by("start").first()


def _clash_words(plan: ColdPlan) -> str:
    return _("Another plan of this territory has that time: %(period)s. End it first, or choose other days.") % {
        "period": period_words(plan.start, plan.end)
    }


def stop(plan: ColdPlan, now: datetime | None = None) -> bool:
    """End a running plan, or drop one that has not begun; False when it is over already.

    After one that a temperature set off, no reading starts another until it would have ended.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        lock([_lock(plan.territory)])
        found = ColdPlan.objects.select_for_update(of=("self",)).filter(pk=plan.pk).first()
        if found is None or (found.end is not None and found.end <= moment):
            return False
        if found.start > moment:
            found.delete()
            return True
        if found.temperature is not None:
            ColdTrigger.objects.filter(territory=found.territory).update(quiet_until=found.end)
        found.end = moment
        found.save(update_fields=["end"])
        cold_plans_changed.send(ColdPlan)
    return True


# --- by a temperature ----------------------------------------------------------------------------------------------


def new_key(territory: Territory) -> str:
    """A new key for the webhook of a territory that has a trigger; the old one is void. Only its hash is kept."""
    key = secrets.token_urlsafe(32)
    ColdTrigger.objects.filter(territory=territory).update(key_hash=hash_of(key))
    return key


def drop_key(territory: Territory) -> None:
    """No reading is taken any more."""
    ColdTrigger.objects.filter(territory=territory).update(key_hash="")


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def trigger_for(slug: str, key: str) -> ColdTrigger | None:
    """The trigger that a key opens; None for a wrong key, no trigger and no territory alike."""
    trigger = ColdTrigger.objects.filter(territory__slug=slug).select_related("territory").first()
    stored = trigger.key_hash if trigger is not None else ""
    same = secrets.compare_digest(stored or hash_of(secrets.token_urlsafe()), hash_of(key))
    return trigger if same and stored else None


@dataclass(frozen=True, slots=True)
class ReadingOutcome:
    """What a reading did: ``started``, ``extended``, ``unchanged`` or ``none``. plan: the one in question."""

    outcome: str
    plan: ColdPlan | None


def take_reading(trigger: ColdTrigger, celsius: float, at: datetime, now: datetime | None = None) -> ReadingOutcome:
    """Take a reading. At or below the threshold it starts a plan, or extends the one that a reading started.

    The same reading again changes nothing. A coordinator's plan is left alone. Raises ValidationError by field for what
    no thermometer says, and for readings that are old or from the future.
    """
    moment = now or timezone.now()
    _check_reading(celsius, at, moment)
    with transaction.atomic():
        lock([_lock(trigger.territory)])
        trigger = ColdTrigger.objects.select_related("territory").get(pk=trigger.pk)
        if trigger.heard_at is None or at >= trigger.heard_at:
            trigger.heard_at, trigger.heard_celsius = at, celsius
            trigger.save(update_fields=["heard_at", "heard_celsius"])
        end = at + timedelta(hours=trigger.hours)
        running = ColdPlan.objects.active(moment).filter(territory=trigger.territory).first()
        if running is not None:
            return _extend(running, celsius, trigger, end)
        quiet = trigger.quiet_until is not None and at < trigger.quiet_until
        if celsius > trigger.celsius or quiet or end <= moment:
            return ReadingOutcome("none", None)
        following = _clash(trigger.territory, moment, end)  # a plan of a coordinator that begins before it would end
        plan = ColdPlan.objects.create(
            territory=trigger.territory,
            start=moment,
            end=min(end, following.start) if following else end,
            norm_factor=trigger.norm_factor,
            persons_factor=trigger.persons_factor,
            temperature=celsius,
        )
        cold_plans_changed.send(ColdPlan)
    return ReadingOutcome("started", plan)


def _extend(running: ColdPlan, celsius: float, trigger: ColdTrigger, end: datetime) -> ReadingOutcome:
    """Let a plan that a reading started last longer, up to the next plan; coordinators' plans stay as they are."""
    if running.temperature is None or celsius > trigger.celsius or running.end is None or end <= running.end:
        return ReadingOutcome("unchanged", running)
    following = _clash(trigger.territory, running.end, end)
    end = min(end, following.start) if following else end
    if end <= running.end:
        return ReadingOutcome("unchanged", running)
    running.end = end
    running.temperature = min(celsius, running.temperature)
    running.save(update_fields=["end", "temperature"])
    return ReadingOutcome("extended", running)


def _check_reading(celsius: float, at: datetime, now: datetime) -> None:
    if not COLDEST <= celsius <= WARMEST:
        raise ValidationError({"celsius": _("A temperature in °C from -60 to 60, please.")})
    if at > now + EARLIEST_READING:
        raise ValidationError({"at": _("This moment is in the future.")})
    if at < now - OLDEST_READING:
        raise ValidationError({"at": _("This reading is more than 6 hours old.")})


def _lock(territory: Territory) -> str:
    return f"needs.cold_plans.plans.{territory.pk}"


def frozen(plans: Iterable[ColdPlan]) -> list[dict[str, Any]]:
    """Plans as a report keeps them: JSON's types only."""
    return [
        {
            "territory": plan.territory.name,
            "start": plan.start.isoformat(timespec="seconds"),
            "end": plan.end.isoformat(timespec="seconds") if plan.end else None,
            "norm_factor": plan.norm_factor,
            "persons_factor": plan.persons_factor,
            "celsius": plan.temperature,
        }
        for plan in plans
    ]
