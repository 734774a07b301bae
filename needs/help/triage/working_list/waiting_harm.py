"""The harm that waiting may do: the order in which dispatchers see needs.

``harm`` is the formula; ``most_harm_first`` gives the same numbers in the database, so that long lists can be split
into pages. The weights are judgements, not measurements. docs/desk.md explains them. Tests compare the two results.
"""

from datetime import datetime

from django.db.models import (
    Case,
    CharField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    Value,
    When,
)  # fmt: skip
from django.db.models.expressions import Combinable
from django.db.models.functions import Extract, Greatest, Least
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.enums import AlarmStep, Urgency
from needs.models import ColdPlan, NeedQuerySet
from solidarity.lib.database.kept_condition import KeptCondition
from volunteers.models import Territory

URGENCY = {Urgency.NOW: 10.0, Urgency.SOON: 3.0, Urgency.LATER: 1.0}
COLD = 2.0
"""Factor while a cold plan is in force at the need's cell, or anywhere if the need has no cell."""
DANGER = 3.0
"""Factor after a danger alarm that somebody answered, until a dispatcher has opened the need. It does not apply if the
answer was "not an emergency"."""
GROWTH_DAYS = 3.0
"""Number of days after which waiting has added the harm of one more fresh need."""
MAX_DAYS = 9.0
"""Age in days after which the harm no longer grows: very old reports are often no longer true."""
SECONDS_A_DAY = 86_400
ALARM_WAITS = Q(danger_alarm__isnull=False, danger_alarm__acknowledged_at=None)
"""Condition on needs: an alarm that nobody has answered."""
WEIGHTS = {name.value: round(points) for name, points in URGENCY.items()} | {
    "cold": round(COLD), "danger": round(DANGER), "days": round(GROWTH_DAYS), "most": round(MAX_DAYS),
}  # fmt: skip
"""The weights as the page explains them."""


def harm(urgency: str, days: float, *, cold: bool = False, danger: bool = False) -> float:
    """Return the expected harm of waiting, in points. A new need with the urgency "today" has 10 points.

    days: number of days since the report. A need with an unanswered danger alarm has no number, because it comes before
    all other needs.
    """
    grown = 1 + min(max(days, 0.0), MAX_DAYS) / GROWTH_DAYS
    return URGENCY[Urgency(urgency)] * (COLD if cold else 1.0) * (DANGER if danger else 1.0) * grown


def most_harm_first(needs: NeedQuerySet, now: datetime) -> NeedQuerySet:
    """Return needs in order: unanswered danger alarms, then by expected harm of waiting, then the oldest.

    needs: from :func:`needs.base.dispatch_scope.scope.needs_for`.
    """
    return alarms_first(with_harm(needs, now), "-harm", "at")


def alarms_first(needs: NeedQuerySet, *order: str) -> NeedQuerySet:
    """Return needs with unanswered danger alarms on top, then in the given order."""
    pinned = Case(When(ALARM_WAITS, then=Value(0)), default=Value(1))
    return needs.alias(pinned=pinned).order_by("pinned", *order, "pk")


def with_harm(needs: NeedQuerySet, now: datetime) -> NeedQuerySet:
    """Annotate needs with ``harm``, by the formula of :func:`harm`."""
    waited = ExpressionWrapper(Value(now) - F("at"), output_field=DurationField())
    days = Extract(waited, "epoch", output_field=FloatField()) / Value(float(SECONDS_A_DAY))
    grown = Value(1.0) + Least(Greatest(days, Value(0.0)), Value(MAX_DAYS)) / Value(GROWTH_DAYS)
    urgency = Case(*(When(urgency=name, then=Value(points)) for name, points in URGENCY.items()), default=Value(1.0))
    answered = Q(danger_alarm__acknowledged_at__isnull=False, first_opened_at=None)
    answered &= ~Q(danger_alarm__step=AlarmStep.NOT_EMERGENCY)
    product: Combinable = urgency * _factor(answered, DANGER) * grown * _factor(_COLD.on(F("cell")), COLD)
    return needs.annotate(harm=ExpressionWrapper(product, output_field=FloatField()))


def _in_the_cold() -> NeedQuerySet:
    """Return the needs in places with a cold plan in force now, and, if any plan is in force, those without a cell."""
    plans = ColdPlan.objects.active(timezone.now())
    above = plans.alias(here=ExpressionWrapper(OuterRef("path"), CharField()))
    cold = Territory.objects.filter(Exists(above.filter(here__startswith=F("territory__path"))))
    return scope.with_cell_above().filter(Exists(plans), Q(cell=None) | scope.in_cells_of(cold))


_COLD = KeptCondition(("cell",), _in_the_cold)


def _factor(condition: Q, factor: float) -> Case:
    return Case(When(condition, then=Value(factor)), default=Value(1.0), output_field=FloatField())
