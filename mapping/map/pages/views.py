"""The coverage map, the list of its zones, and one zone."""

import uuid
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mapping.coverage.cells import cold_zones
from mapping.enums import KEY_STATUS, STATUS_KEYS, Status
from mapping.map.estimates import reader_estimate
from mapping.map.live import tiles
from mapping.map.overrides import field_notes, override_presenter
from mapping.map.pages import zone_lines, zone_list, zone_pages
from mapping.map.releases import archives, reading, volunteer_files
from mapping.map.releases.reading import Reading
from mapping.map.wording import rounding, sentences, status_words, zone_names
from mapping.models import Parameters, Zone
from solidarity.lib.site.filled_templates import FixedTemplate
from volunteers.enums import Audience
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.places.basemap import installed
from volunteers.places.territories import access
from volunteers.places.territories.in_charge import in_charge_of

PAGE = 50
TO_VERIFY = STATUS_KEYS[Status.TO_VERIFY]
_NOTES = FixedTemplate("mapping/map/map_notes.html")
_NO_TILE, _NO_ZONE = ("0", "0", "0"), uuid.UUID(int=0)


@require_safe
def start(request: Request) -> HttpResponse:
    """Redirect to the map of the reader's own territory; readers without a territory get the public map."""
    return _first(request, "mapping:map")


@require_safe
def start_list(request: Request) -> HttpResponse:
    """Redirect to the list of zones of the reader's own territory."""
    return _first(request, "mapping:zones")


def _first(request: Request, route: str) -> HttpResponse:
    territory = reading.start_of(request.viewer, request.session.get(reading.SESSION_KEY))
    if territory is None or request.viewer.view_as == Audience.PUBLIC:
        return redirect("mapping:public")
    query = request.GET.urlencode()
    return redirect(reverse(route, args=[territory.slug]) + (f"?{query}" if query else ""))


@require_safe
@cache_control(private=True, no_cache=True)
def map_page(request: Request, slug: str) -> HttpResponse:
    """The map with its panel. The panel shows the unseen estimate, the filter and the list, or the zone named in the
    address."""
    territory = access.territory_for(request.viewer, slug)
    reading.remember(request.session, territory)
    found = reading.read(request.viewer, territory)
    context = listing(request, found)
    chosen = _zone_named(request.GET.get("zone"), found)
    if chosen is not None:
        context |= _panel(request, found, chosen)
    context |= {"map": _map_settings(territory, context, chosen), "map_notes": _NOTES.html()}
    return render(request, "mapping/map/map.html", context)


@require_safe
@cache_control(private=True, no_cache=True)
def zones(request: Request, slug: str) -> HttpResponse:
    """The same zones as a table, without a map. A request from the map's panel gets only the list. For the territory's
    coordinators, the table is part of the territory's page."""
    territory = access.territory_for(request.viewer, slug)
    reading.remember(request.session, territory)
    found = reading.read(request.viewer, territory)
    if found.live and not request.htmx:
        return redirect(reverse("mapping:dashboard", args=[slug]) + _with(request) + "#zones")
    context = listing(request, found)
    context["children"] = access.visible_territories(request.viewer).filter(parent=territory)
    context["above"] = access.visible_territories(request.viewer).filter(children=territory).first()
    response = render(request, "mapping/map/zones_panel.html" if request.htmx else "mapping/map/zones.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@cache_control(private=True, no_cache=True)
def zone(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """One zone: its status, the reasons for it, and possible actions. A request from the map's panel gets only the
    panel."""
    found = reading.read(request.viewer, access.territory_for(request.viewer, slug))
    context = _panel(request, found, reading.zone_or_404(found, key))
    response = render(request, "mapping/map/zone_panel.html" if request.htmx else "mapping/map/zones_one.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@cache_control(private=True, max_age=300)
def territories(request: Request) -> JsonResponse:
    """The territories that the reader may open, for the search: name, territories above it, address."""
    visible = list(access.visible_territories(request.viewer).order_by("path").values_list("slug", "name", "path"))
    names = {slug: name for slug, name, _path in visible}
    found = [
        {
            "slug": slug,
            "name": name,
            "within": " · ".join(names[step] for step in path.split("/")[:-2] if step in names),
            "href": reverse("mapping:map", args=[slug]),
        }
        for slug, name, path in visible
    ]
    return JsonResponse({"territories": found})


# --- template contexts ----------------------------------------------------------------------------------------------


def listing(request: Request, found: Reading, most: int | None = None) -> dict[str, Any]:
    """Return the context of mapping/map/zones_table.html: the zones that the query asks for. most: number of zones on a
    page; by default PAGE."""
    chosen = zone_list.chosen_statuses(request.GET.getlist("status"))
    sort = zone_list.sort_of(request.GET.get("sort"))
    counts = zone_list.counts(found, chosen)
    notes = field_notes.counts(request.viewer, found)
    listed: Any = zone_pages.listed(found, chosen, sort, notes)  # pages only count and slice it
    page: Page = Paginator(listed, most or PAGE).get_page(request.GET.get("page"))
    rows = list(enumerate(page, page.start_index()))
    address = reverse("mapping:zone", args=[found.territory.slug, _NO_ZONE]).removesuffix(f"{_NO_ZONE}/")
    return {
        "reading": found,
        "territory": found.territory,
        "in_charge": in_charge_of([found.territory])[found.territory.pk],
        "estimate": reader_estimate.of_reading(found),
        "counts": counts,
        "to_verify": status_words.to_verify(next(one.zones for one in counts if one.status == TO_VERIFY)),
        "only_to_verify": chosen == [TO_VERIFY],
        "recent_days": Parameters.objects.in_force(found.territory).recent_days,
        "legend": status_words.legend_name([KEY_STATUS[each.status] for each in counts]),
        "filtered": bool(chosen),
        "sort": sort,
        "sorts": zone_list.sort_choices(sort, has_count=found.has_count),
        "columns": _columns(request, found, sort),
        "page": page,
        # What is the same in each row is made once.
        "zone_address": address,
        "map_icon": render_to_string("includes/icon.html", {"name": "map", "size": "small"}),
        "rows": rows,
        "lines": lambda: zone_lines.of(rows, address),  # only the panel shows them
        "pages": {name: _with(request, page=number) for name, number in _neighbours(page).items()},
        "query": _with(request, page=None, zone=None),
    }


def _neighbours(page: Page) -> dict[str, int]:
    return {
        **({"before": page.previous_page_number()} if page.has_previous() else {}),
        **({"after": page.next_page_number()} if page.has_next() else {}),
    }


def _with(request: Request, **changes: Any) -> str:
    """Return the request's query string, including the question mark, with some parameters changed or removed
    (None)."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return "?" + query.urlencode()


def _columns(request: Request, found: Reading, sort: str) -> list[dict[str, Any]]:
    """Return the columns, each with its sort order and the address that changes this order. If figures are hidden from
    the reader, leave out the help column; without a count, leave out all columns that need one."""
    labels = {
        "place": _("Place"),
        "status": _("Status"),
        "people": _("People likely"),
        "chance": _("Chance of missing help"),
        "help": _("Help, as a share of the norm"),
        "search": _("Last search"),
    }
    if found.detail == "band":
        del labels["help"]
    if not found.has_count:
        labels = {name: label for name, label in labels.items() if name not in zone_list.OF_A_COUNT}
    return [
        {
            "name": name,
            "label": label,
            "order": {name: "ascending", f"-{name}": "descending"}.get(sort, ""),
            "href": _with(request, sort=f"-{name}" if sort == name else name, page=None, zone=None),
        }
        for name, label in labels.items()
    ]


def _zone_named(text: str | None, found: Reading) -> Zone | None:
    try:
        return reading.zone_of(found, uuid.UUID(text or ""))
    except ValueError:
        return None


def _panel(request: Request, found: Reading, chosen: Zone) -> dict[str, Any]:
    rounded = rounding.figures_of(chosen)
    return {
        "reading": found,
        "territory": found.territory,
        "zone": rounded if found.detail == "exact" else None,
        "cold": cold_zones.line_of(chosen),
        "citizens": sentences.percent(rounded.citizens) if found.detail == "exact" else "",
        "key": rounded.key,
        "within": zone_names.name_of(found.zones, chosen.key),
        "status": rounded.status,
        "status_label": rounded.status_label,
        "meaning": sentences.meaning(rounded),
        "words": sentences.words_of(rounded, found.detail),
        "zone_overrides": override_presenter.of_reader(request.viewer, found, chosen, rounded),
        "notes": field_notes.of_reader(request.viewer, found, chosen),
        "chosen": chosen,
        "zone_district": {"slug": rounded.territory_slug, "name": rounded.territory},
        "bounds": ",".join(f"{degrees:.5f}" for degrees in chosen.shape.extent),
        "query": _with(request, zone=None, page=None),
    }


def _map_settings(territory: Territory, context: dict[str, Any], chosen: Zone | None) -> dict[str, Any]:
    """Return the settings of the map's script (json_script). The only zone data in them is the zone key from the
    address."""
    slug = territory.slug
    files = volunteer_files.of(context["reading"].release, territory)
    frozen = files and reverse("mapping:archive", args=[slug, files.folder.split("/")[1], archives.MAP])
    return {
        "bounds": list(territory.polygon.extent),
        "tiles": reverse("mapping:tile", args=[slug, 0, 0, 0]).replace("/".join(_NO_TILE), "{z}/{x}/{y}"),
        "version": reverse("mapping:tiles_version", args=[slug]) if context["reading"].live else "",
        "archive": frozen or "",
        "borders": reverse("mapping:boundaries", args=[slug]),
        "zone": reverse("mapping:zone", args=[slug, _NO_ZONE]).replace(str(_NO_ZONE), "KEY"),
        "zones": reverse("mapping:zones", args=[slug]),
        "territories": reverse("mapping:territories"),
        **installed.map_settings(),
        "services": installed.service_names(),
        "firstZoneZoom": tiles.FIRST_ZONE_ZOOM,
        "lastZoom": tiles.LAST_ZOOM,
        "statuses": {key: int(status) for status, key in STATUS_KEYS.items()},
        "letters": {int(Status.UNDER_COVERED): pgettext("letter of under-covered on the map", "U")},
        "chosen": str(chosen.key) if chosen else "",
        "words": {
            "Map.Title": _("Coverage map of %(territory)s") % {"territory": territory.name},
            "NavigationControl.ZoomIn": _("Zoom in"),
            "NavigationControl.ZoomOut": _("Zoom out"),
            "AttributionControl.ToggleAttribution": _("Sources of the map"),
            "AttributionControl.MapFeedback": _("Report a mistake in the map"),
        },
    }
