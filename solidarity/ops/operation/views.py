"""What runs: a page for administrators, readiness for monitors, metrics for Prometheus."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from solidarity.ops.operation import deploy_checks, kept_readings, metrics, probe_words
from solidarity.ops.operation.models import RedPart
from solidarity.ops.operation.probes import State
from volunteers.accounts.http_types import Request
from volunteers.audit import recording, verbs
from volunteers.setup_checklist.checklist import may_set_up


@require_safe
@cache_control(no_store=True)
def ready(request: HttpRequest) -> HttpResponse:
    """Return 200 if reports reach the map, else 503; name the parts and their states, and nothing else."""
    readings = kept_readings.essential.get()
    works = all(reading.state is State.OK for reading in readings)
    parts = {"web": "ok"} | {reading.part: reading.state.value for reading in readings}
    answer = JsonResponse({"status": "ready" if works else "not ready", "parts": parts}, status=200 if works else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # a flood while a part is red must not fill the log
    return answer


@require_safe
@cache_control(no_store=True)
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Return the metrics; 404 to whoever may not read them, as if there were none."""
    if not metrics.may_read(request):
        raise Http404
    return HttpResponse(metrics.text_of(kept_readings.everything.get()), content_type=CONTENT_TYPE_LATEST)


@login_required
@require_safe
@cache_control(private=True, no_store=True)
def what_runs(request: Request) -> HttpResponse:
    """Show administrators every part in words, with a cure for each red one, and the settings to change."""
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
