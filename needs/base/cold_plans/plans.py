"""Cold plans: a different norm and a different expected number of people, for a territory and a period.

A plan is started by a coordinator or by a temperature reading. ``mapping.coverage.cells.cell_states`` applies the plans in
force. When a plan begins or ends, the worker recalculates all cells (``mapping.plans.parameters.versions.catch_up``). If a
plan starts now, the recalculation starts at once; if it starts later, the scheduler starts the recalculation.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.cold_plans.cold_plan_wording import period_words
from needs.models import ColdPlan, ColdPlanQuerySet, ColdTrigger
from needs.signals import cold_plans_changed
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.database.kept_query import KeptValues, one_of, starts_with
from solidarity.lib.database.prepared_statements import array
from volunteers.models import Territory
from volunteers.places.territories.areas import paths_above

LONGEST = timedelta(days=120)
OLDEST_READING = timedelta(hours=6)
EARLIEST_READING = timedelta(minutes=10)  # tolerance for clocks that are ahead
COLDEST, WARMEST = -60.0, 60.0


# --- queries ---------------------------------------------------------------------------------------------------------


def in_force_at(territory: Territory, moment: datetime) -> ColdPlan | None:
    """Return the plan in force in a territory: its own plan, else the plan of the nearest parent territory that has
    one. If there are several plans, the latest counts."""
    plans = _plans().active(moment).filter(territory__path__in=paths_above(territory.path))
    return plans.order_by(Length("territory__path").desc(), "-start").first()


def in_force_within(territory: Territory, moment: datetime) -> list[ColdPlan]:
    """Return the plans in force in a territory or in parts of it, largest territory first."""
    if not _ANY.rows(moment=moment, paths=array(paths_above(territory.path)), path=territory.path):
        return []
    plans = _plans().active(moment).filter(_concerns(territory))
    return list(plans.order_by(Length("territory__path"), "territory__path", "-start"))


def in_force_during(territory: Territory, start: datetime, end: datetime) -> list[ColdPlan]:
    """Return the plans in force in a territory or in parts of it during a period, earliest first."""
    plans = _plans().filter(Q(end=None) | Q(end__gt=start), _concerns(territory), start__lt=end)
    return list(plans.order_by("start"))


def _plans() -> ColdPlanQuerySet:
    return ColdPlan.objects.select_related("territory").defer("territory__polygon")


def _concerns(territory: Territory) -> Q:
    """Return a filter for the plans of a territory, its parents and its parts."""
    return Q(territory__path__in=paths_above(territory.path)) | Q(territory__path__startswith=territory.path)


# Most maps show no plan; this asks for one in a fraction of the time.
_ANY = KeptValues(
    {"moment": datetime(2000, 1, 1, tzinfo=UTC), "paths": "{a}", "path": "a/"},
    lambda moment, paths, path: (
        ColdPlan.objects.active(moment)
        .filter(Q(one_of("territory__path", paths, "text")) | Q(starts_with("territory__path", path)))
        .order_by()
        .values_list("pk")
    ),
)


@dataclass(frozen=True, slots=True)
class Plans:
    """A territory's own plans. above: the plan of a higher territory that is in force here."""

    running: list[ColdPlan]
    planned: list[ColdPlan]
    past: list[ColdPlan]
    above: ColdPlan | None


PAST_SHOWN = 20


def plans_of(territory: Territory, now: datetime) -> Plans:
    own = _plans().filter(territory=territory).select_related("author")
    in_force = in_force_at(territory, now)
    return Plans(
        running=list(own.active(now)),
        planned=list(own.filter(start__gt=now).order_by("start")),
        past=list(own.filter(end__lte=now)[:PAST_SHOWN]),
        above=in_force if in_force is not None and in_force.territory_id != territory.pk else None,
    )


# --- started by a coordinator ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan before it is stored. start: the start of the plan, None for now; end: the end of the plan, None if it is
    open."""

    start: datetime | None
    end: datetime | None
    norm_factor: float
    persons_factor: float
    reason: str


def start(territory: Territory, draft: Draft, author: Any, now: datetime | None = None) -> ColdPlan:
    """Store a plan. Raises ValidationError by field for impossible times and for times that overlap another plan."""
    moment = now or timezone.now()
    begin = max(draft.start or moment, moment)
    _check_times(begin, draft.end)
    with transaction.atomic():
        lock([_lock(territory)])
        clash = _clash(territory, begin, draft.end)
        if clash is not None:
            words = _("This territory already has a plan %(period)s. End that plan first, or choose other days.")
            raise ValidationError({"start": words % {"period": period_words(clash.start, clash.end)}})
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


def stop(plan: ColdPlan, now: datetime | None = None) -> bool:
    """End a running plan, or delete a planned one. Return False if it is already over.

    If a temperature reading started the plan, no reading can start another plan before this plan's original end.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        lock([_lock(plan.territory)])
        stored = ColdPlan.objects.select_for_update(of=("self",)).filter(pk=plan.pk).first()
        if stored is None or (stored.end is not None and stored.end <= moment):
            return False
        if stored.start > moment:
            stored.delete()
            return True
        if stored.temperature is not None:
            ColdTrigger.objects.filter(territory=stored.territory).update(quiet_until=stored.end)
        stored.end = moment
        stored.save(update_fields=["end"])
        cold_plans_changed.send(ColdPlan)
    return True


# --- started by a reading --------------------------------------------------------------------------------------------


def new_key(territory: Territory) -> str:
    """Create a webhook key for a territory that has a trigger, and revoke the old key. Only a hash is stored."""
    key = secrets.token_urlsafe(32)
    ColdTrigger.objects.filter(territory=territory).update(key_hash=hash_of(key))
    return key


def drop_key(territory: Territory) -> None:
    """Revoke the webhook key: no more readings are accepted."""
    ColdTrigger.objects.filter(territory=territory).update(key_hash="")


def hash_of(key: str) -> str:
    """Return the stored form of a webhook key."""
    return hashlib.sha256(key.encode()).hexdigest()


def trigger_for(slug: str, key: str) -> ColdTrigger | None:
    """Return the trigger for a key. For a wrong key, a missing trigger and an unknown territory, return None."""
    trigger = ColdTrigger.objects.filter(territory__slug=slug).select_related("territory").first()
    stored = trigger.key_hash if trigger is not None else ""
    matches = secrets.compare_digest(stored or hash_of(secrets.token_urlsafe()), hash_of(key))
    return trigger if matches and stored else None


@dataclass(frozen=True, slots=True)
class ReadingOutcome:
    """Result of a reading. outcome: ``started``, ``extended``, ``unchanged`` or ``none``. plan: the plan concerned."""

    outcome: str
    plan: ColdPlan | None


def take_reading(trigger: ColdTrigger, celsius: float, at: datetime) -> ReadingOutcome:
    """Store a temperature reading. At or below the threshold, start a plan, or extend a plan that an earlier reading
    started.

    Repeating a reading changes nothing. Coordinators' plans are never changed. Raises ValidationError by field for
    impossible temperatures and for readings that are too old or in the future.
    """
    moment = timezone.now()
    _check_reading(celsius, at, moment)
    with transaction.atomic():
        lock([_lock(trigger.territory)])
        trigger = ColdTrigger.objects.select_related("territory").get(pk=trigger.pk)
        if trigger.reading_at is None or at >= trigger.reading_at:
            trigger.reading_at, trigger.reading_celsius = at, celsius
            trigger.save(update_fields=["reading_at", "reading_celsius"])
        end = at + timedelta(hours=trigger.hours)
        running = ColdPlan.objects.active(moment).filter(territory=trigger.territory).first()
        if running is not None:
            return _extend(running, celsius, trigger, end)
        quiet = trigger.quiet_until is not None and at < trigger.quiet_until
        if celsius > trigger.celsius or quiet or end <= moment:
            return ReadingOutcome("none", None)
        following = _clash(trigger.territory, moment, end)  # a later plan that would overlap the new plan
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
    """Extend a plan that a reading started, at most until the next plan begins. Coordinators' plans stay unchanged."""
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
        raise ValidationError({"celsius": _("Send a temperature in °C from -60 to 60.")})
    if at > now + EARLIEST_READING:
        raise ValidationError({"at": _("This time is in the future.")})
    if at < now - OLDEST_READING:
        raise ValidationError({"at": _("This reading is more than 6 hours old.")})


def _lock(territory: Territory) -> str:
    return f"needs.cold_plans.plans.{territory.pk}"


def frozen_plans(plans: Iterable[ColdPlan]) -> list[dict[str, Any]]:
    """Return plans in JSON types, as a zone report stores them."""
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
