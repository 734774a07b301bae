"""The plot of the calibration: the map's predictions against what tours find, as SVG without a library."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mapping.map.why.plot_svg import drawing, text_at
from mapping.map.wording.sentences import percent
from mapping.plans.self_checks.calibration import Band

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
