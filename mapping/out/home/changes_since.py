"""What changed in a territory since its coordinator last looked: people unseen, zones, tours, answers and needs.

Everything is read from records that exist for other pages: the figures of each day, the history of zones, plans and
tours, suggested tours, and the steps of needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from mapping.coverage.unseen import unseen_estimate
from mapping.enums import Status
from mapping.map.overrides import override_presenter
from mapping.map.releases.reading import Reading
from mapping.map.wording import rounding, sentences, zone_names
from mapping.map.wording.rounding import ZoneFigures
from mapping.models import Zone, ZoneChange
from needs.base.dispatch_scope import scope
from needs.enums import NeedState, RequestAnswer
from needs.help.territory_needs import territory_list
from needs.models import Need, NeedStep, PlannedTour, Tour, TourCell, TourRequest, TourRequestQuerySet
from solidarity.lib.database.region import parent_of
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import areas
from volunteers.places.territories.areas import COARSE

FIRST_LOOK = timedelta(days=7)
"""Someone who never looked is told what changed in this time."""
LONGEST = timedelta(days=31)
"""The longest time that the page compares."""
LONG_WAIT = timedelta(days=7)
LACKING = (Status.UNCOVERED, Status.UNDER_COVERED, Status.TO_VERIFY)
"""The statuses of zones that lack help or that somebody should visit."""
MOST = 4


@dataclass(frozen=True, slots=True)
class DistrictNews:
    """The unseen estimate of a territory directly below, now and at the last look, as whole numbers."""

    territory: Territory
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class UnseenNews:
    """The unseen estimate now and at the last look, with the ranges that hold 9 times in 10. districts: those with the
    largest change, the largest rise first."""

    now: int
    range: str
    before: int
    range_before: str
    districts: Sequence[DistrictNews]


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone that is new among those that lack help."""

    zone: ZoneFigures
    name: str
    words: sentences.Words


@dataclass(frozen=True, slots=True)
class ZoneNews:
    """Zones that lack help now and did not before (new), and the reverse (gone). rows: the new zones with most people."""

    new: int
    gone: int
    rows: Sequence[ZoneRow]


@dataclass(frozen=True, slots=True)
class TourNews:
    """Tours since the last look. walked: number of tours that logged something here, planned or not. missed: planned
    tours whose time is over and of which nothing was logged, the latest first. cancelled: number of cancelled tours."""

    walked: int
    missed: Sequence[PlannedTour]
    cancelled: int


@dataclass(frozen=True, slots=True)
class NeedNews:
    """Needs that are not met. long: number of those that wait for more than a week. met: number of needs met since the
    last look."""

    waiting: int
    long: int
    met: int


@dataclass(frozen=True, slots=True)
class TerritoryChanges:
    """The changes of a territory. unseen, zones: None without a count; the first also before the first
    figures. answers: suggested tours
    that were answered since the last look, and those that still wait. contested: number of statuses that teams contest
    now."""

    since: datetime
    unseen: UnseenNews | None
    zones: ZoneNews | None
    tours: TourNews
    answers: TourRequestQuerySet
    needs: NeedNews
    contested: int


def since_of(text: str | None, now: datetime) -> datetime:
    """Return the moment of the last look. text: it in ISO format, as the session keeps it; without a valid moment, return
    the moment FIRST_LOOK ago, and never one longer than LONGEST ago."""
    try:
        looked = datetime.fromisoformat(text or "")
    except ValueError:
        return now - FIRST_LOOK
    return max(looked, now - LONGEST) if looked.tzinfo and looked <= now else now - FIRST_LOOK


def changes_of(viewer: Viewer, found: Reading, since: datetime, now: datetime) -> TerritoryChanges:
    """Return the changes of a territory since a moment. found: the reading of a coordinator, which is live. The caller
    checks that the reader coordinates the territory."""
    return TerritoryChanges(
        since=since,
        unseen=_unseen(found.territory, since, now),
        zones=_zones(found, since) if found.has_count else None,
        tours=_tours(found.territory, since, now),
        answers=_answers(found.territory, since, now),
        needs=_needs(found.territory, since, now),
        contested=override_presenter.count_active(found.territory, viewer),
    )


def _unseen(territory: Territory, since: datetime, now: datetime) -> UnseenNews | None:
    below = {each.pk: each for each in Territory.objects.filter(parent=territory).defer("polygon")}
    keys = [territory.pk, *below]
    latest, earlier = unseen_estimate.latest(keys, now), unseen_estimate.latest(keys, since)
    if territory.pk not in latest or territory.pk not in earlier:
        return None
    own, past = latest[territory.pk], earlier[territory.pk]
    districts = [
        DistrictNews(each, latest[pk]["persons"], earlier[pk]["persons"])
        for pk, each in below.items()
        if pk in latest and pk in earlier and latest[pk]["persons"] != earlier[pk]["persons"]
    ]
    districts.sort(key=lambda each: abs(each.now - each.before), reverse=True)
    return UnseenNews(
        now=own["persons"],
        range=sentences.interval(own["low"], own["high"]),
        before=past["persons"],
        range_before=sentences.interval(past["low"], past["high"]),
        districts=sorted(districts[:MOST], key=lambda each: each.before - each.now),
    )


def _zones(found: Reading, since: datetime) -> ZoneNews:
    """Compare the first status in the history since a moment with the last one. A zone that was divided or joined another
    has an entry for each part, so the two numbers are those of the list, not of places."""
    first: dict[UUID, int | None] = {}
    last: dict[UUID, int | None] = {}
    inside = Territory.objects.under(found.territory).values("pk")
    steps = ZoneChange.objects.filter(territory__in=inside, at__gt=since).order_by("at", "pk")
    for key, before, status in steps.values_list("zone", "before", "status"):
        first.setdefault(key, before)
        last[key] = status
    new = [key for key in first if last[key] in LACKING and first[key] not in LACKING]
    gone = [key for key in first if first[key] in LACKING and last[key] not in LACKING]
    shown = found.zones.filter(key__in=new, status__in=LACKING).select_related("territory", "model")
    return ZoneNews(len(new), len(gone), _rows(found, list(shown.defer("shape").order_by("-persons", "pk")[:MOST])))


def _rows(found: Reading, zones: Sequence[Zone]) -> list[ZoneRow]:
    here = found.zones.filter(territory__name__in={zone.territory.name for zone in zones})
    names, rows = zone_names.names_of(here), []  # the same names as in the lists and on the map
    for zone in zones:
        rounded = rounding.figures_of(zone)
        rows.append(ZoneRow(rounded, names[str(zone.key)], sentences.words_of(rounded, found.detail)))
    return rows


def _tours(territory: Territory, since: datetime, now: datetime) -> TourNews:
    inside = scope.in_cells_of(Territory.objects.under(territory))
    logged = TourCell.objects.alias(cell_above=parent_of(F("cell"), COARSE)).filter(inside)
    walked = Tour.objects.filter(retracted_at=None, at__gt=since, at__lte=now, pk__in=logged.values("tour"))
    plans = PlannedTour.objects.inside(territory.path).select_related("association")
    missed = [
        plan
        for plan in plans.on(since, now).filter(tour=None).order_by("-start", "pk")
        if plan.start + timedelta(minutes=plan.minutes) < now
    ]
    return TourNews(walked.count(), missed, plans.filter(cancelled_at__gt=since).count())


def _answers(territory: Territory, since: datetime, now: datetime) -> TourRequestQuerySet:
    rows = TourRequest.objects.filter(territory__in=Territory.objects.under(territory).values("pk"))
    news = rows.filter(Q(answered_at__gt=since) | Q(answer="", start__gt=now)).exclude(answer=RequestAnswer.WITHDRAWN)
    return news.select_related("association").order_by(F("answered_at").desc(nulls_last=True), "start")


def _needs(territory: Territory, since: datetime, now: datetime) -> NeedNews:
    waiting = territory_list.unfinished_in(territory).order_by()
    met: QuerySet[Any] = NeedStep.objects.filter(state=NeedState.MET, at__gt=since)
    met_here = areas.within(Need.objects.filter(pk__in=met.values("need")), territory.slug)
    return NeedNews(waiting.count(), waiting.filter(at__lt=now - LONG_WAIT).count(), met_here.count())
