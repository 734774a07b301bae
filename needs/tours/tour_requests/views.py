"""Pages of suggested tours: suggesting a tour to an association, reading the request and its answer, answering,
withdrawing."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import scope
from needs.base.undo import offering
from needs.models import Encounter, TourCell, TourRequest
from needs.tours.plan_forms import PrefillForm
from needs.tours.tour_requests import request_answers, requesting
from needs.tours.tour_requests.forms import ChangedPlanForm, ReplyForm, RequestForm
from needs.tours.tour_requests.request_answers import TooLate
from needs.tours.views import hexagons, numbered_hexagons
from solidarity.lib import grid
from solidarity.lib.database.region import parent_of
from volunteers.models import Assignment, Association, Membership, Territory
from volunteers.people.accounts.http_types import Request
from volunteers.places.place_names import cell_names
from volunteers.places.territories import access, duties
from volunteers.places.territories.areas import COARSE

WORKED_WITHIN = timedelta(days=60)


def associations_in(territory: Territory, now: datetime) -> QuerySet[Association]:
    """Return, by name, the associations that searched or met people in a territory within WORKED_WITHIN, and the associations
    with a dispatcher who has a duty in the territory. Associations without dispatchers are left out, because nobody
    could answer."""
    inside = scope.in_cells_of(Territory.objects.under(territory))
    since = now - WORKED_WITHIN
    above = {"cell_above": parent_of(F("cell"), COARSE)}
    walked = TourCell.objects.alias(**above).filter(inside, tour__at__gte=since, tour__retracted_at=None)
    met = Encounter.objects.live().alias(**above).filter(inside, at__gte=since)
    answering = Membership.objects.dispatching().filter(user__is_active=True)
    here = Q(territory__path__in=duties.paths_up(territory)) | Q(territory__path__startswith=territory.path)
    on_desk = answering.filter(user__in=Assignment.objects.dispatching().filter(here).values("user"))
    return Association.objects.filter(
        Q(pk__in=walked.order_by().values("tour__association"))
        | Q(pk__in=met.order_by().values("association"))
        | Q(pk__in=on_desk.values("association")),
        pk__in=answering.values("association"),
    ).order_by("name", "pk")


NIGHT_BEGINS = timedelta(hours=6)
"""The hour at which a night begins: a tour at 1 a.m. belongs to the evening before."""


def new_tour_request(request: Request, slug: str) -> HttpResponse:
    """Ask an association for a tour. A POST with ``prefill`` opens the form with a suggestion."""
    territory = access.coordinated_territory(request.viewer, slug)
    if request.method != "POST":
        return redirect("mapping:tonight", slug)
    if "prefill" in request.POST:
        prefill = PrefillForm(request.POST)
        prefill.is_valid()
        data = prefill.cleaned_data
        return show_form(
            request, territory, data.get("cells", []), data.get("start"), data.get("minutes"), data.get("mode")
        )
    form = _form(territory, request.POST)
    if not form.is_valid():
        return _render_form(request, territory, form, 400)
    try:
        made = requesting.ask(form.draft(), territory, form.cleaned_data["association"], request.user)
    except requesting.TooManyRequests:
        number = requesting.MOST_A_DAY
        words = ngettext(
            "You asked this association %(number)d time within a day. Wait for its answers, or ask another one.",
            "You asked this association %(number)d times within a day. Wait for its answers, or ask another one.",
            number,
        )
        form.add_error("association", words % {"number": number})
        return _render_form(request, territory, form, 400)
    messages.success(request, _("The association is asked. You get a message when it answers."))
    return redirect("needs:tour_request", made.pk)


def show_form(
    request: Request, territory: Territory, cells: list[int], start: datetime | None, minutes: int | None = None,
    mode: str | None = None,
) -> HttpResponse:  # fmt: skip
    """Render the form with a suggested tour. Check first that the reader coordinates the territory."""
    words = ",".join(grid.to_text(cell) for cell in cells)
    given = {"start": start, "minutes": minutes, "mode": mode, "cells": words, "id": uuid.uuid4()}
    form = _form(territory, initial={name: value for name, value in given.items() if value})
    return _render_form(request, territory, form, 200)


def _form(territory: Territory, data: Any = None, **options: Any) -> RequestForm:
    associations = associations_in(territory, timezone.now())
    return RequestForm(data, territory=territory, associations=associations, **options)


def _render_form(request: Request, territory: Territory, form: RequestForm, status: int) -> HttpResponse:
    shown = PrefillForm({"cells": form["cells"].value() or ""})
    shown.is_valid()
    cells = shown.cleaned_data.get("cells", [])
    context = {
        "territory": territory,
        "form": form,
        "shapes": numbered_hexagons(cells),
        "stops": cell_names.named(cells),
    }
    return render(request, "needs/tour_requests/new_request.html", context, status=status)


@require_safe
def tour_request(request: Request, suggested: uuid.UUID) -> HttpResponse:
    """A suggested tour with its answer, or with the buttons to answer it."""
    return _show(request, _visible(request, suggested))


def _visible(request: Request, suggested: uuid.UUID) -> TourRequest:
    rows = TourRequest.objects.visible_to(request.viewer).select_related("territory", "association", "author", "plan")
    return get_object_or_404(rows, pk=suggested)


def _answerable(request: Request, suggested: uuid.UUID) -> TourRequest:
    rows = TourRequest.objects.answerable_by(request.viewer).select_related("territory", "association", "plan")
    return get_object_or_404(rows, pk=suggested)


def _show(request: Request, row: TourRequest, form: ReplyForm | None = None) -> HttpResponse:
    """Render the page of a request. form: an invalid form to show again."""
    mine = TourRequest.objects.filter(pk=row.pk)
    context = {
        "row": row,
        "form": form or ReplyForm(initial={"reply": row.reply}),
        "answers": mine.answerable_by(request.viewer).exists(),
        "asks": mine.coordinated_by(request.viewer).exists(),
        "shapes": numbered_hexagons(row.cells),
        "stops": cell_names.named(row.cells),
        "night": timezone.localtime(row.start) - NIGHT_BEGINS,
    }
    return render(request, "needs/tour_requests/request.html", context, status=400 if form else 200)


@require_POST
def answer(request: Request, suggested: uuid.UUID) -> HttpResponse:
    """Accept or decline a suggested tour."""
    row = _answerable(request, suggested)
    form = ReplyForm(request.POST)
    verb = {"accept": request_answers.accept, "decline": request_answers.decline}.get(request.POST.get("answer", ""))
    if not form.is_valid() or verb is None:
        return _show(request, row, form)
    try:
        row = verb(row.pk, request.user, form.cleaned_data["reply"])
    except TooLate:
        return _too_late(request, row)
    if row.plan_id is None:
        words = _("The tour is declined. The coordinator reads your answer.")
        offering.offer(request, words, "decline-tour", row.pk)
        return redirect("needs:tour_request", row.pk)
    messages.success(request, _("The tour is planned. The coordinator reads your answer."))
    return redirect("needs:plan", row.plan_id)


def change(request: Request, suggested: uuid.UUID) -> HttpResponse:
    """Accept a suggested tour with changes: the form of a plan, filled in."""
    row = _answerable(request, suggested)
    if not row.waits:
        return _too_late(request, row)
    cells = ",".join(grid.to_text(cell) for cell in row.cells)
    initial = {"start": row.start, "minutes": row.minutes, "mode": row.mode, "cells": cells, "id": uuid.uuid4()}
    form = ChangedPlanForm(request.POST or None, associations=[row.association], initial=initial)
    if form.is_bound and form.is_valid():
        try:
            row = request_answers.accept_changed(row.pk, request.user, form.draft(), form.cleaned_data["reply"])
        except TooLate:
            return _too_late(request, row)
        messages.success(request, _("The tour is planned. The coordinator reads your answer."))
        return redirect("needs:plan", row.plan_id)
    drawn = PrefillForm({"cells": form["cells"].value() or ""})
    drawn.is_valid()
    context = {"form": form, "suggested": row, "held": hexagons(drawn.cleaned_data.get("cells", []))}
    return render(request, "needs/tours/plan_form.html", context, status=400 if form.is_bound else 200)


def _too_late(request: Request, row: TourRequest) -> HttpResponse:
    messages.warning(request, _("This suggestion can no longer be answered. Its page says why."))
    return redirect("needs:tour_request", row.pk)


@require_POST
def withdraw(request: Request, suggested: uuid.UUID) -> HttpResponse:
    """Withdraw a request that waits."""
    row = get_object_or_404(
        TourRequest.objects.coordinated_by(request.viewer).select_related("territory"), pk=suggested
    )
    if requesting.withdraw(row, request.user):
        messages.success(request, _("The suggestion is withdrawn."))
    else:
        messages.warning(request, _("It was too late to withdraw it. Its page says why."))
    return redirect("needs:tour_request", row.pk)
