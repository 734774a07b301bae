"""The page of the self-checks, for the coordinators of the territory. Everybody else gets 404."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mapping.coverage.unseen import hindcasts
from mapping.map.wording.sentences import whole
from mapping.models import Parameters
from mapping.plans.parameters import versions
from mapping.plans.self_checks import check_wording, corrections, findings, first_visit_wording
from mapping.plans.self_checks.check_plot import calibration_plot
from mapping.plans.self_checks.past_checks import past_checks
from mapping.plans.territory_setup import territory_changes
from mapping.plans.territory_setup.count_views import missing_count
from volunteers.models import Territory
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access


@require_safe
def checks(request: Request, slug: str) -> HttpResponse:
    """Show whether tours confirm the map, and possible causes with advice."""
    territory = access.coordinated_territory(request.viewer, slug)
    if missing := missing_count(request.viewer, territory):
        return render(request, "mapping/self_checks/checks.html", {"territory": territory, "missing": missing})
    past = past_checks(territory, timezone.localdate())
    cut = Parameters.objects.proposals().filter(territory=territory, grounds__kind=versions.CUT).first()

    def may_change(each: Territory) -> bool:
        return territory_changes.changeable(request.viewer).filter(pk=each.pk).exists()

    correction = corrections.correction(territory, past.first_visits, timezone.localdate())
    named = past.causes
    if correction is not None:
        named = replace(named, persons=None)  # one page proposes one number
    notices = findings.readable(territory, timezone.now())
    context = {
        "first_visits": first_visit_wording.words(past.first_visits),
        "correction": first_visit_wording.correction_words(correction),
        "hindcasts": hindcasts.below(territory),
        "misses": first_visit_wording.misses(),
        "territory": territory,
        "past": past,
        "places": whole(past.calibration.places),
        "verdict": check_wording.verdict_of(past.calibration),
        "sentence": check_wording.verdict_words(past.calibration),
        "rows": check_wording.rows(past.calibration),
        "plot": calibration_plot(past.calibration.bands),
        "causes": check_wording.causes_words(
            named, territory, Parameters.objects.in_force(territory), may_change, notices
        ),
        "cut": cut,
        "cut_words": check_wording.cut_words(past, cut),
    }
    return render(request, "mapping/self_checks/checks.html", context)


@require_POST
def accept_correction(request: Request, slug: str) -> HttpResponse:
    """Replace the count of a territory by the estimate from first visits that the page showed."""
    territory = access.coordinated_territory(request.viewer, slug)
    reauthentication.require(request)
    persons = request.POST.get("persons", "")
    if persons.isdecimal() and corrections.accept(territory, int(persons[:9]), request.user, timezone.localdate()):
        messages.success(request, _("The number of people is corrected. The map is computed anew."))
    else:
        messages.error(request, _("The proposal has changed in the meantime. Read it again."))
    return redirect("mapping:checks", slug=territory.slug)
