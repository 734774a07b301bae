"""Pages of scheduled reports, for the coordinators of the territory; the page that stops the mails, for everybody."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.enums import OverReason
from mapping.map.releases import reading
from mapping.models import ReportMail, ReportRun, ReportSchedule
from mapping.out.scheduled_reports import report_recipients, schedule_changes, schedule_wording
from mapping.out.scheduled_reports.forms import ScheduleForm, StepForm
from mapping.out.scheduled_reports.report_recipients import TooManyNew
from mapping.out.scheduled_reports.schedule_changes import TooManySchedules
from volunteers.models import Territory, User
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request

RUNS_SHOWN = 24


@require_safe
def schedules(request: Request) -> HttpResponse:
    """The scheduled reports of the reader's territories."""
    _coordinators_only(request)
    runs = Prefetch("runs", _with_mails().order_by("schedule_id", "-due_at").distinct("schedule_id"), to_attr="latest")
    rows = schedule_changes.schedules_of(request.viewer).prefetch_related(runs, "recipients").order_by(
        "over_at", "territory__path", "made_at"
    )  # fmt: skip
    return render(request, "mapping/scheduled_reports/schedules.html", {"rows": [_row(each) for each in rows]})


def _row(schedule: ReportSchedule) -> dict[str, Any]:
    latest: list[ReportRun] = schedule.latest  # type: ignore[attr-defined]
    return {
        **_words(schedule),
        "people": sum(each.stopped_at is None for each in schedule.recipients.all()),
        "latest": schedule_wording.outcome_of(latest[0]) if latest else None,
    }


def _words(schedule: ReportSchedule) -> dict[str, Any]:
    return {
        "schedule": schedule,
        "content": schedule_wording.content_words(schedule),
        "when": schedule_wording.when_words(schedule.rhythm, schedule.day),
        "hour": schedule_wording.hour_words(schedule.hour),
        "over": OverReason(schedule.over_reason).label if schedule.over_reason else "",
    }


def _with_mails() -> Any:
    mails = ReportMail.objects.select_related("recipient").defer("recipient__address")
    return ReportRun.objects.defer("pdf").prefetch_related(Prefetch("mails", mails))


def _coordinators_only(request: Request) -> None:
    if not Territory.objects.coordinated_by(request.viewer).exists():
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def new_schedule(request: Request) -> HttpResponse:
    """Set a new scheduled report."""
    _coordinators_only(request)
    slug = request.GET.get("territory") or request.session.get(reading.SESSION_KEY)
    initial = {"language": get_language(), **({"territory": slug} if slug else {})}
    form = ScheduleForm(request.POST or None, viewer=request.viewer, initial=initial)
    if form.is_bound and form.is_valid():
        reauthentication.require(request)
        try:
            schedule = schedule_changes.set_up(form.wanted, request.user)
        except TooManyNew:
            form.add_too_many_new()
        except TooManySchedules:
            form.add_error(None, _("You have set the maximum number of scheduled reports. Stop one first."))
        else:
            messages.success(request, _("The scheduled report is set."))
            return redirect("mapping:report_schedule", schedule.pk)
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def change_schedule(request: Request, key: UUID) -> HttpResponse:
    """Change a scheduled report."""
    schedule = schedule_changes.schedule_for(request.viewer, key)
    form = ScheduleForm(request.POST or None, viewer=request.viewer, schedule=schedule)
    if form.is_bound and form.is_valid():
        reauthentication.require(request)
        try:
            schedule_changes.change(schedule, form.wanted, request.user)
        except TooManyNew:
            form.add_too_many_new()
        else:
            messages.success(request, _("The scheduled report is changed."))
            return redirect("mapping:report_schedule", key)
    return _form_page(request, form, schedule)


def _form_page(request: Request, form: ScheduleForm, schedule: ReportSchedule | None = None) -> HttpResponse:
    context = {"form": form, "schedule": schedule}
    status = 422 if form.is_bound else 200
    return render(request, "mapping/scheduled_reports/schedule_form.html", context, status=status)


@require_safe
def schedule(request: Request, key: UUID) -> HttpResponse:
    """One scheduled report: the next mail, who gets it, what was sent, and the buttons to change it."""
    own = schedule_changes.schedule_for(request.viewer, key)
    context = {
        **_words(own),
        "next_days": schedule_wording.next_days(own),
        "recipients": report_recipients.shown(own),
        "outcomes": [schedule_wording.outcome_of(run) for run in _with_mails().filter(schedule=own)[:RUNS_SHOWN]],
    }
    return render(request, "mapping/scheduled_reports/schedule.html", context)


@require_POST
def schedule_step(request: Request, key: UUID) -> HttpResponse:
    """Pause, resume, stop or renew a scheduled report, or send it now."""
    own = schedule_changes.schedule_for(request.viewer, key)
    form = StepForm(request.POST)
    if not form.is_valid():
        raise Http404
    step = form.cleaned_data["step"]
    if step in ("renew", "send"):
        reauthentication.require(request)
    _STEPS[step](request, own)
    return redirect("mapping:report_schedule", key)


def _send(request: Request, schedule: ReportSchedule) -> None:
    if schedule_changes.send_by_hand(schedule, request.user):
        messages.success(request, _("The mails are on their way."))
    else:
        messages.warning(request, _("It was sent by hand less than an hour ago, or it is paused. Try again later."))


def _said(verb: Callable[[ReportSchedule, User], None]) -> Callable[[Request, ReportSchedule], None]:
    def do(request: Request, schedule: ReportSchedule) -> None:
        verb(schedule, request.user)
        messages.success(request, _("Saved."))

    return do


_STEPS: dict[str, Callable[[Request, ReportSchedule], None]] = {
    "pause": _said(schedule_changes.pause),
    "resume": _said(schedule_changes.resume),
    "renew": _said(schedule_changes.renew),
    "stop": _said(lambda schedule, user: schedule_changes.stop(schedule, OverReason.PERSON, user)),
    "send": _send,
}


@csrf_exempt
def stop_report(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails to one person with one click, without signing in. Mail programs can send this POST themselves
    (RFC 8058). A GET changes nothing, because some programs open links automatically."""
    found = report_recipients.read_stop(token)
    if found is None:
        raise Http404
    state = "asked"
    if request.method == "POST" and request.POST.get("again") == "1":
        state = "on" if report_recipients.allow_again(found) else "gone"
    elif request.method == "POST":
        report_recipients.stop(found)
        state = "off"
    context = {"recipient": found, "state": state, **_words(found.schedule)}
    response = render(request, "mapping/scheduled_reports/stop_report.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
