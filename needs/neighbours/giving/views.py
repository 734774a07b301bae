"""Pages of offers: the list near me, one offer with its requests, offering, asking, answering."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.undo import offering
from needs.help.records.refusals import Refused
from needs.models import Need, Offer, OfferRequest
from needs.neighbours.giving import need_offers, offer_changes, offer_requests
from needs.neighbours.giving.forms import AgreeForm, NearGiftsForm, OfferToGiveForm, RequestForm, first_times
from needs.neighbours.giving.giving_refusals import GivingRefused
from needs.neighbours.giving.offer_kinds import OfferRequestState
from needs.neighbours.lending.models import first_name
from needs.neighbours.lending.views import base_place, far_from_reader, near_filter, start_or_none
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request


@require_safe
def giving(request: Request) -> HttpResponse:
    """Show other people's offers near the reader, the nearest first."""
    form = near_filter(request, NearGiftsForm)
    wanted = form.wanted
    start, refused = start_or_none(request, form.chosen_area)
    categories = (wanted.category,) if wanted.category else ()
    found = offer_changes.near(request.user, start.cell, categories=categories, within=wanted.within) if start else []
    filtered = any(value for name, value in form.data.items() if name in form.fields)
    context = {"form": form, "found": found, "start": start, "refused": refused, "filtered": filtered}
    return render(request, "needs/offers/giving.html", context, status=429 if refused else 200)


@require_safe
def offer(request: Request, gift: uuid.UUID) -> HttpResponse:
    """One offer. Other readers see the request form; the givers see the requests."""
    return show(request, _visible(request, gift))


def _visible(request: Request, gift: uuid.UUID) -> Offer:
    """Return an offer that is open, that the reader gives, or that they asked for."""
    asked = OfferRequest.objects.filter(asker=request.user).values("offer")
    rows = Offer.objects.visible(timezone.now()) | Offer.objects.of(request.user) | Offer.objects.filter(pk__in=asked)
    return get_object_or_404(rows.distinct(), pk=gift)


def show(
    request: Request,
    found: Offer,
    status: int = 200,
    *,
    form: RequestForm | None = None,
    answered: tuple[uuid.UUID, AgreeForm] | None = None,
) -> HttpResponse:
    """Render the page of an offer. form: an invalid request to show again. answered: key of a request, and the invalid
    answer."""
    mine = Offer.objects.of(request.user).filter(pk=found.pk).exists()
    rows = found.requests.select_related("asker", "association")
    now = timezone.now()
    is_open = found.closed_at is None and found.expires_at > now
    context = {
        "offer": found, "mine": mine, "left": offer_requests.left_of(found), "is_open": is_open,
        "far": "" if mine else far_from_reader(request, found.cell),
        "requests": [_as_read_by_giver(row, answered) for row in rows] if mine else [],
        "asked": [] if mine else list(rows.filter(asker=request.user)),
        "giver": first_name(found.owner), "form": form or _request_form(request),
    }  # fmt: skip
    return render(request, "needs/offers/offer.html", context, status=status)


def _as_read_by_giver(row: OfferRequest, answered: tuple[uuid.UUID, AgreeForm] | None) -> dict[str, Any]:
    """Return a request as the giver reads it, with the first name only after the giver has agreed."""
    agreed = row.state in (OfferRequestState.AGREED, OfferRequestState.GIVEN)
    own = answered[1] if answered and answered[0] == row.pk else None
    form = own or AgreeForm(auto_id=f"{row.pk}_%s")
    return {"row": row, "name": first_name(row.asker) if agreed else "", "form": form}


def _request_form(request: Request, data: Any = None) -> RequestForm:
    initial = {"need": request.GET.get("need", "")}
    return RequestForm(data, associations=list(Association.objects.of(request.user)), initial=initial)


@require_safe
def mine(request: Request) -> HttpResponse:
    """Show the reader's own offers and their requests."""
    now = timezone.now()
    own = Offer.objects.of(request.user).with_left().select_related("association").order_by("-expires_at")
    asked = OfferRequest.objects.filter(asker=request.user).select_related("offer__owner", "offer__association")
    agreed = (OfferRequestState.AGREED, OfferRequestState.GIVEN)
    context = {
        "offers": [row for row in own if row.closed_at is None and row.expires_at > now],
        "over": [row for row in own if row.closed_at is not None or row.expires_at <= now][:10],
        "asked": [(row, first_name(row.offer.owner) if row.state in agreed else "") for row in asked[:40]],
    }
    return render(request, "needs/offers/giving_mine.html", context)


def new_offer(request: Request) -> HttpResponse:
    """Offer something to give."""
    own = list(Association.objects.of(request.user))
    if request.method != "POST":
        given = {"id": uuid.uuid4(), **first_times(), **base_place(request)}
        return _offer_form(request, OfferToGiveForm(associations=own, initial=given))
    form = OfferToGiveForm(request.POST, associations=own)
    if not form.is_valid():
        return _offer_form(request, form, 400)
    try:
        made = offer_changes.add(form.draft, request.user, form.owner, form.minted)
    except (Refused, GivingRefused) as refused:
        form.add_error(None, refused.words)
        return _offer_form(request, form, 409)
    messages.success(request, _("Thank you. Others can ask for it now. You get a message when somebody does."))
    return redirect("needs:offer", made.pk)


def _offer_form(request: Request, form: OfferToGiveForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "open_map": not form["latitude"].value()}
    return render(request, "needs/offers/offer_form.html", context, status=status)


@require_POST
def close_offer(request: Request, gift: uuid.UUID) -> HttpResponse:
    """Close an offer; the message offers to undo it."""
    own = get_object_or_404(Offer.objects.of(request.user), pk=gift)
    at = offer_changes.close(own)
    words = _("Closed. What you have agreed to still counts.")
    offering.offer(request, words, "close-offer", own.pk, at.isoformat())
    return redirect("needs:giving_mine")


@require_POST
def ask(request: Request, gift: uuid.UUID) -> HttpResponse:
    """Ask for a part of an offer, perhaps for a need."""
    found = get_object_or_404(Offer.objects.visible(timezone.now()), pk=gift)
    form = _request_form(request, request.POST)
    if not form.is_valid():
        return show(request, found, 400, form=form)
    data = form.cleaned_data
    try:
        need = need_offers.need_to_ask_for(request.viewer, data["need"]) if data["need"] else None
        offer_requests.ask(
            found.pk, request.user, data["quantity"], message=data["message"], association=form.owner, need=need
        )
    except Need.DoesNotExist:
        raise Http404 from None
    except (Refused, GivingRefused) as refused:
        form.add_error(None, refused.words)
        return show(request, found, 409, form=form)
    messages.success(request, _("You asked. We notify you of the answer."))
    return redirect("needs:giving_mine")


@require_POST
def agree(request: Request, gift_request: uuid.UUID) -> HttpResponse:
    """Agree to a request."""
    row = _own_request(request, gift_request)
    form = AgreeForm(request.POST, auto_id=f"{row.pk}_%s")
    if not form.is_valid():
        return show(request, row.offer, 400, answered=(row.pk, form))
    _attempt(
        request,
        lambda: offer_requests.agree(row.pk, request.user, form.cleaned_data["reply"]),
        _("Agreed. The person who asked gets a message."),
    )
    return redirect("needs:offer", row.offer_id)


@require_POST
def decline(request: Request, gift_request: uuid.UUID) -> HttpResponse:
    """Decline a request; the message offers to undo it."""
    row = _own_request(request, gift_request)
    try:
        offer_requests.decline(row.pk, request.user)
    except GivingRefused as refused:
        messages.warning(request, refused.words)
    else:
        offering.offer(request, _("You declined the request."), "decline-request", row.pk)
    return redirect("needs:offer", row.offer_id)


@require_POST
def give(request: Request, gift_request: uuid.UUID) -> HttpResponse:
    """Record that the thing was given. The giver or the person who asked can record this; if the thing was requested
    for a need, only the person who asked can."""
    row = _visible_request(request, gift_request)
    met = request.POST.get("met", "1") == "1"
    _attempt(request, lambda: offer_requests.give(row.pk, request.user, met=met), _("Thank you. It is given."))
    return _back(request, row)


@require_POST
def cancel(request: Request, gift_request: uuid.UUID) -> HttpResponse:
    """Cancel a request, or a promise."""
    row = _visible_request(request, gift_request)
    _attempt(
        request, lambda: offer_requests.cancel(row.pk, request.user), _("Cancelled. The other person gets a message.")
    )
    return _back(request, row)


def _attempt(request: Request, verb: Callable[[], object], said: str) -> None:
    try:
        verb()
    except (Refused, GivingRefused) as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, said)


def _own_request(request: Request, gift_request: uuid.UUID) -> OfferRequest:
    """Return a request for something that the reader gives."""
    rows = OfferRequest.objects.filter(offer__in=Offer.objects.of(request.user)).select_related("offer")
    return get_object_or_404(rows, pk=gift_request)


def _visible_request(request: Request, gift_request: uuid.UUID) -> OfferRequest:
    """Return a request that the reader made, or for something that they give."""
    own = OfferRequest.objects.filter(asker=request.user).filter(pk=gift_request).select_related("offer").first()
    return own or _own_request(request, gift_request)


def _back(request: Request, row: OfferRequest) -> HttpResponse:
    return redirect("needs:giving_mine") if row.asker_id == request.user.pk else redirect("needs:offer", row.offer_id)
