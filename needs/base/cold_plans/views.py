"""A territory's cold plans for its coordinators, and the webhook that receives temperature readings."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from needs.base.cold_plans import cold_plan_wording, webhook_limits
from needs.base.cold_plans import plans as cold
from needs.base.cold_plans.forms import PlanForm, ReadingForm, TriggerForm
from needs.models import ColdPlan, ColdTrigger
from solidarity.lib.http.client_network import network_of
from solidarity.lib.http.json_bodies import read_json
from solidarity.lib.http.nul_characters import reads_raw_body
from volunteers.models import Territory
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.territories import access


@require_http_methods(["GET", "HEAD", "POST"])
def cold_page(request: Request, slug: str) -> HttpResponse:
    """Show the plans of a territory; a POST starts or schedules one."""
    territory = access.coordinated_territory(request.viewer, slug)
    form = PlanForm(request.POST or None)
    if form.is_valid():
        try:
            plan = cold.start(territory, form.draft(), request.user)
        except ValidationError as error:
            for name, problems in error.message_dict.items():
                form.add_error(name, problems)
        else:
            messages.success(request, cold_plan_wording.plan_words(plan))
            return redirect("mapping:cold", slug=slug)
    return _render_page(request, territory, form=form)


def _render_page(request: Request, territory: Territory, **overrides: Any) -> HttpResponse:
    trigger = ColdTrigger.objects.filter(territory=territory).first()
    plans = cold.plans_of(territory, timezone.now())
    context = {
        "territory": territory,
        "running": [cold_plan_wording.row(plan) for plan in plans.running],
        "planned": [cold_plan_wording.row(plan) for plan in plans.planned],
        "past": [cold_plan_wording.row(plan) for plan in plans.past],
        "above": plans.above,
        "above_words": cold_plan_wording.plan_words(plans.above) if plans.above else "",
        "trigger": trigger,
        "hook": request.build_absolute_uri(reverse("mapping:cold_hook", args=[territory.slug])),
        "form": PlanForm(),
        "trigger_form": TriggerForm(instance=trigger, auto_id="trigger_%s"),
        **overrides,
    }
    invalid = any(form.is_bound and form.errors for form in (context["form"], context["trigger_form"]))
    return render(request, "needs/cold_plans/cold.html", context, status=422 if invalid else 200)


@require_POST
def end(request: Request, slug: str, plan: int) -> HttpResponse:
    """End a running plan, or delete a planned one."""
    territory = access.coordinated_territory(request.viewer, slug)
    found = get_object_or_404(ColdPlan.objects.select_related("territory"), pk=plan, territory=territory)
    if cold.stop(found):
        messages.success(request, _("The plan has ended. The usual norm applies again."))
    return redirect("mapping:cold", slug=slug)


@require_POST
def trigger(request: Request, slug: str) -> HttpResponse:
    """Set the temperature at which a plan starts automatically."""
    territory = access.coordinated_territory(request.viewer, slug)
    own = ColdTrigger.objects.filter(territory=territory).first() or ColdTrigger(territory=territory)
    form = TriggerForm(request.POST, instance=own, auto_id="trigger_%s")
    if not form.is_valid():
        return _render_page(request, territory, trigger_form=form)
    form.save()
    messages.success(request, _("The threshold is saved."))
    return redirect("mapping:cold", slug=slug)


@require_POST
def key(request: Request, slug: str) -> HttpResponse:
    """Create a webhook key and show it once, or revoke the current one."""
    territory = access.coordinated_territory(request.viewer, slug)
    get_object_or_404(ColdTrigger, territory=territory)
    if "drop" in request.POST:
        cold.drop_key(territory)
        messages.success(request, _("The key is revoked. Readings are no longer accepted."))
        return redirect("mapping:cold", slug=slug)
    reauthentication.require(request, back=reverse("mapping:cold", args=[slug]))
    new_key = cold.new_key(territory)
    recording.record(request.user, Verb.WEBHOOK_CHANGED, "cold_key", purpose=Purpose.COORDINATION, scope=territory.slug)
    return _render_page(request, territory, key=new_key)


@reads_raw_body
@csrf_exempt
def hook(request: HttpRequest, slug: str) -> JsonResponse:
    """Take a reading: ``{"celsius": -3.5, "at": "2026-12-01T21:00:00+01:00"}`` with ``Authorization: Bearer KEY``."""
    if request.method != "POST":
        return _refuse(405, "method", _("Send the reading with POST."), Allow="POST")
    caller = network_of(request)
    if webhook_limits.too_many_wrong_keys(caller):
        return _refuse(429, "throttled", _("Too many wrong keys. Try again later."), **{"Retry-After": "3600"})
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    trigger = cold.trigger_for(slug, key.strip()) if scheme.lower() == "bearer" and key.strip() else None
    if trigger is None:
        webhook_limits.count_wrong_key(caller)
        return _refuse(401, "key", _("The key is missing or wrong."), **{"WWW-Authenticate": "Bearer"})
    if webhook_limits.too_many_readings(trigger.territory_id):
        return _refuse(
            429, "throttled", _("Too many readings. One every few minutes is enough."), **{"Retry-After": "600"}
        )
    form = _reading_form(request)
    if form is None:
        return _refuse(400, "json", _("Send a JSON object with “celsius” and “at”."))
    if not form.is_valid():
        return _refuse(422, "fields", _("The reading was not accepted."), fields=form.errors.get_json_data())
    try:
        result = cold.take_reading(trigger, form.cleaned_data["celsius"], form.cleaned_data["at"])
    except ValidationError as error:
        fields = {
            name: [{"message": text, "code": "invalid"} for text in texts] for name, texts in error.message_dict.items()
        }
        return _refuse(422, "fields", _("The reading was not accepted."), fields=fields)
    return JsonResponse(
        {"outcome": result.outcome, "plan": _plan_json(result.plan)}, status=201 if result.outcome == "started" else 200
    )


def _reading_form(request: HttpRequest) -> ReadingForm | None:
    """Return the form if the body is a JSON object with a number and a text; None for any other body."""
    try:
        body = read_json(request.body)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    not_a_number = isinstance(body.get("celsius"), (str, bool, list, dict))
    return ReadingForm({"celsius": None if not_a_number else body.get("celsius"), "at": body.get("at")})


def _plan_json(plan: ColdPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "start": plan.start.isoformat(timespec="seconds"),
        "end": plan.end.isoformat(timespec="seconds") if plan.end else None,
    }


def _refuse(status: int, code: str, message: str, *, fields: Any = None, **headers: str) -> JsonResponse:
    body: dict[str, Any] = {"error": code, "message": message}
    if fields:
        body["fields"] = fields
    return JsonResponse(body, status=status, headers=headers)
