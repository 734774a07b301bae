"""The dispatchers' queue: filters, bulk steps, saved searches, needs by age."""

import uuid
from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import list_log, scope
from needs.base.dispatch_scope.guards import dispatching
from needs.base.undo import offering
from needs.help.triage import ageing, triage_queue
from needs.help.triage import bulk as many
from needs.help.triage.forms import BulkForm, FilterPanel, SaveSearchForm
from needs.help.triage.triage_queue import QueueFilter
from needs.help.triage.working_list import (
    desk_lines,
    list_cells,
    list_changes,
    list_order,
    list_rows,
    list_tabs,
    listed_needs,
)
from needs.help.triage.working_list.forms import ListSearchForm, OrderForm
from needs.help.triage.working_list.list_search import ListSearch
from needs.models import SavedSearch
from needs.reports.danger import lane
from solidarity.lib import datetimes
from solidarity.lib.http.conditional_answers import unless_known
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request
from volunteers.people.api.page_throttling import limited_by
from volunteers.people.api.throttling import AccountThrottle, AccountWrites, Polls, Searches
from volunteers.places.territories import duties
from volunteers.places.territories.areas import areas_for

RESULTS = "triage_results"
"""Session key for the failures of the last bulk step: need → reason."""


@dispatching
def needs_to_sort(request: Request) -> HttpResponse:
    """Show the desk's list, filtered by the URL; without a filter, show all unfinished needs and everything else that
    waits."""
    return _queue_page(request, None, request.session.pop(RESULTS, {}))


def _queue_page(request: Request, bulk: BulkForm | None, failed: dict[str, str]) -> HttpResponse:
    """Render the queue. bulk: a refused step for many needs; None without one. failed: needs that stay selected →
    reason."""
    wanted, now = filter_of(request), timezone.now()
    viewer, saved = request.viewer, list(triage_queue.saved_searches(request.user))
    cells, lines = list_cells.cells_of(viewer, wanted, now), desk_lines.lines_for(viewer, now)
    page = Paginator(range(cells.total), triage_queue.PAGE_SIZE).get_page(request.GET.get("page"))
    needs, following = listed_needs.listed(viewer, wanted, now, (page.number - 1) * triage_queue.PAGE_SIZE)
    found = ListSearch.kept_as(wanted.find, request.user)
    closing = ageing.closing_times([need.pk for need in needs]) if wanted.aged else {}
    rows = list_rows.rows_of(needs, viewer, cells, now, failed, closing)
    shown = desk_lines.shown_in(wanted, lines)
    alarms = lane.count_for(viewer)
    listed = lane.in_list(viewer, [row.need.pk for row in rows if row.alarm_waits])
    others = lane.waiting_for(viewer, without=[need.pk for need in needs]) if alarms > len(listed) else []
    list_log.record(
        request.user, "queue", len(needs), wanted.search,
        lane=wanted.lane, words=bool(found and found.words), box=bool(found and found.box),
        exact=lane.exact_places_in([*listed.values(), *others]),
    )  # fmt: skip
    if messages_read := sum(bool(line.words) for line in shown):
        list_log.record(request.user, "messages", messages_read)
    context = {
        "page": page,
        "rows": list_order.among(rows, shown, wanted.sort, following, first=page.number == 1),
        "total": cells.total + len(shown),
        "cells": cells.for_map(),
        "etag": list_changes.etag_with(cells.etag, shown),
        "alarms_waiting": alarms,
        "alarms": others,
        "listed_alarms": listed,
        "wanted": wanted,
        "query": wanted.querystring,
        "filter": FilterPanel(wanted, areas_for(viewer)),
        "find": ListSearchForm.showing(found) if found else None,
        "found": found,
        "order": OrderForm(initial={"sort": wanted.sort}, auto_id="order_%s"),
        "bulk": bulk,
        "keep": None if wanted.is_empty else SaveSearchForm(associations=list(Association.objects.of(request.user))),
        "saved": [(each, QueueFilter.from_json(each.query).querystring) for each in saved],
        "tabs": list_tabs.tabs_of(viewer, wanted, saved, now, lines, cells.numbers),
        "shift": duties.shift_of(request.user),
        "duty_hours": settings.DUTY_HOURS,
        "now": now,
    }
    return render(request, "needs/triage/triage.html", context, status=400 if bulk else 200)


@dispatching
@require_POST
@limited_by(Searches, AccountThrottle, AccountWrites)
def find(request: Request) -> HttpResponse:
    """Search the queue by words and by a box on the map. The words and the box are stored, and the URL gets a key."""
    wanted = QueueFilter.from_querystring(QueryDict(request.POST.get("query", "")))
    form = ListSearchForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The search could not be read. Use at most 80 letters."))
        return _queue_with(wanted.querystring)
    wanted = replace(wanted, find=form.search.keep(request.user))
    if wanted.find:  # the page itself logs the needs that it shows, and this entry logs the search
        list_log.record(
            request.user, "search", 0, wanted.search, words=bool(form.search.words), box=bool(form.search.box)
        )
    return _queue_with(wanted.querystring)


@dispatching
@require_safe
@limited_by(Polls)
def changes(request: Request) -> HttpResponse:
    """Return the number of needs in the queue that are new since the given time; 304 if the page already has this
    state.

    The answer contains only numbers, so it is not logged. Reading the new needs is logged.
    """
    since = datetimes.read(request.GET.get("since", "")) or timezone.now()
    state = list_changes.state_of(request.viewer, filter_of(request), since, timezone.now())
    return unless_known(request, state.etag, lambda: JsonResponse({"new": state.new, "count": state.count}))


@dispatching
@require_POST
def bulk(request: Request) -> HttpResponse:
    """Apply a step to the selected needs. Needs that could not be changed stay selected and show the reason."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        chosen = {text.partition(":")[0]: "" for text in request.POST.getlist("need")[: many.MAX_NEEDS]}
        if form.errors.keys() & form.pii_checked.keys():
            return _queue_page(request, form, chosen)
        request.session[RESULTS] = chosen
        for error in [error for errors in form.errors.values() for error in errors]:
            messages.error(request, str(error))
        return back_to_queue(request)
    data = form.cleaned_data
    results = many.apply(
        data["action"],
        data["need"],
        scope.needs_for(request.viewer),
        request.user,
        reason=data["reason"],
        text=data["text"],
    )
    failed = {str(each.need): str(each.failure) for each in results if each.failure}
    request.session[RESULTS] = failed
    _confirm(request, data["action"], [each for each in results if not each.failure])
    if failed:
        text = ngettext(
            "%(n)d need was not changed. It stays selected and shows the reason.",
            "%(n)d needs were not changed. They stay selected and show the reason.",
            len(failed),
        )
        messages.warning(request, text % {"n": len(failed)})
    return back_to_queue(request)


def _confirm(request: Request, action: str, done: list[many.Result]) -> None:
    """Show the number of needs for which a bulk step was done. If the step closed at most one page of needs, offer to
    undo it."""
    if not done:
        return
    words = ngettext("Done for %(n)d need.", "Done for %(n)d needs.", len(done)) % {"n": len(done)}
    if action in many.UNDOABLE and len(done) <= triage_queue.PAGE_SIZE:
        offering.offer(request, words, "steps", *(each.step for each in done))
    else:
        messages.success(request, words)


@dispatching
@require_POST
def save_search(request: Request) -> HttpResponse:
    """Save the filter of the form under a name."""
    form = SaveSearchForm(request.POST, associations=list(Association.objects.of(request.user)))
    wanted = QueueFilter.from_querystring(QueryDict(request.POST.get("query", "")))
    if form.is_valid():
        kept = triage_queue.save_search(
            request.user, form.cleaned_data["name"], wanted, form.cleaned_data["association"]
        )
        messages.success(request, _("The filter is saved as “%(name)s”.") % {"name": kept.name})
    else:
        messages.error(request, _("Give the filter a name of at most 80 characters."))
    return _queue_with(wanted.querystring)


@dispatching
@require_POST
def delete_search(request: Request, search: uuid.UUID) -> HttpResponse:
    """Delete one of the reader's own searches."""
    triage_queue.delete_search(get_object_or_404(SavedSearch.objects.filter(user=request.user), pk=search))
    messages.success(request, _("The filter is deleted."))
    return back_to_queue(request)


@dispatching
@require_safe
def ageing_list(_request: Request) -> HttpResponse:
    """The address of the earlier page of needs by age: the desk shows them."""
    return _queue_with("aged=1")


def back_to_queue(request: Request) -> HttpResponse:
    """Redirect to the queue with the filter from the URL of the request."""
    return _queue_with(filter_of(request).querystring)


def filter_of(request: Request) -> QueueFilter:
    """Return the queue's filter from the URL of the request."""
    return QueueFilter.from_querystring(request.GET)


def _queue_with(query: str) -> HttpResponse:
    return redirect(reverse("needs:triage") + (f"?{query}" if query else ""))
