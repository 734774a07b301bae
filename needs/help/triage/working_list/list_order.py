"""The place of lines among the needs of one page of the dispatchers' list."""

from collections.abc import Callable, Sequence
from math import inf

from needs.help.triage.working_list.desk_lines import DeskLine
from needs.help.triage.working_list.list_rows import ListRow
from needs.help.triage.working_list.listed_needs import ListedNeed

LINE_IN_DANGER = 1e9
"""A message with danger words stands above all needs but those with an alarm that waits."""


def among(
    rows: Sequence[ListRow], lines: Sequence[DeskLine], sort: str, following: ListedNeed | None, *, first: bool
) -> list[ListRow | DeskLine]:
    """Return one page of the list: the rows of needs, and the lines that belong between them.

    rows: the needs of the page, in order. sort: the order, as in QueueFilter. following: the first need of the next page;
    None on the last page. first: whether this is the first page. Each line is on exactly one page.
    """
    rank = _RANKS[sort]
    top = inf if first or not rows else rank(rows[0].need)
    bottom = -inf if following is None else rank(following)
    left = sorted((line for line in lines if bottom < rank(line) <= top), key=lambda line: -rank(line))
    found: list[ListRow | DeskLine] = []
    for row in rows:
        own = rank(row.need)
        while left and rank(left[0]) > own:
            found.append(left.pop(0))
        found.append(row)
    return [*found, *left]


def _by_harm(each: ListedNeed | DeskLine) -> float:
    if each.danger:
        return LINE_IN_DANGER if isinstance(each, DeskLine) else inf
    return each.harm


_RANKS: dict[str, Callable[[ListedNeed | DeskLine], float]] = {
    "": _by_harm,
    "oldest": lambda each: inf if each.danger and not isinstance(each, DeskLine) else -each.at.timestamp(),
    "newest": lambda each: inf if each.danger and not isinstance(each, DeskLine) else each.at.timestamp(),
}
"""For each order of the list, a number that falls from line to line."""
