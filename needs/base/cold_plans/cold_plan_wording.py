"""Sentences about cold plans for the map, the zone list, the why page and the zone report."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from needs.models import ColdPlan
from solidarity.lib.numbers import digits, plain


def period_words(start: datetime, end: datetime | None) -> str:
    """Return the period in words; None as end means open-ended."""
    if end is None:
        return _("since %(start)s, until further notice") % {"start": _moment(start)}
    return _("from %(start)s to %(end)s") % {"start": _moment(start), "end": _moment(end)}


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")


def terms_words(norm_factor: float, persons_factor: float) -> str:
    """Return the effect of a plan in words."""
    norm = _("help needed: %(factor)s times the norm") % {"factor": plain(norm_factor)}
    if abs(persons_factor - 1.0) < 1e-9:
        return norm
    people = _("people expected: %(factor)s times the usual number") % {"factor": plain(persons_factor)}
    return _("%(one)s, %(other)s") % {"one": norm, "other": people}


def plan_words(plan: ColdPlan) -> str:
    """Return one sentence with the place, the time and the effect of the plan."""
    return _sentence(plan.territory.name, period_words(plan.start, plan.end), plan.norm_factor, plan.persons_factor)


def frozen_words(plan: dict[str, Any]) -> str:
    """Return the sentence of ``plan_words`` for a plan stored with a zone report (``plans.frozen_plans``)."""
    end = datetime.fromisoformat(plan["end"]) if plan["end"] else None
    period = period_words(datetime.fromisoformat(plan["start"]), end)
    return _sentence(plan["territory"], period, plan["norm_factor"], plan["persons_factor"])


def _sentence(name: str, period: str, norm_factor: float, persons_factor: float) -> str:
    return _("Cold plan in %(name)s, %(period)s (%(terms)s).") % {
        "name": name,
        "period": period,
        "terms": terms_words(norm_factor, persons_factor),
    }


def row(plan: ColdPlan) -> dict[str, Any]:
    """Return a plan for the list of its territory's plans."""
    celsius = None if plan.temperature is None else digits(plan.temperature)
    return {
        "pk": plan.pk,
        "period": period_words(plan.start, plan.end),
        "terms": terms_words(plan.norm_factor, plan.persons_factor),
        "reason": plan.reason,
        "by": _("started by a reading of %(celsius)s °C") % {"celsius": celsius} if celsius else str(plan.author or ""),
    }
