"""Pages of the guide of places: one place, my places, adding and changing an entry, reporting a mistake."""

import uuid
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.undo import offering
from needs.conversations.moderation.writing_pauses import writes
from needs.guide.places import place_access, place_entries, place_mistakes, place_notices, place_presenter
from needs.guide.places.conflicts import decisions
from needs.guide.places.forms import EntryForm, MistakeForm, NoticeForm, PlaceSearchForm, seal
from needs.guide.places.free_beds import free_beds_wording, reservations
from needs.guide.places.hours.forms import HoursForm
from needs.guide.places.place_entries import By, Outdated
from needs.guide.places.place_kinds import NoticeKind
from needs.models import Place, PlaceNotice
from solidarity.lib.http.client_network import network_of
from solidarity.lib.languages import in_public_languages
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request

PAGE_SIZE = 30


# --- for everybody -------------------------------------------------------------------------------------------------


@in_public_languages
def place(request: Request, pk: uuid.UUID) -> HttpResponse:
    """The page of a place."""
    row = _listed(pk)
    return _show_place(request, row)


def _show_place(request: Request, row: Place, notice: NoticeForm | None = None) -> HttpResponse:
    now = timezone.now()
    keeps = place_access.editable(request.viewer).filter(pk=row.pk).exists()
    context = {
        "place": row,
        "words": place_presenter.words_for(request.viewer, row, now),
        "beds": free_beds_wording.beds_of(request.viewer, row, now),
        "keeps": keeps,
        "notice_form": (notice or NoticeForm()) if keeps else None,
    }
    return render(request, "needs/places/place.html", context, status=400 if notice else 200)


@in_public_languages
def mistake(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Report a mistake in an entry, without an account."""
    row = _listed(pk)
    form, status = MistakeForm(request.POST or None), 200
    if form.is_bound and form.is_valid():
        try:
            if not form.trapped:
                place_mistakes.report(row, form.cleaned_data["text"], network_of(request))
        except place_mistakes.TooMany:
            form.add_error(None, _("There are many reports at the moment. Please try again tomorrow."))
            status = 429
        else:
            messages.success(request, _("Thank you. Somebody will check the entry."))
            return redirect("needs:place", row.pk)
    elif form.is_bound:
        status = 400
    return render(request, "needs/places/mistake.html", {"place": row, "form": form}, status=status)


def _listed(pk: uuid.UUID) -> Place:
    return get_object_or_404(Place.objects.listed().select_related("association", "checked_as"), pk=pk)


# --- for people who keep entries up to date --------------------------------------------------------------------------


def mine(request: Request) -> HttpResponse:
    """The places with an entry that the reader may change, and the mistakes that were reported in these entries."""
    place_access.keeper_only(request.viewer)
    form = PlaceSearchForm(request.GET)
    places = place_access.editable(request.viewer)
    if form.is_valid() and form.cleaned_data["name"]:
        places = places.filter(name__icontains=form.cleaned_data["name"])
    waiting = Count("mistakes", filter=Q(mistakes__handled_at=None))
    places = places.annotate(waiting=waiting).select_related("association", "checked_as")
    page = Paginator(places.order_by("-waiting", "checked_at", "name", "pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    now = timezone.now()
    context = {
        "form": form,
        "page": page,
        "rows": [place_presenter.words_for(request.viewer, row, now) for row in page],
        "disagreements": decisions.open_for(request.viewer).count(),
        "mistakes": place_mistakes.waiting_for(request.viewer)[:PAGE_SIZE],
        "held": reservations.held_by(request.viewer, now),
        "more": f"name={quote(form.cleaned_data.get('name', ''))}" if form.is_valid() else "",
    }
    return render(request, "needs/places/mine.html", context)


def new(request: Request) -> HttpResponse:
    """Add a place to the guide."""
    place_access.keeper_only(request.viewer)
    form, hours = EntryForm(request.viewer, request.POST or None), HoursForm(request.POST or None)
    if form.is_bound and form.is_valid() & hours.is_valid():
        row = place_entries.add(form.values(hours.said), _by(request, form.cleaned_data["association"]))
        messages.success(request, _("The place is in the guide."))
        return redirect("needs:place", row.pk)
    return _show_form(request, form, hours)


def edit(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Change an entry. If somebody else changed it in the meantime, show both sets of values."""
    row = place_access.editable_or_404(request.viewer, pk)
    current = place_entries.values_of(row)
    form = EntryForm(request.viewer, request.POST or None, values=current, seen=seal(current))
    hours = HoursForm(request.POST or None, hours=row.hours)
    if form.is_bound and form.is_valid() & hours.is_valid():
        values, seen = form.values(hours.said), form.seen_values()
        try:
            place_entries.change(row.pk, values, _by(request, values["association"]), seen=seen or current)
        except Outdated as newer:
            return _show_newer(request, row, newer.current, seen or {}, values)
        messages.success(request, _("The entry is saved."))
        return redirect("needs:place", row.pk)
    return _show_form(request, form, hours, row)


def _show_newer(request: Request, row: Place, current: Any, seen: Any, mine: Any) -> HttpResponse:
    """Show the form again with the values of both people. Nothing was saved."""
    values = place_entries.merged(seen, current, mine)
    form = EntryForm(request.viewer, values=values, seen=seal(current))
    names = dict(Association.objects.filter(pk=current["association"]).values_list("pk", "name"))
    newer = place_presenter.differences(seen, current, names)
    return _show_form(request, form, HoursForm(hours=values["hours"]), row, newer=newer)


def _show_form(
    request: Request, form: EntryForm, hours: HoursForm, row: Place | None = None, *, newer: Any = ()
) -> HttpResponse:
    context = {
        "form": form,
        "hours": hours,
        "place": row,
        "newer": newer,
        "history": place_presenter.history(row) if row else (),
        "disagreements": decisions.open_for(request.viewer).count(),
        "mistakes": place_mistakes.waiting_for(request.viewer).filter(place=row) if row else (),
    }
    status = 409 if newer else 400 if form.is_bound else 200
    return render(request, "needs/places/place_form.html", context, status=status)


def _by(request: Request, association: int | None) -> By:
    """Return the acting person. If they are a member of the place's association, they act in its name."""
    own = place_access.own_associations(request.viewer)
    return By(request.viewer.user_or_404, next((each for each in own if each.pk == association), None))


@require_POST
def check(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Record that the whole entry is right."""
    row = place_access.editable_or_404(request.viewer, pk)
    place_entries.check(row, _by(request, row.association_id))
    messages.success(request, _("Thank you. The entry is marked as checked now."))
    return redirect("needs:place", row.pk)


@require_POST
def close(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Take a place that no longer exists out of the guide."""
    row = place_access.editable_or_404(request.viewer, pk)
    closed_at = place_entries.close(row, _by(request, row.association_id))
    if closed_at is None:
        raise Http404
    text = _("The place is closed for good. It is no longer in the guide.")
    offering.offer(request, text, "close-place", row.pk, closed_at.isoformat())
    return redirect("needs:places_mine")


@require_POST
@writes
def notice(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Publish a notice about a place."""
    row = place_access.editable_or_404(request.viewer, pk)
    form = NoticeForm(request.POST)
    if not form.is_valid():
        return _show_place(request, row, form)
    said = form.cleaned_data
    place_notices.post(row, NoticeKind(said["kind"]), said["text"], said["end"], request.user)
    messages.success(request, _("The notice is on the page. It ends by itself."))
    return redirect("needs:place", row.pk)


@require_POST
def end_notice(request: Request, pk: uuid.UUID, notice: int) -> HttpResponse:
    """Take a notice back."""
    row = place_access.editable_or_404(request.viewer, pk)
    found = get_object_or_404(PlaceNotice, pk=notice, place=row)
    if ended := place_notices.take_back(found):
        offering.offer(request, _("The notice is gone."), "end-notice", found.pk, ended.isoformat())
    return redirect("needs:place", row.pk)


@require_POST
def handle_mistake(request: Request, mistake: uuid.UUID) -> HttpResponse:
    """Record that a reported mistake was looked at."""
    if not place_mistakes.handle(request.viewer, mistake):
        raise Http404
    messages.success(request, _("Thank you. The report is done."))
    return redirect("needs:places_mine")
