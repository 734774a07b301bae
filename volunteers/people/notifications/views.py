"""Notification settings and latest notifications."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from volunteers.enums import DigestRhythm, Medium
from volunteers.people.accounts.http_types import Request
from volunteers.people.notifications import phone_numbers, preferences, push, unsubscribing
from volunteers.people.notifications.delivery import NotDelivered
from volunteers.people.notifications.forms import BrowserForm, CodeForm, NotificationsForm, PhoneForm

TEST_SECONDS = 20


def notifications(request: Request) -> HttpResponse:
    """Show and store the settings: topics by media, quiet hours, language. Show the latest notifications."""
    own = preferences.chosen_by(request.user)
    form = NotificationsForm(
        request.POST or None,
        topics=preferences.topics_for(request.user),
        media=preferences.available_media(),
        initial=_initial(own),
    )
    if form.is_bound and form.is_valid():
        chosen = {name: form.cleaned_data[name] for name in ("quiet_from", "quiet_until", "language", "digest")}
        preferences.save(request.user, shown=form.shown_pairs(), wanted=form.wanted(), **chosen)
        messages.success(request, _("Your choices are saved."))
        return redirect("volunteers:notifications")
    context = {
        "form": form,
        "refused_at": own.mail_refused_at if own else None,
        "phone": phone_numbers.masked(own),
        "phone_form": PhoneForm(),
        "code_form": CodeForm() if phone_numbers.is_waiting(request.user) else None,
        "sms": Medium.SMS in form.ways,
        "push_key": push.public_key() if Medium.PUSH in form.ways else "",
        "browsers": request.user.push_subscriptions.count(),
        "told": preferences.recent(request.user),
    }
    return render(request, "volunteers/notifications/notifications.html", context)


def _initial(own: Any) -> dict[str, Any]:
    initial: dict[str, Any] = dict.fromkeys(preferences.wanted_by(own), True)
    initial["language"] = (own.language if own else "") or get_language()
    initial["digest"] = preferences.digest_of(own)
    if own:
        initial |= {"quiet_from": own.quiet_from, "quiet_until": own.quiet_until}
    return initial


@require_POST
def choose_digest(request: Request) -> HttpResponse:
    """Switch the weekly digest on, from the end of the first steps."""
    preferences.choose_digest(request.user, DigestRhythm.WEEK)
    messages.success(request, _("We will write to you every Monday. You can stop it in “Notifications”."))
    return redirect("home")


@require_POST
def test(request: Request) -> HttpResponse:
    """Send a test message by every medium that reaches the reader, and show the results."""
    if not cache.add(f"notifications:test:{request.user.pk}", 1, TEST_SECONDS):
        messages.warning(request, _("A test was sent a moment ago. Wait a little before the next one."))
        return redirect("volunteers:notifications")
    for medium, problem in preferences.send_test(request.user).items():
        if problem:
            messages.error(request, _("%(medium)s: not delivered. Try again later.") % _named(medium))
        else:
            messages.success(request, _("%(medium)s: the test message is on its way.") % _named(medium))
    return redirect("volunteers:notifications")


def _named(medium: Medium) -> dict[str, str]:
    label = str(medium.label)
    return {"medium": label[:1].upper() + label[1:]}


@require_POST
def ask_phone(request: Request) -> HttpResponse:
    """Send a code to a telephone number."""
    form = PhoneForm(request.POST)
    try:
        asked = (
            phone_numbers.ask(request.user, form.cleaned_data["phone"])
            if form.is_valid()
            else phone_numbers.Asked.NO_NUMBER
        )
    except NotDelivered:
        messages.error(request, _("The message could not be sent. Try again later."))
        return redirect("volunteers:notifications")
    if asked is phone_numbers.Asked.SENT:
        messages.success(request, _("We have sent a code. Enter it below."))
    elif asked is phone_numbers.Asked.TOO_OFTEN:
        messages.error(request, _("You asked for too many codes. Try again in an hour."))
    else:
        messages.error(request, _("We cannot send messages to this number. Start with + and the country code."))
    return redirect("volunteers:notifications")


@require_POST
def confirm_phone(request: Request) -> HttpResponse:
    """Confirm the number with the code that was sent."""
    form = CodeForm(request.POST)
    if form.is_valid() and phone_numbers.confirm(request.user, form.cleaned_data["code"]):
        messages.success(request, _("Your number is confirmed. Choose what we may send to it."))
    else:
        messages.error(request, _("This code is wrong or has expired."))
    return redirect("volunteers:notifications")


@require_POST
def forget_phone(request: Request) -> HttpResponse:
    """Delete the number."""
    phone_numbers.forget(request.user)
    messages.success(request, _("Your number is deleted."))
    return redirect("volunteers:notifications")


@require_POST
def push_on(request: Request) -> HttpResponse:
    """Store this browser's subscription; 400 for an unknown push service."""
    form = BrowserForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "incomplete"}, status=400)
    try:
        push.subscribe(request.user, **form.cleaned_data)
    except push.NotOurs as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"on": True})


@require_POST
def push_off(request: Request) -> HttpResponse:
    """Delete this browser's subscription."""
    push.unsubscribe(request.user, request.POST.get("endpoint", ""))
    return JsonResponse({"on": False})


@csrf_exempt
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop a topic with one click, without signing in. Mail programs can send this POST themselves (RFC 8058).

    A GET changes nothing, because some programs open links automatically.
    """
    found = unsubscribing.read_stop(token)
    if found is None:
        raise Http404
    again = request.POST.get("again") == "1"
    if request.method == "POST":
        unsubscribing.switch(found.user, found.topic, found.medium, on=again)
    state = "asked" if request.method != "POST" else "on" if again else "off"
    return render(request, "volunteers/notifications/unsubscribe.html", {"stop": found, "state": state})
