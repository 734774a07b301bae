"""Composition of the external edition: sums over published weeks and the public map, frozen in one JSON document.

The edition reads only published figures (mapping.releases.public) and the names and borders of territories, so it can
show nothing else. Numbers are multiples of 5, at least 0. The members: ``territory`` (slug, name), ``period`` (start,
end, weeks), ``before`` (the same weeks before, or None), ``as_of`` (day of the map), ``parts`` and ``total`` (SUMS,
unseen, change), ``left_out`` (number of territories without published figures), ``unseen`` (persons, low, high, day),
``weeks`` (first, last, SUMS, unseen), ``kinds`` (the top-level territory's needs by kind and week), ``places`` with
``shapes`` (of the public map), ``borders``, ``recent_days``.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import ceil, exp, sqrt
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mapping.enums import STATUS_KEYS, Status
from mapping.models import PublicPlace, PublicWeek, Release
from mapping.releases.public.weekly_figures import EPSILON, SUMS
from mapping.unseen.public_estimate import PublicSpan, public_spans
from mapping.unseen.reader_estimate import BASE
from mapping.zone_reports.compose import borders, coordinates
from mapping.zone_reports.parts.report_parts import COMPARED
from mapping.zone_reports.report_period import Period
from needs.enums import Category
from volunteers.models import Territory

LAYOUT = 2

_MIDDLE = timedelta(days=3)  # a week belongs to the period that contains its Thursday, as ISO 8601 assigns weeks
_LAST = timedelta(days=6)


class NothingPublished(ValueError):
    """No figures of this territory and period are published. The message is for the reader, in the active
    language."""


def published_weeks(period: Period) -> list[PublicWeek]:
    """Return the published weeks of a period, oldest first."""
    first, last = period.start - _MIDDLE, period.end - _MIDDLE
    return list(PublicWeek.objects.filter(monday__gte=first, monday__lte=last).order_by("monday"))


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
    public = public_unseen(territory, end)
    return {
        "layout": LAYOUT,
        "territory": {"slug": territory.slug, "name": territory.name},
        "period": {"start": start.isoformat(), "end": end.isoformat(), "weeks": len(weeks)},
        "before": {"start": before[0].monday.isoformat(), "end": (start - timedelta(days=1)).isoformat()}
        if reader.before
        else None,
        "as_of": timezone.localtime(release.as_of).date().isoformat(),
        "recent_days": release.recent_days,
        "parts": parts,
        "total": reader.total(),
        "left_out": reader.left_out,
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
    root = Territory.objects.defer("polygon").get(path=territory.path.split("/")[0] + "/")
    by_week = [of_week(week, root.pk).get("kinds", {}) for week in weeks]
    sums = {kind: sum(one.get(kind, 0) for one in by_week) for kind in Category.values}
    shown = sorted((kind for kind in sums if sums[kind] >= spread(len(weeks))), key=lambda kind: -sums[kind])
    rows = [{"kind": kind, "weeks": [rounded(one.get(kind, 0)) for one in by_week]} for kind in shown]
    return {"territory": root.name, "own": root == territory, "rows": rows}


def spread(weeks: int) -> int:
    """Return the largest difference between a count of people or needs and the true count, 9 times in 10. The
    difference comes from the noise of all weeks (discrete Laplace, variance 2α/(1 − α)²) and from the rounding."""
    alpha = exp(-EPSILON)
    deviation = sqrt(weeks * 2 * alpha) / (1 - alpha)
    return BASE * ceil((1.645 * deviation + BASE / 2) / BASE)


class _Reader:
    """Sums over published weeks. before: the same number of weeks before, or none."""

    def __init__(self, territory: Territory, weeks: Sequence[PublicWeek], before: Sequence[PublicWeek]) -> None:
        self.territory, self.weeks, self.before = territory, weeks, before
        self.zoned = dict(Territory.objects.under(territory).zoned().values_list("pk", "path"))
        self.published = [pk for pk in self.zoned if all("unseen" in of_week(week, pk) for week in weeks)]
        whole = all("people" in of_week(week, territory.pk) for week in [*weeks, *before])
        self.own = [territory.pk] if whole else self.published

    @property
    def left_out(self) -> int:
        """The number of territories without figures in each week of the period."""
        return len(self.zoned) - len(self.published)

    def parts(self) -> list[dict[str, Any]]:
        """Return a row for each territory directly below that has published figures, or for the territory itself."""
        shown = [self.territory] if self.territory.zoned else self.territory.children.defer("polygon").order_by("path")
        rows = []
        for part in shown:
            own = [pk for pk in self.published if self.zoned[pk].startswith(part.path)]
            if own:
                rows.append({"slug": part.slug, "name": part.name, **self._row(own, own)})
        return rows

    def total(self) -> dict[str, Any]:
        """Return the row of the whole territory. The sums of a top-level territory are published separately."""
        return self._row(self.own, None)

    def by_week(self) -> list[dict[str, Any]]:
        """Return the sums of each week over the whole territory."""
        return [
            {
                "first": week.monday.isoformat(),
                "last": (week.monday + _LAST).isoformat(),
                **_shown(self._sums(self.own, [week], None)),
            }
            for week in self.weeks
        ]

    def _row(self, territories: Sequence[int], near: Sequence[int] | None) -> dict[str, Any]:
        """Return the sums of some territories. near: the territories whose unseen people are added; None for the whole
        territory."""
        now = self._sums(territories, self.weeks, near)
        comparable = self.before and all(of_week(week, pk) for pk in territories for week in self.before)
        if not comparable:
            return {**_shown(now), "change": None}
        then = self._sums(territories, self.before, near)
        return {**_shown(now), "change": {name: _difference(now[name], then[name]) for name in COMPARED}}

    def _sums(
        self, territories: Iterable[int], weeks: Sequence[PublicWeek], near: Sequence[int] | None
    ) -> dict[str, float | None]:
        """Return SUMS over the weeks, all needs, and the people unseen at the end of the last week."""
        rows = [of_week(week, pk) for week in weeks for pk in territories]
        sums: dict[str, float | None] = {name: sum(row[name] for row in rows) for name in SUMS}
        sums["needs"] = sum(row[name] for row in rows for name in SUMS if name.startswith("needs"))
        sums["unseen"] = self._unseen(weeks[-1], near)
        return sums

    def _unseen(self, week: PublicWeek, near: Sequence[int] | None) -> float | None:
        if near is None:
            public = public_unseen(self.territory, week.monday + _LAST)
            if public is not None:
                return public.persons
        values = [of_week(week, pk).get("unseen") for pk in (self.published if near is None else near)]
        known = [value for value in values if value is not None]
        return sum(known) if len(known) == len(values) else None


def of_week(week: PublicWeek, territory: int) -> dict[str, Any]:
    """Return the figures of a territory in a week; empty if none are published."""
    found: dict[str, Any] = week.figures.get(str(territory), {})
    return found


def _shown(sums: dict[str, float | None]) -> dict[str, int | None]:
    return {name: None if value is None else rounded(value) for name, value in sums.items()}


def _difference(now: float | None, then: float | None) -> int | None:
    """Return a change as a multiple of 5; None if one of the two figures is unknown."""
    return None if now is None or then is None else BASE * round((now - then) / BASE)
