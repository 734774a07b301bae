"""The monthly sums of a territory as a file, for its coordinators. Everybody else gets 404."""

import csv
import io

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mapping.out.winters import monthly_sums, winters_presenter
from solidarity.lib.files.formula_injection import neutral
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access


@require_safe
def winters_file(request: Request, slug: str) -> HttpResponse:
    """The sums of a territory and of all territories below it as CSV."""
    territory = access.coordinated_territory(request.viewer, slug)
    out = io.StringIO()
    rows = monthly_sums.months_of(territory, timezone.localdate())
    safe = ([neutral(each) for each in line] for line in winters_presenter.lines(rows))
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(safe)
    response = HttpResponse(("\ufeff" + out.getvalue()).encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="months-{territory.slug}.csv"'
    return response
