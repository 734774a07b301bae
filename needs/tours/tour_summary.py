"""The summary of a tour: time, cells, people met, asked for and given. It contains no places."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from needs.enums import Category
from needs.models import Encounter, Tour

ID_LENGTH = 12  # number of hexadecimal digits, as in tour-mode-counts.js


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a tour. times: start and end of the tour in words; "" without an end. lasted: duration of the tour
    in words; None without an end. looked: the number of times that nobody was met. asked: number of encounters
    per category; given: number of people helped per category; the most frequent first."""

    began: str
    times: str
    association: str
    walkers: int
    mode: str
    lasted: timedelta | None
    cells: int
    encounters: int
    looked: int
    persons: int
    contacts: int
    asked: Sequence[tuple[Category, int]]
    given: Sequence[tuple[Category, int]]

    @property
    def minutes(self) -> int | None:
        return None if self.lasted is None else round(self.lasted / timedelta(minutes=1))

    @property
    def duration(self) -> str:
        """The start, the end and the duration in words."""
        if self.minutes is None:
            return _("not logged")
        return _("%(times)s (%(duration)s)") % {"times": self.times, "duration": spell_minutes(self.minutes)}

    @property
    def text(self) -> str:
        """The summary as text for a message."""
        lines = [
            _("Tour of %(began)s, %(association)s") % {"began": self.began, "association": self.association},
            ngettext("%(n)d person, %(mode)s", "%(n)d people, %(mode)s", self.walkers)
            % {"n": self.walkers, "mode": self.mode},
            _("Time: %(duration)s") % {"duration": self.duration},
            _("Cells searched: %(n)d") % {"n": self.cells},
            _("Encounters: %(n)d") % {"n": self.encounters},
            _("Times you saw nobody: %(n)d") % {"n": self.looked},
            _("People met: %(n)d") % {"n": self.persons},
            _("People helped: %(n)d") % {"n": self.contacts},
        ]
        for label, counts in ((_("Asked for"), self.asked), (_("Given"), self.given)):
            if counts:
                lines.append(f"{label}: " + ", ".join(f"{kind.label} ({n})" for kind, n in counts))
        return "\n".join(lines)


def spell_minutes(minutes: int) -> str:
    """Return “1 h 20 min” in the reader's language."""
    hours, rest = divmod(minutes, 60)
    if minutes == 0:
        return _("less than a minute")
    if hours == 0:
        return _("%(minutes)d min") % {"minutes": rest}
    return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": rest}


def summary_of(tour: Tour) -> Summary:
    """Return the summary of a tour, without retracted encounters."""
    met: list[Encounter] = list(tour.encounters.live())
    timed = tour.ended_at is not None and tour.ended_at > tour.at
    start, end = (date_format(localtime(each), "TIME_FORMAT") for each in (tour.at, tour.ended_at or tour.at))
    return Summary(
        began=date_format(localtime(tour.at), "DATETIME_FORMAT"),
        times=pgettext("times", "%(start)s to %(end)s") % {"start": start, "end": end} if timed else "",
        association=tour.association.name,
        walkers=tour.walkers,
        mode=tour.get_mode_display(),
        lasted=tour.ended_at - tour.at if timed and tour.ended_at else None,
        cells=tour.cells.count(),
        encounters=sum(1 for encounter in met if encounter.persons),
        looked=sum(1 for encounter in met if not encounter.persons),
        persons=sum(encounter.persons for encounter in met),
        contacts=sum(encounter.contacts for encounter in met),
        asked=_counted(met, "asked"),
        given=_counted(met, "given"),
    )


def counts_of(tour: Tour) -> list[tuple[str, int, int]]:
    """Return (shortened id, people met, 1 if something was given) for each encounter of a tour that is not retracted.

    Tour mode adds the reports that its phone has not sent yet. Tour mode uses the ids to count each report only once.
    """
    rows = tour.encounters.live().values_list("pk", "persons", "given")
    return [(pk.hex[:ID_LENGTH], persons, int(bool(given))) for pk, persons, given in rows]


def _counted(met: Sequence[Encounter], field: str) -> list[tuple[Category, int]]:
    counts = Counter[str]()
    for encounter in met:
        number = max(encounter.contacts, 1) if field == "given" else 1  # twenty soups are not one
        counts.update(dict.fromkeys(getattr(encounter, field), number))
    return [(Category(kind), n) for kind, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
