"""The page of the self-checks, for the coordinators of the territory. Everybody else gets 404."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mapping.coverage.unseen import hindcasts
from mapping.map.why.plot_svg import drawing, text_at
from mapping.map.wording.sentences import percent, whole
from mapping.models import Parameters
from mapping.plans.parameters import versions
from mapping.plans.self_checks import check_wording, corrections, findings, first_visit_wording
from mapping.plans.self_checks.calibration import Band
from mapping.plans.self_checks.past_checks import past_checks
from mapping.plans.territory_setup import territory_changes
from mapping.plans.territory_setup.count_views import missing_count
from volunteers.models import Territory
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access

WIDTH, HEIGHT = 420.0, 340.0
LEFT, RIGHT, TOP, FOOT = 52.0, 12.0, 46.0, 46.0
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
TWO_SIDED = 1.96


def calibration_plot(bands: Sequence[Band]) -> SafeString:
    """Draw the bands with enough visits, with their 95 % intervals. On the diagonal, tours find what the map says."""

    def x(share: float) -> float:
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        return HEIGHT - FOOT - share * (HEIGHT - TOP - FOOT)

    title = _("Help was missing, by what the map said")
    parts = [text_at(4, 18, _("Help was missing"), "why-svg-ink")]
    for tick in TICKS:
        parts.append(f'<path class="check-grid" d="M{x(0):.1f},{y(tick):.1f} H{x(1):.1f}"/>')
        parts.append(text_at(LEFT - 6, y(tick) + 5, percent(round(100 * tick)), "why-svg-soft", "end"))
        anchor = "end" if tick == 1 else "middle"
        parts.append(text_at(x(tick), HEIGHT - FOOT + 18, percent(round(100 * tick)), "why-svg-soft", anchor))
    parts.append(text_at(WIDTH - RIGHT, HEIGHT - 6, _("what the map said"), "why-svg-ink", "end"))
    parts.append(f'<path class="why-svg-edge" d="M{x(0):.1f},{y(0):.1f} L{x(1):.1f},{y(1):.1f}"/>')
    for band in bands:
        if band.enough:
            low, high = (min(max(band.missing + side * TWO_SIDED * band.error, 0.0), 1.0) for side in (-1, 1))
            at = x(band.chance)
            kind = "check-dot check-dot--off" if band.off else "check-dot"
            parts.append(f'<path class="check-range" d="M{at:.1f},{y(low):.1f} V{y(high):.1f}"/>')
            parts.append(f'<circle class="{kind}" cx="{at:.1f}" cy="{y(band.missing):.1f}" r="6.5"/>')
    return drawing(HEIGHT, title, parts)


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
