"""The pages of a group: its description, joining, leaving, and the actions of its hosts."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.conversations.moderation.writing_pauses import writes
from needs.enums import Answer
from needs.models import Group, GroupMember, JoinRequest
from needs.neighbours.groups import group_changes, group_membership, join_requests
from needs.neighbours.groups.forms import GroupForm, GroupRoleForm, JoinForm, LeaveGroupForm, RemoveForm
from needs.neighbours.groups.group_changes import FoundingRefused
from needs.neighbours.groups.join_requests import JoinRefused
from needs.neighbours.groups.models import GroupRole
from volunteers.people.accounts.http_types import Request


def _group(request: Request, group: uuid.UUID) -> Group:
    """Return an open group that the reader can find; raise Http404 for any other."""
    return get_object_or_404(group_membership.groups_for(request.viewer), pk=group)


def _hosted(request: Request, group: uuid.UUID) -> Group:
    """Return a group that the reader hosts; raise Http404 for any other."""
    return get_object_or_404(Group.objects.hosted_by(request.user).select_related("territory"), pk=group)


def _member(group: Group, member: int) -> GroupMember:
    return get_object_or_404(GroupMember.objects.select_related("user", "group"), group=group, pk=member)


@require_safe
def group_page(request: Request, group: uuid.UUID) -> HttpResponse:
    """Show a group. Only members see the other members, by first name and role."""
    return _show(request, _group(request, group))


def _show(request: Request, group: Group, status: int = 200, **bound: Any) -> HttpResponse:
    """Render the page of a group. bound: invalid forms to show again, by name."""
    own = GroupMember.objects.filter(group=group, user=request.user).first()
    members = GroupMember.objects.filter(group=group, user__is_active=True).select_related("user")
    rows = sorted(members, key=lambda each: (each.role != GroupRole.HOST, each.joined_at))
    hosts = [each for each in rows if each.role == GroupRole.HOST]
    hosted = own is not None and own.role == GroupRole.HOST
    last = hosted and len(hosts) == 1 and len(rows) > 1
    requests = JoinRequest.objects.waiting(timezone.now()).filter(group=group)
    context = {
        "group": group, "own": own, "hosted": hosted, "hosts": hosts, "people": len(rows),
        "members": rows if own is not None else [],
        "coordinates": group_membership.coordinates(request.viewer, group),
        "asks_first": join_requests.asks_first(group, request.user),
        "asked": requests.filter(user=request.user).first(),
        "to_answer": requests.exclude(user=request.user).count() if hosted else 0,
        "form": JoinForm(), "remove": RemoveForm(),
        "leave": LeaveGroupForm(group=group, without=request.user.pk) if last else None,
    }  # fmt: skip
    return render(request, "needs/groups/group.html", {**context, **bound}, status=status)


@writes
def found_group(request: Request) -> HttpResponse:
    """Found a group."""
    if not group_changes.may_found(request.viewer):
        raise Http404
    form = GroupForm(request.POST or None, viewer=request.viewer)
    if request.method == "POST" and form.is_valid():
        try:
            made = group_changes.found(request.viewer, form.cleaned_data)
        except FoundingRefused as refused:
            form.add_error(None, refused.words)
        else:
            messages.success(request, _("The group is founded. You are its host."))
            return redirect("needs:group", made.pk)
    context = {"form": form, "group": None}
    return render(request, "needs/groups/group_form.html", context, status=400 if form.is_bound else 200)


@writes
def change_group(request: Request, group: uuid.UUID) -> HttpResponse:
    """Change the texts of a group and how people join."""
    found = _hosted(request, group)
    form = GroupForm(request.POST or None, viewer=request.viewer, group=found)
    if request.method == "POST" and form.is_valid():
        group_changes.change(found, form.cleaned_data, request.user)
        messages.success(request, _("The changes are saved."))
        return redirect("needs:group", found.pk)
    context = {"form": form, "group": found}
    return render(request, "needs/groups/group_form.html", context, status=400 if form.is_bound else 200)


@require_POST
def join_group(request: Request, group: uuid.UUID) -> HttpResponse:
    """Join at once, or ask the hosts."""
    found, form = _group(request, group), JoinForm(request.POST)
    if not form.is_valid():
        return _show(request, found, 400, form=form)
    try:
        asked = join_requests.join_group(found, request.user, form.cleaned_data["word"])
    except JoinRefused as refused:
        messages.warning(request, refused.words)
    else:
        joined = asked.answer == Answer.ACCEPTED
        messages.success(
            request, _("Welcome! You are a member now.") if joined else _("The hosts have your request. We notify you.")
        )
    return redirect("needs:group", found.pk)


@require_POST
def leave_group(request: Request, group: uuid.UUID) -> HttpResponse:
    """Leave a group. The last host of a group can hand the group to a member."""
    own = get_object_or_404(GroupMember.objects.filter(user=request.user, group__closed_at=None), group=group)
    form = LeaveGroupForm(request.POST, group=own.group, without=request.user.pk)
    group_membership.leave(own.group, request.user, form.cleaned_data["heir"] if form.is_valid() else None)
    messages.success(request, _("You have left the group."))
    return redirect("needs:join")


@require_POST
def close_group(request: Request, group: uuid.UUID) -> HttpResponse:
    """Close a group; only for its hosts and the coordinators of its territory."""
    found = _group(request, group)
    if not group_membership.may_close(request.viewer, found):
        raise Http404
    group_changes.close(found, request.user)
    messages.success(request, _("The group is closed."))
    return redirect("needs:join")


@require_POST
def look_after(request: Request, group: uuid.UUID) -> HttpResponse:
    """Let a coordinator of a group's territory become host of a group without hosts."""
    found = _group(request, group)
    if not group_membership.coordinates(request.viewer, found) or group_membership.hosts_of(found).exists():
        raise Http404
    group_membership.look_after(found, request.user)
    messages.success(request, _("You are a host of this group now."))
    return redirect("needs:group", found.pk)


@require_POST
def change_role(request: Request, group: uuid.UUID, group_member: int) -> HttpResponse:
    """Make a member a host, or a host a member."""
    found = _hosted(request, group)
    member, form = _member(found, group_member), GroupRoleForm(request.POST)
    if form.is_valid() and group_membership.set_role(member, form.cleaned_data["role"], request.user):
        messages.success(request, _("The role is changed."))
    return redirect("needs:group", found.pk)


@require_POST
def remove_member(request: Request, group: uuid.UUID, group_member: int) -> HttpResponse:
    """Remove a member, with a reason that they read."""
    found = _hosted(request, group)
    member, form = _member(found, group_member), RemoveForm(request.POST)
    if member.user_id == request.user.pk:
        raise Http404
    if not form.is_valid():
        messages.warning(request, _("Choose a reason: the person reads it."))
        return redirect("needs:group", found.pk)
    group_membership.remove(member, form.cleaned_data["reason"], request.user)
    messages.success(request, _("The member is removed. They read the reason."))
    return redirect("needs:group", found.pk)
