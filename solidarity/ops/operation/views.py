"""The state of the site: the page “What runs” for administrators, readiness for monitors, and metrics for
Prometheus."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from mapping.coverage.folding import debounced_fold, unfolded
from mapping.models import UnfoldedReport
from needs.enums import ReportKind
from solidarity.ops.backups import making
from solidarity.ops.operation import back_up_request, deploy_checks, kept_readings, metrics, probe_words
from solidarity.ops.operation.models import RedPart
from solidarity.ops.operation.probes import State
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording, verbs
from volunteers.site.setup_checklist.checklist import may_set_up

UNFOLDED_PER_PAGE = 50


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Return 200 if reports reach the map, else 503; name the parts and their states, and nothing else."""
    readings = kept_readings.essential.get()
    works = all(reading.state is State.OK for reading in readings)
    parts = {"web": "ok"} | {reading.part: reading.state.value for reading in readings}
    answer = JsonResponse({"status": "ready" if works else "not ready", "parts": parts}, status=200 if works else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # a flood while a part is red must not fill the log
    return answer


@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Return the metrics; 404 for everybody who may not read them, as if there were no metrics."""
    if not metrics.may_read(request):
        raise Http404
    return HttpResponse(metrics.text_of(kept_readings.everything.get()), content_type=CONTENT_TYPE_LATEST)


@require_POST
def back_up(request: Request) -> HttpResponse:
    """Ask the worker for a back-up."""
    if not may_set_up(request.viewer):
        raise Http404
    back_up_request.start()
    return redirect(f"{reverse('setup:checklist')}#back_up")


@require_safe
def back_up_state(request: Request) -> HttpResponse:
    """The part of the checklist about the last back-up, and about one that is running or has failed. The page polls
    this part while a back-up is running."""
    if not may_set_up(request.viewer):
        raise Http404
    asked = back_up_request.current()
    running = asked is not None and not asked.problem
    context = {"asked": asked, "running": running, "newest": making.newest(), "key": settings.BACKUP_KEY}
    answer = render(request, "ops/operation/back_up_state.html", context)
    if request.GET.get("ran") and not running:
        answer["HX-Refresh"] = "true"
    return answer


@require_safe
def what_runs(request: Request) -> HttpResponse:
    """Show administrators the state of every part in words, what to do about each red part, and the settings to
    change."""
    if not may_set_up(request.viewer):
        raise Http404
    since = dict(RedPart.objects.values_list("part", "since"))
    lines = probe_words.lines(kept_readings.everything.get(), since)
    recording.record(request.user, verbs.Verb.OPERATION_READ, "operation", purpose=verbs.Purpose.UPKEEP)
    context = {
        "red": [line for line in lines if line.is_red],
        "rest": [line for line in lines if not line.is_red],
        "findings": deploy_checks.findings(),
    }
    return render(request, "ops/operation/what_runs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def unfolded_reports(request: Request) -> HttpResponse:
    """Show administrators the reports whose fold failed, without places and names; POST lets the dead letters be tried
    again."""
    if not may_set_up(request.viewer):
        raise Http404
    if request.method == "POST":
        number = unfolded.try_again()
        recording.record(
            request.user,
            verbs.Verb.FOLDS_RETRIED,
            "operation",
            purpose=verbs.Purpose.UPKEEP,
            details={"reports": number},
        )
        debounced_fold.fold_soon([None])
        return redirect("operation:unfolded")
    page = Paginator(UnfoldedReport.objects.by_report(), UNFOLDED_PER_PAGE).get_page(request.GET.get("page"))
    listed = [{**row, "kind": ReportKind(row["kind"]).label} for row in page]
    context = {
        "page": page,
        "given_up": [row for row in listed if row["given_up"]],
        "retried": [row for row in listed if not row["given_up"]],
    }
    return render(request, "ops/operation/unfolded.html", context)
