"""Content of the Why page, at the reader's level of detail. The templates only arrange these texts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from mapping.coverage.cells import cold_zones, coverage_model, stored_states, zones
from mapping.enums import STATUS_KEYS, Source, Status
from mapping.map.why import zone_record
from mapping.map.why.citizen_silence import silence_line
from mapping.map.why.counterfactuals import counterfactuals
from mapping.map.why.plots import PLOT_DAYS, posterior_plot, sums_plot
from mapping.map.why.recalculation import Recalculation
from mapping.map.why.wording import (
    band_words,
    counterfactual_words,
    evidence_words,
    history_words,
    model_words,
    number_words,
    recalculation_words,
    unknown_words,
)
from mapping.map.why.wording.band_words import ReleasedBands
from mapping.map.why.zone_evidence import CellEvidence, counted_rows, effective_sources, evidence_of, hash_of, parts_of
from mapping.map.wording import parameter_sentences, rounding, sentences
from mapping.map.wording.rounding import ZoneFigures
from mapping.map.wording.status_words import status_of_figures
from mapping.models import Zone, moment_of
from needs.enums import ReportKind
from solidarity.lib import cell_geometry, grid
from solidarity.lib.grid import EVIDENCE_RESOLUTION
from solidarity.lib.numbers import plain

ROWS = 100


# --- coordinators -----------------------------------------------------------------------------------------------------


def zone_page(zone: Zone) -> dict[str, Any] | None:
    """Return the page of a live zone with exact figures; None if the zone has ended."""
    cells = stored_states.load("zone = %s", [zone.key]).cell.tolist()
    if not cells:
        return None
    evidence = evidence_of(cells)
    return _exact(evidence, zone, rounding.figures_of(zone)) | {"cell": "", "cells": _cells_of(evidence)}


def zone_of_cell(cell: int) -> Zone | None:
    """Return the live zone that contains a cell, if there is one."""
    found = stored_states.load("cell = %s", [cell])
    return Zone.objects.live().select_related("territory", "model").filter(key__in=[k for k in found.zone if k]).first()


def cell_page(cell: int) -> dict[str, Any] | None:
    """Return the page of one cell with exact figures; None if no live zone contains the cell."""
    zone = zone_of_cell(cell)
    if zone is None:
        return None
    evidence = evidence_of([cell])
    return _exact(evidence, zone, _figures_of_cell(evidence, zone)) | {"cell": grid.to_text(cell), "cells": []}


def _figures_of_cell(evidence: CellEvidence, zone: Zone) -> ZoneFigures:
    """Return the figures of a cell, computed as for a zone that consists of this cell only."""
    mine = evidence.states
    return rounding.figures_of(
        Zone(
            key=zone.key,
            territory=zone.territory,
            model=zone.model,
            status=int(mine.status[0]),
            overridden=bool(mine.overridden[0]),
            since=zone.since,
            derived_at=moment_of(evidence.day),
            **zones.figures_of(mine, evidence.params),
        )
    )


def _exact(evidence: CellEvidence, zone: Zone, rounded: ZoneFigures) -> dict[str, Any]:
    now, params, mine = timezone.now(), evidence.params, evidence.states
    posterior = mine.posterior
    assert posterior is not None
    overridden = bool(mine.overridden.any())
    computed = int(np.bincount(mine.computed).argmax())
    raw = grid.with_evidence_cells(mine.cell.tolist())
    low, high = coverage_model.total_interval(
        float(posterior.mean.sum()), params.group * float((posterior.shape / posterior.rate**2).sum())
    )
    if len(evidence) == 1:
        low, high = (float(end[0]) for end in posterior.interval(group=params.group))
    return {
        **_head(rounded),
        "sentence": sentences.words_of(rounded, "exact").sentence,
        "cold": cold_zones.line_of(zone),
        "reach": model_words.reach(rounded.chance, float(posterior.theta.mean())),
        "statuses": history_words.both_statuses(int(mine.status[0]), computed) if overridden else "",
        "parts": _parts(evidence),
        "sources": evidence_words.sources(effective_sources(evidence)),
        "silence": silence_line(evidence),
        **_evidence(evidence),
        "sums": sums_plot(evidence),
        "posterior": posterior_plot(evidence),
        "interval": model_words.interval_words(low, high),
        "theta": number_words.decimals(float(posterior.theta.mean())),
        "model": parameter_sentences.versions_in_words(
            [{"version": zone.model.version, "territory": zone.model.territory}]
        ),
        "parameters": model_words.model_lines(params.model, params.m0, params.cold, params.presence_only),
        "hash": hash_of(evidence),
        "derived": sentences.clock(moment_of(evidence.day)),
        "counterfactuals": _counterfactuals(evidence),
        "unknowns": _unknowns(evidence, now),
        "history": _history(zone.key, with_counts=True),
        "overrides": [_override(row) for row in zone_record.overrides(raw, now)],
        "notes": _notes(raw, now),
    }


def _counterfactuals(evidence: CellEvidence) -> list[str]:
    found = counterfactuals(evidence)
    return [counterfactual_words.outcome(one, len(evidence)) for one in found] or [
        counterfactual_words.no_counterfactual()
    ]


def page_without_count(zone: Zone, detail: str) -> dict[str, Any]:
    """Return the page of a zone in a territory without a count: search and reports alone give its status."""
    rounded = rounding.figures_of(zone)
    statuses = history_words.both_statuses(zone.status, zone.computed) if zone.overridden else ""
    said = sentences.words_of(rounded, detail)
    return _head(rounded) | {"sentence": said.sentence, "words": said, "statuses": statuses, "cold": "", "cell": ""}


def _head(rounded: ZoneFigures) -> dict[str, Any]:
    return {
        "key": rounded.key,
        "status": rounded.status,
        "status_label": rounded.status_label,
        "counted": rounded.counted,
        "meaning": sentences.meaning(rounded),
        "rule": model_words.rule(rounded.status if rounded.counted else STATUS_KEYS[Status.SEARCHED]),
    }


def _parts(evidence: CellEvidence) -> list[dict[str, str]]:
    return [
        {
            "name": part.name,
            "label": evidence_words.part_label(part.name),
            "rate": number_words.decimals(part.rate),
            "rate_share": sentences.percent(round(100 * part.rate_share)),
            "shape": number_words.decimals(part.shape),
            "shape_share": sentences.percent(round(100 * part.shape_share)),
            "width": str(round(100 * part.rate_share)),
        }
        for part in parts_of(evidence)
    ]


def _evidence(evidence: CellEvidence) -> dict[str, Any]:
    """Return a tally and the evidence rows of the last PLOT_DAYS, newest first. Citizens' rows are grouped by cell and
    day, the passes of a tour by cell."""
    rows, visit = evidence.report_rows.rows, evidence.report_rows.visit
    persons, sweeps = counted_rows(evidence)
    oldest = evidence.day - PLOT_DAYS
    found: list[tuple[float, list[str]]] = []
    days: dict[tuple[int, int], list[int]] = {}
    visits: dict[int, list[int]] = {}
    for number in np.flatnonzero(rows.day > oldest).tolist():
        if rows.by_citizens[number]:
            days.setdefault((int(rows.cell[number]), int(rows.day[number])), []).append(number)
        else:
            visits.setdefault(int(visit[number]), []).append(number)
    for numbers in visits.values():
        kind = ReportKind(evidence.report_rows.kinds[numbers[0]])
        found.append(
            (
                float(rows.day[numbers[0]]),
                [
                    str(kind.label).capitalize(),
                    evidence_words.passes_words(rows.hours[numbers].tolist(), kind == ReportKind.OVERRIDE),
                    plain(float(rows.persons[numbers].sum())),
                    plain(float(rows.contacts[numbers].sum())),
                    number_words.decimals(float(persons[numbers].sum())),
                    number_words.decimals(float(sweeps[numbers].sum())),
                ],
            )
        )
    for numbers in days.values():
        found.append(
            (
                float(rows.day[numbers].max()),
                [
                    evidence_words.citizens_day(len(numbers)),
                    evidence_words.search_words(0, False),
                    evidence_words.somebody(),
                    plain(0),
                    number_words.decimals(float(persons[numbers].sum())),
                    number_words.decimals(float(sweeps[numbers].sum())),
                ],
            )
        )
    found.sort(key=lambda row: -row[0])
    late = rows.day > oldest
    searches = late & ~rows.by_citizens & ~(rows.hours == 0)
    override = np.array([kind == ReportKind.OVERRIDE for kind in evidence.report_rows.kinds], dtype=bool)
    logged = rows.hours[searches & ~override[: len(rows)]]
    return {
        "tally": evidence_words.tally(
            len(np.unique(visit[searches])),
            float(np.nansum(logged)),
            float(rows.persons[searches].sum()),
            int((late & rows.by_citizens).sum()),
            float(rows.contacts[late].sum()),
            PLOT_DAYS,
        ),
        "rows": [[number_words.day_words(moment_of(day)), *texts] for day, texts in found[:ROWS]],
        "rows_left": evidence_words.rows_left(len(found) - min(len(found), ROWS) + len(np.unique(visit[~late]))),
    }


def _unknowns(evidence: CellEvidence, now: datetime) -> list[str]:
    rows, visit, mine = evidence.report_rows.rows, evidence.report_rows.visit, evidence.states
    late = rows.day > evidence.day - PLOT_DAYS
    override = np.array([kind == ReportKind.OVERRIDE for kind in evidence.report_rows.kinds], dtype=bool)
    searches = late & ~rows.by_citizens & ~(rows.hours == 0) & ~override[: len(rows)]
    hours = {unknown_words.part_of_day(localtime(moment_of(day)).hour) for day in rows.day[searches].tolist()}
    last = None if np.isnan(mine.last).all() else moment_of(float(np.nanmax(mine.last)))
    helped = rows.day[rows.contacts > 0]
    lines = [
        unknown_words.no_visit_since(last, now),
        unknown_words.help_not_logged(moment_of(float(helped.max())) if len(helped) else None, now),
        unknown_words.hours_unknown(hours),
        unknown_words.time_unlogged(
            len(np.unique(visit[searches & (rows.source == Source.UNLOGGED)])),
            len(np.unique(visit[searches])),
            evidence.model,
        ),
        unknown_words.citizens_unknown(int((late & rows.by_citizens).sum())),
    ]
    return [line for line in lines if line]


def _history(zone: Any, *, until: datetime | None = None, with_counts: bool) -> list[dict[str, str]]:
    return [
        {
            "day": sentences.clock(step.at) if with_counts else number_words.day_words(step.at),
            "text": history_words.step_words(step.before, step.status, step.overridden),
            "counts": history_words.step_counts(step.cells, step.persons) if with_counts else "",
        }
        for step in zone_record.history(zone, until)
    ]


def _override(row: Any) -> dict[str, str]:
    return {
        "who": row.team,
        "day": number_words.day_words(row.at),
        "until": sentences.clock(row.expires_at),
        "claim": history_words.claim(row.persons, row.hours),
        "statuses": history_words.both_statuses(row.status, row.model_status)
        if row.model_status
        else history_words.team_status(row.status),
        "reason": row.reason,
        "extended": row.extended_reason,
    }


def _notes(cells: Sequence[int], now: datetime) -> list[dict[str, str]]:
    return [
        {
            "text": note.text,
            "who": str(note.association),
            "day": number_words.day_words(note.at),
            "until": number_words.day_words(note.expires_at),
        }
        for note in zone_record.notes(cells, now)
    ]


def _cells_of(evidence: CellEvidence) -> list[dict[str, Any]]:
    """Return the cells; the cell with the highest chance P comes first."""
    mine, posterior = evidence.states, evidence.states.posterior
    assert posterior is not None
    order = np.lexsort((mine.cell, -posterior.chance)).tolist()
    recent = round(evidence.model.recent_days)
    ages = (mine.day - mine.last).tolist()  # NaN where nobody ever searched
    days = [None if age != age else max(0, int(age)) for age in ages]
    return [
        {
            "name": grid.to_text(int(mine.cell[row])),
            "chance": sentences.percent(round(100 * float(posterior.chance[row]))),
            "people": number_words.decimals(float(posterior.mean[row]), 1),
            "sweeps": number_words.decimals(float(mine.x[row]), 1),
            "search": number_words.searched_on(float(mine.last[row])),
            "status": STATUS_KEYS[Status(int(mine.computed[row]))],
            "status_label": status_of_figures(Status(int(mine.computed[row])), days[row], recent),
        }
        for row in order
    ]


# --- associations and volunteers: from the frozen zone only -----------------------------------------------------------


def frozen_page(zone: Zone, detail: str, as_of: datetime | None) -> dict[str, Any]:
    """Return the page of a released zone: with figures in steps for associations, with bands for volunteers."""
    rounded = rounding.figures_of(zone)
    said = sentences.words_of(rounded, detail)
    page = _head(rounded) | {"sentence": said.sentence, "words": said, "statuses": "", "cold": cold_zones.line_of(zone)}
    if zone.overridden:
        page["statuses"] = history_words.both_statuses(zone.status, zone.computed)
    if detail == "bucket":
        now = timezone.now()
        model = coverage_model.Model.of(zone.model.values)
        page |= {
            "citizens": evidence_words.citizens_band(rounded.citizens),
            "model": parameter_sentences.versions_in_words(
                [{"version": zone.model.version, "territory": zone.model.territory}]
            ),
            "parameters": parameter_sentences.parameters(model.values()),
            "unknowns": unknown_words.frozen_unknowns(rounded),
            "history": _history(zone.key, until=as_of, with_counts=False),
            "notes": _notes(cell_geometry.cells_in(zone.shape, EVIDENCE_RESOLUTION), now),
        }
    else:
        bands = ReleasedBands.of(rounded)
        page |= {
            "reasons": band_words.reasons(bands),
            "changes": band_words.changes(bands.model),
            "unknowns": band_words.unknowns(),
        }
    return page


# --- recalculation -----------------------------------------------------------------------------------------------------


def recalculation_page(recalculation: Recalculation) -> dict[str, Any]:
    """Return both results for the page, side by side."""
    rows = [
        {
            "name": digit.name,
            "label": recalculation_words.digit_label(digit.name),
            "stored": number_words.digits(digit.stored),
            "recalculated": number_words.digits(digit.recalculated),
            "same": digit.same,
        }
        for digit in recalculation.digits
    ]
    stored, fresh = recalculation.statuses
    rows.append(
        {
            "name": "status",
            "label": _("the model's status"),
            "stored": number_words.status_label(stored),
            "recalculated": number_words.status_label(fresh),
            "same": stored == fresh,
        }
    )
    rows.append(
        {
            "name": "hash",
            "label": _("hash of the inputs"),
            "stored": recalculation.hashes[0],
            "recalculated": recalculation.hashes[1],
            "same": recalculation.hashes[0] == recalculation.hashes[1],
        }
    )
    return {
        "rows": rows,
        "same": recalculation.same,
        "said": recalculation_words.agreement(recalculation.agreeing, recalculation.cells),
        "largest": f"{recalculation.largest:.1e}",
        "derived": date_format(localtime(moment_of(recalculation.day)), "DATETIME_FORMAT"),
    }
