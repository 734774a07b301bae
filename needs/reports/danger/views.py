"""The danger lane of the desk: the list, one alarm, steps, and the state that open pages ask for."""

import hashlib
import uuid
from collections.abc import Callable
from typing import Concatenate

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import list_log
from needs.enums import AlarmStep
from needs.reports.danger import alarms, lane
from solidarity.lib.http.conditional_answers import unless_known
from solidarity.lib.http.own_pages import own_page
from volunteers.people.accounts.http_types import Request

MOST_AT_ONCE = 200


def _for_readers[**P](view: Callable[Concatenate[Request, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view of alarms: require sign-in, answer 404 to people who may not read alarms, forbid caching."""

    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not lane.may_read(request.viewer):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@_for_readers
def alarm_list(request: Request) -> HttpResponse:
    """Show the alarms that wait, and the alarms that were acknowledged in the last day."""
    waiting, done = lane.waiting_for(request.viewer), lane.acknowledged_for(request.viewer, timezone.now())
    list_log.record(request.user, "alarms", len(waiting) + len(done), exact=lane.exact_places_in(waiting))
    context = {"waiting": waiting, "done": done, "steps": AlarmStep}
    return render(request, "needs/danger/alarms.html", context)


@_for_readers
def alarm_page(request: Request, alarm: uuid.UUID) -> HttpResponse:
    """Show one alarm: its words and its territory.

    Only dispatchers see more: the exact place of an encounter here, the place and contact of a need on its own page.
    """
    found = lane.alarm_for(request.viewer, alarm)
    lane.log_reading(request.viewer, found)
    return render(request, "needs/danger/alarm.html", {"alarm": found, "steps": AlarmStep})


@require_safe
@_for_readers
def alarm_state(request: Request) -> HttpResponse:
    """Return the waiting alarms, with a digest of them as ETag; 304 if the page already has this digest."""
    keys = list(lane.alarms_for(request.viewer).waiting().order_by("raised_at").values_list("pk", flat=True))
    digest = hashlib.sha256("".join(str(key) for key in keys).encode()).hexdigest()[:24]
    said = {"waiting": len(keys), "alarms": [str(key) for key in keys[:MOST_AT_ONCE]]}
    return unless_known(request, f'"{digest}"', lambda: JsonResponse(said))


@require_POST
@_for_readers
def alarm_step(request: Request) -> HttpResponse:
    """Record one step on one or more alarms. A repeat changes nothing."""
    step = request.POST.get("step", "")
    try:
        keys = [uuid.UUID(key) for key in request.POST.getlist("alarm")[:MOST_AT_ONCE]]
    except ValueError:
        raise Http404 from None
    if not keys or step not in AlarmStep.values:
        return HttpResponse(status=400)
    chosen = lane.chosen_for(request.viewer, keys)
    for key in chosen:
        alarms.acknowledge(key, AlarmStep(step), request.user)
    messages.success(request, _("Noted: %(step)s.") % {"step": AlarmStep(step).label})
    return redirect(own_page(request) or "needs:alarms")
