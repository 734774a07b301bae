"""The alarm of a report as the sender sees it: the numbers to call, whether somebody is on duty, what was done."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.enums import AlarmStep, ReporterAnswer
from needs.models import DangerAlarm, Encounter, Need
from needs.reports.danger import alarms, announcing
from needs.reports.danger.emergency_numbers import GROUPS, lines_for_flags
from needs.reports.filing import Filed
from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.database.kept_query import KeptValues
from solidarity.lib.site.emergency_gate import Line, shelter_line
from volunteers.models import User

_DONE: dict[str, str | Promise] = {
    AlarmStep.CALLED: gettext_lazy("Somebody read it and called the emergency services."),
    AlarmStep.INFORMED: gettext_lazy("Somebody read it. The emergency services know already."),
    AlarmStep.NOT_EMERGENCY: gettext_lazy("Somebody read it. We treat it as a need without danger to life."),
}
_BANNER_HOURS = 12


@dataclass(frozen=True, slots=True)
class AlarmReceipt:
    """An alarm as its sender sees it. staffed: whether somebody is on duty. done: the step that was taken; "" while the
    alarm waits.

    discreet: True if violence is possible; the page's title must then reveal nothing, and the sender can leave the page
    quickly.
    """

    row: DangerAlarm
    lines: tuple[Line, ...]
    staffed: bool
    done: str | Promise

    @property
    def waits(self) -> bool:
        return self.row.acknowledged_at is None

    @property
    def asks(self) -> bool:
        """Whether the page still asks whether somebody called."""
        return self.waits and not self.row.reporter_answer

    @property
    def discreet(self) -> bool:
        return _may_be_violence(self.row)

    @property
    def answers(self) -> list[tuple[str, str | Promise]]:
        return [(each.value, each.label) for each in ReporterAnswer]


def _may_be_violence(row: DangerAlarm) -> bool:
    return not row.flags or DangerFlag.VIOLENCE in row.flags


def is_discreet(report: uuid.UUID) -> bool:
    """Return whether pages and messages about a report must reveal nothing, because violence is possible."""
    row = alarms.of_report(report)
    return row is not None and _may_be_violence(row)


def receipt_of(report: Need | Encounter) -> AlarmReceipt | None:
    """Return the alarm of a report; None if it has no alarm or was retracted."""
    row = alarms.of_report(report.pk) if report.retracted_at is None else None
    if row is None:
        return None
    staffed = announcing.is_staffed_now(report, timezone.now())
    return AlarmReceipt(row, lines_for_flags(row.flags), staffed, _DONE.get(row.step, ""))


def thanks(alarm: AlarmReceipt, answer: ReporterAnswer) -> str:
    """Return the text that the sender reads after giving an answer."""
    if answer == ReporterAnswer.CALLED:
        return _("Thank you. Stay reachable.")
    if answer == ReporterAnswer.NOT_EMERGENCY:
        return _("Thank you. Somebody will read it anyway.")
    if alarm.staffed:
        return _("We told the people on duty that you cannot call. Ask somebody near you to call, too.")
    return _(
        "Nobody is on duty now. Ask somebody near you to call, or send a text message if a number below accepts them."
    )


def own_alarm(user: User, now: datetime) -> AlarmReceipt | None:
    """Return the latest unacknowledged alarm from a person's encounters of the last _BANNER_HOURS, for a banner."""
    for (key,) in _WAITING.rows(user=user.pk, since=now - timedelta(hours=_BANNER_HOURS)):
        row = DangerAlarm.objects.select_related("encounter").get(pk=key)
        return receipt_of(row.encounter) if row.encounter else None
    return None


_WAITING = KeptValues(
    {"user": -1, "since": datetime(2000, 1, 1, tzinfo=UTC)},
    lambda user, since: (
        DangerAlarm.objects.waiting().filter(encounter__author=user, raised_at__gte=since).values_list("pk")[:1]
    ),
)


def for_programs(filed: Filed) -> dict[str, Any]:
    """Return two fields for the API's answer to a filed report: whether it has an alarm, and the numbers to call."""
    if filed.stored is InsertResult.NEW:
        return numbers_for_flags(filed.alarm, shelter=filed.shelter)
    row = alarms.of_report(filed.id)
    return numbers_for_flags(row.flags if row else None, shelter=filed.shelter)


def numbers_for_flags(flags: Iterable[str] | None, *, shelter: bool = False) -> dict[str, Any]:
    """Return the two fields for an alarm's flags; None: no alarm.

    shelter: whether a place to sleep is needed. Its number comes after those for danger to life.
    """
    lines = lines_for_flags(flags) if flags is not None else ()
    bed = shelter_line() if shelter else None
    if bed is not None and bed not in lines:
        lines = (*lines, bed)
    return {
        "danger": flags is not None,
        "numbers": [{"number": line.number, "purpose": str(line.purpose)} for line in lines],
    }


def numbers_without_network() -> list[tuple[str, tuple[Line, ...]]]:
    """Return the telephone lines for each group of dangers, for pages that look for danger words on the phone."""
    return [(group, lines_for_flags(flags)) for group, flags in GROUPS.items()]
