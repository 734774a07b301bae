"""The reasons for a status in bands, for volunteers: the parts of the coordinators' page without their numbers.

Every word depends on ``ReleasedBands`` only, so the page reveals no more than the volunteers' release
(docs/privacy.md).
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from mapping.enums import KEY_STATUS, Status
from mapping.map.wording import rounding, sentences, status_words
from mapping.map.wording.rounding import ZoneFigures
from mapping.map.wording.sentences import WEEK

UNLIKELY, POSSIBLE, LIKELY, VERY_LIKELY = range(4)
SEARCHED = frozenset((Status.COVERED, Status.UNDER_COVERED, Status.UNCOVERED, Status.CONTRADICTORY))


@dataclass(frozen=True, slots=True)
class ReleasedBands:
    """The data about a zone in the volunteers' release. model: the status that the model gives. people, chance, search:
    positions in the lists of people_bands, chance_bands and search_bands. recent_days: the parameter of the model."""

    model: Status
    people: int
    chance: int
    search: int
    recent_days: int

    @classmethod
    def of(cls, zone: ZoneFigures) -> "ReleasedBands":
        return cls(
            KEY_STATUS[zone.computed],
            people_bands().index(rounding.persons_band(zone.persons)),
            chance_bands().index(rounding.chance_band(zone.chance)),
            search_bands(zone.recent_days).index(sentences.search_band(zone.searched_days, zone.recent_days)),
            zone.recent_days,
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of the page. scale: all bands from low to high, empty without a scale. at: position of the zone's band in
    ``scale``."""

    name: str
    title: str
    text: str
    scale: list[str]
    at: int


def people_bands() -> list[str]:
    return [rounding.persons_band(persons) for persons in (0, 3, 10)]


def chance_bands() -> list[str]:
    return [rounding.chance_band(chance) for chance in (0, 10, 25, 60)]


def search_bands(recent_days: int) -> list[str]:
    """Return the bands of the last search, from the newest to none at all."""
    samples = [0, *([recent_days] if recent_days > WEEK else []), recent_days + 1, None]
    return [sentences.search_band(days, recent_days) for days in samples]


def reasons(bands: ReleasedBands) -> list[Reason]:
    """Return the parts of the page in the order of the coordinators' page."""
    searched = bands.model in SEARCHED
    return [
        Reason("seen", _("What was seen"), _seen(bands), people_bands(), bands.people),
        Reason("effort", _("How much was searched"), _effort(bands, searched), _efforts(bands), _effort_at(bands, searched)),
        Reason("age", _("How old this is"), _age(), search_bands(bands.recent_days), bands.search),
        Reason("chance", _("Is help missing?"), _chance(), chance_bands(), bands.chance),
        Reason("certainty", _("How sure the map is"), _certainty(bands, searched), [], 0),
    ]  # fmt: skip


def _seen(bands: ReleasedBands) -> str:
    if bands.model in (Status.NOT_SEARCHED, Status.TO_VERIFY):
        return _(
            "How many people are likely to be there. With so little search, this comes mostly from reports by "
            "citizens, from the places around and from the last official count."
        )
    return _("How many people are likely to be there, from what teams and citizens saw.")


def _efforts(bands: ReleasedBands) -> list[str]:
    return [status_words.never_searched(bands.recent_days), status_words.searched_too_little(), _("searched enough")]


def _effort_at(bands: ReleasedBands, searched: bool) -> int:
    if searched:
        return 2
    recent = len(search_bands(bands.recent_days)) - 2  # the last two bands do not count as recent
    return 1 if bands.search < recent else 0


def _effort(bands: ReleasedBands, searched: bool) -> str:
    if searched:
        return _("Teams have searched enough lately for the map to decide.")
    return _("Teams have not searched enough lately. “Nobody was seen” counts only where somebody searched.")


def _age() -> str:
    return _("The last search by a team. The older a visit is, the less it counts.")


def _chance() -> str:
    return _("The chance that the help given is not enough for the people there.")


def _certainty(bands: ReleasedBands, searched: bool) -> str:
    if not searched:
        return _("Not sure. Without enough search, the map can only guess.")
    return {
        UNLIKELY: _("Rather sure: help probably reaches the people there."),
        POSSIBLE: _("Not sure: what teams saw allows both answers."),
        LIKELY: _("Rather sure: help is probably missing."),
        VERY_LIKELY: _("Sure: help is very probably missing."),
    }[bands.chance]


def changes(model: Status) -> list[str]:
    """Describe in general terms what would change a status. The act that changes most comes first."""
    visit_nobody = _("A visit of half an hour that meets nobody: such a place usually becomes “covered”.")
    visit_people = _("A visit that meets people without enough help: the place becomes “under-covered” or “uncovered”.")
    return {
        Status.COVERED: [
            _("No visit for some weeks: then nobody knows any more, and the place is no longer “covered”."),
            _("More people there than help reaches: the place becomes “under-covered”."),
        ],
        Status.UNDER_COVERED: [
            _("Help for the people there, written down by a team."),
            _("A visit that meets nobody any more."),
        ],
        Status.UNCOVERED: [
            _("A first visit with help, written down by a team: the place becomes “under-covered” at least."),
            _("A visit that meets nobody any more."),
        ],
        Status.TO_VERIFY: [visit_nobody, visit_people],
        Status.NOT_SEARCHED: [visit_nobody, visit_people],
        Status.CONTRADICTORY: [_("One more visit: what it sees decides between “covered” and “under-covered”.")],
        Status.SEARCHED: [],
    }[model]


def unknowns() -> list[str]:
    """Describe what the page leaves out."""
    return [
        _("Everything that happened since the day of these figures."),
        _("The figures do not include help that nobody logged."),
        _("The figures do not show differences between the hours of the day."),
    ]
