"""Members of an association: list, invitations, roles, leaving, joining by link."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from volunteers.enums import Role
from volunteers.models import Association, Invitation, Membership, Vouch
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.associations import invitations
from volunteers.people.associations import membership as belonging
from volunteers.people.associations.forms import InviteForm, RoleForm
from volunteers.people.associations.invitations import InvitationRefusal, InvitationRefused
from volunteers.people.associations.membership import LastDispatcher


def _own(request: Request, slug: str) -> Association:
    """Return an association that the reader belongs to; raise Http404 for any other."""
    return get_object_or_404(Association.objects.of(request.user), slug=slug)


def dispatched(request: Request, slug: str) -> Association:
    """Return an association that the reader dispatches for; raise Http404 for any other."""
    own = Membership.objects.dispatching().filter(user=request.user, association__slug=slug)
    return get_object_or_404(own.select_related("association")).association


def _managed(request: Request, slug: str) -> Association:
    """Return an association whose members the reader manages: their own, or one that has lost its last dispatcher if
    the reader is an administrator."""
    return _orphaned(request, slug) or dispatched(request, slug)


def _orphaned(request: Request, slug: str) -> Association | None:
    if not request.viewer.is_administrator or request.viewer.view_as is not None:
        return None
    return Association.objects.without_dispatcher().filter(slug=slug).first()


def _member(association: Association, membership: int) -> Membership:
    current = Membership.objects.current().filter(association=association).select_related("user", "association")
    return get_object_or_404(current, pk=membership)


@require_safe
def members(request: Request, association: str) -> HttpResponse:
    """Show the members."""
    return _page(request, _orphaned(request, association) or _own(request, association), InviteForm())


def _page(request: Request, association: Association, form: InviteForm, status: int = 200) -> HttpResponse:
    rows = list(
        Membership.objects.current().filter(association=association).select_related("user").order_by("joined_at")
    )
    dispatches = any(row.user_id == request.user.pk and row.role == Role.DISPATCHER for row in rows)
    manages = dispatches or _orphaned(request, association.slug) is not None
    waiting = Invitation.objects.waiting(timezone.now()).filter(association=association)
    vouches = Vouch.objects.filter(association=association).select_related("user")
    context: dict[str, Any] = {
        "association": association, "members": rows, "dispatches": dispatches, "manages": manages, "form": form,
        "roles": Role.choices, "waiting": waiting if manages else [],
        "vouch_requests": vouches.waiting() if dispatches else [],
        "vouched": vouches.current().order_by("answered_at") if dispatches else [],
    }  # fmt: skip
    return render(request, "volunteers/associations/members.html", context, status=status)


@require_POST
def invite(request: Request, association: str) -> HttpResponse:
    """Invite a person."""
    own = _managed(request, association)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, own, form, status=422)
    reauthentication.require(request)
    try:
        row = invitations.invite(own, form.cleaned_data["email"], form.cleaned_data["role"], request.user)
    except InvitationRefused as refused:
        form.add_error("email" if refused.why is InvitationRefusal.MEMBER else None, _words(refused.why))
        return _page(request, own, form, status=422)
    return _sent(request, row)


@require_POST
def invite_again(request: Request, association: str, invitation: uuid.UUID) -> HttpResponse:
    """Send the invitation again. The earlier link becomes invalid."""
    own = _managed(request, association)
    row = get_object_or_404(Invitation.objects.waiting(timezone.now()), association=own, pk=invitation)
    reauthentication.require(request)
    return _sent(request, invitations.invite(own, row.email, row.role, request.user))


def _sent(request: Request, row: Invitation) -> HttpResponse:
    if invitations.send(row):
        messages.success(
            request, _("The invitation is sent. Its link works once, within a week, for this address only.")
        )
    else:
        messages.warning(request, _("The message could not be sent. Try again from the list of invitations."))
    return redirect("volunteers:members", association=row.association.slug)


@require_POST
def revoke_invitation(request: Request, association: str, invitation: uuid.UUID) -> HttpResponse:
    """Withdraw an invitation."""
    waiting = Invitation.objects.waiting(timezone.now()).filter(association=_managed(request, association))
    invitations.revoke(get_object_or_404(waiting, pk=invitation), request.user)
    messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return redirect("volunteers:members", association=association)


@require_POST
def change_role(request: Request, association: str, membership: int) -> HttpResponse:
    """Give a member another role."""
    row, form = _member(_managed(request, association), membership), RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a role."))
        return redirect("volunteers:members", association=association)
    reauthentication.require(request)
    try:
        belonging.change_role(row, form.cleaned_data["role"], request.user)
    except LastDispatcher:
        messages.error(request, _last())
    else:
        messages.success(request, _("The role is changed."))
    if not Association.objects.of(request.user).filter(slug=association).exists():
        return redirect("applications:applications")  # an administrator helped out
    return redirect("volunteers:members", association=association)


@require_POST
def remove(request: Request, association: str, membership: int) -> HttpResponse:
    """Remove a member."""
    row = _member(dispatched(request, association), membership)
    reauthentication.require(request)
    try:
        belonging.remove(row, request.user)
    except LastDispatcher:
        messages.error(request, _last())
    else:
        messages.success(
            request, _("The member is removed and signed out everywhere. Their commitments are open to others again.")
        )
    if row.user_id == request.user.pk:
        return redirect("volunteers:me")
    return redirect("volunteers:members", association=association)


@require_POST
def leave(request: Request, association: str) -> HttpResponse:
    """Leave an association."""
    own = _own(request, association)
    try:
        belonging.leave(Membership.objects.current().get(association=own, user=request.user))
    except LastDispatcher:
        messages.error(request, _last())
        return redirect("volunteers:members", association=association)
    messages.success(request, _("You have left %(name)s.") % {"name": own.name})
    return redirect("volunteers:me")


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request, token: str) -> HttpResponse:
    """Show an invitation to anyone with its link. Only the owner of the invited address can join."""
    found = invitations.find(token)
    if found is None:
        raise Http404
    if not request.user.is_authenticated:
        invitations.remember(request.session, token)
    mine = request.user.is_authenticated and invitations.is_for(found, request.user)
    if request.method != "POST" or not mine:
        return render(request, "volunteers/associations/join.html", {"invitation": found, "mine": mine}, status=200)
    try:
        invitations.accept(token, request.user)
    except InvitationRefused as refused:
        messages.warning(request, _words(refused.why))
        return redirect("volunteers:me")
    messages.success(request, _("Welcome! You are now a member of %(name)s.") % {"name": found.association.name})
    return redirect("volunteers:members", association=found.association.slug)


def _last() -> str:
    return _("The last dispatcher cannot leave. Make another member a dispatcher first.")


def _words(why: InvitationRefusal) -> str:
    return {
        InvitationRefusal.MEMBER: _("This person is already a member of the association."),
        InvitationRefusal.TOO_MANY: _("Too many invitations wait for an answer. Withdraw some first."),
        InvitationRefusal.TOO_MANY_TODAY: _(
            "You, or your association, have let as many people in as possible in one day. You can invite others tomorrow."
        ),
        InvitationRefusal.OVER: _("This invitation has expired. Ask for a new one."),
        InvitationRefusal.OTHER_ADDRESS: _("This invitation was sent to another address."),
    }[why]
