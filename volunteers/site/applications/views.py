"""Pages of applications: the public form, and the list for coordinators."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from solidarity.lib.http.client_network import network_of
from volunteers.models import Application, Association
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories.duty_views import coordinating
from volunteers.site.applications import applying
from volunteers.site.applications.applying import ApplicationDraft, TooMany
from volunteers.site.applications.forms import AnswerForm, ApplicationForm


def apply(request: HttpRequest) -> HttpResponse:
    """Let an association apply. If there are too many applications, the form keeps what was typed."""
    form = ApplicationForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return render(request, "volunteers/applications/apply.html", {"form": form}, status=400 if form.errors else 200)
    data = form.cleaned_data
    draft = ApplicationDraft(
        name=data["name"], website=data["website"], about=data["about"], territory=data["territory"],
        person=data["person"], email=data["email"], language=get_language() or "",
    )  # fmt: skip
    try:
        applying.apply(draft, network_of(request))
    except TooMany:
        form.add_error(None, _("Too many applications have come in today. Send yours again tomorrow."))
        return render(request, "volunteers/applications/apply.html", {"form": form}, status=429)
    return redirect("applications:sent")


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Say what happens next."""
    return render(request, "volunteers/applications/sent.html")


@coordinating
def applications(request: Request) -> HttpResponse:
    """Show the applications that the reader may answer."""
    return _page(request)


def _page(request: Request, refused: AnswerForm | None = None, of: uuid.UUID | None = None) -> HttpResponse:
    waiting = list(applying.waiting_for(request.viewer))
    rows = [
        {
            "application": row,
            "form": refused if row.pk == of and refused else AnswerForm(auto_id=f"answer_{row.pk}_%s"),
            "namesake": Association.objects.filter(name__iexact=row.name).exists(),
        }
        for row in waiting
    ]
    top = request.viewer.is_administrator and request.viewer.view_as is None
    context = {
        "rows": rows,
        "form": refused,
        "without_members": applying.without_members(request.viewer),
        "without_dispatcher": Association.objects.without_dispatcher() if top else [],
    }
    return render(request, "volunteers/applications/applications.html", context, status=400 if refused else 200)


@coordinating
@require_POST
def answer(request: Request, application: uuid.UUID) -> HttpResponse:
    """Accept or decline an application."""
    found: Application = get_object_or_404(applying.waiting_for(request.viewer), pk=application)
    form = AnswerForm(request.POST, auto_id=f"answer_{found.pk}_%s")
    if not form.is_valid():
        return _page(request, form, found.pk)
    reauthentication.require(request)
    accept = form.cleaned_data["answer"] == "accept"
    done = applying.answer(found.pk, request.user, accept=accept, word=form.cleaned_data["word"])
    if done is None:
        messages.info(request, _("Somebody else has already answered."))
    elif accept:
        messages.success(request, _("The association is created, and its first member is invited."))
    else:
        messages.success(request, _("The application is declined. The person gets your answer by e-mail."))
    return redirect("applications:applications")


@coordinating
@require_POST
def again(request: Request, application: uuid.UUID) -> HttpResponse:
    """Send the first invitation of an association again. The earlier link becomes invalid."""
    found = get_object_or_404(applying.without_members(request.viewer), pk=application)
    reauthentication.require(request)
    if applying.invite_again(found, request.user):
        messages.success(request, _("The invitation is sent again. The earlier link no longer works."))
    else:
        messages.warning(request, _("The message could not be sent. Try again later."))
    return redirect("applications:applications")
