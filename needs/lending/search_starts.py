"""Where a search for things near somebody starts: their own base, or the middle of an area that they choose.

A person may search from a few different cells a day. Somebody who moves their base about learns no more than the cell of
a thing (:mod:`needs.lending.distance_bands`), and cannot list the things of a whole city either.
"""

from dataclasses import dataclass

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from needs.lending.distance_bands import coarse
from needs.open_needs import nearby
from solidarity.lib import grid, rate_counters
from volunteers.accounts.viewer import Viewer
from volunteers.models import Territory, User
from volunteers.territories import areas

STARTS_A_DAY = 8
"""Cells from which one person may search on one day."""


class TooManyStarts(Exception):
    """The person has searched from too many different cells today."""


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a search. cell: resolution 8. area: slug of the chosen area; "" for the person's own base."""

    cell: int
    area: str = ""


def start_of(viewer: Viewer, area: str = "") -> Start | None:
    """Return where a person's search starts; None if they have neither a base nor chosen an area they may see.

    Raises TooManyStarts.
    """
    user = viewer.user_or_404
    found = _middle_of(viewer, area) if area else nearby.base_cell(user)
    if found is None:
        return None
    start = Start(coarse(found), area)
    _count(user, start.cell)
    return start


def _middle_of(viewer: Viewer, slug: str) -> int | None:
    if slug not in {each.slug for each in areas.areas_for(viewer)}:
        return None
    border = Territory.objects.filter(slug=slug).values_list("polygon", flat=True).first()
    return grid.cell_of(border.centroid.y, border.centroid.x) if border else None


def _count(user: User, cell: int) -> None:
    """Count a start. Raises TooManyStarts. Without the cache, every search is allowed, as every request is."""
    day = timezone.localdate().isoformat()
    known = rate_counters.counter_key("lending-start", f"{user.pk}:{day}:{cell}")
    total = rate_counters.counter_key("lending-starts", f"{user.pk}:{day}")
    try:
        if cache.get(known):
            return
        if rate_counters.count(total, rate_counters.DAY) > STARTS_A_DAY:
            raise TooManyStarts
        cache.set(known, 1, rate_counters.DAY)
    except (RedisError, OSError):
        return
