"""The page and the files of an association's own figures. Only its members see them."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from needs.doors.association_figures import figure_files, monthly_figures
from solidarity.lib.files import hxl_tags
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request


@require_safe
def figures(request: Request, association: str) -> HttpResponse:
    """Show the figures of a year."""
    own, year = _asked(request, association)
    months = monthly_figures.year_of(own.pk, year)
    context = {
        "association": own, "year": year, "years": monthly_figures.years_of(own.pk), "months": [*months],
        "heads": figure_files.heads(months), "lines": figure_files.lines(months),
        "whole": monthly_figures.total(months.values()), "as_of": timezone.now(), "limits": figure_files.limits(),
    }  # fmt: skip
    return render(request, "needs/association_figures/figures.html", context)


@require_safe
def figures_file(request: Request, association: str, kind: str) -> HttpResponse:
    """Send the figures of a year as a file."""
    own, year = _asked(request, association)
    if kind not in figure_files.TYPES:
        raise Http404
    months = monthly_figures.year_of(own.pk, year)
    if kind == figure_files.CSV:
        content = figure_files.as_csv(months, tagged=hxl_tags.wanted(request))
    else:
        content = figure_files.as_xlsx(months, str(year))
    response = HttpResponse(content, content_type=figure_files.TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{own.slug}-{year}.{kind}"'
    return response


def _asked(request: Request, slug: str) -> tuple[Association, int]:
    """Return the association and the year; raise Http404 if the reader is no member or the year is impossible."""
    own = get_object_or_404(Association.objects.of(request.user), slug=slug)
    asked = request.GET.get("year", "")
    year = timezone.localdate().year if not asked else int(asked) if asked.isascii() and asked.isdigit() else 0
    if not 1970 <= year <= 9000:
        raise Http404
    return own, year
