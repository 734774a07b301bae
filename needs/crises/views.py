"""Events as dispatchers and their coordinators see them: which there are, the map, the list beside it, photos."""

import functools
import uuid
from collections.abc import Callable
from typing import Any, Concatenate

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from needs.crises import crisis_access, crisis_events, crisis_searches, report_list
from needs.crises.forms import CrisisFilterForm, KeepCrisisSearchForm
from needs.crises.report_list import CrisisFilter
from needs.enums import UNFINISHED_STATES
from needs.guards import dispatching
from needs.models import Crisis, SavedSearch
from needs.saved_searches import alerts
from solidarity.lib.http.http_types import Request
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import Association


def looking[**P](view: Callable[Concatenate[Request, Crisis, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about an event that the reader may look at: sign-in first, 404 for everybody else, kept in no cache."""

    @functools.wraps(view)
    def guarded(request: Request, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, crisis_access.crisis_for(request.user, slug), *args, **kwargs)

    page: Callable[..., HttpResponse] = never_cache(login_required(guarded))
    return page


@never_cache
@login_required
def crises(request: Request) -> HttpResponse:
    """The events that the reader may look at, running ones first."""
    crisis_access.only_for_lookers(request.user)
    now = timezone.now()
    waiting = Q(needs__retracted_at=None, needs__state__in=UNFINISHED_STATES)
    every = crisis_access.visible(request.user).annotate(
        reports=Count("needs", filter=Q(needs__retracted_at=None)), waiting=Count("needs", filter=waiting)
    )
    rows = [(crisis, crisis_events.standing(crisis, now).value) for crisis in every.defer("area")]
    rows.sort(key=lambda row: ("running", "coming", "over").index(row[1]))
    return render(request, "needs/crises/crises.html", {"rows": rows})


@looking
@require_safe
def crisis_map(request: Request, crisis: Crisis) -> HttpResponse:
    """The map and the list. Without scripts the list alone, under the same filter."""
    now, dispatches = timezone.now(), crisis_access.dispatches(request.user)
    wanted = CrisisFilter.from_querystring(request.GET)
    page = Paginator(report_list.found(crisis, wanted, now, exact=dispatches), report_list.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    categories = list(crisis.categories.all())
    first = report_list.reports_of(crisis).order_by("at").values_list("at", flat=True).first()
    context = {
        "crisis": crisis,
        "standing": crisis_events.standing(crisis, now).value,
        "dispatches": dispatches,
        "filter": CrisisFilterForm(wanted, categories),
        "query": wanted.querystring,
        "page": page,
        "lines": report_list.lines(crisis, list(page.object_list), now, exact=dispatches),
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


@gzip_page
@looking
@require_safe
def reports(request: Request, crisis: Crisis) -> HttpResponse:
    """All reports of an event for the map: rows of ``reading.ROW``, the latest first."""
    exact = crisis_access.dispatches(request.user)
    data = report_list.block(crisis, timezone.now(), exact=exact)
    crisis_access.note_places_shown(crisis, request.user, exact=exact)
    return HttpResponse(data, content_type="application/octet-stream")


@looking
@require_safe
def lines(request: Request, crisis: Crisis) -> HttpResponse:
    """The lines of the list for the keys in the address, at most a page of them."""
    try:
        keys = [uuid.UUID(text) for text in request.GET.get("ids", "").split(",") if text]
    except ValueError:
        raise Http404 from None
    dispatches = crisis_access.dispatches(request.user)
    shown = report_list.lines(crisis, keys, timezone.now(), exact=dispatches)
    return render(request, "needs/crises/crisis_lines.html", {"lines": shown, "dispatches": dispatches})


@require_safe
@never_cache
@login_required
def photo(request: Request, photo: uuid.UUID) -> HttpResponseBase:
    """A photo of a report; it has no public address."""
    found = crisis_access.photo_for(request.user, photo)
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
    """Keep what the map shows under a name, with an alert if wanted."""
    crisis = crisis_access.crisis_for(request.user, slug)
    wanted = CrisisFilter.from_querystring(QueryDict(request.POST.get("query", "")))
    form = KeepCrisisSearchForm(request.POST, associations=_own(request))
    if not form.is_valid():
        messages.error(request, _("Give the search a name of at most 80 letters."))
        return _back(crisis, wanted.querystring)
    try:
        crisis_searches.keep(request.user, crisis, wanted=wanted, **form.cleaned_data)
    except crisis_searches.NameTaken:
        messages.error(request, _("You have a search of this name for another event. Choose another name."))
    else:
        messages.success(request, _("The search is kept as “%(name)s”.") % {"name": form.cleaned_data["name"]})
    return _back(crisis, wanted.querystring)


def _own_search(request: Request, crisis: Crisis, search: uuid.UUID) -> Any:
    return get_object_or_404(SavedSearch.objects.filter(user=request.user, crisis=crisis), pk=search)


@dispatching
@require_POST
def drop_search(request: Request, slug: str, search: uuid.UUID) -> HttpResponse:
    """Forget one of the reader's own searches."""
    crisis = crisis_access.crisis_for(request.user, slug)
    crisis_searches.drop(_own_search(request, crisis, search))
    messages.success(request, _("The search is forgotten."))
    return _back(crisis)


@dispatching
@require_POST
def switch_alert(request: Request, slug: str, search: uuid.UUID) -> HttpResponse:
    """Switch the alert on one of the reader's own searches on or off."""
    crisis = crisis_access.crisis_for(request.user, slug)
    on = request.POST.get("on") == "1"
    alerts.switch(_own_search(request, crisis, search), on=on)
    messages.success(request, _("The alert is on.") if on else _("The alert is off."))
    return _back(crisis)
