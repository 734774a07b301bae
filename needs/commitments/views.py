"""Open needs near a volunteer, taking one, and everything that its holder can do with it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from needs.commitments import commitment_presenter, ending, exact_place, extending, handing_over, limits, taking
from needs.commitments.forms import (
    AskForm,
    FeedbackForm,
    GiveBackForm,
    HolderMessageForm,
    NearForm,
    OfferForm,
    PartsForm,
    SafetyForm,
    TakeForm,
)
from needs.commitments.refusals import Refused
from needs.conversations import relayed_messages
from needs.enums import OutcomeReason, Side
from needs.guards import dispatcher_only, own_associations
from needs.models import Commitment, Feedback, HandOver, Need, RelayedMessage
from needs.open_needs import nearby
from solidarity.lib import cell_geometry, grid
from solidarity.lib.http.http_types import Request
from volunteers.accounts.viewer import Viewer
from volunteers.models import Association
from volunteers.territories import areas

SHOWN_AFTER_END = timedelta(days=30)
PER_PAGE = 20


@never_cache
@login_required
def open_needs(request: Request) -> HttpResponse:
    """Needs that wait for somebody, the nearest first."""
    has_base = nearby.base_cell(request.user) is not None
    form = NearForm(request.GET, areas=areas.areas_for(request.viewer), has_base=has_base)
    wanted = form.wanted
    page = Paginator(nearby.open_needs(request.viewer, wanted), PER_PAGE).get_page(request.GET.get("page"))
    persons = dict(Need.objects.filter(pk__in=[row.id for row in page]).values_list("pk", "persons"))
    kept = urlencode({name: value for name, value in form.data.items() if name in form.fields and value})
    context = {
        "form": form,
        "page": page,
        "rows": [(row, persons.get(row.id, 1)) for row in page],
        "has_base": has_base,
        "filtered": bool(kept),
        "kept": kept,
    }
    return render(request, "needs/commitments/commitment_near.html", context)


def _need_or_404(viewer: Viewer, need: uuid.UUID) -> Need:
    try:
        return nearby.open_need(viewer, need)
    except Need.DoesNotExist:
        raise Http404 from None


@never_cache
@login_required
def open_need(request: Request, need: uuid.UUID) -> HttpResponse:
    """One open need: its area, what is left of it, and the form that takes it."""
    return _open_page(request, need)


def _open_page(request: Request, need: uuid.UUID, asked: tuple[uuid.UUID, AskForm] | None = None) -> HttpResponse:
    """The page of an open need. asked: the promise that was asked for, and the form that was refused."""
    found = _need_or_404(request.viewer, need)
    free = taking.free_kinds(found)
    associations = list(Association.objects.of(request.user))
    form = TakeForm(None if asked else request.POST or None, free=free, associations=associations)
    status = 400 if form.is_bound or asked else 200
    if form.is_bound and form.is_valid():
        try:
            own = taking.take(found, request.user, kinds=form.cleaned_data["kinds"], association=form.owner)
        except Refused as refused:
            messages.warning(request, refused.words)
            free = taking.free_kinds(found)
            form, status = TakeForm(free=free, associations=associations), 409
        else:
            messages.success(request, _("Thank you. It is yours until the time below is over."))
            return redirect("needs:commitment", own.pk)
    mine = Commitment.objects.held_by(request.user, timezone.now()).filter(need=found).first()
    base = nearby.base_cell(request.user)
    distance = grid.distance_m(base, found.cell) if base is not None and found.cell is not None else None
    context = {
        "need": found,
        "form": form,
        "free": free,
        "mine": mine,
        "others": [
            (other, asked[1] if asked and asked[0] == other.pk else AskForm(prefix="ask", auto_id=f"{other.pk}_%s"))
            for other in commitment_presenter.other_holders(found, request.user)
        ],
        "hours": round(limits.time_for(found.urgency) / timedelta(hours=1)),
        "distance": distance and max(round(distance / 100) * 100, 100),
        "places": {"points": [], "cells": [cell_geometry.outline(found.cell)] if found.cell is not None else []},
    }
    return render(request, "needs/commitments/commitment_need.html", context, status=status)


@never_cache
@login_required
def own_commitments(request: Request) -> HttpResponse:
    """What the reader holds, with its timers; what waits for their answer; what ended lately."""
    now = timezone.now()
    own = commitment_presenter.for_list(Commitment.objects.of(request.user))
    ended = own.filter(made_at__gte=now - SHOWN_AFTER_END).exclude(pk__in=_running_keys(request.user))
    waiting = HandOver.objects.waiting(now).filter(asked_by=request.user).select_related("commitment__need")
    context = {
        "running": own.filter(pk__in=_running_keys(request.user)).order_by("expires_at"),
        "page": Paginator(ended, PER_PAGE).get_page(request.GET.get("page")),
        "decide": _to_decide(request.user),
        "waiting": waiting.prefetch_related("commitment__parts"),
        "most": settings.COMMITMENTS_PER_VOLUNTEER,
        "safety": SafetyForm(),
    }
    return render(request, "needs/commitments/commitments.html", context)


def _running_keys(user: Any) -> Any:
    return Commitment.objects.held_by(user, timezone.now()).order_by().values("pk")


def _to_decide(user: Any) -> Any:
    found = HandOver.objects.waiting(timezone.now()).decided_by(user).select_related("commitment__need", "to")
    return found.prefetch_related("commitment__parts")


@never_cache
@login_required
def association_commitments(request: Request) -> HttpResponse:
    """What the reader's associations hold: who, what, until when. No place: that is the holder's."""
    own_associations(request.user)
    every = commitment_presenter.for_list(Commitment.objects.of_associations(request.user))
    now = timezone.now()
    recent = every.filter(ended_at__gte=now - SHOWN_AFTER_END)
    context = {
        "running": every.running(now).order_by("expires_at")[:200],
        "page": Paginator(recent, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "needs/commitments/commitment_association.html", context)


def _own(user: Any, commitment: uuid.UUID) -> Commitment:
    return get_object_or_404(commitment_presenter.for_list(Commitment.objects.of(user)), pk=commitment)


@never_cache
@login_required
def commitment(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """One commitment of the reader: its timer and every way on; after its end, how it went."""
    own = _own(request.user, commitment)
    return _show(request, own)


def _show(request: Request, own: Commitment, status: int = 200, **forms: Any) -> HttpResponse:
    running = Commitment.objects.held_by(request.user, timezone.now()).filter(pk=own.pk).exists()
    kinds = commitment_presenter.held_kinds(own)
    mates = handing_over.mates_of(request.user) if running else []
    context = {
        "own": own,
        "running": running,
        "kinds": kinds,
        "extensions": extending.left_to_extend(own),
        "done_form": PartsForm(kinds=kinds),
        "give_back_form": GiveBackForm(),
        "offer_form": OfferForm(mates=mates) if mates else None,
        "message_form": HolderMessageForm(),
        "feedback_form": FeedbackForm(),
        "relayed": own.relayed.all(),
        "decide": _to_decide(request.user).filter(commitment=own) if running else [],
        "said": own.feedback.filter(side=Side.VOLUNTEER).exists(),
        "reachable": bool(own.need.contact),
        "safety": SafetyForm(),
        **forms,
    }
    return render(request, "needs/commitments/commitment.html", context, status=status)


@never_cache
@require_GET
@login_required
def place(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """The exact place, for its holder, while they hold it; every look is logged. 404 for others, and afterwards."""
    try:
        exact = exact_place.look(commitment, request.user)
    except Commitment.DoesNotExist:
        raise Http404 from None
    point = exact.place
    context = {
        "own": _own(request.user, commitment),
        "seen": exact,
        "places": {"points": [{"lng": point.longitude, "lat": point.latitude}] if point else [], "cells": []},
    }
    if point and not exact.exact:
        context["places"] = {
            "points": [],
            "cells": [cell_geometry.outline(grid.cell_of(point.latitude, point.longitude))],
        }
    return render(request, "needs/commitments/commitment_place.html", context)


def _try(request: Request, verb: Callable[[], Any], success: str) -> bool:
    """Run a verb and say what became of it; whether it was done."""
    try:
        verb()
    except Refused as refused:
        messages.warning(request, refused.words)
        return False
    messages.success(request, success)
    return True


@require_POST
@login_required
def done(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """It was brought, wholly or in part; or others had brought it already."""
    own = _own(request.user, commitment)
    form = PartsForm(request.POST, kinds=commitment_presenter.held_kinds(own))
    if not form.is_valid():
        return _show(request, own, 400, done_form=form)
    verb = ending.done_by_others if "by_others" in request.POST else ending.done
    _try(
        request,
        lambda: verb(own.pk, request.user, kinds=form.cleaned_data["kinds"]),
        _("Thank you! Please tell us how it went."),
    )
    return redirect("needs:commitment", own.pk)


@require_POST
@login_required
def extend(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """More time."""
    own = _own(request.user, commitment)
    _try(request, lambda: extending.extend(own.pk, request.user), _("You have more time now."))
    return redirect("needs:commitment", own.pk)


@require_POST
@login_required
def give_back(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """The need is for others again."""
    own = _own(request.user, commitment)
    form = GiveBackForm(request.POST)
    if not form.is_valid():
        return _show(request, own, 400, give_back_form=form)
    reason = OutcomeReason(form.cleaned_data["reason"])
    _try(
        request,
        lambda: ending.withdraw(own.pk, request.user, reason),
        _("It is open for others again. Thank you for saying so."),
    )
    return redirect("needs:commitment", own.pk)


@require_POST
@login_required
def ask(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Ask whoever holds a need that the reader may see."""
    found = get_object_or_404(Commitment, pk=commitment)
    need = _need_or_404(request.viewer, found.need_id)
    form = AskForm(request.POST, prefix="ask", auto_id=f"{found.pk}_%s")
    if not form.is_valid():
        return _open_page(request, need.pk, (found.pk, form))
    words = form.cleaned_data["message"]
    _try(
        request,
        lambda: handing_over.ask_for(found.pk, request.user, words),
        _("You asked. You will be told the answer."),
    )
    return redirect("needs:open_need", need.pk)


@require_POST
@login_required
def offer(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Offer a need to somebody of one's association."""
    own = _own(request.user, commitment)
    form = OfferForm(request.POST, mates=handing_over.mates_of(request.user))
    if not form.is_valid():
        return _show(request, own, 400, offer_form=form)
    data = form.cleaned_data
    _try(
        request,
        lambda: handing_over.offer(own.pk, request.user, data["to"], data["message"]),
        _("It is offered. It stays yours until they say yes."),
    )
    return redirect("needs:commitment", own.pk)


@require_POST
@login_required
def answer_hand_over(request: Request, hand: uuid.UUID) -> HttpResponse:
    """Yes or no to a hand-over, by the one who decides."""
    found = get_object_or_404(HandOver.objects.decided_by(request.user), pk=hand)
    accepted = request.POST.get("answer") == "yes"
    if accepted and found.to_id == request.user.pk and not SafetyForm(request.POST).is_valid():
        messages.warning(request, SafetyForm.base_fields["safe"].error_messages["required"])
        return redirect("needs:commitments")
    words = _("It has changed hands.") if accepted else _("It stays where it is.")
    _try(request, lambda: handing_over.answer(found.pk, request.user, accepted=accepted), words)
    return redirect("needs:commitments")


@require_POST
@login_required
def message(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """A message to the reporter, without learning who they are."""
    own = _own(request.user, commitment)
    form = HolderMessageForm(request.POST)
    if not form.is_valid():
        return _show(request, own, 400, message_form=form)
    data = form.cleaned_data
    _try(
        request,
        lambda: relayed_messages.write_to_reporter(own.pk, request.user, data["text"], by_phone=data["by_phone"]),
        _("Your message stands on the reporter's page."),
    )
    return redirect("needs:commitment", own.pk)


@require_POST
@login_required
def feedback(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """How it went, says the one who helped."""
    own = _own(request.user, commitment)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _show(request, own, 400, feedback_form=form)
    _try(
        request,
        lambda: relayed_messages.say_how_it_went(own, Side.VOLUNTEER, **form.cleaned_data),
        _("Thank you for telling us."),
    )
    return redirect("needs:commitment", own.pk)


@never_cache
@login_required
def desk(request: Request) -> HttpResponse:
    """For dispatchers: messages to pass on by telephone, and what was not safe."""
    dispatcher_only(request.user)
    since = timezone.now() - SHOWN_AFTER_END
    unsafe = Feedback.objects.filter(unsafe=True, at__gte=since).select_related("commitment__need")
    left = Commitment.objects.filter(reason=OutcomeReason.UNSAFE, ended_at__gte=since).select_related("need")
    to_pass_on = RelayedMessage.objects.to_pass_on().select_related("commitment__need")
    context = {"to_pass_on": to_pass_on[:100], "unsafe": unsafe.order_by("-at")[:100], "left": left[:100]}
    return render(request, "needs/commitments/commitment_desk.html", context)


@require_POST
@login_required
def passed_on(request: Request, message: int) -> HttpResponse:
    """A dispatcher said it by telephone."""
    dispatcher_only(request.user)
    if relayed_messages.passed_on(message, request.user):
        messages.success(request, _("Thank you. It is passed on."))
    else:
        messages.warning(request, _("Somebody else did it before you."))
    return redirect("needs:commitment_desk")
