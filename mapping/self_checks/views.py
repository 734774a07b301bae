"""The page of the self-checks, for the coordinators of the territory. Everybody else gets 404."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mapping.models import Parameters
from mapping.parameters import versions
from mapping.self_checks import check_wording
from mapping.self_checks.check_plot import calibration_plot
from mapping.self_checks.past_checks import past_checks
from mapping.territory_setup import territory_changes
from mapping.wording.sentences import whole
from volunteers.accounts.http_types import Request
from volunteers.models import Territory
from volunteers.territories import access


@login_required
@require_safe
@cache_control(private=True, no_store=True)
def checks(request: Request, slug: str) -> HttpResponse:
    """Show whether tours confirm the map, and possible causes with advice."""
    territory = access.coordinated_territory(request.viewer, slug)
    past = past_checks(territory, timezone.localdate())
    cut = Parameters.objects.proposals().filter(territory=territory, grounds__kind=versions.CUT).first()

    def may_change(each: Territory) -> bool:
        return territory_changes.changeable(request.viewer).filter(pk=each.pk).exists()

    context = {
        "territory": territory,
        "past": past,
        "places": whole(past.calibration.places),
        "verdict": check_wording.verdict_of(past.calibration),
        "sentence": check_wording.verdict_words(past.calibration),
        "rows": check_wording.rows(past.calibration),
        "plot": calibration_plot(past.calibration.bands),
        "causes": check_wording.causes_words(
            past.causes, territory, Parameters.objects.in_force(territory), may_change
        ),
        "cut": cut,
        "cut_words": check_wording.cut_words(past, cut),
    }
    return render(request, "mapping/self_checks/checks.html", context)
