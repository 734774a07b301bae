"""The headline figure: people likely to be in places that nobody has searched."""

from dataclasses import dataclass

from django.db.models import F, Sum

from mapping import evidence
from mapping.enums import Status
from mapping.models import CellState, Territory
from mapping.reading import Reading

# X_T below the limit of zones.md: no association has searched there lately.
UNSEARCHED = (Status.TO_VERIFY, Status.NOT_SEARCHED)


@dataclass(frozen=True, slots=True)
class Unseen:
    """zones: how many there are. persons: whole people in them. low, high: the 90 % interval, None when frozen."""

    zones: int
    persons: int
    low: int | None
    high: int | None


def unseen(reading: Reading) -> Unseen:
    """The figure for what the reader sees; the interval of the live state from the posterior of its cells."""
    zones = reading.zones.filter(status__in=UNSEARCHED)
    number = zones.count()
    total = zones.aggregate(total=Sum("persons"))["total"] or 0.0
    if not reading.live:
        return Unseen(number, round(total), None, None)
    moments = CellState.objects.filter(
        territory__in=Territory.objects.under(reading.territory).values("pk"), status__in=UNSEARCHED
    ).aggregate(mean=Sum(F("shape") / F("rate")), variance=Sum(F("shape") / (F("rate") * F("rate"))))
    low, high = evidence.total_interval(moments["mean"] or 0.0, moments["variance"] or 0.0)
    return Unseen(number, round(total), round(low), round(high))
