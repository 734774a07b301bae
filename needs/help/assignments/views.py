"""Pages of relief groups: needs assigned to me, assigning for the desk, the groups of an event for coordinators."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import scope
from needs.base.event_rights import crisis_access
from needs.base.event_rights.coordinators import coordinated_crisis
from needs.enums import OutcomeReason
from needs.help.assignments import answering, assigned_needs, assigning, group_members
from needs.help.assignments.assign_refusals import AssignRefused
from needs.help.assignments.forms import GroupForm, ReportBackForm
from needs.help.commitments import commitment_presenter
from needs.help.records.refusals import Refused
from needs.models import Crisis, NeedAssignment, ReliefGroup
from needs.reports.danger import shown_numbers
from solidarity.lib.http.own_pages import own_page
from solidarity.lib.refused_for import RefusedFor
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import duties


@require_safe
def relief(request: Request) -> HttpResponse:
    """Show the needs that are assigned to the reader's associations and relief groups."""
    return _show(request)


def _show(request: Request, status: int = 200, bound: tuple[uuid.UUID, ReportBackForm] | None = None) -> HttpResponse:
    """Render the page. bound: key of an assignment, and its invalid form."""
    groups = [
        (name, [(each, bound[1] if bound and bound[0] == each.row.pk else _form(each.row)) for each in needs])
        for name, needs in assigned_needs.assigned_to(request.user)
    ]
    reasons = [(reason.value, reason.label) for reason in answering.DECLINE_REASONS]
    own = ReliefGroup.objects.of(request.user).select_related("crisis").prefetch_related("members__user")
    context = {"groups": groups, "decline_reasons": reasons, "own": own}
    return render(request, "needs/relief_groups/relief.html", context, status=status)


def _form(row: NeedAssignment, data: Any = None) -> ReportBackForm:
    kinds = commitment_presenter.held_kinds(row.commitment) if row.commitment else []
    return ReportBackForm(data, kinds=kinds, auto_id=f"{row.pk}_%s")


@require_POST
def answer(request: Request, assignment: uuid.UUID) -> HttpResponse:
    """Accept or decline a need for the group."""
    try:
        if request.POST.get("answer") == "accept":
            held = answering.accept(assignment, request.user)
            messages.success(request, _("Thank you. You take care of this need until the time shown below."))
            return redirect("needs:commitment", held.pk)
        answering.decline(assignment, request.user, request.POST.get("reason", ""))
    except NeedAssignment.DoesNotExist:
        raise Http404 from None
    except (AssignRefused, Refused) as refused:
        _warn(request, refused)
    else:
        messages.success(request, _("You declined. The need is back on the desk."))
    return redirect("needs:relief")


def _warn(request: Request, refused: RefusedFor[Any]) -> None:
    messages.warning(request, refused.words)


@require_POST
def report_back(request: Request, assignment: uuid.UUID) -> HttpResponse:
    """Report the outcome of an accepted need."""
    mine = NeedAssignment.objects.for_user(request.user).live().select_related("commitment")
    row = get_object_or_404(mine, pk=assignment)
    form = _form(row, request.POST)
    if not form.is_valid():
        return _show(request, 400, (row.pk, form))
    data = form.cleaned_data
    shown_numbers.show(request, data["word"])
    try:
        answering.report_back(row.pk, request.user, data["outcome"], kinds=data["kinds"], word=data["word"])
    except NeedAssignment.DoesNotExist:
        raise Http404 from None
    except (AssignRefused, Refused) as refused:
        _warn(request, refused)
    else:
        messages.success(request, _("Thank you. The desk reads your answer."))
    return redirect("needs:relief")


@require_POST
def assign(request: Request) -> HttpResponse:
    """Assign one or many needs: from a need's page, the working list or the list of an event."""
    _desk_only(request)
    keys = [key for key in map(_key, request.POST.getlist("need")) if key is not None]
    choice = assigning.chosen(request.POST.get("to", ""))
    if not keys or choice is None:
        messages.error(request, _("Choose at least one need, and to whom it is assigned."))
        return _back(request)
    results = assigning.assign_many(keys, choice, request.viewer)
    done = sum(not each.failure for each in results)
    if done:
        words = ngettext("%(n)d need is assigned to %(name)s.", "%(n)d needs are assigned to %(name)s.", done)
        messages.success(request, words % {"n": done, "name": choice.name})
    for words in dict.fromkeys(each.failure for each in results if each.failure):
        number = sum(each.failure == words for each in results)
        left = ngettext("%(n)d need was not assigned:", "%(n)d needs were not assigned:", number) % {"n": number}
        messages.warning(request, f"{left} {words}")
    return _back(request)


def _desk_only(request: Request) -> None:
    """Raise Http404 for people who neither dispatch nor coordinate an event."""
    if not duties.dispatches(request.viewer):
        crisis_access.require_crisis_reader(request.viewer)


def _key(text: str) -> uuid.UUID | None:
    """Parse the key of a need; the working list adds the state that the dispatcher saw, after a colon."""
    try:
        return uuid.UUID(text.partition(":")[0])
    except ValueError:
        return None


def _back(request: Request) -> HttpResponse:
    """Redirect to the page that the form names, if it is a page of this site."""
    return redirect(own_page(request, "back") or reverse("needs:crises"))


@require_safe
def assigned(request: Request, assignment: uuid.UUID) -> HttpResponse:
    """Show the desk the state of an assignment."""
    seen = NeedAssignment.objects.filter(need__in=assigning.assignable_by(request.viewer).values("pk"))
    row = get_object_or_404(seen.select_related("need__crisis", "group", "association", "answered_by"), pk=assignment)
    mine = scope.needs_for(request.viewer).filter(pk=row.need_id).exists()
    context = {"row": row, "mine": mine, "reason": OutcomeReason(row.reason).label if row.reason else ""}
    return render(request, "needs/relief_groups/assigned.html", context)


@require_POST
def withdraw(request: Request, assignment: uuid.UUID) -> HttpResponse:
    """Withdraw an assignment that waits."""
    try:
        assigning.withdraw(assignment, request.viewer)
    except NeedAssignment.DoesNotExist:
        raise Http404 from None
    except AssignRefused as refused:
        _warn(request, refused)
    else:
        messages.success(request, _("The assignment is withdrawn."))
    return redirect(own_page(request, "back") or reverse("needs:assigned", args=[assignment]))


# --- the groups of an event ----------------------------------------------------------------------------------------


def groups(request: Request, slug: str) -> HttpResponse:
    """Show the relief groups of an event to its coordinators, and make a new one."""
    crisis = coordinated_crisis(request.viewer, slug)
    form = GroupForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            group_members.make_group(crisis, form.cleaned_data["name"], request.user, form.cleaned_data["association"])
        except group_members.NameTaken:
            form.add_error("name", _("This event already has a group with this name. Choose another name."))
        else:
            messages.success(request, _("The group is made. Now add people: the first one leads it."))
            return redirect("mapping:relief_groups", crisis.slug)
    rows = [
        (group, list(group.members.all()), [] if group.closed_at else group_members.candidates(group))
        for group in crisis.relief_groups.select_related("crisis", "association").prefetch_related("members__user")
    ]
    context = {"crisis": crisis, "form": form, "rows": rows}
    return render(request, "needs/relief_groups/groups.html", context, status=400 if form.is_bound else 200)


@require_POST
def change_group(request: Request, slug: str, group: uuid.UUID) -> HttpResponse:
    """Add or remove a member, change the lead, or close a group."""
    crisis: Crisis = coordinated_crisis(request.viewer, slug)
    found = get_object_or_404(ReliefGroup.objects.open().select_related("crisis"), pk=group, crisis=crisis)
    person, member = _key(request.POST.get("add", "")), request.POST.get("member", "")
    number = int(member) if member.isascii() and member.isdigit() and len(member) < 10 else 0
    action = request.POST.get("action", "")
    if action == "add" and not (person and group_members.add(found, person, request.user)):
        messages.error(request, _("Choose a person from the list."))
    elif action == "remove":
        group_members.remove(found, number, request.user)
    elif action == "lead":
        group_members.make_lead(found, number, request.user)
    elif action == "close":
        group_members.close(found, request.user)
        messages.success(request, _("The group is closed."))
    return redirect("mapping:relief_groups", crisis.slug)
