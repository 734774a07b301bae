"""Pages on which administrators are invited, named, handed over and removed."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from volunteers.models import AdministratorChange, User
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.administrators import administrator_mail, administrators
from volunteers.people.administrators.administrator_forms import AdministratorForm
from volunteers.people.administrators.administrators import AdministratorRefusal, AdministratorRefused
from volunteers.people.associations import invitations


def _only_administrators(request: Request) -> None:
    if not administrators.may_change(request.viewer):
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def administrators_page(request: Request) -> HttpResponse:
    """Show the administrators and the open changes; a POST invites somebody."""
    _only_administrators(request)
    form = AdministratorForm(request.POST or None, initial={"email": _address(request.GET.get("person", ""))})
    if request.method == "POST" and form.is_valid():
        reauthentication.require(request)
        try:
            change = administrators.invite(
                form.cleaned_data["email"], request.user, hand_over=form.cleaned_data["hand_over"]
            )
        except AdministratorRefused as refused:
            form.add_error("email", _words(refused.why))
        else:
            administrator_mail.tell_invited(change)
            if administrator_mail.send_invitation(change):
                messages.success(request, _("The invitation is sent. All administrators are told."))
            else:
                messages.warning(request, _("The invitation could not be sent. Check the mail, then send it again."))
            return redirect("people:administrators")
    people = list(User.objects.filter(is_superuser=True, is_active=True).order_by("display_name", "email"))
    context = {
        "form": form,
        "administrators": [(person, administrators.has_factor(person)) for person in people],
        "changes": AdministratorChange.objects.open(timezone.now()).select_related("person", "by"),
        "alone": len(people) < 2,
    }
    return render(request, "volunteers/people/administrators.html", context, status=400 if form.errors else 200)


def remove_administrator(request: Request, person: uuid.UUID) -> HttpResponse:
    """Ask for the removal of an administrator, after a confirmation."""
    _only_administrators(request)
    found = get_object_or_404(User, key=person, is_superuser=True, is_active=True)
    if request.method == "POST":
        reauthentication.require(request)
        try:
            administrators.ask_removal(found, request.user)
        except AdministratorRefused as refused:
            messages.warning(request, _words(refused.why))
        else:
            administrator_mail.run()
            messages.success(request, _("All administrators are told. The removal takes effect in 24 hours."))
        return redirect("people:administrators")
    return render(request, "volunteers/people/remove_administrator.html", {"person": found})


@require_POST
def stop_change(request: Request, change: uuid.UUID) -> HttpResponse:
    """Stop a change before it takes effect."""
    _only_administrators(request)
    found = get_object_or_404(AdministratorChange, pk=change)
    reauthentication.require(request)
    if administrators.stop(found, request.user):
        administrator_mail.tell_stopped(found)
        messages.success(request, _("The change is stopped. Everything stays as it was."))
    else:
        messages.info(request, _("This change is over already."))
    return redirect("people:administrators")


def join_administrators(request: Request, token: str) -> HttpResponse:
    """Show an invitation to anyone with its link. Only the owner of the invited address can accept it, with a second
    factor."""
    found = administrators.find(token)
    if found is None:
        raise Http404
    signed_in = request.user.is_authenticated
    if not signed_in:
        invitations.remember(request.session, token)
    mine = signed_in and administrators.is_for(found, request.user)
    factor = mine and administrators.has_factor(request.user)
    context = {"change": found, "mine": mine, "factor": factor}
    if request.method != "POST" or not factor:
        return render(request, "volunteers/people/join_administrators.html", context)
    reauthentication.require(request)
    try:
        administrators.accept(token, request.user)
    except AdministratorRefused as refused:
        messages.warning(request, _words(refused.why))
    else:
        administrator_mail.run()
        messages.success(
            request, _("Thank you. All administrators are told, and you become an administrator in 24 hours.")
        )
    return redirect("home")


def _address(key: str) -> str:
    """Return the address of the account whose page linked here; the address itself is in no URL."""
    try:
        found = User.objects.filter(key=uuid.UUID(key), is_active=True).first()
    except ValueError:
        return ""
    return found.email if found else ""


def _words(why: AdministratorRefusal) -> str:
    return {
        AdministratorRefusal.ALREADY: _("This person is an administrator already, or a change about them waits."),
        AdministratorRefusal.TOO_MANY: _("Too many invitations wait for an answer. Stop some first."),
        AdministratorRefusal.OVER: _("This invitation has expired. Ask for a new one."),
        AdministratorRefusal.OTHER_ADDRESS: _("This invitation was sent to another address."),
        AdministratorRefusal.NO_FACTOR: _("Set up a second factor first. Then open the link again."),
        AdministratorRefusal.LAST: _("The only administrator cannot be removed. Invite another one first."),
        AdministratorRefusal.NOT_ONE: _("This person is not an administrator."),
    }[why]
