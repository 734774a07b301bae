"""A need, from anybody: the gate, the form, the private follow-up link."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from needs.attachments import photos
from needs.commitments import commitment_presenter
from needs.conversations.forms import FeedbackForm, MessageForm
from needs.enums import Channel, NeedState
from needs.models import Need
from needs.reports import emergency_gate, filing, intake
from needs.reports.emergency_gate import Danger
from needs.reports.encounter_views import taken
from needs.reports.forms import NeedForm
from needs.reports.need_wording import plain_steps
from needs.triage import reporter_answers
from solidarity.lib.database.idempotent_insert import Stored
from solidarity.lib.http.http_types import Request
from solidarity.lib.languages import in_public_languages
from solidarity.lib.pii_check.forms import PiiCheckedForm

NO_DANGER = "none"


@in_public_languages
def report_need(request: Request) -> HttpResponse:
    """The gate: emergencies first."""
    dangers = [(danger, emergency_gate.lines_for(settings.COUNTRY, danger)[0]) for danger in Danger]
    return render(request, "needs/reports/gate.html", {"dangers": dangers, "no_danger": NO_DANGER})


@in_public_languages
def emergency(request: Request, gate: str) -> HttpResponse:
    """Whom to call, in big figures, before going on."""
    danger = _danger_or_404(gate)
    if danger is None:
        return redirect("needs:need_form", NO_DANGER)
    lines = emergency_gate.lines_for(settings.COUNTRY, danger)
    return render(request, "needs/reports/emergency.html", {"danger": danger, "lines": lines})


@in_public_languages
@never_cache
def need_form(request: Request, gate: str) -> HttpResponse:
    """The need form, behind the gate. A repeat leads to the same need."""
    danger = _danger_or_404(gate)
    if int(request.META.get("CONTENT_LENGTH") or 0) > photos.MOST_CONTENT:
        return HttpResponse(status=413)
    device = intake.device_of(request)
    form = NeedForm(request.POST or None, request.FILES or None, danger=danger, initial={"id": uuid.uuid4()})
    form.too_large = "photo" in getattr(request, "too_large", ())
    status = 400 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        filed = receive(request, form, device)
        if filed.stored is not Stored.CONFLICT:
            if form.cleaned_data["photo"]:
                photos.add_first(filed.id, form.cleaned_data["photo"])
            tell_afterwards(request, form)
            response: HttpResponse = redirect("needs:follow", filing.follow_token(filed.id))
            intake.remember(response, device)
            return response
        form, status = taken(form), 409
    context = {"form": form, "danger": danger, "gate": gate}
    response = render(request, "needs/reports/need_form.html", context, status=status)
    intake.remember(response, device)
    return response


@in_public_languages
@never_cache
def follow(request: Request, token: str) -> HttpResponse:
    """The private page of whoever filed a need: what became of it, and whether it is still needed."""
    need = get_object_or_404(Need.objects.followed_by(filing.follow_hash(token)))
    if request.method == "POST":
        _hear(request, need)
        return redirect("needs:follow", token)
    return follow_page(request, need, token)


def follow_page(request: Request, need: Need, token: str, status: int = 200, **forms: Any) -> HttpResponse:
    """The private page. forms: those that were refused, as they were sent."""
    goes_on = reporter_answers.merge_target(need)
    merged = goes_on.pk != need.pk
    care, judged = commitment_presenter.for_reporter(goes_on), forms.pop("judged", None)
    context = {
        "need": need,
        "steps": plain_steps(need.steps.all()),
        "merged": merged,
        "both": plain_steps(goes_on.steps.filter(by_reporter=False))[-1:] if merged else [],
        "can_say_needed": need.state != NeedState.REJECTED and goes_on.state != NeedState.REJECTED,
        "link": request.build_absolute_uri(reverse("needs:follow", args=[token])),
        "held": need.state == NeedState.HELD,
        "open": need.retracted_at is None,
        "token": token,
        "care": care,
        "message_form": MessageForm(),
        "judge": [
            (own, FeedbackForm(auto_id=f"{own.pk}_%s") if own.pk != judged else forms["feedback_form"])
            for own in care.awaiting_feedback
        ],
        **forms,
    }
    response = render(request, "needs/reports/follow.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def receive(request: HttpRequest, form: Any, device: str, *, channel: str = Channel.WEB) -> filing.Filed:
    """File what a valid form or serializer holds, under the limits of anonymous filing."""
    user: Any = request.user if request.user.is_authenticated else None
    who = f"account:{user.key}" if user else device
    draft = form.draft(with_account=user is not None)
    trusted = user is not None and user.memberships.current().exists()
    held = not trusted and intake.must_wait(draft.id, device=who, network=intake.network_of(request))
    author = user.pk if user else None
    return intake.file_need(draft, device=who, author=author, held=held, implied=form.implied, channel=channel)


def tell_afterwards(request: Request, form: PiiCheckedForm) -> None:
    """What the guard found where it held nothing up: said once the report is in."""
    for said in words_afterwards(form):
        messages.warning(request, said)


def words_afterwards(form: PiiCheckedForm) -> list[str]:
    """That in words: one paragraph, or none."""
    if form.pii_needs_confirmation() or not form.pii_found:
        return []
    sent = _("It is sent; nothing was held up. Only those who sort reports read your words. For the next time:")
    return [" ".join([sent, *form.pii_warnings()])]


def _hear(request: Request, need: Need) -> None:
    if request.POST.get("say") == "solved":
        if reporter_answers.report_solved(need.pk):
            messages.success(request, _("Thank you for telling us. We close it."))
    elif request.POST.get("say") == "still_needed" and reporter_answers.report_still_needed(need.pk):
        messages.success(request, _("Thank you. We know that it is still needed."))


def _danger_or_404(gate: str) -> Danger | None:
    if gate == NO_DANGER:
        return None
    try:
        return Danger(gate)
    except ValueError:
        raise Http404 from None
