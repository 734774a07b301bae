"""The page “Join”, asking an association, and the requests that the reader may answer."""

import uuid

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.enums import Answer
from needs.models import GroupMember, JoinRequest, PlannedTour
from needs.neighbours.groups import group_changes, group_membership, join_requests
from needs.neighbours.groups.forms import AnswerRequestForm, JoinForm
from needs.neighbours.groups.join_requests import AGAIN_AFTER, JoinRefused
from volunteers.models import Association
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access

MOST_GROUPS = 100


@require_safe
def join(request: Request) -> HttpResponse:
    """Tours with free places, neighbourhood groups and associations, and the reader's own requests."""
    now = timezone.now()
    own = JoinRequest.objects.filter(user=request.user).select_related("group", "association")
    groups = group_membership.groups_for(request.viewer).annotate(
        people=Count("members", filter=Q(members__user__is_active=True))
    )
    mine = set(GroupMember.objects.filter(user=request.user).values_list("group", flat=True))
    places = groups.order_by("territory__name", "name")[:MOST_GROUPS]
    context = {
        "groups": places,
        "mine": mine,
        "may_found": group_changes.may_found(request.viewer),
        "belongs_to": set(request.user.memberships.current().values_list("association", flat=True)),
        "waiting": own.waiting(now),
        "declined": own.filter(answer=Answer.DECLINED, answered_at__gt=now - AGAIN_AFTER).order_by("-answered_at"),
        "to_answer": join_requests.to_answer(request.user, now).count(),
        "tours": _tours_with_places(request),
        "associations": Association.objects.order_by("name"),
    }
    return render(request, "needs/groups/join.html", context)


def _tours_with_places(request: Request) -> int:
    """Return the number of planned tours with free places that the reader can see."""
    near = access.territories_to_join(request.viewer)
    coming = PlannedTour.objects.filter(cancelled_at=None, tour=None, start__gt=timezone.now(), seats__gt=0).annotate(
        gone=Count("taken")
    )
    return sum(plan.seats > plan.gone for plan in coming) if near.exists() else 0


def ask_association(request: Request, association: str) -> HttpResponse:
    """Ask an association to become a member."""
    found = get_object_or_404(Association, slug=association)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            join_requests.ask_association(found, request.user, form.cleaned_data["word"])
            messages.success(request, _("Your request is sent. We notify you of the answer."))
        except JoinRefused as refused:
            messages.warning(request, refused.words)
        return redirect("needs:join")
    status = 400 if form.is_bound else 200
    return render(request, "needs/groups/ask_association.html", {"form": form, "association": found}, status=status)


@require_POST
def take_back(request: Request, join_request: uuid.UUID) -> HttpResponse:
    """Take back the reader's own request."""
    own = get_object_or_404(JoinRequest.objects.waiting(timezone.now()), user=request.user, pk=join_request)
    join_requests.take_back(own)
    messages.success(request, _("Your request is taken back."))
    return redirect("needs:join")


@require_safe
def requests_to_answer(request: Request) -> HttpResponse:
    """The requests that the reader may answer."""
    return _show_requests(request)


def _show_requests(
    request: Request, sent: AnswerRequestForm | None = None, key: uuid.UUID | None = None
) -> HttpResponse:
    """Render the requests. sent: an invalid answer to the request with this key."""
    rows = [
        (each, sent if sent is not None and each.pk == key else AnswerRequestForm(auto_id=f"{each.pk}_%s"))
        for each in join_requests.to_answer(request.user, timezone.now())
    ]
    return render(request, "needs/groups/join_requests.html", {"rows": rows}, status=400 if sent else 200)


@require_POST
def answer_request(request: Request, join_request: uuid.UUID) -> HttpResponse:
    """Accept or decline a request."""
    row = get_object_or_404(join_requests.to_answer(request.user, timezone.now()), pk=join_request)
    form = AnswerRequestForm(request.POST, auto_id=f"{row.pk}_%s")
    if not form.is_valid():
        return _show_requests(request, form, row.pk)
    accepted = form.cleaned_data["answer"] == "yes"
    if accepted and row.association_id is not None:
        reauthentication.require(request)
    try:
        answered = join_requests.answer(row, accepted=accepted, by=request.user, reason=form.cleaned_data["reason"])
    except JoinRefused as refused:
        messages.warning(request, refused.words)
        return redirect("needs:join_requests")
    if answered:
        messages.success(
            request, _("This person is a member now.") if accepted else _("You declined. They read the reason.")
        )
    else:
        messages.warning(request, _("Somebody has answered this request before you."))
    return redirect("needs:join_requests")
