"""Pages about people for coordinators and administrators."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from volunteers.models import User
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.administrators import administrators, sign_up
from volunteers.places.territories import factor_reset
from volunteers.places.territories.duty_views import coordinating
from volunteers.site.applications import applying
from volunteers.site.people import blocking, people_list
from volunteers.site.people.forms import PeopleForm, SignUpForm
from volunteers.site.people.people_list import Show

PER_PAGE = 50


@coordinating
def people(request: Request) -> HttpResponse:
    """Show who has which access. A POST searches for a name, which must not be in a URL."""
    posted = request.method == "POST"
    form = PeopleForm(request.POST if posted else request.GET)
    valid = form.is_valid()
    show = form.cleaned_data.get("show") or Show.ALL
    said = form.cleaned_data.get("said", "") if valid and posted else ""
    found = people_list.select(people_list.people_visible_to(request.viewer), request.viewer, show, said)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "page": page, "show": show, "said": said, "parts": Show.choices,
        "applications": applying.waiting_for(request.viewer).count(),
        "rows": people_list.access_of(list(page.object_list), request.viewer),
    }  # fmt: skip
    return render(request, "volunteers/people/people.html", context)


@coordinating
@require_safe
def person(request: Request, person: uuid.UUID) -> HttpResponse:
    """Show the access of one person."""
    found = _visible(request, person)
    [access] = people_list.access_of([found], request.viewer)
    context = {
        "access": access,
        "person": found,
        "may_block": blocking.may_block(request.viewer, found),
        "may_invite": administrators.may_change(request.viewer) and found.is_active and not found.is_superuser,
        "may_remove": administrators.may_change(request.viewer) and found.is_administrator,
        "may_reset": access.has_factor and found.is_active and factor_reset.may_reset(request.viewer, found),
    }
    return render(request, "volunteers/people/person.html", context)


@coordinating
def block(request: Request, person: uuid.UUID) -> HttpResponse:
    """Block an account, after a confirmation."""
    found = _blockable(request, person)
    if request.method == "POST":
        reauthentication.require(request)
        if blocking.block(found, request.user):
            messages.success(request, _("The account is blocked. You can unblock it on this page."))
        else:
            messages.info(request, _("This account is already blocked."))
        return redirect("people:person", person=found.key)
    return render(request, "volunteers/people/block.html", {"person": found})


@coordinating
@require_POST
def unblock(request: Request, person: uuid.UUID) -> HttpResponse:
    """Unblock an account."""
    found = _blockable(request, person)
    reauthentication.require(request)
    if blocking.unblock(found, request.user):
        messages.success(request, _("The account is unblocked. The person can sign in again."))
    else:
        messages.info(request, _("This account is not blocked."))
    return redirect("people:person", person=found.key)


def choose_sign_up(request: Request) -> HttpResponse:
    """Show and store whether people can create an account by themselves. Only for administrators."""
    if not request.viewer.is_administrator or request.viewer.view_as is not None:
        raise Http404
    stored = sign_up.choice()
    initial = {"closed": "yes" if stored.closed else "no", "ask": stored.ask}
    form = SignUpForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        reauthentication.require(request)
        sign_up.choose(closed=form.cleaned_data["closed"], ask=form.cleaned_data["ask"], by=request.user)
        messages.success(request, _("Your choice is saved."))
        return redirect("people:people")
    return render(request, "volunteers/people/sign_up.html", {"form": form}, status=400 if form.errors else 200)


def _visible(request: Request, key: uuid.UUID) -> User:
    return get_object_or_404(people_list.people_visible_to(request.viewer).select_related("block"), key=key)


def _blockable(request: Request, key: uuid.UUID) -> User:
    found = _visible(request, key)
    if not blocking.may_block(request.viewer, found):
        raise Http404
    return found
