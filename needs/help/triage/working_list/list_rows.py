"""The rows of the dispatchers' list: a need, the name of its area and street, who is working on it, and a likely
duplicate."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from django.urls import reverse
from django.utils import dateformat, formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from needs.help.history import actors
from needs.help.triage.working_list.list_cells import ListCells
from needs.help.triage.working_list.list_duplicates import likely_duplicates
from needs.help.triage.working_list.listed_needs import ListedNeed
from needs.models import Commitment, DangerAlarm
from solidarity.lib.database.kept_query import KeptValues, one_of
from solidarity.lib.database.prepared_statements import array
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names import cell_names
from volunteers.places.place_names.cell_names import CellName

KEPT = 2000
"""Number of times, and of ages, that a process keeps in words."""
NOTHING: Mapping[str, str] = MappingProxyType({})
NEVER: Mapping[uuid.UUID, datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ListRow:
    """A need in the list. The places of a row are no more exact than the need's cell.

    area: the territory, and also the side of it if no street is known; the district for a need without a cell; ""
    outside all territories. street: the longest street or a well-known place in the cell, if known. on_map: the
    map's cell; "" for a need without a cell. holders: the people and associations who take care of the need.
    editor: the person who has the page of the need open; None if nobody has. mine: True if this is the reader.
    call_due: True if it is time to call back. iso, at: the time of the report in the site's time zone, for programs and
    for people. age: the time since then, in words. path, step_path: addresses of the need's page and of its steps.
    twin_path: address of the comparison with the most likely duplicate; None without one. why: the reason why a step for
    many needs did not change this one; None if no such step was made. answered: who answered the alarm, and how long ago;
    "" without an answer. closes: the
    day on which the need closes by itself, in words; "" if the list does not say it.
    """

    need: ListedNeed
    alarm: DangerAlarm | None
    area: str
    street: str
    on_map: str
    holders: tuple[str, ...]
    editor: str | None
    mine: bool
    call_due: bool
    iso: str
    at: str
    age: str
    path: str
    step_path: str
    twin_path: str | None
    why: str | None
    closes: str
    answered: str

    @property
    def alarm_waits(self) -> bool:
        return self.alarm is not None and self.alarm.acknowledged_at is None

    @property
    def chosen(self) -> bool:
        """Whether the need stays selected."""
        return self.why is not None


def rows_of(
    page: Sequence[ListedNeed], viewer: Viewer, cells: ListCells, now: datetime, failed: Mapping[str, str] = NOTHING,
    closing: Mapping[uuid.UUID, datetime] = NEVER,
) -> list[ListRow]:  # fmt: skip
    """Return the rows of one page of needs. failed: needs that stay selected → reason. closing: the time at which needs
    close by themselves."""
    names = cell_names.of({need.cell for need in page if need.cell is not None})
    holders, duplicates = _holders(page, now), likely_duplicates(page, viewer)
    alarms = DangerAlarm.objects.select_related("acknowledged_by").in_bulk([need.alarm for need in page if need.alarm])
    paths = _paths()
    language, zone = get_language(), timezone.get_current_timezone()
    rows = []
    for need in page:
        held = need.lock_until is not None and need.lock_until > now
        name, twin = names.get(need.cell) if need.cell is not None else None, duplicates.get(need.pk)
        iso, at = _written(need.at, zone, language)
        rows.append(ListRow(
            need=need,
            alarm=alarms.get(need.alarm) if need.alarm else None,
            area=_area(need, names),
            street=name.streets[0] if name and name.streets else "",
            on_map=cells.on_map(need.cell),
            holders=tuple(holders.get(need.pk, ())),
            editor=(need.holder_name or need.holder_email) if held else None,
            mine=need.holder == viewer.user.pk,
            call_due=need.call_at is not None and need.call_at <= now,
            iso=iso,
            at=at,
            age=short_age(need.at, now),
            path=paths.need.format(need.pk),
            step_path=paths.step.format(need.pk),
            twin_path=paths.twin.format(need.pk, twin) if twin else None,
            why=failed.get(str(need.pk)),
            closes=_closes(closing.get(need.pk)),
            answered=_answered(alarms.get(need.alarm), now) if need.alarm else "",
        ))  # fmt: skip
    return rows


def _closes(at: datetime | None) -> str:
    return (
        _("Closes by itself on %(day)s unless something happens.")
        % {"day": dateformat.format(timezone.localtime(at), formats.get_format("SHORT_DATE_FORMAT"))}
        if at
        else ""
    )


def _answered(alarm: DangerAlarm | None, now: datetime) -> str:
    if alarm is None or alarm.acknowledged_at is None:
        return ""
    return f"{actors.name_of(alarm.acknowledged_by)} · {short_age(alarm.acknowledged_at, now)}"


class _Paths(NamedTuple):
    """Addresses of any need: its page, its steps, and its comparison with another need."""

    need: str
    step: str
    twin: str


def _paths() -> _Paths:
    one, other = uuid.UUID(int=0), uuid.UUID(int=1)
    found = (reverse("needs:triage_need", args=[one]), reverse("needs:triage_step", args=[one]))
    both = reverse("needs:triage_compare", args=[one, other])
    return _Paths(*(path.replace(str(one), "{0}").replace(str(other), "{1}") for path in (*found, both)))


def short_age(moment: datetime, now: datetime) -> str:
    """Return the time since a moment as "12 min", "3 h" or "4 d"."""
    span = max(now - moment, timedelta(0))
    if span < timedelta(hours=1):
        return _in_words("min", span // timedelta(minutes=1), get_language())
    if span < timedelta(days=2):
        return _in_words("h", span // timedelta(hours=1), get_language())
    return _in_words("d", span.days, get_language())


@lru_cache(maxsize=KEPT)
def _in_words(unit: str, number: int, _language: str | None) -> str:
    words = {"min": _("%(n)d min"), "h": _("%(n)d h"), "d": _("%(n)d d")}
    return words[unit] % {"n": number}


@lru_cache(maxsize=KEPT)
def _written(at: datetime, zone: tzinfo, _language: str | None) -> tuple[str, str]:
    """Return a time in a time zone, for programs and for people."""
    local = at.astimezone(zone)
    return local.isoformat(), dateformat.format(local, formats.get_format("DATETIME_FORMAT"))


def _area(need: ListedNeed, names: Mapping[int, CellName]) -> str:
    if need.cell is None:
        return need.district or ""
    name = names[need.cell]
    return name.area if name.streets or not name.area else name.sided_area


def _holders(page: Sequence[ListedNeed], now: datetime) -> dict[uuid.UUID, list[str]]:
    """Return the associations or volunteers with a commitment to each need."""
    found = defaultdict(list)
    for need, association, name, email in _HELD.rows(now=now, needs=array([need.pk for need in page])):
        found[need].append(association or name or email)
    return dict(found)


_HELD = KeptValues(
    {"now": datetime(2000, 1, 1, tzinfo=UTC), "needs": "{00000000-0000-0000-0000-000000000001}"},
    lambda now, needs: (
        Commitment.objects.running(now)
        .filter(one_of("need", needs, "uuid"))
        .order_by("made_at")
        .values_list("need", "association__name", "volunteer__display_name", "volunteer__email")
    ),
)
