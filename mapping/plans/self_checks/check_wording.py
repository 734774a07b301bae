"""The self-checks of a territory in words: a verdict, the table of the plot, and possible causes with advice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import floor, log10
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from mapping.coverage.cells.coverage_model import Model
from mapping.enums import CheckFinding
from mapping.map.wording.sentences import percent, whole
from mapping.models import Parameters, SelfCheckNotice
from mapping.plans.self_checks.calibration import LEAST_ERROR, LEAST_PLACES, Band, Calibration
from mapping.plans.self_checks.past_checks import SHOWN_DAYS, Causes, PastChecks
from solidarity.lib.numbers import plain
from volunteers.models import Association, Territory

_SHOWN_BAND = 3  # 25 to 40 %: around the threshold, so it matters most


class Agreement(StrEnum):
    """Verdict of the checks on the map."""

    HOLDS = "holds"
    FITS = "fits"
    TOO_HIGH = "too_high"
    TOO_LOW = "too_low"
    FEW = "few"


def verdict_of(found: Calibration) -> Agreement:
    """Return the verdict. FITS: no difference was found, but the visits are too few to be sure."""
    if not found.enough or not any(band.enough for band in found.bands):
        return Agreement.FEW
    beyond = sum(band.places * (band.missing - band.chance) for band in found.bands if band.off)
    if beyond:
        return Agreement.TOO_HIGH if beyond < 0 else Agreement.TOO_LOW
    return Agreement.HOLDS if found.holds else Agreement.FITS


def verdict_words(found: Calibration) -> str:
    """Return the verdict in one sentence, with the band that matters most."""
    verdict = verdict_of(found)
    if verdict is Agreement.FEW:
        return _("Too few visits to say whether the map is right: %(visits)s in %(days)s days, %(least)s are needed.") % {
            "visits": whole(found.places), "days": SHOWN_DAYS, "least": whole(LEAST_PLACES)
        }  # fmt: skip
    band = _band_to_name(found)
    sentence = {
        Agreement.HOLDS: _("The map says what tours find: of the places at %(said)s, help was missing in %(found)s."),
        Agreement.FITS: _(
            "So far, the map fits what tours find: of the places at %(said)s, help was missing in %(found)s."
        ),
        Agreement.TOO_HIGH: _(
            "The map says too often that help is missing: of the places at %(said)s, help was missing in %(found)s."
        ),
        Agreement.TOO_LOW: _("The map misses people: of the places at %(said)s, help was missing in %(found)s."),
    }[verdict]
    return sentence % {"said": percent(round(100 * band.chance)), "found": percent(round(100 * band.missing))}


def _band_to_name(found: Calibration) -> Band:
    """Return the band around the threshold if it supports the verdict, else the band with most visits; a band of small
    P says little."""
    shown = [band for band in found.bands if band.off] or [band for band in found.bands if band.enough]
    middle = found.bands[_SHOWN_BAND]
    if middle in shown:
        return middle
    larger = [band for band in shown if band.low > 0]
    return max(larger or shown, key=lambda band: band.places)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: a band of P in words. few: True if there are too few visits for a statement."""

    band: str
    places: str
    said: str
    found: str
    error: str
    expected: str
    met: str
    thorough: str
    few: bool
    off: bool


def rows(found: Calibration) -> list[Row]:
    return [
        Row(
            band=f"{plain(100 * band.low)}–{percent(round(100 * band.high))}",
            places=whole(band.places),
            said=percent(round(100 * band.chance)),
            found=percent(round(100 * band.missing)),
            error=f"± {plain(round(196 * band.error))}",
            expected=whole(round(band.expected)),
            met=whole(round(band.met)),
            thorough=_("%(found)s of %(visits)s") % {"found": whole(band.found), "visits": whole(band.thorough)},
            few=not band.enough,
            off=band.off,
        )
        for band in found.bands
    ]


@dataclass(frozen=True, slots=True)
class CauseWords:
    """A cause in words. cure: the advice for this cause. href, action: address and name of the page where this is done;
    empty if the reader cannot do it themselves. contact: the contact of the association. answer: what the association says
    about it; None if the cause is not about an association."""

    kind: str
    title: str
    cure: str
    href: str = ""
    action: str = ""
    contact: str = ""
    answer: str | None = None


def causes_words(
    found: Causes,
    territory: Territory,
    current: Parameters,
    may_change: Callable[[Territory], bool],
    notices: Mapping[tuple[str, int], SelfCheckNotice],
) -> list[CauseWords]:
    """Return the causes. may_change: whether the reader may change the values of a territory. notices: what the reader
    may read about associations; no other association is named."""
    words = []
    if found.persons is not None:
        words.append(_persons(found.persons, territory, may_change(territory)))
    for kind, associations in ((CheckFinding.UNLOGGED, found.unlogged), (CheckFinding.SEARCH, found.different)):
        about = [(each, notices.get((kind, each.pk))) for each in associations]
        words += [_about(kind, each, notice.answer) for each, notice in about if notice is not None]
    if found.confirmed is not None:
        words.append(_citizens(found.confirmed, territory, Model.of(current.values)))
    if found.proposal is not None:
        words.append(_half_life(found.proposal, territory, Model.of(current.values)))
    return words


def _rounded(number: float) -> int:
    """Round to two digits, because the estimate is not more exact."""
    step = 10.0 ** max(floor(log10(max(number, 1.0))) - 1, 0)
    return max(round(round(number / step) * step), 1)


def _persons(persons: tuple[float, float], territory: Territory, may_change: bool) -> CauseWords:
    wanted, now = _rounded(persons[0]), _rounded(persons[1])
    title = _("Set expected people to about %(number)s") % {"number": whole(wanted)}
    evidence = (
        _("The map expects %(now)s people in %(name)s. Tours meet fewer than that.")
        if wanted < now
        else _("The map expects %(now)s people in %(name)s. Tours meet more than that.")
    ) % {"now": whole(now), "name": territory.name}
    if not may_change:
        who = _("An administrator, or somebody who coordinates the territory above, can change it.")
        return CauseWords("persons", title, f"{evidence} {who}")
    href = reverse("mapping:territory_page", args=[territory.slug]) + "?" + urlencode({"persons": wanted})
    return CauseWords("persons", title, evidence, f"{href}#id_expected_persons", _("Change the number"))


def _about(kind: CheckFinding, association: Association, answer: str) -> CauseWords:
    if kind == CheckFinding.UNLOGGED:
        title = _("Many tours of %(name)s log no time")
        cure = _("Their visits count half, and the map cannot learn from them. Ask them to press Start and End.")
    else:
        title = _("The time that %(name)s logs does not fit how the map counts a search")
        cure = _(
            "Ask them how they work: do they log the whole tour or only the time in each place? Do they go to known "
            "places only? Neither is wrong, but the map should know."
        )
    return CauseWords(kind, title % {"name": association.name}, cure, contact=association.contact, answer=answer)


def own_words(kind: str) -> dict[str, str]:
    """Return the title and the text of a finding, for the association itself."""
    if kind == CheckFinding.UNLOGGED:
        return {
            "title": _("Many of your tours log no time"),
            "text": _("These visits count half, and the map cannot learn from them. Press Start and End on your tours, or "
                      "say here why you do not."),
        }  # fmt: skip
    return {
        "title": _("The time that you log does not fit how the map counts a search"),
        "text": _("Do you log the whole tour or only the time in each place? Do you go to known places only? Neither is "
                  "wrong, but the map should know."),
    }  # fmt: skip


def _citizens(share: float, territory: Territory, model: Model) -> CauseWords:
    trust = {name: round(getattr(model, name) * share, 2) for name in ("account_trust", "citizen_trust")}
    return CauseWords(
        "citizens",
        _("Tours often find nobody where citizens reported people"),
        _(
            "Within the week after a report, the number of visits that met somebody was only %(share)s of the number "
            "expected. Let these reports count less."
        )
        % {"share": percent(round(100 * share))},
        f"{reverse('mapping:parameters', args=[territory.slug])}?{urlencode(trust)}#id_account_trust",
        _("Preview a smaller weight"),
    )


def _half_life(proposal: Parameters, territory: Territory, model: Model) -> CauseWords:
    wanted = float(proposal.values["half_life"])
    title = (
        _("People move faster than the map assumes")
        if wanted < model.half_life
        else _("People stay longer than the map assumes")
    )
    return CauseWords(
        "half_life",
        title,
        _("A half-life of %(wanted)s days predicts tours better than %(now)s days.")
        % {"wanted": plain(wanted), "now": plain(model.half_life)},
        f"{reverse('mapping:parameters', args=[territory.slug])}?proposal={proposal.pk}#id_reason",
        _("Preview the proposal"),
    )


def cut_words(past: PastChecks, proposal: Parameters | None) -> str:
    """Say whether the map proposes another threshold, and if not, why."""
    found = past.calibration
    if proposal is not None:
        return _("In this territory the chances are right, so the map proposes a better threshold for “under-covered”.")
    if found.holds:
        return _("In this territory the chances are right, and the threshold for “under-covered” is about the best.")
    if not found.enough:
        return _("The map proposes no other threshold for “under-covered”: it needs %(least)s visits for that.") % {
            "least": whole(LEAST_PLACES)
        }
    if any(band.off for band in found.bands):
        return _("The map proposes no other threshold for “under-covered”, because its chances are not right yet.")
    return _(
        "The map proposes no other threshold for “under-covered”: its chances must be right to within %(least)s in "
        "100, and so far we know them only to within %(upper)s."
    ) % {"least": plain(100 * LEAST_ERROR), "upper": plain(round(100 * found.upper, 1))}
