"""Composition of the external edition: sums over published weeks and the public map, frozen in one JSON document.

The edition reads only published figures (mapping.map.releases.public) and the names and borders of territories, so it can
show nothing else. Numbers are multiples of 5, at least 0. The members: ``territory`` (slug, name), ``period`` (start,
end, weeks), ``asked`` (start, end: the chosen days), ``before`` (the same weeks before, or None), ``as_of`` (day of the
map), ``parts`` and ``total`` (SUMS, needs, unseen, change; the parts add up to the total), ``uncertain`` (columns that
are left out of the tables ``parts`` and ``weeks`` and of the ``total``), ``left_out`` (number of territories without
published figures), ``of_shown`` (whether the total leaves these out), ``unseen`` (persons, low, high, day), ``weeks``
(first, last, SUMS, needs, unseen; they add up to the total), ``kinds`` (the top-level territory's needs by kind and
week), ``places`` with ``shapes`` (of the public map), ``borders``, ``recent_days``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from math import ceil, exp, pi, sqrt
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mapping.coverage.unseen.estimate_rounding import BASE
from mapping.enums import STATUS_KEYS, Status
from mapping.map.estimates.public_estimate import PublicSpan, public_spans
from mapping.map.pages.picture_borders import borders
from mapping.map.releases.public.weekly_figures import EPSILON, SUMS
from mapping.models import PublicPlace, PublicWeek, Release
from mapping.out.report_figures.report_parts import COMPARED
from mapping.out.report_figures.report_period import Period
from mapping.out.report_figures.report_rounding import in_steps
from mapping.out.zone_reports.compose import coordinates
from mapping.out.zone_reports.external.reconciled_figures import NEEDS, ReconciledTable, fitted, reconciled
from needs.enums import Category
from volunteers.models import Territory
from volunteers.places.territories.duties import root_of

LAYOUT = 3
_MIDDLE = timedelta(days=3)  # a week belongs to the period that contains its Thursday, as ISO 8601 assigns weeks
_LAST = timedelta(days=6)


class NothingPublished(ValueError):
    """No figures of this territory and period are published. The message is for the reader, in the active
    language."""


def published_weeks(period: Period) -> list[PublicWeek]:
    """Return the published weeks of a period, oldest first."""
    first, last = period.start - _MIDDLE, period.end - _MIDDLE
    return list(PublicWeek.objects.filter(monday__gte=first, monday__lte=last).order_by("monday"))


def covered(period: Period) -> Period | None:
    """Return the days of the published weeks of a period, or None if no week is published."""
    weeks = published_weeks(period)
    return Period(weeks[0].monday, weeks[-1].monday + _LAST) if weeks else None


def compose(territory: Territory, period: Period) -> dict[str, Any]:
    """Return the payload (see the module) as JSON types. Raise NothingPublished."""
    weeks = published_weeks(period)
    if not weeks:
        raise NothingPublished(_no_week())
    start, end = weeks[0].monday, weeks[-1].monday + _LAST
    before = published_weeks(Period(start - timedelta(weeks=len(weeks)), start - timedelta(days=1)))
    release = Release.objects.public().filter(as_of__date__gt=end).first() or Release.objects.public().last()
    reader = _Reader(territory, weeks, before if len(before) == len(weeks) else [])
    parts = reader.parts()
    if release is None or not parts:
        raise NothingPublished(
            _("The public map shows nothing of %(name)s in this period, so there is nothing to pass on.")
            % {"name": territory.name}
        )
    places = release.places.filter(commune__path__startswith=territory.path)
    ordered = list(places.select_related("commune").defer("commune__polygon").order_by("commune__path", "number"))
    public = None if reader.of_shown else public_unseen(territory, end)
    return {
        "layout": LAYOUT,
        "territory": {"slug": territory.slug, "name": territory.name},
        "period": {"start": start.isoformat(), "end": end.isoformat(), "weeks": len(weeks)},
        "asked": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "before": {"start": before[0].monday.isoformat(), "end": (start - timedelta(days=1)).isoformat()}
        if reader.before
        else None,
        "as_of": timezone.localtime(release.as_of).date().isoformat(),
        "recent_days": release.recent_days,
        "parts": parts,
        "total": reader.total(),
        "uncertain": _uncertain(parts, reader.total(), reader.by_week(), len(weeks)),
        "left_out": reader.left_out,
        "of_shown": reader.of_shown,
        "unseen": public and {"persons": public.persons, "low": public.low, "high": public.high, "days": public.days},
        "weeks": reader.by_week(),
        "kinds": _kinds(territory, weeks),
        "places": [_place(row) for row in ordered],
        "shapes": [coordinates(row.outline, 6) for row in ordered],
        "borders": borders(territory, {part["slug"] for part in parts}),
    }


def _no_week() -> str:
    last = PublicWeek.objects.order_by("monday").last()
    if last is None:
        return _("No week has been published yet. The first external report is possible a few weeks after the start.")
    return _("No published week is in this period. Published weeks end on %(day)s.") % {
        "day": date_format(last.monday + _LAST, "DATE_FORMAT")
    }


def rounded(number: float) -> int:
    """Round a sum of published figures to a multiple of 5, at least 0."""
    return max(0, BASE * round(number / BASE))


def public_unseen(territory: Territory, sunday: date) -> PublicSpan | None:
    """Return the public unseen estimate of a top-level territory, which the public page shows as well."""
    if territory.parent_id is not None:
        return None
    spans = public_spans(territory, sunday)
    return spans[0] if spans else None


def _place(row: PublicPlace) -> dict[str, Any]:
    spot = max(row.outline, key=lambda part: part.area).point_on_surface
    return {
        "key": row.key,
        "spot": [round(spot.x, 6), round(spot.y, 6)],
        "part": row.commune.name,
        "slug": row.commune.slug,
        "number": row.number,
        "level": row.level,
        "status": STATUS_KEYS[Status(row.status)],
        "coverage": row.coverage,
    }


def _kinds(territory: Territory, weeks: Sequence[PublicWeek]) -> dict[str, Any]:
    """Return the needs by kind and week of the top-level territory. These kinds are published for no other
    territory."""
    root = root_of(territory)
    by_week = [of_week(week, root.pk).get("kinds", {}) for week in weeks]
    sums = {kind: sum(one.get(kind, 0) for one in by_week) for kind in Category.values}
    shown = sorted((kind for kind in sums if sums[kind] >= spread(len(weeks))), key=lambda kind: -sums[kind])
    rows = [{"kind": kind, "weeks": [rounded(one.get(kind, 0)) for one in by_week]} for kind in shown]
    return {"territory": root.name, "own": root == territory, "rows": rows}


def spread(weeks: int) -> int:
    """Return the largest difference between a count of people or needs and the true count, 9 times in 10. The
    difference comes from the noise of all weeks (discrete Laplace, variance 2α/(1 − α)²) and from the rounding."""
    return BASE * ceil((1.645 * _deviation(weeks) + BASE / 2) / BASE)


def _deviation(weeks: int) -> float:
    """Return the standard deviation of a count's noise, summed over weeks."""
    alpha = exp(-EPSILON)
    return sqrt(weeks * 2 * alpha) / (1 - alpha)


def expected_error(name: str, weeks: int) -> float:
    """Return the mean absolute error of a published figure: of its noise (normal approximation) or of its rounding."""
    if name in ("hours", "unseen"):
        return BASE / 4 * (sqrt(weeks) if name == "hours" else 1)
    return sqrt(2 / pi) * _deviation(weeks) * (sqrt(len(NEEDS)) if name == "needs" else 1)


def _uncertain(
    parts: Sequence[Mapping[str, Any]], total: Mapping[str, Any], by_week: Sequence[Mapping[str, Any]], weeks: int
) -> dict[str, list[str]]:
    """Return the columns whose expected error is more than half of their mean figure, for each table."""

    def found(rows: Sequence[Mapping[str, Any]], length: int) -> list[str]:
        means = {name: [row[name] for row in rows if row[name] is not None] for name in (*SUMS, "needs", "unseen")}
        return [
            name for name, figures in means.items()
            if figures and expected_error(name, length) > sum(figures) / len(figures) / 2
        ]  # fmt: skip

    return {"parts": found(parts, weeks), "total": found([total], weeks), "weeks": found(by_week, 1)}


class _Reader:
    """Sums over published weeks. before: the same number of weeks before, or none.

    Figures are reconciled: in each column, the parts add up to the total, and so do the weeks.
    """

    def __init__(self, territory: Territory, weeks: Sequence[PublicWeek], before: Sequence[PublicWeek]) -> None:
        self.territory, self.weeks = territory, weeks
        self.zoned = dict(Territory.objects.under(territory).zoned().values_list("pk", "path"))
        self.published = [pk for pk in self.zoned if all("unseen" in of_week(week, pk) for week in weeks)]
        self.left_out = len(self.zoned) - len(self.published)
        shown = [territory] if territory.zoned else territory.children.defer("polygon").order_by("path")
        owned = [(part, [pk for pk in self.published if self.zoned[pk].startswith(part.path)]) for part in shown]
        self.shown = [(part, own) for part, own in owned if own]
        known = all(of_week(week, pk) for week in before for pk in self.published)
        self.before = before if known else []
        self.now = self._table(weeks) if self.shown else ReconciledTable([], rest=False)
        self.then = self._table(self.before) if self.before and self.shown else None

    @property
    def of_shown(self) -> bool:
        """Whether the total leaves out territories that are not shown."""
        return bool(self.left_out) and not self.now.rest

    def parts(self) -> list[dict[str, Any]]:
        """Return a row for each territory directly below that has published figures, or for the territory itself.

        If hidden territories are shown together, their row has the short name "".
        """
        names = [(part.slug, part.name) for part, _own in self.shown] + ([("", "")] * self.now.rest)
        return [{"slug": slug, "name": name, **self._row(place)} for place, (slug, name) in enumerate(names)]

    def total(self) -> dict[str, Any]:
        """Return the sums of the parts, for the whole territory."""
        return self._row(None)

    def _row(self, place: int | None) -> dict[str, Any]:
        """Return a row of the table with its changes. place: None for the total."""
        now = self.now.row(place)
        if self.then is None or self.then.rest != self.now.rest:
            return {**now, "change": None}
        then = self.then.row(place)
        return {**now, "change": {name: _difference(now[name], then[name]) for name in COMPARED}}

    def by_week(self) -> list[dict[str, Any]]:
        """Return the sums of each week over the territories of the total. They add up to the total."""
        total = self.now.row(None)
        whole = [self._whole(week) for week in self.weeks]
        columns = {}
        for name in SUMS:
            sums = [_sum([week], own, name) for week, own in zip(self.weeks, whole, strict=True)]
            wanted = total[name] or 0
            columns[name] = in_steps(fitted(sums, wanted, exact=True), wanted)
        rows = []
        for place, week in enumerate(self.weeks):
            row: dict[str, int | None] = {name: column[place] for name, column in columns.items()}
            unseen = self._unseen_total(week)
            row["unseen"] = total["unseen"] if week is self.weeks[-1] else None if unseen is None else rounded(unseen)
            row["needs"] = sum(column[place] for name, column in columns.items() if name in NEEDS)
            rows.append({"first": week.monday.isoformat(), "last": (week.monday + _LAST).isoformat(), **row})
        return rows

    def _whole(self, week: PublicWeek) -> list[int]:
        """Return the territories whose figures add up to the total of a week: the territory itself if it has figures of
        its own and nothing is left out of the total."""
        own = "people" in of_week(week, self.territory.pk)
        return [self.territory.pk] if own and (not self.left_out or self.now.rest) else self.published

    def _table(self, weeks: Sequence[PublicWeek]) -> ReconciledTable:
        """Return the reconciled figures of the shown parts."""
        own = all("people" in of_week(week, self.territory.pk) for week in weeks)
        total = self._figures(weeks, [self.territory.pk]) | {"unseen": self._public_unseen(weeks[-1])} if own else None
        return reconciled([self._figures(weeks, own) for _part, own in self.shown], total, self.left_out)

    def _figures(self, weeks: Sequence[PublicWeek], territories: Sequence[int]) -> dict[str, float | None]:
        sums: dict[str, float | None] = {name: _sum(weeks, territories, name) for name in SUMS}
        return sums | {"unseen": self._unseen(weeks[-1], territories)}

    def _unseen(self, week: PublicWeek, own: Sequence[int]) -> float | None:
        values = [of_week(week, pk).get("unseen") for pk in own]
        known = [value for value in values if value is not None]
        return sum(known) if len(known) == len(values) else None

    def _public_unseen(self, week: PublicWeek) -> float | None:
        public = public_unseen(self.territory, week.monday + _LAST)
        return None if public is None or public.persons is None else float(public.persons)

    def _unseen_total(self, week: PublicWeek) -> float | None:
        public = None if self.of_shown else self._public_unseen(week)
        return self._unseen(week, self.published) if public is None else public


def _sum(weeks: Iterable[PublicWeek], territories: Iterable[int], name: str) -> float:
    own = list(territories)
    return float(sum(of_week(week, pk)[name] for week in weeks for pk in own))


def of_week(week: PublicWeek, territory: int) -> dict[str, Any]:
    """Return the figures of a territory in a week; empty if none are published."""
    found: dict[str, Any] = week.figures.get(str(territory), {})
    return found


def _difference(now: float | None, then: float | None) -> int | None:
    """Return a change as a multiple of 5; None if one of the two figures is unknown."""
    return None if now is None or then is None else BASE * round((now - then) / BASE)
