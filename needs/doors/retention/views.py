"""The retention page for coordinators: periods in force and the latest runs."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from needs.base.retention_rules.registry import rules
from needs.base.retention_rules.retention_periods import PERIODS
from needs.models import Erasure, ImportRun, RetentionRun
from volunteers.people.accounts.http_types import Request
from volunteers.people.roles.standing import is_coordinator

RUNS_SHOWN = 14


@dataclass(frozen=True, slots=True)
class Line:
    """A rule in words, its period, and its number of rows in the last run.

    None means that the rule failed or is new.
    """

    description: str | Promise
    period: str
    number: int | None


@require_safe
def retention(request: Request) -> HttpResponse:
    """Show the periods in force and the latest runs; 404 for readers who coordinate nothing."""
    if not is_coordinator(request.user):
        raise Http404
    runs = list(RetentionRun.objects.filter(dry_run=False)[:RUNS_SHOWN])
    last = runs[0] if runs else None
    lines = [
        Line(
            rule.description,
            PERIODS[rule.period].words if rule.period else _("immediately"),
            last.counts.get(rule.name) if last else None,
        )
        for rule in rules()
    ]
    context = {
        "lines": lines,
        "last": last,
        "runs": [(run, sum(run.counts.values())) for run in runs],
        "backups": PERIODS["BACKUP_DAYS"].words,
        "archives": ImportRun.objects.filter(archive=True, dry_run=False).select_related("association")[:20],
        "erasures": Erasure.objects.count(),
    }
    return render(request, "needs/retention/retention.html", context)
