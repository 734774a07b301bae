"""The danger lane: the alarms that a person may read and acknowledge. For every other alarm, lookups raise Http404."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from needs.base.dispatch_scope import scope
from needs.models import AlarmStepTaken, DangerAlarm, DangerAlarmQuerySet
from needs.reports.danger import alarm_places, alarm_quotes
from needs.reports.danger.alarm_places import AlarmPlace
from needs.reports.danger.alarm_quotes import Quote
from needs.reports.danger.emergency_numbers import lines_for_flags
from solidarity.lib import grid
from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.database.kept_condition import KeptCondition
from solidarity.lib.database.kept_query import KeptValues, one_of
from solidarity.lib.database.prepared_statements import array
from solidarity.lib.database.region import parent_of
from solidarity.lib.site.emergency_gate import Line
from volunteers.models import Cell, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.territories.areas import COARSE

MOST = 50
QUOTES_IN_A_ROW = 2
SHOWN_AFTERWARDS = timedelta(hours=24)
_LABELS = {flag.value: flag.label for flag in DangerFlag}


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as its page shows it. where: its place in words, as exact as the reader may see it. dispatches: whether
    the reader may see the exact place, and open the need.

    said: number of texts with danger words that came in about the need later and still exist. quotes: the latest of
    these texts, only for readers who dispatch the need. others: number of earlier ones that are not shown.
    """

    row: DangerAlarm
    labels: list[str]
    lines: tuple[Line, ...]
    words: str
    where: AlarmPlace
    dispatches: bool
    steps: list[AlarmStepTaken]
    said: int
    quotes: list[Quote]
    others: int

    @property
    def waits(self) -> bool:
        return self.row.acknowledged_at is None

    @property
    def dangers(self) -> str:
        """The dangers in one line."""
        return ", ".join(map(capfirst, self.labels)) or _("Somebody in danger")

    @property
    def place(self) -> str:
        """The name of the territory, or ""."""
        return self.where.district


def may_read(viewer: Viewer) -> bool:
    """Return whether a person may read any alarms: dispatchers and coordinators of a territory, and administrators."""
    return Territory.objects.watched_by(viewer).exists()


def alarms_for(viewer: Viewer) -> DangerAlarmQuerySet:
    """Return the alarms of live reports in the territories where a person dispatches or coordinates.

    Dispatchers also see the alarms of needs shared with them and of reports outside all staffed territories.
    Administrators see all alarms.
    """
    alarms = DangerAlarm.objects.live()
    if viewer.is_administrator and viewer.view_as is None:
        return alarms
    user = viewer.in_own_view
    return alarms.filter(_READABLE.on(F("pk"), user=user.pk)) if user else alarms.none()


def count_for(viewer: Viewer) -> int:
    """Return the number of alarms that wait for a person. Usually no alarm waits anywhere, and one cheap query is
    enough."""
    if not _ANY_WAITING.rows():
        return 0
    user = viewer.in_own_view
    if user is None or viewer.is_administrator:
        return alarms_for(viewer).waiting().count()
    return len(_WAITING.rows(user=user.pk))


def waiting_for(viewer: Viewer, *, without: Collection[uuid.UUID] = (), most: int = MOST) -> list[Alarm]:
    """Return the alarms that wait for a person, the oldest first. without: needs that the page already shows."""
    if not _ANY_WAITING.rows():
        return []
    user, rows = viewer.in_own_view, alarms_for(viewer).waiting()
    if user is not None and not viewer.is_administrator:
        rows = DangerAlarm.objects.filter(pk__in=[key for (key,) in _WAITING.rows(user=user.pk)])
    return _shown(viewer, rows.exclude(need__in=without).order_by("raised_at")[:most])


def in_list(viewer: Viewer, needs: Collection[uuid.UUID]) -> dict[uuid.UUID, Alarm]:
    """Return the waiting alarms of some needs of the dispatchers' list, by the key of the need."""
    if not needs:
        return {}
    rows = alarms_for(viewer).waiting().filter(need__in=needs)
    return {alarm.row.need_id: alarm for alarm in _shown(viewer, rows) if alarm.row.need_id}


def exact_places_in(alarms: Iterable[Alarm]) -> int:
    """Return the number of exact places that a list of alarms shows, for the audit entry of the list."""
    return sum(alarm.dispatches and alarm.waits and alarm_places.has_exact(alarm.row) for alarm in alarms)


def acknowledged_for(viewer: Viewer, now: datetime) -> list[Alarm]:
    """Return the alarms acknowledged within SHOWN_AFTERWARDS, the latest first."""
    rows = alarms_for(viewer).filter(acknowledged_at__gte=now - SHOWN_AFTERWARDS).order_by("-acknowledged_at")
    return _shown(viewer, rows[:MOST])


def alarm_for(viewer: Viewer, alarm: uuid.UUID) -> Alarm:
    """Return an alarm that a person may read; raise Http404 for any other."""
    found = _shown(viewer, alarms_for(viewer).filter(pk=alarm), quotes=alarm_quotes.MOST_SHOWN)
    if not found:
        raise Http404
    return found[0]


def chosen_for(viewer: Viewer, keys: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return ``keys`` without duplicates; raise Http404 if it is empty or has an alarm that the person may not see."""
    known = set(alarms_for(viewer).filter(pk__in=keys).values_list("pk", flat=True))
    if not keys or set(keys) - known:
        raise Http404
    return list(dict.fromkeys(keys))


def log_reading(viewer: Viewer, alarm: Alarm) -> None:
    """Log that a person read the page of an alarm: messages about its need, and its exact place."""
    if alarm.quotes:
        recording.record(viewer.user, Verb.MESSAGES_READ, "need", alarm.row.need_id, purpose=Purpose.CARE)
    if alarm.dispatches and alarm_places.has_exact(alarm.row):
        kind = "need" if alarm.row.need_id else "encounter"
        recording.record(
            viewer.user, Verb.PLACE_SHOWN, kind, alarm.row.need_id or alarm.row.encounter_id, purpose=Purpose.CARE,
            details={"alarm": True},
        )  # fmt: skip


def labels_of(row: DangerAlarm) -> list[str]:
    """Return the labels of an alarm's flags. An alarm that only the gate raised may have no flags."""
    return [str(_LABELS[flag]) for flag in row.flags if flag in _LABELS]


def _shown(viewer: Viewer, rows: DangerAlarmQuerySet, *, quotes: int = QUOTES_IN_A_ROW) -> list[Alarm]:
    found = list(rows.select_related("need__district", "encounter", "acknowledged_by").prefetch_related("steps__by"))
    if not found:
        return []
    user, keys = viewer.in_own_view, array([row.pk for row in found])
    own = {key for (key,) in _DISPATCHED.rows(user=user.pk, keys=keys)} if user else set()
    said = alarm_quotes.quotes_of([row.pk for row in found])
    words = {key: said[key][:quotes] for key in own & said.keys()}
    places = alarm_places.places_of(found, _districts_of(found), own)
    return [
        Alarm(
            row, labels_of(row), lines_for_flags(row.flags), _words_of(row), places[row.pk], row.pk in own,
            list(row.steps.all()), len(said.get(row.pk, ())), words.get(row.pk, []),
            max(len(said.get(row.pk, ())) - quotes, 0),
        )
        for row in found
    ]  # fmt: skip


def _in_cells(alarms: DangerAlarmQuerySet) -> DangerAlarmQuerySet:
    place = Coalesce("need__cell", "encounter__cell")
    return alarms.alias(cell=place, cell_above=parent_of(place, COARSE))


def _readable(user: int) -> DangerAlarmQuerySet:
    readable = _in_cells(DangerAlarm.objects.all()).filter(scope.alarms_of(Viewer(User(pk=user))))
    return DangerAlarm.objects.filter(pk__in=readable.order_by().values("pk"))


_READABLE = KeptCondition(("id",), _readable, user=-1)
_ANY_WAITING = KeptValues({}, lambda: DangerAlarm.objects.waiting().order_by().values_list("pk")[:1])
_WAITING = KeptValues({"user": -1}, lambda user: _readable(user).waiting().order_by().values_list("pk"), now=True)


def _dispatched(user: int, keys: str) -> QuerySet[Any, Any]:
    """Return which of some alarms a person works on as a dispatcher."""
    alarms = _in_cells(DangerAlarm.objects.filter(one_of("pk", keys, "uuid")))
    return alarms.filter(scope.dispatched_alarms_of(Viewer(User(pk=user)))).order_by().values_list("pk")


_DISPATCHED = KeptValues({"user": -1, "keys": "{00000000-0000-0000-0000-000000000001}"}, _dispatched, now=True)


def _words_of(row: DangerAlarm) -> str:
    if row.need:
        return " · ".join(text for text in (row.need.title, row.need.text) if text)
    encounter = row.encounter
    answers = (encounter.answers_in_words or {}).values() if encounter else ()
    return " · ".join(str(text) for text in (encounter.note if encounter else "", *answers) if text)


def _districts_of(rows: Sequence[DangerAlarm]) -> dict[uuid.UUID, str]:
    """Return the name of the territory of each alarm's report: that of its cell, else the district of a need; else ""."""
    cells = {row.pk: report.cell for row in rows if (report := row.need or row.encounter) and report.cell}
    above = {cell: grid.parent(cell, COARSE) for cell in cells.values()}
    names = dict(Cell.objects.filter(cell__in={*above, *above.values()}).values_list("cell", "territory__name"))
    found = {}
    for row in rows:
        district = row.need.district if row.need else None
        cell = cells.get(row.pk)
        here = (names.get(cell) or names.get(above[cell])) if cell else None
        found[row.pk] = here or (district.name if district else "")
    return found
