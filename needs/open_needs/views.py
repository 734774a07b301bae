"""Pages of open needs: the list, one need, taking it, asking its holder to hand it over."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from needs.commitments import commitment_presenter, hand_overs, limits, taking
from needs.commitments.refusals import Refused
from needs.commitments.views import attempt
from needs.exact_places import eligibility, help_offers
from needs.exact_places.forms import HelpForm
from needs.models import Commitment, Need
from needs.offers import need_offers
from needs.open_needs import near_places, nearby
from needs.open_needs.forms import AskForm, NearForm, TakeForm
from solidarity.lib import cell_geometry
from volunteers.accounts.http_types import Request
from volunteers.accounts.viewer import Viewer
from volunteers.api.page_throttling import throttled
from volunteers.models import Association, User
from volunteers.place_names import cell_names
from volunteers.territories import areas

PER_PAGE = 20


@never_cache
@login_required
@throttled
def open_needs(request: Request) -> HttpResponse:
    """The open needs that the reader may see, by cell, the nearest first: a map and a list."""
    return show_list(request)


def show_list(request: Request, cells: Collection[int] | None = None, **more: Any) -> HttpResponse:
    """Render the list with its map. cells: the cells (resolution 9) to which the list is limited. more: further
    variables for the template."""
    has_base = nearby.base_cell(request.user) is not None
    form = NearForm(request.GET, areas=areas.areas_for(request.viewer), has_base=has_base)
    found = nearby.open_needs(request.viewer, form.wanted, cells)
    page = Paginator(near_places.by_place(found), PER_PAGE).get_page(request.GET.get("page"))
    places = near_places.named(list(page))
    keys = [need.id for place in places for need in place.needs]
    filters = {name: value for name, value in form.data.items() if name in form.fields and value}
    persons = dict(Need.objects.filter(pk__in=keys).values_list("pk", "persons"))
    context = {
        "form": form,
        "page": page,
        "places": [(place, [(need, persons.get(need.id, 1)) for need in place.needs]) for place in places],
        "shapes": near_places.shapes(places),
        "hits": len(found),
        "has_base": has_base,
        "some_without_cell": any(row.cell is None for row in found),
        "filtered": len(filters),
        "filters": urlencode(filters),
        **more,
    }
    return render(request, "needs/open_needs/open_needs.html", context)


def _need_or_404(viewer: Viewer, need: uuid.UUID) -> Need:
    try:
        return nearby.open_need(viewer, need)
    except Need.DoesNotExist:
        raise Http404 from None


@never_cache
@login_required
@throttled
def open_need(request: Request, need: uuid.UUID) -> HttpResponse:
    """Show an open need: its area, its free kinds and the form to take it or to offer help. A POST takes the need."""
    found = _need_or_404(request.viewer, need)
    return _take(request, found) if request.method == "POST" else show(request, found)


def _take(request: Request, need: Need) -> HttpResponse:
    form = _take_form(request.user, need, request.POST)
    if not form.is_valid():
        return show(request, need, 400, form=form)
    try:
        own = taking.take(need, request.user, kinds=form.cleaned_data["kinds"], association=form.owner)
    except Refused as refused:
        messages.warning(request, refused.words)
        return show(request, need, 409)
    messages.success(request, _("Thank you. You take care of this need until the time shown below."))
    return redirect("needs:commitment", own.pk)


def _take_form(user: User, need: Need, data: QueryDict | None = None) -> TakeForm:
    return TakeForm(data, free=taking.free_kinds(need), associations=list(Association.objects.of(user)))


def show(
    request: Request,
    need: Need,
    status: int = 200,
    *,
    form: TakeForm | None = None,
    offer_form: HelpForm | None = None,
    asked: tuple[uuid.UUID, AskForm] | None = None,
) -> HttpResponse:
    """Render the page of an open need.

    form, offer_form: invalid forms to show again. asked: key of a commitment, and the invalid form that asks its
    holder.
    """
    context = {
        "may_take": eligibility.may_take(request.user, need),
        "paused": eligibility.is_paused(request.user),
        "offer": help_offers.own_offer(request.user, need.pk),
        "offer_form": offer_form or HelpForm(),
        "need": need,
        "form": form or _take_form(request.user, need),
        "free": taking.free_kinds(need),
        "mine": Commitment.objects.held_by(request.user, timezone.now()).filter(need=need).first(),
        "others": [
            (other, asked[1] if asked and asked[0] == other.pk else AskForm(prefix="ask", auto_id=f"{other.pk}_%s"))
            for other in commitment_presenter.other_holders(need, request.user)
        ],
        "hours": round(limits.duration_for(need.urgency) / timedelta(hours=1)),
        "gifts": need_offers.offers_for(need, request.user) if eligibility.may_take(request.user, need) else [],
        "distance": nearby.rounded_distance(request.user, need),
        "where": cell_names.lines([need.cell]).get(need.cell or 0, ""),
        "places": {"points": [], "cells": [cell_geometry.outline(need.cell)] if need.cell is not None else []},
    }
    return render(request, "needs/open_needs/open_need.html", context, status=status)


@require_POST
@login_required
@throttled
def ask(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Ask the holder of a commitment to hand its need over to the reader, who must be allowed to see the need."""
    found = get_object_or_404(Commitment, pk=commitment)
    need = _need_or_404(request.viewer, found.need_id)
    form = AskForm(request.POST, prefix="ask", auto_id=f"{found.pk}_%s")
    if not form.is_valid():
        return show(request, need, 400, asked=(found.pk, form))
    words = form.cleaned_data["message"]
    attempt(
        request,
        lambda: hand_overs.ask_holder(found.pk, request.user, words),
        _("Your request is sent. We will notify you of the answer."),
    )
    return redirect("needs:open_need", need.pk)
