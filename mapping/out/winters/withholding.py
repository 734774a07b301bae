"""Which sums of territories may be stored, so that nobody learns a small one, also not by subtraction.

A sum below LEAST is left out, and zero like every other small number. Where a territory and all but a few of its parts were
stored, the difference would reveal the rest. So the left-out parts of a stored territory are always at least PARTS and add up
to LEAST or more: if they do not, the smallest other parts are left out, too, with all that is below them. If no part of
a topmost territory would remain, its own sum is left out instead.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

LEAST = 10
"""Smallest sum that is stored."""
PARTS = 3
"""Smallest number of parts that a difference may stand for, as in external reports."""


def stored(sums: Mapping[int, float], parents: Mapping[int, int | None], with_cells: Collection[int]) -> set[int]:
    """Return the territories whose sums may be stored. sums: by territory; each contains the sums of its parts. parents: the
    territory above each. with_cells: the territories that have cells of their own, which are one more part if there are
    others."""
    parts: dict[int | None, list[int]] = defaultdict(list)
    for territory in sums:
        above = parents.get(territory)
        parts[above if above in sums else None].append(territory)
    found = {top for top in parts[None] if sums[top] >= LEAST}
    waiting = [*found]
    while waiting:
        whole = waiting.pop()
        large = sorted((part for part in parts[whole] if sums[part] >= LEAST), key=lambda part: (sums[part], part))
        small = [sums[part] for part in parts[whole] if sums[part] < LEAST]
        if parts[whole] and whole in with_cells:
            small.append(sums[whole] - sum(sums[part] for part in parts[whole]))
        shown = [*large]
        while small and shown and (len(small) < PARTS or sum(small) < LEAST):
            small.append(sums[shown.pop(0)])
        if small and large and not shown and whole in parts[None]:
            found.discard(whole)
            shown = large
        found.update(shown)
        waiting += shown
    return found
