"""Names of the statuses on pages, in files and in reports. Only this module decides which words a status gets.

"Not searched" has two cases, which have different names: no team has searched for some days (never), or a team has
searched recently, but too little. The number of days is ``recent_days`` of the model (docs/model.md).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.enums import ALL_STATUSES, KEY_STATUS, LEGEND, OF_SEARCH, STATUS_KEYS, Status


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A line of the legend. names: one name, or both names of “not searched”, each with its explanation. main: the main
    message of the map."""

    status: str
    names: list[tuple[str, str]]
    main: bool = False


def named_statuses(occurring: Collection[int], *, has_count: bool = True) -> tuple[Status, ...]:
    """Return the statuses that a list or legend names: those of search alone where no place has a count, and “searched” only
    where it occurs. has_count: False if it is known that no place has a count, although none was searched yet."""
    if Status.SEARCHED not in occurring and has_count:
        return LEGEND
    return OF_SEARCH if set(occurring) <= set(OF_SEARCH) else ALL_STATUSES


LEGENDS: Mapping[str, tuple[Status, ...]] = {"counts": LEGEND, "searches": OF_SEARCH, "both": ALL_STATUSES}
"""The statuses that a legend explains: of territories with a count, of territories without one, or of both."""


def legend_name(statuses: Collection[Status]) -> str:
    """Return the name of the legend that explains these statuses, which :func:`named_statuses` returned."""
    return next(name for name, explained in LEGENDS.items() if explained == tuple(statuses))


def is_recent(searched_days: int | None, recent_days: int) -> bool:
    """Whether a team's search counts as recent. searched_days: whole days since the search, None for no search."""
    return searched_days is not None and searched_days <= recent_days


def never_searched(recent_days: int) -> str:
    return ngettext("never searched (%(days)s day)", "never searched (%(days)s days)", recent_days) % {
        "days": recent_days
    }


def searched_too_little() -> str:
    return _("searched too little")


def status_of_figures(status: Status, searched_days: int | None, recent_days: int) -> str:
    """Name the status of one zone, cell or place from its figures."""
    if status != Status.NOT_SEARCHED:
        return str(status.label)
    return searched_too_little() if is_recent(searched_days, recent_days) else never_searched(recent_days)


def status_in_general(key: str) -> str:
    """Name a status where there are no figures: in a filter, a count, or a step of the history. Empty for an unknown
    key."""
    return str(KEY_STATUS[key].label) if key in KEY_STATUS else ""


def meaning(status: Status, searched_days: int | None, recent_days: int) -> str:
    """Explain the status of one zone, cell or place in one sentence."""
    if status == Status.NOT_SEARCHED:
        return _meaning_of_too_little() if is_recent(searched_days, recent_days) else _meaning_of_never(recent_days)
    return {
        Status.COVERED: _("Teams have searched this place, and help is enough for the people they saw."),
        Status.UNDER_COVERED: _("People are there, and help is not enough."),
        Status.UNCOVERED: _("People are there, and they get almost no help."),
        Status.TO_VERIFY: _("There are signs of need, but no team has searched enough."),
        Status.CONTRADICTORY: _(
            "Teams have searched this place, but what they saw does not show whether help is enough."
        ),
        Status.SEARCHED: _(
            "Teams have searched this place. Without a count, the map does not say whether help is enough."
        ),
    }[status]


def _meaning_of_never(recent_days: int) -> str:
    return ngettext(
        "No team has searched this place for %(days)s day. This does not mean that nobody is there.",
        "No team has searched this place for %(days)s days. This does not mean that nobody is there.",
        recent_days,
    ) % {"days": recent_days}


def _meaning_of_too_little() -> str:
    return _("A team was here recently, but did not search enough. This does not mean that nobody is there.")


def legend(recent_days: int, name: str = "counts") -> list[LegendEntry]:
    """Return the lines of a legend. The map's main message, “to verify”, comes first. name: a key of :data:`LEGENDS`."""
    entries = []
    for status in LEGENDS[name]:
        key = STATUS_KEYS[status]
        if status == Status.NOT_SEARCHED:
            names = [
                (never_searched(recent_days), _meaning_of_never(recent_days)),
                (searched_too_little(), _meaning_of_too_little()),
            ]
        else:
            names = [(str(status.label), meaning(status, None, recent_days))]
        entries.append(LegendEntry(key, names, main=status == Status.TO_VERIFY))
    return entries


def to_verify(number: int) -> str:
    """The map's main message: how many zones a team has to verify. Empty for none."""
    if number == 0:
        return ""
    return ngettext("%(number)s zone to verify", "%(number)s zones to verify", number) % {"number": number}


def places_to_verify(number: int) -> str:
    """The same message for the public map, which calls its areas places. Empty for none."""
    if number == 0:
        return ""
    return ngettext("%(number)s place to verify", "%(number)s places to verify", number) % {"number": number}
