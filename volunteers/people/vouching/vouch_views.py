"""Pages of vouching. A volunteer asks an association; the association's dispatchers answer, or end a vouch."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from volunteers.models import Vouch
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.associations.views import dispatched
from volunteers.people.vouching import vouching
from volunteers.people.vouching.forms import VouchForm


def send_request(request: Request, form: VouchForm) -> None:
    """Ask the association that was chosen in a valid form, and add a message about the outcome."""
    try:
        vouching.ask(request.user, form.cleaned_data["association"], form.cleaned_data["text"])
    except vouching.VouchRefused as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, _("Your request is sent. We notify you of the answer."))


def ask(request: Request) -> HttpResponse:
    """Show who vouches for the reader and which requests are waiting; a POST asks an association."""
    form = VouchForm(request.POST or None, user=request.user)
    if form.is_valid():
        send_request(request, form)
        return redirect("volunteers:ask_vouch")
    own = Vouch.objects.filter(user=request.user).select_related("association")
    context = {
        "form": form,
        "waiting": own.waiting(),
        "vouched": own.current(),
        "memberships": request.user.memberships.current().select_related("association"),
    }
    return render(request, "volunteers/associations/ask_vouch.html", context, status=400 if form.is_bound else 200)


@require_POST
def withdraw(request: Request, vouch: uuid.UUID) -> HttpResponse:
    """Withdraw the reader's own request."""
    vouching.withdraw(get_object_or_404(Vouch.objects.waiting(), user=request.user, pk=vouch))
    messages.success(request, _("Your request is withdrawn."))
    return redirect("volunteers:ask_vouch")


@require_POST
def answer(request: Request, association: str, vouch: uuid.UUID) -> HttpResponse:
    """Accept or decline a request."""
    own = dispatched(request, association)
    row = get_object_or_404(Vouch.objects.waiting().select_related("user"), association=own, pk=vouch)
    accepted = request.POST.get("answer") == "yes"
    if accepted:
        reauthentication.require(request)
    try:
        vouching.answer(row, accepted=accepted, by=request.user)
    except vouching.VouchRefused as refused:
        messages.warning(request, refused.words)
    else:
        words = _("You vouch for this volunteer. They can see exact places now.") if accepted else _("You declined.")
        messages.success(request, words)
    return redirect("volunteers:members", association=association)


@require_POST
def end(request: Request, association: str, vouch: uuid.UUID) -> HttpResponse:
    """End a vouch."""
    own = dispatched(request, association)
    row = get_object_or_404(Vouch.objects.current().select_related("user"), association=own, pk=vouch)
    vouching.end(row, request.user)
    messages.success(request, _("You no longer vouch for this volunteer. Needs that they had taken are open again."))
    return redirect("volunteers:members", association=association)
