"""Pages to choose the field notes of a report, for its coordinators, and to agree, for the notes' associations."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.out.exports import export_jobs
from mapping.out.zone_reports.field_words import quoting
from mapping.out.zone_reports.report_wording import period_words
from needs.base.dispatch_scope.guards import association_dispatcher_only, dispatched
from volunteers.people.accounts.http_types import Request


@require_http_methods(["GET", "HEAD", "POST"])
def choose_words(request: Request, key: uuid.UUID) -> HttpResponse:
    """Choose the field notes that an external report should quote."""
    report = export_jobs.report_for(request.viewer, key)
    if not quoting.is_open(report):
        raise Http404
    refusal = ""
    if request.method == "POST":
        try:
            new = quoting.choose(report, _ids(request.POST.getlist("note")), request.user)
        except quoting.NotQuotable as reason:
            refusal = str(reason)
        else:
            said = _("The associations are asked. Their words appear in the report as soon as they agree.")
            messages.success(request, said if new else _("Your choice is saved."))
            return redirect("mapping:report", key=key)
    context = {
        "report": report, "period": period_words(report.start, report.end), "refusal": refusal,
        "candidates": quoting.candidates(report), "most": quoting.MOST_QUOTES,
    }  # fmt: skip
    return render(request, "mapping/zone_reports/choose_words.html", context, status=422 if refusal else 200)


def _ids(sent: list[str]) -> list[uuid.UUID]:
    """Return the ids; a text that is no id becomes the id of nothing."""
    found = []
    for text in sent:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            found.append(uuid.UUID(int=0))
    return found


@require_safe
def asked_words(request: Request) -> HttpResponse:
    """List the field notes of the reader's associations that reports would like to quote."""
    association_dispatcher_only(request.user)
    rows = [
        (quote, quoting.as_printed(quote), period_words(quote.report.start, quote.report.end))
        for quote in quoting.asked_of(dispatched(request.user))
    ]
    return render(request, "mapping/zone_reports/asked_words.html", {"rows": rows})


@require_POST
def answer_words(request: Request, quote: uuid.UUID) -> HttpResponse:
    """Agree to a quotation, refuse it, or withdraw the agreement; for dispatchers of the note's association."""
    found = get_object_or_404(quoting.asked_of(dispatched(request.user)), pk=quote)
    agreed = request.POST.get("agreed") == "yes"
    quoting.answer(found, agreed=agreed, by=request.user)
    messages.success(
        request,
        _("The report quotes your note.") if agreed else _("The report does not quote your note."),
    )
    return redirect("mapping:asked_words")
