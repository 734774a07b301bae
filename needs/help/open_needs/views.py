"""Pages of open needs: the list, one need, taking it, asking its holder to hand it over."""

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.enums import HelpAnswer
from needs.help.commitments import commitment_presenter, hand_overs, taking
from needs.help.exact_places import eligibility, help_offers
from needs.help.nearby import near_lines, near_places, nearby
from needs.help.nearby.nearby import Reach
from needs.help.open_needs.commitment_views import attempt
from needs.help.open_needs.exact_place_forms import HelpForm
from needs.help.open_needs.forms import AskForm, NearForm, TakeForm
from needs.help.records import limits
from needs.help.records.refusals import Refused
from needs.models import Commitment, Need
from solidarity.lib import cell_geometry
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations.models import associations_of
from volunteers.places.place_names import cell_names

PER_PAGE = 20


def open_needs(request: Request) -> HttpResponse:
    """The open needs that the reader may see, by cell, the nearest first: a map and a list."""
    return show_list(request)


def show_list(request: Request, cells: Collection[int] | None = None, **more: Any) -> HttpResponse:
    """Render the list with its map. cells: the cells (resolution 9) to which the list is limited. more: further
    variables for the template."""
    reach = Reach(request.viewer)
    has_base = reach.base is not None
    form = NearForm(request.GET, areas=reach.areas, has_base=has_base)
    found = nearby.open_needs(request.viewer, form.wanted, cells, reach=reach)
    page = Paginator(near_places.by_place(found), PER_PAGE).get_page(request.GET.get("page"))
    places = near_places.named(list(page))
    filters = {name: value for name, value in form.data.items() if name in form.fields and value}
    context = {
        "form": form,
        "page": page,
        "places": near_lines.of(places),
        "shapes": near_places.shapes(places),
        "hits": len(found),
        "has_base": has_base,
        "some_without_cell": any(row.cell is None for row in found),
        "filtered": len(filters),
        "filters": urlencode(filters),
        **more,
    }
    return render(request, "needs/open_needs/open_needs.html", context)


def _need_or_404(viewer: Viewer, need: uuid.UUID) -> tuple[Need, Reach]:
    reach = Reach(viewer, need)
    try:
        return nearby.open_need(viewer, need, reach=reach), reach
    except Need.DoesNotExist:
        raise Http404 from None


def open_need(request: Request, need: uuid.UUID) -> HttpResponse:
    """Show an open need: its area, its free kinds and the form to take it or to offer help. A POST takes the need."""
    found, reach = _need_or_404(request.viewer, need)
    return _take(request, found, reach) if request.method == "POST" else show(request, found, reach=reach)


def _take(request: Request, need: Need, reach: Reach) -> HttpResponse:
    form = _take_form(reach, commitment_presenter.taken_of(need, request.user).free, request.POST)
    if not form.is_valid():
        return show(request, need, 400, form=form, reach=reach)
    try:
        own = taking.take(need, request.user, kinds=form.cleaned_data["kinds"], association=form.owner)
    except Refused as refused:
        messages.warning(request, refused.words)
        return show(request, need, 409, reach=reach)
    messages.success(request, _("Thank you. You take care of this need until the time shown below."))
    return redirect("needs:commitment", own.pk)


def _take_form(reach: Reach, free: Sequence[str], data: QueryDict | None = None) -> TakeForm:
    return TakeForm(data, free=free, associations=associations_of(reach.user) if reach.member else [])


def show(
    request: Request,
    need: Need,
    status: int = 200,
    *,
    form: TakeForm | None = None,
    offer_form: HelpForm | None = None,
    asked: tuple[uuid.UUID, AskForm] | None = None,
    reach: Reach | None = None,
) -> HttpResponse:
    """Render the page of an open need. It computes only what it shows to this reader.

    form, offer_form: invalid forms to show again. asked: key of a commitment, and the invalid form that asks its
    holder. reach: the reader's reach, if the caller has it.
    """
    user, reach = request.user, reach or Reach(request.viewer)
    taken = commitment_presenter.taken_of(need, user)
    known_here = bool(eligibility.associations_here(user, need))
    offers = [] if known_here else help_offers.own_offers(user, need.pk)
    allowed = any(offer.answer == HelpAnswer.ALLOWED for offer in offers)
    may_take = known_here or eligibility.may_take_alone(user, need, allowed=allowed)
    free = taken.free
    context: dict[str, Any] = {
        "may_take": may_take,
        "elsewhere": reach.vouched and not known_here,
        "paused": may_take and bool(free) and eligibility.is_paused(user),
        "offer": offers[0] if offers else None,
        "need": need,
        "free": free,
        "mine": taken.mine,
        "others": [
            (other, asked[1] if asked and asked[0] == other.pk else AskForm(prefix="ask", auto_id=f"{other.pk}_%s"))
            for other in taken.others
        ],
        "hours": round(limits.duration_for(need.urgency) / timedelta(hours=1)),
        "gift_kinds": {*free, *taken.own_kinds},
        "distance": nearby.rounded(nearby.distance_to(reach.base, need.cell)),
        "where": cell_names.lines([need.cell]).get(need.cell or 0, ""),
        "places": {"points": [], "cells": [cell_geometry.outline(need.cell)] if need.cell is not None else []},
    }
    if not may_take:
        context["offer_form"] = offer_form or HelpForm()
    elif free and not context["paused"]:
        context["form"] = form or _take_form(reach, free)
    return render(request, "needs/open_needs/open_need.html", context, status=status)


@require_POST
def ask(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Ask the holder of a commitment to hand its need over to the reader, who must be allowed to see the need."""
    found = get_object_or_404(Commitment, pk=commitment)
    need, reach = _need_or_404(request.viewer, found.need_id)
    form = AskForm(request.POST, prefix="ask", auto_id=f"{found.pk}_%s")
    if not form.is_valid():
        return show(request, need, 400, asked=(found.pk, form), reach=reach)
    words = form.cleaned_data["message"]
    attempt(
        request,
        lambda: hand_overs.ask_holder(found.pk, request.user, words),
        _("Your request is sent. We will notify you of the answer."),
    )
    return redirect("needs:open_need", need.pk)
