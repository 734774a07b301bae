"""Charts of the Why page, each with a table of the same figures: the sums by day, and the number of people likely to be
present."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from scipy.special import gammaln

from mapping.coverage.cells import coverage_model, help_by_day
from mapping.map.why.plot_svg import Mark, Rule, curve, density
from mapping.map.why.wording import model_words, number_words
from mapping.map.why.zone_evidence import CellEvidence, citizen_shares, counted_rows
from mapping.map.wording import sentences
from mapping.models import moment_of
from solidarity.lib.numbers import plain

PLOT_DAYS, STEPS = 60, 120


@dataclass(frozen=True, slots=True)
class Table:
    """A table. heads: column heads. rows: texts; the first text of a row is its head."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Plot:
    """Charts and a table of the same figures."""

    charts: Sequence[SafeString]
    table: Table


def sums_plot(evidence: CellEvidence) -> Plot:
    """Plot A, X and S over the last PLOT_DAYS."""
    model, rows, count = evidence.model, evidence.report_rows.rows, len(evidence)
    persons, sweeps = counted_rows(evidence)
    told, rate = citizen_shares(evidence), evidence.states.citizen_rate
    at = np.searchsorted(evidence.states.cell, rows.cell)
    own_day, teams = evidence.states.day[at], ~rows.by_citizens
    days = np.linspace(evidence.day - PLOT_DAYS, evidence.day, STEPS + 1)
    sums = np.zeros((3, len(days)))
    for number, day in enumerate(days.tolist()):
        there = rows.day <= day
        back = np.exp2((own_day[there] - day) / model.half_life)
        citizens = coverage_model.citizen_parts(model, rate, np.bincount(at[there], told[there] * back, count))
        back *= teams[there]
        sums[0, number] = (persons[there] * back).sum() + citizens[0].sum()
        sums[1, number] = ((sweeps[there] * back).sum() + citizens[1].sum()) / count
        sums[2, number] = (rows.contacts[there] * help_by_day.share(rows.day[there], day)).sum()
    marks = {
        "seen": [
            Mark(day, "citizen" if by_citizen else "team")
            for day, by_citizen in zip(rows.day, rows.by_citizens, strict=True)
        ],
        "helped": [Mark(day, "team") for day in rows.day[rows.contacts > 0].tolist()],
    }
    ticks = [(day, number_words.short_day(moment_of(day))) for day in np.linspace(days[0], days[-1], 4).tolist()]
    titles = [_("A: people seen"), _("X: search effort"), _("S: people helped in seven days")]
    units = [pgettext("unit of a plot", "people"), model_words.sweeps_unit(count), pgettext("unit of a plot", "people")]
    charts = []
    for row, (title, unit) in enumerate(zip(titles, units, strict=True)):
        line = [float(value) for value in sums[row]]
        charts.append(
            curve(
                title,
                unit,
                list(zip(days.tolist(), line, strict=True)),
                marks["helped" if row == 2 else "seen"],
                ticks,
                most=model_words.at_most(max(line)),
                last=number_words.decimals(line[-1]),
                rule=Rule(model.searched, model_words.searched_from(model.searched)) if row == 1 else None,
            )
        )
    weekly = [number for number in range(STEPS, -1, -1) if (STEPS - number) % (STEPS * 7 // PLOT_DAYS) == 0]
    table = Table(
        _("A, X and S for each week before the last computation"),
        [_("Day"), *titles],
        [
            [
                number_words.day_words(moment_of(days[number])),
                *(number_words.decimals(float(sums[row, number])) for row in range(3)),
            ]
            for number in weekly
        ],
    )
    return Plot(charts, table)


def posterior_plot(evidence: CellEvidence) -> Plot:
    """For one cell, plot the density of the people present, with θ as the edge. For several cells, plot the mean
    density of the people present divided by θ. The area above the edge is the chance that help is missing: P of the
    cell, or the mean P of the cells."""
    posterior = evidence.states.posterior
    assert posterior is not None
    single = len(evidence) == 1
    rate = posterior.rate if single else posterior.rate * posterior.theta
    edge = float(posterior.theta[0]) if single else 1.0
    upper = coverage_model.interval(posterior.shape, rate, 0.98)[1]
    end = max(1.6 * edge, float(upper.mean()))
    at = np.union1d(np.linspace(end / 400, end, 240), [edge])
    values = np.zeros(len(at))
    for shape, steep in zip(posterior.shape, rate, strict=True):
        values += np.exp((shape - 1) * np.log(at) - steep * at + shape * np.log(steep) - gammaln(shape))
    values /= len(evidence)
    chance = sentences.percent(round(100 * float(posterior.chance.mean())))
    title = (
        _("How many people are likely to be here")
        if single
        else _("Likely number of people, compared with the number that the help can cover")
    )
    label = model_words.theta_label(edge) if single else _("help is just enough")
    step = _step(end)
    marks = [(float(tick), plain(float(tick))) for tick in np.arange(0.0, end + 1e-9, step)]
    chart = density(
        title,
        list(zip(at.tolist(), values.tolist(), strict=True)),
        edge,
        marks,
        below=sentences.percent(100 - round(100 * float(posterior.chance.mean()))),
        above=chance,
        edge_label=label,
        axis=_("people present") if single else _("people present, divided by the number that help is enough for"),
    )
    return Plot([chart], _quantiles(evidence, chance))


def _step(end: float) -> float:
    return next((step for step in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if end / step <= 6), 1000.0)


def _quantiles(evidence: CellEvidence, chance: str) -> Table:
    posterior = evidence.states.posterior
    assert posterior is not None
    group = evidence.params.group
    mean, variance = float(posterior.mean.sum()), group * float((posterior.shape / posterior.rate**2).sum())
    rows = []
    for label, level in ((_("1 time in 2"), 0.5), (_("9 times in 10"), 0.9), (_("99 times in 100"), 0.99)):
        if len(evidence) == 1:
            low, high = (float(end[0]) for end in posterior.interval(level, group))
        else:
            low, high = coverage_model.total_interval(mean, variance, level)
        rows.append(
            [
                label,
                _("%(low)s to %(high)s people")
                % {"low": number_words.decimals(low, 1), "high": number_words.decimals(high, 1)},
            ]
        )
    rows.append([_("on average"), number_words.people(mean)])
    rows.append([_("chance that help is missing"), chance])
    return Table(_("Likely number of people, as a table"), [_("How often"), _("How many")], rows)
