"""Counts from the ledger for a period: weeks, categories, field notes. The queries join the table of report_cells.

A report is counted on the local day of the event. “Needs met” are those needs reported in the period that are met, as
in the parts of the territory and in the external edition. Retracted reports, reports filed after the cut-off, and needs that a
moderator holds, rejects or marks as duplicates are not counted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from mapping.out.report_figures.report_cells import TABLE
from mapping.out.report_figures.report_period import Period
from mapping.out.report_figures.report_rounding import in_tenths
from needs.enums import Category, NeedState

NOTES_SHOWN = 100

ASIDE = ", ".join(f"'{state}'" for state in (NeedState.HELD, NeedState.REJECTED, NeedState.DUPLICATE))


@dataclass(frozen=True, slots=True)
class Tallies:
    """Counts of a period. weeks: a dict per week, with its first day, its last day and WEEK_FIGURES. totals: the
    figures of the whole period. kinds: for each kind of need, the number of needs by week. clock: for each weekday from
    Monday on, the people met by local hour."""

    weeks: list[dict[str, Any]]
    totals: dict[str, Any]
    categories: list[dict[str, Any]]
    kinds: list[dict[str, Any]]
    clock: list[list[int]]
    notes: list[dict[str, Any]]
    notes_left_out: int


# The figures of a week that are whole numbers, in order; hours and searched cells are added to them.
WEEK_FIGURES = (
    "tours", "encounters", "nobody_met", "people_met", "people_helped", "citizen_reports", "needs_new", "needs_met",
)  # fmt: skip


def tally(clause: str, period: Period, cut_off: datetime) -> Tallies:
    """Return all tallies of a period. clause: from report_cells.with_cells."""
    reader = _Reader(clause, period, cut_off)
    weeks: list[dict[str, Any]] = [
        {
            "first": first.isoformat(),
            "last": last.isoformat(),
            **dict.fromkeys(WEEK_FIGURES, 0),
            "hours": 0.0,
            "searched": 0,
        }
        for first, last in period.weeks()
    ]
    for name, rows in reader.per_week().items():
        for number, value in rows:
            weeks[number][name] += value
    totals: dict[str, Any] = {name: sum(week[name] for week in weeks) for name in WEEK_FIGURES}
    hours = in_tenths([week["hours"] for week in weeks])
    totals["hours"] = round(sum(hours), 1)
    totals["searched"] = reader.searched()
    for week, share in zip(weeks, hours, strict=True):
        week["hours"] = share
    notes, left_out = reader.notes()
    return Tallies(weeks, totals, reader.categories(), reader.kinds(len(weeks)), reader.clock(), notes, left_out)


class _Reader:
    """Queries of the tallies. Each report table has the alias r; w is the number of the week, counted from 0."""

    def __init__(self, clause: str, period: Period, cut_off: datetime) -> None:
        self._clause = clause
        start, end = period.bounds
        self._values: dict[str, Any] = {
            "start": start,
            "end": end,
            "first": period.start,
            "cut_off": cut_off,
            "zone": settings.TIME_ZONE,
        }

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self._clause + statement, self._values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    _FOUND = "r.retracted_at IS NULL AND r.filed_at <= %(cut_off)s AND r.at >= %(start)s AND r.at < %(end)s"
    _WEEK = "((r.at AT TIME ZONE %(zone)s)::date - %(first)s::date) / 7 AS w"

    def per_week(self) -> dict[str, list[tuple[int, Any]]]:
        """Return (week, value) pairs by figure. The caller must add up the values if a week has several pairs."""
        on = f"JOIN {TABLE} g ON g.cell = r.cell"
        met = self._rows(
            f"SELECT {self._WEEK}, count(*) FILTER (WHERE persons > 0), count(*) FILTER (WHERE persons = 0), "
            "sum(persons), sum(contacts), COALESCE(sum(minutes) FILTER (WHERE tour_id IS NULL), 0) / 60 "
            f"FROM needs_encounter r {on} WHERE {self._FOUND} GROUP BY 1"
        )
        toured = self._rows(
            f"SELECT {self._WEEK}, count(DISTINCT r.id), COALESCE(sum(c.minutes), 0) / 60 FROM needs_tour r "
            f"JOIN needs_tourcell c ON c.tour_id = r.id JOIN {TABLE} g ON g.cell = c.cell "
            f"WHERE {self._FOUND} GROUP BY 1"
        )
        helped = self._rows(f"SELECT {self._WEEK}, sum(contacts) FROM needs_aid r {on} WHERE {self._FOUND} GROUP BY 1")
        from_citizens = self._rows(
            f"SELECT {self._WEEK}, count(*) FROM needs_citizenreport r {on} WHERE {self._FOUND} GROUP BY 1"
        )
        asked = self._rows(
            f"SELECT {self._WEEK}, count(*) FROM needs_need r {on} "
            f"WHERE {self._FOUND} AND state NOT IN ({ASIDE}) GROUP BY 1"
        )
        answered = self._rows(
            f"SELECT {self._WEEK}, count(*) FROM needs_need r {on} "
            f"WHERE {self._FOUND} AND state = '{NeedState.MET}' GROUP BY 1"
        )
        searched = self._rows(
            f"SELECT w, count(DISTINCT unit) FROM (SELECT {self._WEEK}, unit FROM {self._searches()} r) s GROUP BY 1"
        )
        return {
            "encounters": [(row[0], row[1]) for row in met],
            "nobody_met": [(row[0], row[2]) for row in met],
            "people_met": [(row[0], int(row[3])) for row in met],
            "people_helped": [(row[0], int(row[4])) for row in met] + [(week, int(count)) for week, count in helped],
            "hours": [(row[0], float(row[5])) for row in met] + [(row[0], float(row[2])) for row in toured],
            "tours": [(row[0], row[1]) for row in toured],
            "citizen_reports": [(row[0], row[1]) for row in from_citizens],
            "needs_new": [(row[0], row[1]) for row in asked],
            "needs_met": [(row[0], row[1]) for row in answered],
            "searched": [(row[0], row[1]) for row in searched],
        }

    def _searches(self) -> str:
        """Return SQL for the units searched by tours and by visits outside tours, with the time of the search."""
        return (
            f"(SELECT r.at, g.unit FROM needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id "
            f"JOIN {TABLE} g ON g.cell = c.cell WHERE {self._FOUND} "
            f"UNION ALL SELECT r.at, g.unit FROM needs_encounter r JOIN {TABLE} g ON g.cell = r.cell "
            f"WHERE {self._FOUND} AND r.tour_id IS NULL)"
        )

    def searched(self) -> int:
        """Return the number of units searched in the whole period."""
        return int(self._rows(f"SELECT count(DISTINCT unit) FROM {self._searches()} r")[0][0])

    def categories(self) -> list[dict[str, Any]]:
        """For each category, count the reports that asked for it and the reports in which it was given. The categories
        are in the order of Category; zeros are left out."""
        on = f"JOIN {TABLE} g ON g.cell = r.cell"
        rows = self._rows(
            f"""
            SELECT category, sum(asked), sum(given) FROM (
                SELECT unnest(r.asked) AS category, 1 AS asked, 0 AS given FROM needs_encounter r {on} WHERE {self._FOUND}
                UNION ALL
                SELECT unnest(r.kinds), 1, 0 FROM needs_need r {on}
                WHERE {self._FOUND} AND r.encounter_id IS NULL AND r.state NOT IN ({ASIDE})
                UNION ALL SELECT unnest(r.given), 0, 1 FROM needs_encounter r {on} WHERE {self._FOUND}
                UNION ALL SELECT unnest(r.given), 0, 1 FROM needs_aid r {on} WHERE {self._FOUND}
            ) q GROUP BY category"""
        )
        found = {category: (int(asked), int(given)) for category, asked, given in rows}
        return [
            {"category": category.value, "asked": found[category.value][0], "given": found[category.value][1]}
            for category in Category
            if category.value in found
        ]

    def kinds(self, weeks: int) -> list[dict[str, Any]]:
        """Return the number of needs by kind and week, the most frequent kind first."""
        rows = self._rows(
            f"SELECT kind, {self._WEEK}, count(*) FROM needs_need r JOIN {TABLE} g ON g.cell = r.cell "
            f"CROSS JOIN LATERAL unnest(r.kinds) kind WHERE {self._FOUND} AND r.state NOT IN ({ASIDE}) GROUP BY 1, 2"
        )
        found: dict[str, list[int]] = {}
        for kind, week, count in rows:
            found.setdefault(kind, [0] * weeks)[week] = int(count)
        return [
            {"kind": kind, "weeks": found[kind]} for kind in sorted(found, key=lambda kind: (-sum(found[kind]), kind))
        ]

    def clock(self) -> list[list[int]]:
        """Return the people met by weekday (Monday first) and local hour."""
        rows = self._rows(
            f"SELECT extract(isodow FROM local)::int - 1, extract(hour FROM local)::int, sum(persons) FROM ("
            f"SELECT r.at AT TIME ZONE %(zone)s AS local, r.persons FROM needs_encounter r "
            f"JOIN {TABLE} g ON g.cell = r.cell WHERE {self._FOUND}) q GROUP BY 1, 2"
        )
        counts = [[0] * 24 for _day in range(7)]
        for day, hour, persons in rows:
            counts[day][hour] = int(persons)
        return counts

    def notes(self) -> tuple[list[dict[str, Any]], int]:
        """Return shared notes, the newest first, and the number of notes left out. The notes are the notes of
        encounters in the period and the field notes shown in the period. A note has a day, a territory, an association
        and a text, but no place."""
        rows = self._rows(
            f"""
            SELECT (q.at AT TIME ZONE %(zone)s)::date, COALESCE(t.name, ''), a.name, q.note, count(*) OVER ()
            FROM (
                SELECT r.id, r.at, r.association_id, r.note, g.territory
                FROM needs_encounter r JOIN {TABLE} g ON g.cell = r.cell
                WHERE {self._FOUND} AND r.note_pinned AND btrim(r.note) <> ''
                UNION ALL
                SELECT n.id, n.at, n.association_id, n.text, g.territory
                FROM mapping_fieldnote n JOIN (SELECT DISTINCT unit, territory FROM {TABLE}) g ON g.unit = n.cell
                WHERE n.removed_at IS NULL AND n.at <= %(cut_off)s AND n.at < %(end)s AND n.expires_at > %(start)s
            ) q
            JOIN volunteers_association a ON a.id = q.association_id
            LEFT JOIN volunteers_territory t ON t.id = q.territory
            ORDER BY q.at DESC, q.id LIMIT {NOTES_SHOWN}"""
        )
        notes = [
            {"day": day.isoformat(), "territory": territory, "association": association, "text": text.strip()}
            for day, territory, association, text, _total in rows
        ]
        return notes, (rows[0][4] - len(rows) if rows else 0)
