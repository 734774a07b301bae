"""The page and the file of a territory, for its coordinators."""

import csv
import io
from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mapping.plans.distance_to_places import far_from_places
from mapping.plans.distance_to_places.far_from_places import DISTANCES, FarFigures
from needs.guide.find_help.find_help_presenter import FOR_WHOM
from solidarity.lib.files import hxl_tags
from solidarity.lib.files.formula_injection import neutral
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access


@require_safe
def distance(request: Request, slug: str) -> HttpResponse:
    """People expected far from an open place of each kind, tonight."""
    territory = access.coordinated_territory(request.viewer, slug)
    who = _who(request)
    context = {
        "territory": territory,
        "found": far_from_places.figures(territory, timezone.now(), who),
        "distances": DISTANCES,
        "for_whom": FOR_WHOM,
        "who": who,
    }
    return render(request, "mapping/distance_to_places/distance.html", context)


@require_safe
def distance_file(request: Request, slug: str) -> HttpResponse:
    """The same figures as CSV."""
    territory = access.coordinated_territory(request.viewer, slug)
    found = far_from_places.figures(territory, timezone.now(), _who(request))
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(_rows(found))
    content = ("\ufeff" + out.getvalue()).encode()
    if hxl_tags.wanted(request):
        content = hxl_tags.with_tags(content, hxl_tags.tags_of("distance", COLUMNS), ";")
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="distance-{territory.slug}.csv"'
    return response


COLUMNS = ("kind", "open", "unknown", "metres", "persons", "low", "high")
"""The columns of the file, for its HXL tags."""


def _rows(found: FarFigures) -> Iterator[tuple[object, ...]]:
    yield (_("what there is"), _("open tonight"), _("hours not known"), _("farther than (m)"), _("people expected"),
           _("low"), _("high"))  # fmt: skip
    for each in found.kinds:
        for metres, people in zip(DISTANCES, each.far, strict=True):
            yield (
                neutral(str(each.kind.label)),
                each.open,
                each.unknown,
                metres,
                *((people.persons, people.low, people.high) if found.counted else ("", "", "")),
            )


def _who(request: Request) -> str:
    who = request.GET.get("who", "")
    return who if who in dict(FOR_WHOM) else ""
