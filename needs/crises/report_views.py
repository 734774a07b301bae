"""The public page of an event: one form, without account and scripts."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from needs.crises.closing import open_reports
from needs.crises.crisis_events import Phase, phase_of
from needs.crises.forms import CrisisReportForm
from needs.models import Crisis
from needs.reports import filing, intake
from needs.reports.need_report_views import warn_of_pii
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.http.kept_pages import kept
from solidarity.lib.languages import in_public_languages
from volunteers.people.accounts.http_types import Request


@kept
@in_public_languages
@never_cache
def report(request: Request, slug: str) -> HttpResponse:
    """Report to an event.

    A report sent after the event has ended becomes an ordinary need. A report that is sent twice is stored once; both
    responses lead to the same report.
    """
    crisis = get_object_or_404(Crisis, slug=slug)
    phase = phase_of(crisis, timezone.now())
    if phase is Phase.COMING:
        raise Http404
    if phase is Phase.OVER and request.method != "POST":
        over = {"crisis": crisis, "counts": open_reports.public_counts(crisis)}
        return render(request, "needs/crises/crisis_over.html", over)
    device = intake.device_of(request)
    form = _form(request, crisis)
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        filed = _file(request, form, crisis if phase is Phase.RUNNING else None, device)
        if filed.stored is not InsertResult.CONFLICT:
            warn_of_pii(request, form)
            response: HttpResponse = redirect("needs:follow", filing.follow_token(filed.id))
            intake.remember(response, device)
            return response
        form, status = form.with_new_id(), 409
    context = {"crisis": crisis, "form": form, "counts": open_reports.public_counts(crisis)}
    return render(request, "needs/crises/crisis_report.html", context, status=status)


def _form(request: Request, crisis: Crisis) -> CrisisReportForm:
    sent: tuple[Any, Any] = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    too_large = "photo" in getattr(request, "too_large", ())
    categories = list(crisis.categories.all())
    return CrisisReportForm(*sent, categories=categories, too_large=too_large)


def _file(request: Request, form: CrisisReportForm, crisis: Crisis | None, device: str) -> filing.Filed:
    event = intake.EventOfReport(crisis, form.chosen)
    sender = intake.sender_of(request, device)
    if not form.cleaned_data["id"]:
        form.without_id = intake.minted_id(request, sender)
    photo = form.cleaned_data["photo"]
    return intake.file_need(form.draft(), sender, implied=form.implied, photo=photo, gate=form.danger, event=event)
