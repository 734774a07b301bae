"""The week as a grid of days and parts of the day: the quick way to enter free times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Weekday
from volunteers.people.availability.offers import Weekly

DAY = 24 * 60
WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day. A part of the day goes past midnight if its end is not after its start."""

    key: str
    name: str | Promise
    start: time
    end: time


PARTS = (
    Part("morning", _("morning"), time(8), time(12)),
    Part("afternoon", _("afternoon"), time(12), time(18)),
    Part("evening", _("evening"), time(18), time(22)),
    Part("night", _("night"), time(22), time(2)),
)


def box_of(weekday: int, part: Part) -> str:
    """Return the value of the box for a part of a day."""
    return f"{weekday}-{part.key}"


BOXES: dict[str, Weekly] = {
    box_of(day, part): Weekly(day, part.start, part.end) for day in Weekday.values for part in PARTS
}


def ticked(weekly: Iterable[Weekly]) -> list[str]:
    """Return the boxes whose exact time is stored."""
    stored = set(weekly)
    return [box for box, own in BOXES.items() if own in stored]


def other_times(weekly: Iterable[Weekly]) -> list[Weekly]:
    """Return the stored times that are not boxes: people enter them in “What I offer”."""
    boxes = set(BOXES.values())
    return [own for own in weekly if own not in boxes]


def without_overlaps(boxes: Sequence[str], others: Sequence[Weekly]) -> list[Weekly]:
    """Return the times of ticked boxes and the other times.

    A box that overlaps with another stored time is dropped, because that time was entered exactly.
    """
    taken = [span for own in others for span in _spans(own)]
    chosen = [BOXES[box] for box in BOXES if box in set(boxes)]
    fitting = [own for own in chosen if not any(a < d and c < b for a, b in _spans(own) for c, d in taken)]
    return sorted([*fitting, *others], key=lambda own: (own.weekday, own.start))


def _spans(own: Weekly) -> list[tuple[int, int]]:
    """Return a weekly time as minutes of the week; a time that goes from Sunday into Monday has two spans."""
    begin = own.weekday * DAY + own.start.hour * 60 + own.start.minute
    length = (own.end.hour - own.start.hour) * 60 + own.end.minute - own.start.minute
    end = begin + (length if length > 0 else length + DAY)
    return [(begin, end), *([(begin - WEEK, end - WEEK)] if end > WEEK else [])]
