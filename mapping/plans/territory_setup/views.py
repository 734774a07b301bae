"""Pages of territories for administrators, and for coordinators the parts below their own territory."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.coverage.folding import territory_cells
from mapping.plans.territory_setup import (
    axis_question,
    border_drafts,
    new_territories,
    territory_changes,
    territory_storing,
)
from mapping.plans.territory_setup.forms import (
    MOST_PERSONS,
    BorderChoiceForm,
    BorderFileForm,
    ChargeForm,
    NewTerritoriesForm,
    TerritoryForm,
)
from mapping.plans.territory_setup.new_territories import Plan, TerritoriesRefused
from solidarity.lib import cell_geometry
from solidarity.lib.border_files import border_reader
from solidarity.lib.border_files.border_problems import BordersRefused
from solidarity.lib.border_files.border_reader import Feature
from solidarity.lib.http.large_files import takes_files
from volunteers.enums import Duty
from volunteers.models import Assignment, Territory
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.places.basemap import installed
from volunteers.places.territories import duty_requests
from volunteers.site.setup_checklist import checklist

STEPS = 2000  # the tolerance of a simplified border is the larger side of all borders, divided by this number
MOST_CELLS = 6_000  # if there are more cells than this, none is drawn


def borders_of(features: Sequence[Feature]) -> dict[str, Any]:
    """Return the simplified borders, and for each a point for its name."""
    names = border_reader.name_properties(list(features))
    boxes = [each.polygon.extent for each in features]
    width = max(box[2] for box in boxes) - min(box[0] for box in boxes)
    height = max(box[3] for box in boxes) - min(box[1] for box in boxes)
    step = max(width, height) / STEPS
    found = []
    for each in features:
        properties = {"name": each.properties.get(names[0], "") if names else str(each.number), "own": False}
        shapes: tuple[Any, ...] = (each.polygon.simplify(step, preserve_topology=True), each.polygon.point_on_surface)
        for shape in shapes:
            geometry = {"type": shape.geom_type, "coordinates": shape.coords}
            found.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": found}


def cells_of(features: Sequence[Feature], resolution: int) -> dict[str, Any]:
    """Return the hexagons of the cells; no features when they are too many to draw."""
    about = sum(territory_cells.cells_expected(each.polygon, resolution) for each in features)
    cells: set[int] = set()
    if about <= MOST_CELLS:
        for each in features:
            cells.update(cell_geometry.cells_in(each.polygon, resolution))
    rings = [[[round(x, 5), round(y, 5)] for x, y in cell_geometry.outline(cell)] for cell in sorted(cells)]
    geometry = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    found = [{"type": "Feature", "properties": {}, "geometry": geometry}] if rings else []
    return {"type": "FeatureCollection", "features": found}


_methods = require_http_methods(["GET", "HEAD", "POST"])


def require_right(request: Request) -> None:
    """Raise Http404 unless the reader may add territories."""
    if not checklist.may_set_up(request.viewer) and not territory_changes.parents_for(request.viewer).exists():
        raise Http404


def draft_of(request: Request, draft: uuid.UUID) -> list[Feature]:
    """Return the features of the reader's own upload; [] if the upload is gone or belongs to somebody else."""
    require_right(request)
    return border_drafts.find(request.user, draft)


def choose_again(request: Request, to: str, arguments: dict[str, str] | None = None) -> HttpResponseRedirect:
    """Go back to a page where a file is chosen, with the reason."""
    messages.error(request, _("The file is kept for one hour only. Choose it again."))
    return HttpResponseRedirect(reverse(to, kwargs=arguments))


def keep_and_go_on(request: Request, features: list[Feature], slug: str = "") -> HttpResponseRedirect:
    """Keep an upload and go on: to the question of its axes if it has to be asked, else to the preview. slug: the territory
    whose border is replaced; without it, the features become new territories."""
    draft = border_drafts.keep(request.user, features)
    if axis_question.readings_to_ask(features) is None:
        return to_preview(draft, slug)
    if slug:
        return redirect("mapping:territory_border_axes", slug=slug, draft=draft)
    return redirect("mapping:territories_axes", draft=draft)


def to_preview(draft: uuid.UUID, slug: str = "") -> HttpResponseRedirect:
    """Go on to the preview of an upload."""
    if slug:
        return redirect("mapping:territory_border", slug=slug, draft=draft)
    return redirect("mapping:territories_preview", draft=draft)


@require_safe
def territories_page(request: Request) -> HttpResponse:
    """List the territories that the reader coordinates."""
    require_right(request)
    shown = territory_changes.parents_for(request.viewer).select_related("coverage")
    changeable = set(territory_changes.changeable(request.viewer).values_list("pk", flat=True))
    rows = [{"territory": each, "depth": each.path.count("/") - 1, "mine": each.pk in changeable} for each in shown]
    return render(request, "mapping/territory_setup/territories.html", {"rows": rows})


@_methods
@takes_files(2 * border_reader.MOST_BYTES)  # the form explains what is larger than allowed
def upload(request: Request) -> HttpResponse:
    """Take a file of borders, and show its defects or go on: to the question of its axes, if it has to be asked, and to the
    preview."""
    require_right(request)
    form = BorderFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return keep_and_go_on(request, form.features)
    status = 422 if form.is_bound else 200
    return render(request, "mapping/territory_setup/upload.html", {"form": form}, status=status)


@_methods
def preview(request: Request, draft: uuid.UUID) -> HttpResponse:
    """Show a preview of the new territories; have a worker store them if this preview was shown before."""
    features = draft_of(request, draft)
    if not features:
        return choose_again(request, "mapping:territories_upload")
    parents = territory_changes.parents_for(request.viewer)
    top = request.viewer.is_administrator
    form = NewTerritoriesForm(request.POST or None, features=features, parents=parents, top=top)
    if not form.is_bound:
        return _preview_page(request, draft, form, None, [])
    if not form.is_valid():
        return _preview_page(request, draft, form, None, [], status=422)
    try:
        if "save" in request.POST and form.was_previewed:
            reauthentication.require(request)
            territory_storing.start(request.user, draft, form.choices(), get_language() or "")
            return redirect("mapping:territories_stored", draft=draft)
        plan = new_territories.plan(features, form.choices())
    except (BordersRefused, TerritoriesRefused) as refused:
        return _preview_page(request, draft, form, None, new_territories.lines_of(refused), status=422)
    form.data = {name: str(value) for name, value in form.data.items()} | {"previewed": form.seal()}
    return _preview_page(request, draft, form, plan, [])


def _preview_page(
    request: Request,
    draft: uuid.UUID,
    form: NewTerritoriesForm,
    plan: Plan | None,
    lines: list[str],
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "draft": draft, "plan": plan, "lines": lines}
    return render(request, "mapping/territory_setup/preview.html", context, status=status)


@require_safe
def draft_borders(request: Request, draft: uuid.UUID) -> HttpResponse:
    """Return the borders of an upload for the map of its preview, or its cells with ``?cells=9``."""
    features = draft_of(request, draft)
    if not features:
        return HttpResponse(status=410)
    resolution = request.GET.get("cells", "")
    if resolution in {"8", "9"}:
        found: dict[str, Any] = cells_of(features, int(resolution))
    else:
        found = borders_of(features) | installed.map_settings()
    return HttpResponse(json.dumps(found), content_type="application/geo+json")


@_methods
def territory_page(request: Request, slug: str) -> HttpResponse:
    """Show and change the values of a territory."""
    territory = get_object_or_404(territory_changes.changeable(request.viewer), slug=slug)
    parents, top = territory_changes.parents_for(request.viewer), request.viewer.is_administrator
    form = TerritoryForm(request.POST or None, territory=territory, parents=parents, top=top)
    if (persons := request.GET.get("persons", "")).isdecimal():  # the self-checks suggest a number
        form.initial["expected_persons"] = min(int(persons), MOST_PERSONS)
    if form.is_bound and form.is_valid():
        reauthentication.require(request)
        try:
            territory_changes.change(territory, form.values(), request.user)
        except TerritoriesRefused as refused:
            form.add_error(None, refused.lines)
        else:
            messages.success(request, _("The territory is saved."))
            return redirect("mapping:territory_setup")
    return _territory_page(request, slug, form=form, status=422 if form.is_bound else 200)


def _territory_page(request: Request, slug: str, *, status: int = 422, **forms: Form) -> HttpResponse:
    """Show a territory with its forms. Submitted forms are given as arguments."""
    territory = Territory.objects.select_related("coverage").get(slug=slug)
    parents, top = territory_changes.parents_for(request.viewer), request.viewer.is_administrator
    every: dict[str, Form] = {
        "form": TerritoryForm(None, territory=territory, parents=parents, top=top),
        "file_form": BorderFileForm(),
        "charge_form": ChargeForm(),
    }
    people = Assignment.objects.coordinating().filter(territory=territory).select_related("user")
    context = every | forms | {"territory": territory, "people": people}
    return render(request, "mapping/territory_setup/territory.html", context, status=status)


@require_POST
def give_charge(request: Request, slug: str) -> HttpResponse:
    """Make somebody a coordinator of a territory."""
    territory = get_object_or_404(territory_changes.changeable(request.viewer), slug=slug)
    form = ChargeForm(request.POST)
    if not form.is_valid():
        return _territory_page(request, slug, charge_form=form)
    reauthentication.require(request)
    said = form.cleaned_data
    duty_requests.give([form.person], territory, Duty.COORDINATOR, request.user, said["purpose"], said["until"])
    messages.success(request, _("The person coordinates this territory now."))
    return redirect("mapping:territory_page", slug=slug)


@require_POST
@takes_files(2 * border_reader.MOST_BYTES)
def upload_border(request: Request, slug: str) -> HttpResponse:
    """Take a file with the new border of a territory."""
    get_object_or_404(territory_changes.changeable(request.viewer), slug=slug)
    file_form = BorderFileForm(request.POST, request.FILES)
    if file_form.is_valid():
        return keep_and_go_on(request, file_form.features, slug)
    return _territory_page(request, slug, file_form=file_form)


@_methods
def border(request: Request, slug: str, draft: uuid.UUID) -> HttpResponse:
    """Show what a new border changes; store it on POST."""
    territory = get_object_or_404(territory_changes.changeable(request.viewer), slug=slug)
    features = draft_of(request, draft)
    if not features:
        return choose_again(request, "mapping:territory_page", {"slug": slug})
    chosen = request.POST or request.GET
    form = BorderChoiceForm(chosen if "feature" in chosen else None, features=features, wanted=territory.name)
    if form.is_bound and not form.is_valid():
        raise Http404
    number = form.cleaned_data["feature"] if form.is_bound else form.initial["feature"]
    polygon = next(each.polygon for each in features if each.number == number)
    try:
        if request.method == "POST":
            return _store_border(request, territory, polygon)
        plan, lines = territory_changes.plan_border(territory, polygon), list[str]()
    except TerritoriesRefused as refused:
        plan, lines = None, refused.lines
    context = {"form": form, "territory": territory, "draft": draft, "plan": plan, "lines": lines, "number": number}
    return render(request, "mapping/territory_setup/border.html", context, status=422 if lines else 200)


def _store_border(request: Request, territory: Territory, polygon: Any) -> HttpResponseRedirect:
    reauthentication.require(request)
    territory_changes.replace_border(territory, polygon, request.user)
    messages.success(request, _("The border is replaced. Earlier reports count in the territory where they lie now."))
    return redirect("mapping:territory_page", slug=territory.slug)
