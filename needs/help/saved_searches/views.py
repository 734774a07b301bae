"""Pages of the reader's alerts: the list, the form, one alert."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope import list_log
from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import Category, Urgency
from needs.help.saved_searches import alerts
from needs.help.saved_searches.forms import AlertForm
from needs.models import SavedSearch
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import areas, duties


def alert_list(request: Request) -> HttpResponse:
    """The reader's alerts, and saved searches that can have one."""
    names = {area.slug: area.name for area in areas.areas_for(request.viewer)}
    rows = [(search, described(search, names)) for search in alerts.own_searches(request.user)]
    return render(
        request, "needs/saved_searches/alerts.html", {"rows": rows, "dispatches": duties.is_dispatcher(request.user)}
    )


def described(search: SavedSearch, names: dict[str, str]) -> dict[str, Any]:
    """Return the filters of a search as labels. names: territories that the reader may see, slug → name."""
    query = SearchQuery.from_json(search.query)
    topics = [str(each) for each in search.crisis.categories.all() if each.pk in query.topics] if search.crisis else []
    return {
        "kinds": [*(str(Category(kind).label) for kind in query.kinds), *topics],
        "urgency": [str(Urgency(urgency).label) for urgency in query.urgency],
        "territory": names.get(query.area, "") if query.area else "",
        "unknown_territory": bool(query.area) and query.area not in names,
        "drawn": search.area is not None,
        "crisis": search.crisis.name if search.crisis else "",
    }


def new_alert(request: Request) -> HttpResponse:
    """Create an alert. A POST with ``prefill`` opens the form with an area, so that no address names a place."""
    dispatches = duties.is_dispatcher(request.user)
    data, initial = request.POST or None, {}
    if data is not None and "prefill" in data:
        initial, data = {name: data.get(name, "") for name in ("name", "where", "corners")}, None
    form = AlertForm(data, areas=list(areas.areas_for(request.viewer)), dispatches=dispatches, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            alerts.save_alert(request.user, form.wanted())
        except alerts.TooMany:
            form.add_error(None, _("You have reached the maximum number of alerts. Delete one first."))
        else:
            messages.success(request, _("The alert is on. We notify you of everything new from now on."))
            return redirect("needs:alerts")
    return render(request, "needs/saved_searches/alert_form.html", {"form": form, "dispatches": dispatches})


def _own(request: Request, search: uuid.UUID) -> SavedSearch:
    """Return one of the reader's searches. Raises Http404 for any other search."""
    return get_object_or_404(alerts.own_searches(request.user), pk=search)


def alert(request: Request, search: uuid.UUID) -> HttpResponse:
    """One alert: dispatchers see the needs that it found; other people get a link to the open needs."""
    own = _own(request, search)
    dispatches = duties.is_dispatcher(request.user)
    found = alerts.found_last_week(own, timezone.now()) if dispatches else []
    if dispatches:
        list_log.record(request.user, "alert", len(found), SearchQuery.from_json(own.query))
    names = {area.slug: area.name for area in areas.areas_for(request.viewer)}
    shapes = None
    if own.area is not None:
        feature = {"type": "Feature", "properties": {}, "geometry": json.loads(own.area.json)}
        shapes = {"type": "FeatureCollection", "features": [feature]}
    context = {
        "search": own,
        "described": described(own, names),
        "dispatches": dispatches,
        "found": found,
        "queue": SearchQuery.from_json(own.query).to_querystring() if own.area is None else "",
        "shapes": shapes,
    }
    return render(request, "needs/saved_searches/alert.html", context)


@require_POST
def switch(request: Request, search: uuid.UUID) -> HttpResponse:
    """Switch an alert on or off."""
    on = request.POST.get("on") == "1"
    alerts.switch(_own(request, search), on=on)
    messages.success(request, _("The alert is on.") if on else _("The alert is off."))
    return redirect("needs:alerts")


@require_POST
def delete(request: Request, search: uuid.UUID) -> HttpResponse:
    """Delete an alert."""
    alerts.delete_alert(_own(request, search))
    messages.success(request, _("The alert is deleted."))
    return redirect("needs:alerts")
