"""The private follow page: the state of a need, ways to send its link, and news of each step."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.conversations import conversation_presenter
from needs.enums import ReporterAnswer
from needs.help.corrections.correction_refusals import CorrectionRefused
from needs.help.following import follow_link, reporter_addresses
from needs.help.following.follow_link import Sending
from needs.help.following.link_limits import Door
from needs.help.open_needs.commitment_forms import FeedbackForm
from needs.help.reporter_pages import follow_presenter, place_correcting
from needs.help.reporter_pages.follow_presenter import Followed
from needs.help.reporter_pages.forms import LinkForm, PlaceCorrectionForm
from needs.help.reporter_pages.message_forms import ReporterMessageForm
from needs.help.triage import reporter_answers
from needs.models import Need
from needs.reports import filing, intake
from needs.reports.danger import alarm_receipts, alarms
from solidarity.lib.http.client_network import network_of
from solidarity.lib.http.conditional_answers import unless_known
from solidarity.lib.languages import in_public_languages
from volunteers.enums import Medium
from volunteers.models import User
from volunteers.people.accounts.http_types import Request
from volunteers.people.api.page_throttling import limited_by
from volunteers.people.api.throttling import AnonymousWrites
from volunteers.people.notifications import push
from volunteers.people.notifications.forms import BrowserForm


@in_public_languages
def follow(request: Request, token: str) -> HttpResponse:
    """Private page of the reporter: the need's state, and buttons for “solved” and “still needed”.

    While an alarm of the need waits for the reporter's answer, the page shows the emergency numbers first.
    """
    need = _need_of(token)
    alarm = alarm_receipts.receipt_of(need)
    if request.method == "POST":
        said = request.POST.get("say")
        if alarm and said in ReporterAnswer.values:
            alarms.answer_of_reporter(alarm.row.pk, ReporterAnswer(said))
            messages.success(request, alarm_receipts.thanks(alarm, ReporterAnswer(said)))
        elif said == "solved" and reporter_answers.report_solved(need.pk):
            messages.success(request, _("Thank you. We close the report."))
        elif said == "still_needed" and reporter_answers.report_still_needed(need.pk):
            messages.success(request, _("Thank you. We know that it is still needed."))
        return redirect("needs:follow", token)
    if alarm and alarm.asks and "receipt" not in request.GET and not _works_here(request):
        response = render(request, "needs/danger/danger.html", {"alarm": alarm, "token": token, "need": need})
        response["X-Robots-Tag"] = "noindex"
        return response
    return follow_page(request, need, token)


@in_public_languages
@require_safe
def state(request: Request, token: str) -> HttpResponse:
    """The live part of the page, with a digest as ETag; 304 if the page already shows this state."""
    need = _need_of(token)
    etag = f'"{follow_presenter.version_of(need)}"'
    response = unless_known(
        request, etag, lambda: render(request, "needs/following/live.html", _live_context(need, token))
    )
    response["X-Robots-Tag"] = "noindex"
    return response


@in_public_languages
@limited_by(AnonymousWrites)
def correct_place(request: Request, token: str) -> HttpResponse:
    """Show the form with which the reporter corrects the place of the need, and store the correction."""
    need = _need_of(token)
    place = place_correcting.place_of(need)
    form = PlaceCorrectionForm(request.POST or None, words=need.place_text)
    if request.method == "POST" and form.is_valid():
        try:
            point = form.place if place.takes_point else None
            place_correcting.correct_place(need.pk, form.cleaned_data["place_text"], point)
        except CorrectionRefused as refused:
            form.add_error(refused.field or None, str(refused.text))
        else:
            messages.success(request, _("Thank you. We have the new place, and somebody reads it."))
            return redirect("needs:follow", token)
    context = {
        "form": form, "place": place, "token": token, "alarm": alarm_receipts.receipt_of(need),
        "open": place_correcting.may_correct(need),
    }  # fmt: skip
    response = render(request, "needs/following/place.html", context, status=400 if form.is_bound else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


@in_public_languages
@require_POST
def send_link(request: Request, token: str) -> HttpResponse:
    """Send the link to a number or an e-mail address, which is stored only if the reporter wants news of each step."""
    need = _need_of(token)
    by_mail = request.POST.get("medium") == Medium.EMAIL
    form = LinkForm(request.POST, medium=Medium.EMAIL if by_mail else Medium.SMS)
    if not form.is_valid():
        return follow_page(request, need, token, 400, link_form=form)
    to, device = form.cleaned_data["to"], intake.device_of(request)
    send = follow_link.send_by_mail if by_mail else follow_link.send_by_text
    result = send(need.pk, to, language=_language(), door=Door(device, network_of(request)))
    if result is Sending.SENT:
        messages.success(request, _("The link is on its way."))
        if form.cleaned_data["each_step"]:
            _keep(request, need, form.by, to)
    elif result is Sending.TOO_OFTEN:
        messages.warning(request, _("Too many messages were sent today. Copy the link, or try again tomorrow."))
    else:
        messages.warning(request, _("The message could not be sent. Try again later."))
    response: HttpResponse = redirect("needs:follow", token)
    intake.remember(response, device)
    return response


def _keep(request: Request, need: Need, medium: Medium, to: str) -> None:
    try:
        reporter_addresses.keep(need.pk, medium, to, _language())
    except reporter_addresses.TooManyAddresses:
        messages.warning(request, _("Three addresses already get the news of this report. Stop one of them first."))


@in_public_languages
@require_POST
def push_on(request: Request, token: str) -> HttpResponse:
    """Store this browser's subscription for the news of this need; 400 for an unknown push service."""
    need, form = _need_of(token), BrowserForm(request.POST)
    if need.retracted_at is not None or not form.is_valid():
        return JsonResponse({"error": "incomplete"}, status=400)
    try:
        reporter_addresses.keep_browser(need.pk, _language(), **form.cleaned_data)
    except (push.NotOurs, reporter_addresses.TooManyAddresses) as error:
        return JsonResponse({"error": str(error) or "too many"}, status=400)
    return JsonResponse({"on": True})


@in_public_languages
@require_POST
def stop(request: Request, token: str) -> HttpResponse:
    """Delete one address of the need: an address in the list on the page, or this browser, which is found by its
    endpoint."""
    need = _need_of(token)
    if endpoint := request.POST.get("endpoint"):
        reporter_addresses.stop_browser(need.pk, endpoint)
        return JsonResponse({"on": False})
    try:
        gone = reporter_addresses.stop(need.pk, uuid.UUID(request.POST.get("address", "")))
    except ValueError:
        gone = False
    if gone:
        messages.success(request, _("No more messages go there. The address is deleted."))
    return redirect("needs:follow", token)


def follow_page(request: HttpRequest, need: Need, token: str, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the private page. forms: invalid forms to show again."""
    wrong: LinkForm | None = forms.pop("link_form", None)
    link_forms = {medium: LinkForm(medium=medium) for medium in (Medium.SMS, Medium.EMAIL)}
    if wrong is not None:
        link_forms[wrong.by] = wrong
    link = request.build_absolute_uri(reverse("needs:follow", args=[token]))
    context = {
        **_live_context(need, token, **forms),
        **follow_presenter.sharing(need, link),
        "text_form": link_forms[Medium.SMS],
        "mail_form": link_forms[Medium.EMAIL],
        "version": follow_presenter.version_of(need),
    }
    response = render(request, "needs/following/follow.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _live_context(need: Need, token: str, judged: Any = None, **forms: Any) -> dict[str, Any]:
    page: Followed = follow_presenter.followed(need)
    judge = [
        (own, FeedbackForm(auto_id=f"{own.pk}_%s") if own.pk != judged else forms["feedback_form"])
        for own in page.care.awaiting_feedback
    ]
    context = {"page": page, "need": need, "token": token, "alarm": page.alarm, "care": page.care, "judge": judge}
    form = forms.pop("message_form", None) or ReporterMessageForm(held=bool(page.care.running))
    return {**context, "talk": conversation_presenter.for_reporter(need, form), **forms}


def _need_of(token: str) -> Need:
    """Return the need of a private link. Raises Http404 for an unknown link."""
    return get_object_or_404(Need.objects.followed_by(filing.follow_hash(token)))


def _language() -> str:
    return get_language() or ""


def _works_here(request: Request) -> bool:
    """Whether the reader is a member of an association. Members get a banner instead of the full page of numbers."""
    return isinstance(request.user, User) and request.user.memberships.current().exists()
