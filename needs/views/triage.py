"""The dispatchers' list: what came in, the most urgent first."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from needs import triage
from needs.models import Need
from needs.views.own import dispatcher_only
from solidarity.lib.typed import Request


@never_cache
@login_required
def needs_to_sort(request: Request) -> HttpResponse:
    """Unfinished needs; ``?show=held`` shows only those that wait for a moderator."""
    dispatcher_only(request.user)
    show_held = request.GET.get("show") == "held"
    needs = Need.objects.for_triage()
    held = Need.objects.held().count()
    page = Paginator(needs.held() if show_held else needs, 50).get_page(request.GET.get("page"))
    return render(request, "needs/triage.html", {"page": page, "held": held, "show_held": show_held})


@require_POST
@login_required
def release(request: Request, need: uuid.UUID) -> HttpResponse:
    """Let a held need in."""
    dispatcher_only(request.user)
    if triage.release_held(get_object_or_404(Need.objects.live(), pk=need).pk):
        messages.success(request, _("It is let in and counts from now on."))
    else:
        messages.warning(request, _("Somebody else decided about it before you."))
    return redirect("needs:triage")


@require_POST
@login_required
def reject(request: Request, need: uuid.UUID) -> HttpResponse:
    """Keep a held need out."""
    dispatcher_only(request.user)
    if triage.reject_held(get_object_or_404(Need.objects.live(), pk=need).pk):
        messages.success(request, _("It is kept out and counts for nothing."))
    else:
        messages.warning(request, _("Somebody else decided about it before you."))
    return redirect("needs:triage")


@never_cache
@require_POST
@login_required
def contact(request: Request, need: uuid.UUID) -> HttpResponse:
    """The reporter's contact, on a click that is logged."""
    dispatcher_only(request.user)
    found = get_object_or_404(Need.objects.live().exclude(contact=None), pk=need)
    context = {"need": found, "contact": triage.reveal_contact(found, dispatcher=request.user.pk)}
    return render(request, "needs/contact.html", context)
