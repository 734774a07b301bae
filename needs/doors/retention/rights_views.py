"""Access to personal data and its erasure, for the person whom the data are about.

The private link of a report is enough for access and for erasure. Users without such a link authenticate again first.
"""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope.guards import association_dispatching, dispatching
from needs.doors.retention import erasure, own_data
from needs.doors.retention.forms import EraseAccountForm, EraseForm
from needs.enums import ReportKind
from needs.models import Encounter, Need
from needs.reports import filing
from solidarity.lib.languages import in_public_languages
from solidarity.lib.site import features
from volunteers.models import Membership
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def _file(content: Any, name: str) -> FileResponse:
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")
    return response


# --- an account ------------------------------------------------------------------------------------------------------


@require_safe
def my_data(request: Request) -> HttpResponse:
    """Show the page to download one's data or delete the account."""
    return render(request, "needs/retention/my_data.html")


@require_POST
def download(request: Request) -> HttpResponseBase:
    """Send the reader a file with all their data."""
    reauthentication.require(request, back=reverse("needs:my_data"))
    recording.record(request.user, Verb.DATA_EXPORTED, "account", request.user.key, purpose=Purpose.RIGHTS)
    return _file(own_data.account_file(request.user), "solidarity-my-data.zip")


def erase_account(request: Request) -> HttpResponse:
    """Delete the reader's account after explaining what is deleted and what stays."""
    form = EraseAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reauthentication.require(request, back=reverse("needs:erase_account"))
        try:
            erasure.erase_account(request.user)
        except erasure.LastAdministrator:
            messages.warning(
                request,
                _("You are the only administrator. Invite another one below, and tick that you hand over to them."),
            )
            return redirect("people:administrators")
        logout(request)
        return redirect("needs:erased")
    context = {"form": form, "alone": erasure.associations_without_other_dispatcher(request.user)}
    status = 400 if form.is_bound else 200
    return render(request, "needs/retention/erase_account.html", context, status=status)


@in_public_languages
@require_safe
def erased(request: Request) -> HttpResponse:
    """Confirm an erasure on a separate page, because the page of the report no longer exists."""
    return render(request, "needs/retention/erased.html")


# --- a report, by its private link -----------------------------------------------------------------------------------


def _followed(token: str) -> Need:
    """Return the report of a private link; raise Http404 for an unknown link."""
    return get_object_or_404(Need.objects.followed_by(filing.follow_hash(token)))


@require_POST
def follow_data(request: Request, token: str) -> HttpResponseBase:
    """Send a file with all data of a report to the holder of its link."""
    return _file(own_data.need_file(_followed(token)), "solidarity-my-report.zip")


@in_public_languages
def follow_erase(request: Request, token: str) -> HttpResponse:
    """Erase only the contact or the whole report, after a confirmation."""
    need = _followed(token)
    form = EraseForm(request.POST or None, has_contact=erasure.has_contact(need))
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["what"] == "contact":
            erasure.erase_contact(need.pk, by=None, by_owner=True)
            messages.success(request, _("Your contact is erased. No one can call you back now."))
            return redirect("needs:follow" if features.is_on("desk") else "needs:follow_erase", token)
        erasure.erase_report(ReportKind.NEED, need.pk, by=None, by_owner=True)
        return redirect("needs:erased")
    context = {"form": form, "need": need, "token": token}
    response = render(request, "needs/retention/follow_erase.html", context, status=400 if form.is_bound else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


# --- on request, by a dispatcher -------------------------------------------------------------------------------------


@dispatching
def erase_need(request: Request, need: uuid.UUID) -> HttpResponse:
    """Let a dispatcher erase a need or its contact on request."""
    found = get_object_or_404(scope.needs_for(request.viewer), pk=need)
    form = EraseForm(request.POST or None, has_contact=erasure.has_contact(found))
    if request.method == "POST" and form.is_valid():
        reauthentication.require(request)
        if form.cleaned_data["what"] == "contact":
            erasure.erase_contact(found.pk, by=request.user, by_owner=False)
            messages.success(request, _("The contact is erased."))
            return redirect(_page_of(found))
        erasure.erase_report(ReportKind.NEED, found.pk, by=request.user, by_owner=False)
        messages.success(request, _("The report is erased. The map no longer counts it."))
        return redirect("needs:triage" if features.is_on("desk") else "home")
    context = {"form": form, "need": found, "back": _page_of(found)}
    return render(request, "needs/retention/erase_report.html", context, status=400 if form.is_bound else 200)


def _page_of(need: Need) -> str:
    """Return the address of a need; of the home page while the desk is switched off."""
    return reverse("needs:triage_need", args=[need.pk]) if features.is_on("desk") else reverse("home")


@association_dispatching
def erase_encounter(request: Request, report: uuid.UUID) -> HttpResponse:
    """Let a dispatcher erase an encounter of their association, with its needs."""
    mine = Membership.objects.dispatching().filter(user=request.user).values("association")
    found = get_object_or_404(Encounter, pk=report, association__in=mine)
    form = EraseForm(request.POST or None, has_contact=False)
    if request.method == "POST" and form.is_valid():
        reauthentication.require(request)
        erasure.erase_report(ReportKind.ENCOUNTER, found.pk, by=request.user, by_owner=False)
        messages.success(request, _("The report is erased. The map no longer counts it."))
        return redirect("needs:mine")
    context = {"form": form, "back": reverse("needs:encounter", args=[found.pk])}
    return render(request, "needs/retention/erase_report.html", context, status=400 if form.is_bound else 200)
