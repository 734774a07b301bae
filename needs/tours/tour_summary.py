"""The summary of a tour: time, cells, people met, asked for and given. It contains no places."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from needs.enums import Category
from needs.models import Encounter, Tour


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a tour. lasted: None if no time was logged. asked, given: encounters per category, most first."""

    began: str
    association: str
    walkers: int
    mode: str
    lasted: timedelta | None
    cells: int
    encounters: int
    persons: int
    contacts: int
    asked: Sequence[tuple[Category, int]]
    given: Sequence[tuple[Category, int]]

    @property
    def minutes(self) -> int | None:
        return None if self.lasted is None else round(self.lasted / timedelta(minutes=1))

    @property
    def duration(self) -> str:
        """The duration in words."""
        return _("not logged") if self.minutes is None else spell_minutes(self.minutes)

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
    if hours == 0:
        return _("%(minutes)d min") % {"minutes": rest}
    return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": rest}


def summary_of(tour: Tour) -> Summary:
    """Return the summary of a tour, without retracted encounters."""
    met: list[Encounter] = list(tour.encounters.live())
    timed = tour.ended_at is not None and tour.ended_at > tour.at
    return Summary(
        began=date_format(localtime(tour.at), "DATETIME_FORMAT"),
        association=tour.association.name,
        walkers=tour.walkers,
        mode=tour.get_mode_display(),
        lasted=tour.ended_at - tour.at if timed and tour.ended_at else None,
        cells=tour.cells.count(),
        encounters=sum(1 for encounter in met if encounter.persons),
        persons=sum(encounter.persons for encounter in met),
        contacts=sum(encounter.contacts for encounter in met),
        asked=_counted(met, "asked"),
        given=_counted(met, "given"),
    )


def _counted(met: Sequence[Encounter], field: str) -> list[tuple[Category, int]]:
    counts = Counter(kind for encounter in met for kind in getattr(encounter, field))
    return [(Category(kind), n) for kind, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
