"""What the Why page shows, as finely as its reader may have it: everything written out, nothing left to the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import h3.api.basic_int as h3
import numpy as np
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from scipy.special import gammaln

from mapping import cold, evidence, figures, grid, sentences, states, zones
from mapping.enums import STATUS_KEYS, Source, Status
from mapping.figures import ZoneFigures, moment_of
from mapping.models import Zone
from mapping.reports.words import model_words, parameters, plain
from mapping.why import record, words
from mapping.why.again import Again
from mapping.why.case import Case, counted_rows, effective_sources, hash_of, open_case, parts_of
from mapping.why.flips import flips
from mapping.why.pictures import Mark, Rule, curve, density
from needs.enums import ReportKind
from needs.grid import EVIDENCE_RESOLUTION

PLOT_DAYS, STEPS, ROWS = 60, 120, 100


@dataclass(frozen=True, slots=True)
class Table:
    """caption: what it shows. heads: of the columns. rows: texts, the row's own head first."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture and the table that says the same."""

    pictures: Sequence[SafeString]
    table: Table


# --- coordinators -----------------------------------------------------------------------------------------------------


def zone_page(zone: Zone) -> dict[str, Any] | None:
    """The exact page of a live zone; None when it has ended."""
    cells = states.load("zone = %s", [zone.key]).cell.tolist()
    if not cells:
        return None
    case = open_case(cells)
    return _exact(case, zone, figures.figures_of(zone)) | {"cell": "", "cells": _cells_of(case)}


def cell_page(cell: int) -> dict[str, Any] | None:
    """The exact page of one cell; None when it lies in no live zone."""
    found = states.load("cell = %s", [cell])
    zone = Zone.objects.live().select_related("territory", "model").filter(key__in=[k for k in found.zone if k]).first()
    if zone is None:
        return None
    case = open_case([cell])
    return _exact(case, zone, _figures_of_cell(case, zone)) | {"cell": grid.name(cell), "cells": []}


def _figures_of_cell(case: Case, zone: Zone) -> ZoneFigures:
    """The cell's figures as those of a zone that has no other cell."""
    mine = case.states
    return figures.figures_of(
        Zone(
            key=zone.key,
            territory=zone.territory,
            model=zone.model,
            status=int(mine.status[0]),
            pinned=bool(mine.pinned[0]),
            since=zone.since,
            derived_at=moment_of(case.day),
            **zones.figures_of(mine, case.ground),
        )
    )


def _exact(case: Case, zone: Zone, rounded: ZoneFigures) -> dict[str, Any]:
    now, ground, mine = timezone.now(), case.ground, case.states
    law = mine.posterior
    assert law is not None
    pinned = bool(mine.pinned.any())
    computed = int(np.bincount(mine.computed).argmax())
    raw = _raw(mine.cell.tolist())
    low, high = evidence.total_interval(float(law.mean.sum()), float((law.shape / law.rate**2).sum()))
    if len(case) == 1:
        low, high = (float(end[0]) for end in law.interval())
    return {
        **_head(rounded),
        "sentence": sentences.words_of(rounded, "exact").sentence,
        "cold": cold.line_of(zone),
        "reach": words.reach(rounded.chance, float(law.theta.mean())),
        "verdicts": words.both_verdicts(int(mine.status[0]), computed) if pinned else "",
        "parts": _parts(case),
        "sources": words.sources(effective_sources(case)),
        **_evidence(case),
        "sums": _sums_plot(case),
        "posterior": _posterior_plot(case),
        "interval": words.interval_words(low, high),
        "theta": words.decimals(float(law.theta.mean())),
        "model": model_words([{"version": zone.model.version, "territory": zone.model.territory}]),
        "parameters": words.model_lines(ground.model, ground.m0, ground.cold, ground.presence_only),
        "hash": hash_of(case),
        "derived": sentences.clock(moment_of(case.day)),
        "flips": [words.flip_words(flip, len(case)) for flip in flips(case)] or [words.no_flip()],
        "unknowns": _unknowns(case, now),
        "history": _history(zone.key, with_counts=True),
        "disputes": [_dispute(row) for row in record.disputes(raw, now)],
        "notes": _notes(raw, now),
    }


def _head(rounded: ZoneFigures) -> dict[str, Any]:
    return {
        "key": rounded.key,
        "within": rounded.territory,
        "status": rounded.status,
        "status_label": rounded.status_label,
        "meaning": sentences.meaning(rounded.status),
        "rule": words.rule(rounded.status),
    }


def _raw(cells: Sequence[int]) -> list[int]:
    """The cells, and those of the evidence's resolution in them: what overrides and notes may name."""
    raw = set(cells)
    for cell in cells:
        if h3.get_resolution(cell) < EVIDENCE_RESOLUTION:
            raw.update(h3.cell_to_children(cell, EVIDENCE_RESOLUTION))
    return sorted(raw)


def _parts(case: Case) -> list[dict[str, str]]:
    return [
        {
            "name": part.name,
            "label": words.part_label(part.name),
            "rate": words.decimals(part.rate),
            "rate_share": sentences.percent(round(100 * part.rate_share)),
            "shape": words.decimals(part.shape),
            "shape_share": sentences.percent(round(100 * part.shape_share)),
            "width": str(round(100 * part.rate_share)),
        }
        for part in parts_of(case)
    ]


def _evidence(case: Case) -> dict[str, Any]:
    """The rows of the last PLOT_DAYS, newest first: teams' one by one, citizens' by cell and day; and their tally."""
    rows = case.told.rows
    persons, sweeps = counted_rows(case)
    oldest = case.day - PLOT_DAYS
    found: list[tuple[float, list[str]]] = []
    days: dict[tuple[int, int], list[int]] = {}
    for number in np.flatnonzero(rows.day > oldest).tolist():
        if rows.by_citizens[number]:
            days.setdefault((int(rows.cell[number]), int(rows.day[number])), []).append(number)
        else:
            hours = float(rows.hours[number])
            kind = ReportKind(case.told.kinds[number])
            found.append(
                (
                    float(rows.day[number]),
                    [
                        str(kind.label).capitalize(),
                        words.search_words(None if hours != hours else hours, kind == ReportKind.OVERRIDE),
                        plain(float(rows.persons[number])),
                        plain(float(rows.contacts[number])),
                        words.decimals(float(persons[number])),
                        words.decimals(float(sweeps[number])),
                    ],
                )
            )
    for numbers in days.values():
        found.append(
            (
                float(rows.day[numbers].max()),
                [
                    words.citizens_day(len(numbers)),
                    words.search_words(0, False),
                    words.somebody(),
                    plain(0),
                    words.decimals(float(persons[numbers].sum())),
                    words.decimals(float(sweeps[numbers].sum())),
                ],
            )
        )
    found.sort(key=lambda row: -row[0])
    late = rows.day > oldest
    searches = late & ~rows.by_citizens & ~(rows.hours == 0)
    override = np.array([kind == ReportKind.OVERRIDE for kind in case.told.kinds], dtype=bool)
    logged = rows.hours[searches & ~override[: len(rows)]]
    return {
        "tally": words.tally(
            int(searches.sum()),
            float(np.nansum(logged)),
            float(rows.persons[searches].sum()),
            int((late & rows.by_citizens).sum()),
            float(rows.contacts[late].sum()),
            PLOT_DAYS,
        ),
        "rows": [[words.day_words(moment_of(day)), *texts] for day, texts in found[:ROWS]],
        "rows_left": words.rows_left(len(found) - min(len(found), ROWS) + int((~late).sum())),
    }


def _sums_plot(case: Case) -> Plot:
    """A, X and S over the last PLOT_DAYS."""
    model, rows, count = case.model, case.told.rows, len(case)
    persons, sweeps = counted_rows(case)
    own_day = case.states.day[np.searchsorted(case.states.cell, rows.cell)]
    days = np.linspace(case.day - PLOT_DAYS, case.day, STEPS + 1)
    sums = np.zeros((3, len(days)))
    for number, day in enumerate(days.tolist()):
        there = rows.day <= day
        back = np.exp2((own_day[there] - day) / model.half_life)
        sums[0, number] = (persons[there] * back).sum()
        sums[1, number] = (sweeps[there] * back).sum() / count
        age = evidence.decay(day - rows.day[there], model.aid_half_life)
        sums[2, number] = (rows.contacts[there] * age).sum()
    marks = {
        "seen": [
            Mark(day, "citizen" if told else "team") for day, told in zip(rows.day, rows.by_citizens, strict=True)
        ],
        "helped": [Mark(day, "team") for day in rows.day[rows.contacts > 0].tolist()],
    }
    ticks = [(day, words.short_day(moment_of(day))) for day in np.linspace(days[0], days[-1], 4).tolist()]
    titles = [_("A: people seen"), _("X: search"), _("S: people helped")]
    units = [pgettext("unit of a plot", "people"), words.sweeps_unit(count), pgettext("unit of a plot", "people")]
    pictures = []
    for row, (title, unit) in enumerate(zip(titles, units, strict=True)):
        line = [float(value) for value in sums[row]]
        pictures.append(
            curve(
                title,
                unit,
                list(zip(days.tolist(), line, strict=True)),
                marks["helped" if row == 2 else "seen"],
                ticks,
                most=words.at_most(max(line)),
                last=words.decimals(line[-1]),
                rule=Rule(model.searched, words.searched_from(model.searched)) if row == 1 else None,
            )
        )
    weekly = [number for number in range(STEPS, -1, -1) if (STEPS - number) % (STEPS * 7 // PLOT_DAYS) == 0]
    table = Table(
        _("A, X and S, week by week back from the last derivation"),
        [_("Day"), *titles],
        [
            [words.day_words(moment_of(days[number])), *(words.decimals(float(sums[row, number])) for row in range(3))]
            for number in weekly
        ],
    )
    return Plot(pictures, table)


def _posterior_plot(case: Case) -> Plot:
    """The density of people present in one cell, against θ; of several cells the mean density of people over θ.

    The area beyond the edge is the chance that help is missing: P of the cell, or the mean P of the cells.
    """
    law = case.states.posterior
    assert law is not None
    single = len(case) == 1
    rate = law.rate if single else law.rate * law.theta
    edge = float(law.theta[0]) if single else 1.0
    upper = evidence.interval(law.shape, rate, 0.98)[1]
    end = max(1.6 * edge, float(upper.mean()))
    at = np.union1d(np.linspace(end / 400, end, 240), [edge])
    values = np.zeros(len(at))
    for shape, steep in zip(law.shape, rate, strict=True):
        values += np.exp((shape - 1) * np.log(at) - steep * at + shape * np.log(steep) - gammaln(shape))
    values /= len(case)
    chance = sentences.percent(round(100 * float(law.chance.mean())))
    title = (
        _("How many people are likely to be here") if single else _("People likely, against what help is enough for")
    )
    label = words.theta_label(edge) if single else _("as many as help is enough for")
    step = _step(end)
    marks = [(float(tick), plain(float(tick))) for tick in np.arange(0.0, end + 1e-9, step)]
    picture = density(
        title,
        list(zip(at.tolist(), values.tolist(), strict=True)),
        edge,
        marks,
        below=sentences.percent(100 - round(100 * float(law.chance.mean()))),
        above=chance,
        edge_label=label,
        axis=_("people present") if single else _("people present, over the people that help is enough for"),
    )
    return Plot([picture], _quantiles(case, chance))


def _step(end: float) -> float:
    return next((step for step in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if end / step <= 6), 1000.0)


def _quantiles(case: Case, chance: str) -> Table:
    law = case.states.posterior
    assert law is not None
    mean, variance = float(law.mean.sum()), float((law.shape / law.rate**2).sum())
    rows = []
    for label, level in ((_("1 time in 2"), 0.5), (_("9 times in 10"), 0.9), (_("99 times in 100"), 0.99)):
        if len(case) == 1:
            low, high = (float(end[0]) for end in law.interval(level))
        else:
            low, high = evidence.total_interval(mean, variance, level)
        rows.append(
            [label, _("%(low)s to %(high)s people") % {"low": words.decimals(low, 1), "high": words.decimals(high, 1)}]
        )
    rows.append([_("on average"), words.people(mean)])
    rows.append([_("chance that help is missing"), chance])
    return Table(_("People likely, in numbers"), [_("How often"), _("How many")], rows)


def _unknowns(case: Case, now: datetime) -> list[str]:
    rows, mine = case.told.rows, case.states
    late = rows.day > case.day - PLOT_DAYS
    override = np.array([kind == ReportKind.OVERRIDE for kind in case.told.kinds], dtype=bool)
    searches = late & ~rows.by_citizens & ~(rows.hours == 0) & ~override[: len(rows)]
    hours = {words.part_of_day(localtime(moment_of(day)).hour) for day in rows.day[searches].tolist()}
    last = None if np.isnan(mine.last).all() else moment_of(float(np.nanmax(mine.last)))
    helped = rows.day[rows.contacts > 0]
    lines = [
        words.no_visit_since(last, now),
        words.help_not_logged(moment_of(float(helped.max())) if len(helped) else None, now),
        words.hours_unknown(hours),
        words.time_unlogged(int((searches & (rows.source == Source.UNLOGGED)).sum()), int(searches.sum()), case.model),
        words.citizens_unknown(int((late & rows.by_citizens).sum())),
    ]
    return [line for line in lines if line]


def _history(zone: Any, *, until: datetime | None = None, with_counts: bool) -> list[dict[str, str]]:
    return [
        {
            "day": sentences.clock(step.at) if with_counts else words.day_words(step.at),
            "text": words.step_words(step.before, step.status, step.pinned),
            "counts": words.step_counts(step.cells, step.persons) if with_counts else "",
        }
        for step in record.history(zone, until)
    ]


def _dispute(row: Any) -> dict[str, str]:
    return {
        "who": str(row.association),
        "day": words.day_words(row.at),
        "until": sentences.clock(row.expires_at),
        "claim": words.claim(row.persons, row.hours),
        "verdicts": words.both_verdicts(row.status, row.model_status)
        if row.model_status
        else words.one_verdict(row.status),
        "reason": row.reason,
        "extended": row.extended_reason,
    }


def _notes(cells: Sequence[int], now: datetime) -> list[dict[str, str]]:
    return [
        {
            "text": note.text,
            "who": str(note.association),
            "day": words.day_words(note.at),
            "until": words.day_words(note.expires_at),
        }
        for note in record.notes(cells, now)
    ]


def _cells_of(case: Case) -> list[dict[str, Any]]:
    """The cells, the highest chance first."""
    mine, law = case.states, case.states.posterior
    assert law is not None
    order = np.lexsort((mine.cell, -law.chance)).tolist()
    return [
        {
            "name": grid.name(int(mine.cell[row])),
            "chance": sentences.percent(round(100 * float(law.chance[row]))),
            "people": words.decimals(float(law.mean[row]), 1),
            "sweeps": words.decimals(float(mine.x[row] + mine.xc[row]), 1),
            "search": words.searched_on(float(mine.last[row])),
            "status": STATUS_KEYS[Status(int(mine.computed[row]))],
            "status_label": words.status_label(int(mine.computed[row])),
        }
        for row in order
    ]


# --- associations and volunteers: from the frozen zone alone ----------------------------------------------------------


def frozen_page(zone: Zone, detail: str, as_of: datetime | None) -> dict[str, Any]:
    """The page of a zone of a release: figures in steps for associations, words without a number for volunteers."""
    rounded = figures.figures_of(zone)
    said = sentences.words_of(rounded, detail)
    page = _head(rounded) | {"sentence": said.sentence, "words": said, "verdicts": "", "cold": cold.line_of(zone)}
    if zone.pinned:
        page["verdicts"] = words.both_verdicts(zone.status, zone.computed)
    if detail == "bucket":
        now = timezone.now()
        model = evidence.Model.of(zone.model.values)
        page |= {
            "citizens": words.citizens_band(rounded.citizens),
            "model": model_words([{"version": zone.model.version, "territory": zone.model.territory}]),
            "parameters": parameters(model.values()),
            "unknowns": words.frozen_unknowns(rounded),
            "history": _history(zone.key, until=as_of, with_counts=False),
            "notes": _notes(grid.cells_in(zone.shape, EVIDENCE_RESOLUTION), now),
        }
    return page


# --- computed anew ----------------------------------------------------------------------------------------------------


def again_page(again: Again) -> dict[str, Any]:
    """Both results, side by side."""
    rows = [
        {
            "name": digit.name,
            "label": words.digit_label(digit.name),
            "stored": words.digits(digit.stored),
            "again": words.digits(digit.again),
            "same": digit.same,
        }
        for digit in again.digits
    ]
    stored, fresh = again.statuses
    rows.append(
        {
            "name": "status",
            "label": _("the model's status"),
            "stored": words.status_label(stored),
            "again": words.status_label(fresh),
            "same": stored == fresh,
        }
    )
    rows.append(
        {
            "name": "hash",
            "label": _("hash of the inputs"),
            "stored": again.hashes[0],
            "again": again.hashes[1],
            "same": again.hashes[0] == again.hashes[1],
        }
    )
    return {
        "rows": rows,
        "same": again.same,
        "said": words.agreement(again.agreeing, again.cells),
        "largest": f"{again.largest:.1e}",
        "derived": date_format(localtime(moment_of(again.day)), "DATETIME_FORMAT"),
    }
