"""Pages of events for dispatchers and coordinators: the events, the map with its list, photos, saved searches."""

import functools
import uuid
from collections.abc import Callable
from typing import Any, Concatenate

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import list_log, scope
from needs.base.dispatch_scope.guards import dispatching
from needs.base.event_rights import crisis_access
from needs.crises import crisis_events, crisis_searches, report_list
from needs.crises.closing import open_reports
from needs.crises.forms import CrisisFilterForm, KeepCrisisSearchForm
from needs.crises.report_list import CrisisFilter
from needs.help.saved_searches import alerts
from needs.models import Crisis, SavedSearch
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.territories import duties


def crisis_page[**P](view: Callable[Concatenate[Request, Crisis, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a page of an event: require sign-in, answer 404 without access, forbid caching."""

    @functools.wraps(view)
    def guarded(request: Request, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, crisis_access.readable_crisis(request.viewer, slug), *args, **kwargs)

    return guarded


def crises(request: Request) -> HttpResponse:
    """List the events that the reader may see, running ones first."""
    crisis_access.require_crisis_reader(request.viewer)
    now = timezone.now()
    readable = crisis_access.readable_reports(request.viewer)
    visible = crisis_access.visible(request.viewer).with_report_counts(readable)
    rows = [(crisis, crisis_events.phase_of(crisis, now).value) for crisis in visible.defer("area")]
    rows.sort(key=lambda row: ("running", "coming", "over").index(row[1]))
    return render(request, "needs/crises/crises.html", {"rows": rows})


@crisis_page
@require_safe
def crisis_map(request: Request, crisis: Crisis) -> HttpResponse:
    """Show the map and the list under one filter. Browsers without scripts show only the list."""
    now, dispatches = timezone.now(), duties.dispatches(request.viewer)
    wanted, readable = CrisisFilter.from_querystring(request.GET), crisis_access.reports_of(request.viewer, crisis)
    keys = report_list.matching_keys(readable, crisis, wanted, now)
    page = Paginator(keys, report_list.PAGE_SIZE).get_page(request.GET.get("page"))
    lines = report_list.listed_reports(readable, crisis, list(page.object_list), scope.needs_for(request.viewer))
    list_log.record(request.user, "event", len(lines), wanted.search)
    categories = list(crisis.categories.all())
    first = readable.order_by("at").values_list("at", flat=True).first()
    context = {
        "crisis": crisis,
        "phase": crisis_events.phase_of(crisis, now).value,
        "dispatches": dispatches,
        "counts": open_reports.counts_of(readable),
        "lists": open_reports.filters(),
        "filter": CrisisFilterForm(wanted, categories),
        "query": wanted.querystring,
        "page": page,
        "lines": lines,
        "area": [[list(point) for point in polygon[0]] for polygon in crisis.area],
        "setting": {
            "topics": [[category.pk, str(category)] for category in categories],
            "urgencies": list(report_list.URGENCIES),
            "states": list(report_list.STATES),
            "from": int(min(first or now, crisis.starts_at, now).timestamp()),
            "start": int(wanted.start.timestamp()) if wanted.start else None,
            "end": int(wanted.end.timestamp()) if wanted.end else None,
            "until": int(now.timestamp()),
            "page": report_list.PAGE_SIZE,
        },
        "keep": KeepCrisisSearchForm(associations=_own(request)) if dispatches else None,
        "saved": _saved(request, crisis) if dispatches else [],
    }
    return render(request, "needs/crises/crisis_map.html", context)


def _own(request: Request) -> list[Association]:
    return list(Association.objects.of(request.user))


def _saved(request: Request, crisis: Crisis) -> list[tuple[SavedSearch, str]]:
    return [
        (search, crisis_searches.filter_of(search).querystring)
        for search in crisis_searches.searches_of(request.user, crisis)
    ]


@crisis_page
@require_safe
def reports(request: Request, crisis: Crisis) -> HttpResponse:
    """Return the reader's reports of an event for the map as ``report_list.ROW``, latest first."""
    rows = report_list.packed_reports(crisis_access.reports_of(request.viewer, crisis), crisis)
    list_log.record(request.user, "event_map", len(rows))
    return HttpResponse(b"".join(rows), content_type="application/octet-stream")


@crisis_page
@require_safe
def lines(request: Request, crisis: Crisis) -> HttpResponse:
    """Return the list entries for the report keys in the query string, at most one page."""
    try:
        keys = [uuid.UUID(text) for text in request.GET.get("ids", "").split(",") if text]
    except ValueError:
        raise Http404 from None
    readable = crisis_access.reports_of(request.viewer, crisis)
    shown = report_list.listed_reports(readable, crisis, keys, scope.needs_for(request.viewer))
    list_log.record(request.user, "event", len(shown))
    return render(request, "needs/crises/crisis_lines.html", {"lines": shown})


@require_safe
def photo(request: Request, photo: uuid.UUID) -> HttpResponseBase:
    """Send a photo of a report. Photos have no public URL."""
    found = crisis_access.readable_photo(request.viewer, photo)
    recording.record(request.user, Verb.PHOTO_SHOWN, "photo", found.pk, purpose=Purpose.SORTING)
    try:
        opened = found.image.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(opened, content_type="image/jpeg", filename="report.jpg")
    response["X-Content-Type-Options"] = "nosniff"
    return response


# --- saved searches ------------------------------------------------------------------------------------------------


def _back(crisis: Crisis, query: str = "") -> HttpResponse:
    return redirect(reverse("needs:crisis_map", args=[crisis.slug]) + (f"?{query}" if query else ""))


@dispatching
@require_POST
def keep_search(request: Request, slug: str) -> HttpResponse:
    """Save the current filter under a name, optionally with an alert."""
    crisis = crisis_access.readable_crisis(request.viewer, slug)
    wanted = CrisisFilter.from_querystring(QueryDict(request.POST.get("query", "")))
    form = KeepCrisisSearchForm(request.POST, associations=_own(request))
    if not form.is_valid():
        messages.error(request, _("Give the search a name of at most 80 characters."))
        return _back(crisis, wanted.querystring)
    try:
        crisis_searches.save_search(request.user, crisis, wanted=wanted, **form.cleaned_data)
    except crisis_searches.NameTaken:
        messages.error(request, _("You already have a search with this name for another event. Choose another name."))
    else:
        messages.success(request, _("The search “%(name)s” is saved.") % {"name": form.cleaned_data["name"]})
    return _back(crisis, wanted.querystring)


def _own_search(request: Request, crisis: Crisis, search: uuid.UUID) -> Any:
    return get_object_or_404(SavedSearch.objects.filter(user=request.user, crisis=crisis), pk=search)


@dispatching
@require_POST
def drop_search(request: Request, slug: str, search: uuid.UUID) -> HttpResponse:
    """Delete one of the reader's own searches. If the search was shared with an association, the association loses it,
    too."""
    crisis = crisis_access.readable_crisis(request.viewer, slug)
    _own_search(request, crisis, search).delete()
    messages.success(request, _("The search is deleted."))
    return _back(crisis)


@dispatching
@require_POST
def switch_alert(request: Request, slug: str, search: uuid.UUID) -> HttpResponse:
    """Turn the alert of one of the reader's own searches on or off."""
    crisis = crisis_access.readable_crisis(request.viewer, slug)
    on = request.POST.get("on") == "1"
    alerts.switch(_own_search(request, crisis, search), on=on)
    messages.success(request, _("The alert is on.") if on else _("The alert is off."))
    return _back(crisis)
