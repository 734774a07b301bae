"""The page that closes an event and asks what happens to the reports that are still open."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.event_rights import crisis_access
from needs.base.event_rights.coordinators import led_crisis
from needs.crises.closing import leftovers, open_reports
from needs.crises.closing.forms import ClosingForm
from needs.crises.crisis_events import Phase, phase_of
from needs.models import Need
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

LISTED = 100
"""Maximum number of reports with a separate decision on the page; the others follow the decision for all."""


def closing(request: Request, slug: str) -> HttpResponse:
    """Show how many reports are still open, and close the event with a decision about each."""
    crisis = led_crisis(request.viewer, slug)
    if phase_of(crisis, timezone.now()) is Phase.OVER:
        return redirect("mapping:crises")
    left = open_reports.left_of(crisis)
    own = left.filter(pk__in=crisis_access.reports_of(request.viewer, crisis).order_by().values("pk"))
    listed, number = list(own.select_related("crisis_category")[:LISTED]), own.count()
    form = ClosingForm(request.POST if request.method == "POST" else None, listed=listed)
    if form.is_bound and form.is_valid():
        handed, closed = leftovers.close_event(crisis, request.viewer, form.cleaned_data["everything"], form.decisions)
        details = {"handed_over": handed, "closed": closed}
        recording.record(
            request.user, Verb.CRISIS_CLOSED, "crisis", crisis.pk, purpose=Purpose.COORDINATION, details=details
        )
        words = _("The event is closed. Handed over to the desks: %(handed)d. Closed with a reason: %(closed)d.")
        messages.success(request, words % {"handed": handed, "closed": closed})
        return redirect("mapping:crises")
    counts = open_reports.counts_of(Need.objects.live().filter(crisis=crisis))
    context = {
        "crisis": crisis,
        "form": form,
        "counts": counts,
        "more": number - len(listed),
        "elsewhere": counts.left - number,
    }
    return render(request, "needs/crises/closing/closing.html", context, status=400 if form.is_bound else 200)
