"""Tonight's figures and the reasons of suggestions in words, at the reader's level of detail."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.map.wording import sentences
from mapping.plans.tour_plans.tonight import Suggested
from mapping.plans.tour_plans.tour_suggestions import Reason


def people(persons: float, detail: str) -> str:
    """Format a number of people: a whole number for coordinators, a step of five for associations."""
    whole = round(persons)
    return sentences.whole(whole) if detail == "exact" else sentences.persons_bucket(whole)


def reason(pick: Suggested, detail: str) -> str:
    """Explain why a cell is suggested, with its numbers; without a count, without a number of people."""
    needs = ngettext("%(number)s need is open here.", "%(number)s needs are open here.", pick.needs)
    needs = needs % {"number": sentences.whole(pick.needs)} if pick.needs else ""
    if pick.persons is None:
        met = _("Teams met people here.") if pick.reason is Reason.SIGHTINGS else ""
        last = _("Last search: %(when)s.") % {"when": searched(pick.days)}
        return " ".join(filter(None, (needs, met, last)))
    tenths = number_format(pick.persons, decimal_pos=1)
    words = {
        "people": tenths if detail == "exact" else sentences.persons_bucket(round(pick.persons)),
        "when": searched(pick.days),
    }
    if pick.reason is Reason.OLDEST_UNSEARCHED:
        long = _(
            "This place has gone longest without a visit by a team. Last search: %(when)s. People expected "
            "here: %(people)s."
        )
        return f"{long % words} {needs}".rstrip()
    people_there = _("People expected here: %(people)s. Last search: %(when)s.") % words
    order = (needs, people_there) if pick.reason is Reason.OPEN_NEEDS else (people_there, needs)
    return " ".join(filter(None, order))


def searched(days: int | None) -> str:
    """Describe when a cell was last searched."""
    if days is None:
        return pgettext("when a place was searched", "never")
    if days == 0:
        return pgettext("when a place was searched", "today")
    return ngettext("%(number)s day ago", "%(number)s days ago", days) % {"number": sentences.whole(days)}
