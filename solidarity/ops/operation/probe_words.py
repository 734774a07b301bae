"""Readings in plain words: the name of a part, its state, and what to do if it is red."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from solidarity.ops.operation.probes import TOLERANCE, Reading, State


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the page. cure: a sentence that says what to do; "" unless the part is red. since: the time since which
    the part is red, if that is known."""

    part: str
    title: str
    state: State
    detail: str
    cure: str
    since: datetime | None = None

    @property
    def is_red(self) -> bool:
        return self.state is State.RED


TITLES: dict[str, Promise | str] = {
    "database": gettext_lazy("Database (PostgreSQL)"),
    "redis": gettext_lazy("Queue and cache (Redis)"),
    "worker": gettext_lazy("Worker"),
    "beat": gettext_lazy("Scheduler"),
    "fold": gettext_lazy("Update of the map"),
    "outbox": gettext_lazy("Reports that wait for the map"),
    "unfolded": gettext_lazy("Reports that the map cannot use"),
    "reconcile": gettext_lazy("Nightly check of the map"),
    "mail": gettext_lazy("E-mail"),
    "sms": gettext_lazy("Text messages"),
    "disk": gettext_lazy("Disk"),
    "backup": gettext_lazy("Back-up"),
    "replica": gettext_lazy("Copy of the database (replica)"),
}
_CURES: dict[str, Promise | str] = {
    "database": gettext_lazy("Start PostgreSQL, and read its log."),
    "redis": gettext_lazy(
        "Start Redis, and check SOLIDARITY_REDIS_URL. Reports are still stored; the map and messages wait."
    ),
    "worker": gettext_lazy(
        "Start the worker (celery -A solidarity worker), and read its log. Until then, the map stays as it is and "
        "nothing is sent."
    ),
    "beat": gettext_lazy(
        "Start the scheduler (celery -A solidarity beat), and read its log. Until then, danger alarms are not passed "
        "to a higher level, no reminder is sent, and no mail warns you."
    ),
    "fold": gettext_lazy("See the worker and the scheduler. If both run, read the worker’s log."),
    "outbox": gettext_lazy(
        "No report is lost. Check whether the worker runs, and what its log says. After a large import, wait."
    ),
    "unfolded": gettext_lazy(
        "No report is lost, and the others reach the map. Open the list of these reports, read the cause, and let them be "
        "tried again."
    ),
    "reconcile": gettext_lazy("See the worker and the scheduler: the check runs every night at 3:30."),
    "mail": gettext_lazy(
        "Check SOLIDARITY_EMAIL_HOST, SOLIDARITY_EMAIL_USER and SOLIDARITY_EMAIL_PASSWORD. Then send yourself a test "
        "under Notifications."
    ),
    "sms": gettext_lazy("Check SOLIDARITY_SMS_URL and SOLIDARITY_SMS_KEY, and your credit at the provider."),
    "disk": gettext_lazy(
        "Delete what is not needed, or enlarge the disk: on a full disk nothing can be stored. "
        "SOLIDARITY_DISK_FREE_PERCENT sets the limit."
    ),
    "backup": gettext_lazy(
        "The worker makes one every night. Run “make backup” (in containers: docker compose run --rm web backup), and "
        "read what it says. "
        "SOLIDARITY_BACKUP_ALARM_HOURS sets the limit."
    ),
    "replica": gettext_lazy(
        "Nobody notices: meanwhile, everything is read from the primary database. Start PostgreSQL on the host that "
        "SOLIDARITY_REPLICA_HOST names, and read its log. After a promotion, name the new replica there."
    ),
}


def title_of(part: str) -> str:
    """Return the name of a part."""
    return str(TITLES[part])


def lines(readings: Iterable[Reading], since: dict[str, datetime] | None = None) -> list[Line]:
    """Return readings in the active language. since: the time since which each part is red, by part."""
    return [_line(reading, (since or {}).get(reading.part)) for reading in readings]


def _line(reading: Reading, since: datetime | None) -> Line:
    red = reading.state is State.RED
    return Line(
        reading.part, title_of(reading.part), reading.state, _detail(reading), _cure(reading) if red else "",
        since if red else None,
    )  # fmt: skip


def _cure(reading: Reading) -> str:
    if reading.part == "reconcile" and not reading.figures["difference"] <= TOLERANCE:
        return _("The map is right again. Please send the worker’s log of that night to the developers.")
    return str(_CURES[reading.part])


def _detail(reading: Reading) -> str:
    if reading.state is State.UNKNOWN:
        return _("Cannot be seen at the moment.")
    return _DETAILS[reading.part](reading)


def _answers(reading: Reading) -> str:
    return _("Answers.") if reading.state is State.OK else _("Does not answer.")


def _seen(reading: Reading) -> str:
    if "age" not in reading.figures:
        return _("No sign of life.")
    return _("Last sign of life: %(when)s.") % {"when": _when(reading)}


def _folded(reading: Reading) -> str:
    return _("Last time: %(when)s.") % {"when": _when(reading)} if "age" in reading.figures else _("Not yet.")


def _waits(reading: Reading) -> str:
    if not reading.figures["age"]:
        return _("None waits.")
    return _("The oldest came %(when)s.") % {"when": _when(reading)}


def _set_aside(reading: Reading) -> str:
    given_up, retried = int(reading.figures["given_up"]), int(reading.figures["retried"])
    if not given_up and not retried:
        return _("None.")
    said = [
        ngettext("%(number)s report failed too often.", "%(number)s reports failed too often.", given_up)
        % {"number": given_up},
        ngettext("%(number)s report is tried again.", "%(number)s reports are tried again.", retried)
        % {"number": retried},
    ]
    return " ".join(sentence for sentence, number in zip(said, (given_up, retried), strict=True) if number)


def _checked(reading: Reading) -> str:
    if reading.state is State.PENDING:
        return _("It runs at night.")
    if reading.figures["difference"] <= TOLERANCE:
        return _("%(when)s: no difference.") % {"when": _capital(_when(reading))}
    return _("%(when)s: the map differed from the reports and was computed again.") % {"when": _capital(_when(reading))}


def _delivered(reading: Reading) -> str:
    if reading.state is State.OFF:
        return _("This site sends none: SOLIDARITY_SMS_URL is empty.")
    failed = int(reading.figures["failed"])
    if reading.state is State.RED:
        return ngettext(
            "%(number)s message in a row was not delivered.", "%(number)s messages in a row were not delivered.", failed
        ) % {"number": failed}
    number = int(reading.figures["delivered"])
    return ngettext(
        "%(number)s delivered in the last 24 hours.", "%(number)s delivered in the last 24 hours.", number
    ) % {"number": number}  # fmt: skip


def _free(reading: Reading) -> str:
    return _("%(percent)s %% free.") % {"percent": int(reading.figures["free"] * 100)}


def _backed_up(reading: Reading) -> str:
    if "age" in reading.figures:
        return _("Last one: %(when)s.") % {"when": _when(reading)}
    return _("A demonstration needs none.") if reading.state is State.OFF else _("There is none.")


def _behind(reading: Reading) -> str:
    if reading.state is State.OFF:
        return _("This site has none: SOLIDARITY_REPLICA_HOST is empty.")
    if "lag" not in reading.figures:
        return _("Does not answer, or is no replica any more.")
    seconds = int(reading.figures["lag"])
    if not seconds:
        return _("Up to date.")
    return ngettext("%(number)s second behind.", "%(number)s seconds behind.", seconds) % {"number": seconds}


def _when(reading: Reading) -> str:
    return str(naturaltime(timezone.now() - timedelta(seconds=reading.figures["age"])))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_DETAILS: dict[str, Callable[[Reading], str]] = {
    "database": _answers, "redis": _answers, "worker": _seen, "beat": _seen, "fold": _folded, "outbox": _waits,
    "unfolded": _set_aside, "reconcile": _checked, "mail": _delivered, "sms": _delivered, "disk": _free, "backup": _backed_up,
    "replica": _behind,
}  # fmt: skip
