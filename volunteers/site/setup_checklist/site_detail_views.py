"""Pages about the site for administrators: the organisation, country and languages, test messages; 404 for others."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from solidarity.lib.site import emergency_gate
from solidarity.lib.sms_gateways import chosen_gateway
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.notifications import sms
from volunteers.site.setup_checklist import checklist, guided_tour
from volunteers.site.site_details import delivery_tests, saving
from volunteers.site.site_details.delivery_tests import NotSent
from volunteers.site.site_details.forms import CountryForm, OrganisationForm, TestMailForm, TestTextForm


def _require_administrator(request: Request) -> None:
    if not checklist.may_set_up(request.viewer):
        raise Http404


def organisation(request: Request) -> HttpResponse:
    """Name the organisation that runs the site."""
    _require_administrator(request)
    form = OrganisationForm(request.POST or None, instance=saving.details())
    if request.method == "POST" and form.is_valid():
        reauthentication.require(request)
        saving.save(request.user, "organisation", **form.cleaned_data)
        return _next(request, "setup:organisation")
    return _page(request, "setup:organisation", "volunteers/site_details/organisation.html", {"form": form})


def country(request: Request) -> HttpResponse:
    """Choose the country, its emergency numbers and the languages."""
    _require_administrator(request)
    form = CountryForm(request.POST or None, initial=CountryForm.stored(saving.details()))
    if request.method == "POST" and form.is_valid():
        reauthentication.require(request)
        saving.save(request.user, "country", **form.choices())
        return _next(request, "setup:country")
    lines = emergency_gate.start_page_lines(str(form["country"].value()))
    return _page(request, "setup:country", "volunteers/site_details/country.html", {"form": form, "lines": lines})


@require_safe
def numbers(request: Request) -> HttpResponse:
    """Show the emergency numbers of a country: a part of the page, fetched when another country is chosen."""
    _require_administrator(request)
    lines = emergency_gate.start_page_lines(request.GET.get("country", "")[:2])
    return render(request, "volunteers/site_details/numbers.html", {"lines": lines})


@require_safe
def test_messages(request: Request) -> HttpResponse:
    """Offer a test mail, and a test text message if there is a provider."""
    _require_administrator(request)
    return _messages_page(request, TestMailForm(initial={"email": request.user.email}), TestTextForm())


@require_POST
def test_mail(request: Request) -> HttpResponse:
    """Send a test mail."""
    _require_administrator(request)
    form = TestMailForm(request.POST)
    if not form.is_valid():
        return _messages_page(request, form, TestTextForm(), status=422)
    try:
        delivery_tests.send_mail(form.cleaned_data["email"])
    except NotSent as error:
        return _messages_page(request, form, TestTextForm(), mail_error=error, status=422)
    messages.success(
        request, _("The mail server accepted the mail. Check whether it arrives, perhaps among unwanted mail.")
    )
    return redirect("setup:test_messages")


@require_POST
def test_text(request: Request) -> HttpResponse:
    """Send a test text message."""
    _require_administrator(request)
    if not sms.is_available():
        raise Http404
    form = TestTextForm(request.POST)
    if not form.is_valid():
        return _messages_page(request, TestMailForm(initial={"email": request.user.email}), form, status=422)
    try:
        delivery_tests.send_text(form.cleaned_data["phone"])
    except NotSent as error:
        mail_form = TestMailForm(initial={"email": request.user.email})
        return _messages_page(request, mail_form, form, text_error=error, status=422)
    messages.success(request, _("The provider accepted the message. Check whether it arrives."))
    return redirect("setup:test_messages")


def _messages_page(
    request: Request, mail_form: TestMailForm, text_form: TestTextForm, status: int = 200, **errors: NotSent
) -> HttpResponse:
    context = {
        "mail_form": mail_form, "text_form": text_form, "has_texts": sms.is_available(),
        "gateway": chosen_gateway.of_site(), "received_at": saving.details().text_received_at,
        "is_secure": settings.SITE_URL.startswith("https:"),
        "works": saving.details().mail_tested_at, **errors, **guided_tour.step_of(request.session, "setup:test_messages"),
    }  # fmt: skip
    return render(request, "volunteers/site_details/test_messages.html", context, status=status)


def _page(request: Request, page: str, template: str, context: dict[str, Any]) -> HttpResponse:
    context |= guided_tour.step_of(request.session, page)
    return render(request, template, context, status=422 if context["form"].errors else 200)


def _next(request: Request, page: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(guided_tour.next_page(request.session, page))
