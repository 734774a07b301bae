"""Pages to contest a zone's status, its history of overrides, and the active overrides of a territory."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.enums import Status
from mapping.map.overrides import override_filing, override_presenter
from mapping.map.overrides.forms import ExtendForm, OverrideForm
from mapping.map.releases import reading
from mapping.map.releases.reading import Reading
from mapping.map.wording import rounding, sentences, zone_names
from mapping.models import Override, Zone
from needs.reports.forms import BoxForm
from solidarity.lib import cell_geometry, grid
from solidarity.lib.http import undo_offers
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.people.associations.models import associations_of
from volunteers.places.territories import access

# In zones with more cells than this, users choose cells only on the map.
MOST_LISTED = 60
MOST_DRAWN = 900


def zone_for(request: Request, slug: str, key: uuid.UUID) -> tuple[Reading, Zone]:
    """Return the reading and the zone if the reader may see this zone; raise Http404 otherwise."""
    found = reading.read(request.viewer, access.territory_for(request.viewer, slug))
    return found, reading.zone_or_404(found, key)


def about(found: Reading, zone: Zone) -> dict[str, Any]:
    """Return the context shared by the pages about one zone."""
    rounded = rounding.figures_of(zone)
    return {
        "territory": found.territory,
        "reading": found,
        "key": rounded.key,
        "within": zone_names.name_of(found.zones, zone.key),
        "status": rounded.status,
        "status_label": rounded.status_label,
        "both_statuses": override_presenter.both_statuses(rounded),
    }


def _contestable(request: Request, slug: str, key: uuid.UUID) -> tuple[Reading, Zone]:
    """Return the reading and the zone if the reader may contest its status; raise Http404 otherwise."""
    found, zone = zone_for(request, slug, key)
    if not override_presenter.may_contest(request.viewer, found.territory):
        raise Http404
    return found, zone


@require_http_methods(["GET", "HEAD", "POST"])
def file_override(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """Contest the status of a zone."""
    found, zone = _contestable(request, slug, key)
    own = associations_of(request.user)
    shown, cells = Status(zone.status), override_filing.cells_of(zone)
    form = OverrideForm(
        request.POST or None, initial={"id": uuid.uuid4()}, associations=own, zone_cells=cells, shown=shown
    )
    if form.is_valid() and _filed(request, form, shown):
        return redirect("mapping:override_history", slug=slug, key=key)
    context = about(found, zone) | picker(form["cells"], cells, zone) | {"form": form}
    return render(request, "mapping/overrides/override_form.html", context, status=422 if form.is_bound else 200)


def _filed(request: Request, form: OverrideForm, shown: Status) -> bool:
    try:
        override_filing.file_override(
            form.draft(), shown=shown, association=form.association_key, author=request.user.pk
        )
    except override_filing.Conflict:
        form.add_error(
            None, _("This form was already sent with other answers. You find them in the history of the zone.")
        )
    except ValidationError as error:
        for name, found in error.message_dict.items():
            form.add_error(name, found)
    else:
        messages.success(request, _("Thank you. The map will show what you saw in a few minutes."))
        return True
    return False


def picker(field: Any, cells: list[int], zone: Zone) -> dict[str, Any]:
    """Return the template context for choosing cells: the zone's cells and its bounding box. In a large zone, return
    only the chosen cells."""
    chosen = set(field.value() or []) if len(cells) > 1 else set()
    if isinstance(field.value(), str):
        chosen = {field.value()}
    names = [(number, grid.to_text(cell)) for number, cell in enumerate(cells, start=1)]
    listed = names if len(cells) <= MOST_LISTED else [one for one in names if one[1] in chosen]
    return {
        "several": len(cells) > 1,
        "too_many": len(cells) > MOST_LISTED,
        "listed": [(number, name, name in chosen) for number, name in listed],
        "box": {"bounds": list(zone.shape.extent)},
        "most_cells": override_filing.MOST_CELLS,
    }


@require_POST
def zone_cells(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """Return the zone's cells in the visible part of a map, as GeoJSON. The request is a POST, so that no address names
    a place."""
    _found, zone = _contestable(request, slug, key)
    form = BoxForm(request.POST)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    box = form.cleaned_data
    features = [
        {
            "type": "Feature",
            "properties": {"cell": grid.to_text(cell), "number": number},
            "geometry": {"type": "Polygon", "coordinates": [cell_geometry.outline(cell)]},
        }
        for number, cell in enumerate(override_filing.cells_of(zone), start=1)
        if _within(grid.centre(cell), box)
    ]
    many = len(features) > MOST_DRAWN
    return JsonResponse({"type": "FeatureCollection", "features": [] if many else features, "too_many": many})


_ROOM = 0.006  # margin around the box in degrees, about the size of a cell


def _within(place: tuple[float, float], box: dict[str, float]) -> bool:
    return (
        box["south"] - _ROOM < place[0] < box["north"] + _ROOM and box["west"] - _ROOM < place[1] < box["east"] + _ROOM
    )


@require_safe
@cache_control(private=True, no_cache=True)
def history(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """All overrides in a zone's cells, past and present."""
    found, zone = zone_for(request, slug, key)
    if not override_presenter.may_read(request.viewer, found):
        raise Http404
    context = about(found, zone) | {
        "overrides": override_presenter.of_zone(request.viewer, found, zone),
        "may": override_presenter.may_contest(request.viewer, found.territory),
    }
    return render(request, "mapping/overrides/override_history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: Request, slug: str, contest: uuid.UUID) -> HttpResponse:
    """Extend an override of the reader's association or coordination."""
    territory = access.territory_for(request.viewer, slug)
    rows = override_presenter.of_contest(request.viewer, territory, contest)
    until = override_presenter.known_until(reading.read(request.viewer, territory))
    found = override_presenter.summaries(
        rows, override_presenter.own_keys(request.viewer, territory), exact=True, until=until
    )
    if not found or found[0].state != override_presenter.ACTIVE:
        raise Http404
    one = found[0]
    form = ExtendForm(request.POST or None, most=max(one.more, 1))
    if form.is_valid():
        try:
            until = override_filing.extend(contest, days=form.cleaned_data["days"], reason=form.cleaned_data["reason"])
        except Override.DoesNotExist:
            raise Http404 from None
        except ValidationError as error:
            for name, problems in error.message_dict.items():
                form.add_error(name, problems)
        else:
            messages.success(request, _("Shown until %(moment)s.") % {"moment": sentences.clock(until)})
            return redirect(_back(request, territory))
    context = {"territory": territory, "override": one, "form": form}
    return render(request, "mapping/overrides/override_extend.html", context, status=422 if form.is_bound else 200)


@require_POST
def withdraw(request: Request, slug: str, contest: uuid.UUID) -> HttpResponse:
    """Withdraw an override of the reader's association or coordination."""
    territory = access.territory_for(request.viewer, slug)
    rows = override_presenter.of_contest(request.viewer, territory, contest)
    get_object_or_404(rows.order_by("pk")[:1])
    withdrawn_at = override_filing.withdraw(contest, author=request.user.pk)
    if withdrawn_at is not None:
        words = _("You withdrew your status. The map shows the model’s status again.")
        path = reverse("mapping:override_restore", args=[slug, contest])
        subject = withdrawn_at.isoformat()
        undo_offers.offer(request, words, user=request.user.pk, action=path, subject=subject, path=path)
    return redirect(_back(request, territory))


@require_POST
def undo_withdraw(request: Request, slug: str, contest: uuid.UUID) -> HttpResponse:
    """Undo the reader's own withdrawal of an override, within a minute."""
    territory = access.territory_for(request.viewer, slug)
    get_object_or_404(override_presenter.of_contest(request.viewer, territory, contest).order_by("pk")[:1])
    try:
        action, withdrawn_at = undo_offers.read(request.POST.get(undo_offers.FIELD, ""), request.user.pk)
    except undo_offers.NotUndoable:
        action, withdrawn_at = "", ""
    if action == request.path and override_filing.undo_withdraw(contest, datetime.fromisoformat(withdrawn_at)):
        messages.success(request, _("Undone. The map shows your status beside the model’s again."))
    else:
        messages.warning(request, _("It is too late to undo this."))
    return redirect(_back(request, territory))


def _back(request: Request, territory: Territory) -> str:
    """Return the address of the list of overrides for coordinators, and the address of the map for other readers."""
    if Territory.objects.coordinated_by(request.viewer).filter(pk=territory.pk).exists():
        return reverse("mapping:overrides", args=[territory.slug])
    return reverse("mapping:map", args=[territory.slug])


@require_safe
@cache_control(private=True, no_cache=True)
def active_overrides(request: Request, slug: str) -> HttpResponse:
    """The active overrides in a territory, for its coordinators."""
    territory = access.coordinated_territory(request.viewer, slug)
    context = {"territory": territory, "open": override_presenter.active_in(territory, request.viewer)}
    return render(request, "mapping/overrides/active_overrides.html", context)
