"""The rows of the dispatchers' list: a need, the name of its area and street, who is working on it, and a likely
duplicate."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from django.urls import reverse
from django.utils import dateformat, formats, timezone
from django.utils.translation import gettext as _

from needs.desk import scope
from needs.models import Commitment, DangerAlarm
from needs.triage.working_list.list_cells import ListCells
from needs.triage.working_list.list_duplicates import likely_duplicates
from needs.triage.working_list.listed_needs import ListedNeed
from volunteers.accounts.viewer import Viewer
from volunteers.place_names import cell_names
from volunteers.place_names.cell_names import CellName

_ANY_NEED = uuid.UUID(int=0)
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ListRow:
    """A need in the list. The places of a row are no more exact than the need's cell.

    area: the territory, and also the side of it if no street is known; the district for a need without a cell; ""
    outside all territories. street: the longest street or a well-known place in the cell, if known. on_map: the
    map's cell; "" for a need without a cell. holders: the people and associations who take care of the need.
    editor: the person who has the page of the need open; None if nobody has. mine: True if this is the reader.
    duplicate: the most likely duplicate. call_due: True if it is time to call back. iso, at: the time of the report
    in the site's time zone, for programs and for people. age: the time since then, in words. path, step_path:
    addresses of the need's page and of its steps. why: the reason why a step for many needs did not change this
    one; None if no such step was made.
    """

    need: ListedNeed
    alarm: DangerAlarm | None
    area: str
    street: str
    on_map: str
    holders: tuple[str, ...]
    editor: str | None
    mine: bool
    duplicate: uuid.UUID | None
    call_due: bool
    iso: str
    at: str
    age: str
    path: str
    step_path: str
    why: str | None

    @property
    def alarm_waits(self) -> bool:
        return self.alarm is not None and self.alarm.acknowledged_at is None

    @property
    def chosen(self) -> bool:
        """Whether the need stays selected."""
        return self.why is not None

    @property
    def says(self) -> bool:
        """Whether the row has words or a hint beside the kinds."""
        return bool(self.need.title or self.need.text or self.duplicate or self.call_due)

    @property
    def busy(self) -> bool:
        return bool(self.editor or self.holders)

    @property
    def has_more(self) -> bool:
        """Whether the need has a second line."""
        return bool(self.why or self.alarm)


def rows_of(
    page: Sequence[ListedNeed], viewer: Viewer, cells: ListCells, now: datetime, failed: Mapping[str, str] = NOTHING
) -> list[ListRow]:
    """Return the rows of one page of needs. failed: needs that stay selected → reason."""
    names = cell_names.of({need.cell for need in page if need.cell is not None})
    holders, duplicates = _holders(page, now), likely_duplicates(page, scope.needs_for(viewer))
    alarms = DangerAlarm.objects.in_bulk([need.alarm for need in page if need.alarm])
    to_need, to_step = (reverse(f"needs:{name}", args=[_ANY_NEED]) for name in ("triage_need", "triage_step"))
    written = formats.get_format("DATETIME_FORMAT")
    rows = []
    for need in page:
        held = need.lock_until is not None and need.lock_until > now
        name = names.get(need.cell) if need.cell is not None else None
        rows.append(ListRow(
            need=need,
            alarm=alarms.get(need.alarm) if need.alarm else None,
            area=_area(need, names),
            street=name.streets[0] if name and name.streets else "",
            on_map=cells.on_map(need.cell),
            holders=tuple(holders.get(need.pk, ())),
            editor=(need.holder_name or need.holder_email) if held else None,
            mine=need.holder == viewer.user.pk,
            duplicate=duplicates.get(need.pk),
            call_due=need.call_at is not None and need.call_at <= now,
            iso=(local := timezone.localtime(need.at)).isoformat(),
            at=dateformat.format(local, written),
            age=short_age(need.at, now),
            path=to_need.replace(str(_ANY_NEED), str(need.pk)),
            step_path=to_step.replace(str(_ANY_NEED), str(need.pk)),
            why=failed.get(str(need.pk)),
        ))  # fmt: skip
    return rows


def short_age(moment: datetime, now: datetime) -> str:
    """Return the time since a moment as "12 min", "3 h" or "4 d"."""
    span = max(now - moment, timedelta(0))
    if span < timedelta(hours=1):
        return _("%(n)d min") % {"n": span // timedelta(minutes=1)}
    if span < timedelta(days=2):
        return _("%(n)d h") % {"n": span // timedelta(hours=1)}
    return _("%(n)d d") % {"n": span.days}


def _area(need: ListedNeed, names: Mapping[int, CellName]) -> str:
    if need.cell is None:
        return need.district or ""
    name = names[need.cell]
    return name.area if name.streets or not name.area else name.sided_area


def _holders(page: Sequence[ListedNeed], now: datetime) -> dict[uuid.UUID, list[str]]:
    """Return the associations or volunteers with a commitment to each need."""
    rows = Commitment.objects.running(now).filter(need__in=[need.pk for need in page]).order_by("made_at")
    found = defaultdict(list)
    for need, association, name, email in rows.values_list(
        "need", "association__name", "volunteer__display_name", "volunteer__email"
    ):
        found[need].append(association or name or email)
    return dict(found)
