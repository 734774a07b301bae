"""Retention periods: settings that are checked when a process starts (docs/retention.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


@dataclass(frozen=True, slots=True)
class Period:
    """A retention setting. setting: name of the setting without SOLIDARITY_. least, most: the safe range, in hours or
    days."""

    setting: str
    least: int
    most: int
    hours: bool
    label: str | Promise

    @property
    def value(self) -> int:
        """The number of hours or days in force."""
        return int(getattr(settings, self.setting))

    @property
    def length(self) -> timedelta:
        """The period in force."""
        return timedelta(hours=self.value) if self.hours else timedelta(days=self.value)

    @property
    def words(self) -> str:
        """The period in words, such as "3 days"."""
        number = self.value
        if self.hours:
            return ngettext("%(number)d hour", "%(number)d hours", number) % {"number": number}
        return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}


PERIODS = {
    period.setting: period
    for period in (
        Period("EXACT_POINT_HOURS", 1, 72, True, _("exact points and drawn lines")),
        Period("FINE_CELL_DAYS", 1, 7, False, _("cells of about 130 metres")),
        Period("FREE_TEXT_DAYS", 1, 14, False, _("texts: notes, descriptions, addresses, messages")),
        Period("PHOTO_DAYS", 1, 14, False, _("photos")),
        Period("CONTACT_DAYS", 1, 14, False, _("a reporter’s contact, after the need is closed")),
        # Monthly counts need all reports of a month at once; the longest month has 31 days.
        Period("REPORT_DAYS", 32, 60, False, _("reports themselves")),
        Period("IP_HOURS", 1, 24, True, _("network addresses of signed-in devices")),
        Period("BACKUP_DAYS", 1, 30, False, _("back-ups")),
    )
}

# (shorter setting, longer setting, problem if the first is longer)
_ORDER = (
    ("EXACT_POINT_HOURS", "FINE_CELL_DAYS", "an exact point would outlive the cell that replaces it"),
    ("FINE_CELL_DAYS", "REPORT_DAYS", "a report would be erased before its place is made coarser"),
    ("FREE_TEXT_DAYS", "REPORT_DAYS", "words would outlive their report"),
    ("PHOTO_DAYS", "REPORT_DAYS", "photos would outlive their report"),
    ("CONTACT_DAYS", "REPORT_DAYS", "contacts would outlive their report"),
    ("NEED_EXPIRES_DAYS", "REPORT_DAYS", "needs would be erased before they are closed"),
)


def problems(values: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each unsafe setting, with its name and the remedy."""
    found = []
    for period in PERIODS.values():
        value, unit = values[period.setting], "hours" if period.hours else "days"
        if not period.least <= value <= period.most:
            found.append(
                f"SOLIDARITY_{period.setting} is {value}, but it has to be from {period.least} to {period.most} {unit} "
                f"(docs/retention.md): set it to {max(period.least, min(value, period.most))} or leave it out."
            )
    for shorter, longer, why in _ORDER:
        if _length(values, shorter) > _length(values, longer):
            found.append(
                f"SOLIDARITY_{shorter} is longer than SOLIDARITY_{longer}, so that {why}: make SOLIDARITY_{shorter} "
                f"shorter or SOLIDARITY_{longer} longer."
            )
    return found


def _length(values: Mapping[str, Any], setting: str) -> timedelta:
    hours = setting in PERIODS and PERIODS[setting].hours
    return timedelta(hours=values[setting]) if hours else timedelta(days=values[setting])


def refuse_unsafe() -> None:
    """Raise ImproperlyConfigured for unsafe settings; runs at the start of every process."""
    names = {*PERIODS, *(name for pair in _ORDER for name in pair[:2])}
    found = problems({name: getattr(settings, name) for name in names})
    if found:
        raise ImproperlyConfigured(" ".join(found))
