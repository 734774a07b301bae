"""Whom a dispatcher can ask about one need, as one choice: a volunteer who fits, a relief group or an association."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from needs.enums import TAKEABLE_STATES
from needs.help.assignments import assigning
from needs.help.commitments.taking import free_kinds
from needs.help.matching import candidates, match_presenter
from needs.help.matching import proposals as proposing
from needs.models import Need, NeedAssignment
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

MOST_PEOPLE = 8
"""Number of volunteers in the choice. The page “Whom could we ask?” lists all of them."""
MOST_REASONS = 2
PERSON = "person"

type Choices = list[tuple[str, list[tuple[str, str]]]]


def choices_for(need: Need, reader: User, now: datetime) -> Choices:
    """Return the groups of choices: (name of the group, its (key, words)). They are empty if nobody can be asked.

    A volunteer is named only to fellow members. Associations and relief groups are left out while one of them already has
    the need to answer or to do.
    """
    if need.state not in assigning.ASSIGNABLE or not free_kinds(need):
        return []
    return [(name, choices) for name, choices in _groups(need, reader, now) if choices]


def _groups(need: Need, reader: User, now: datetime) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    yield _("Volunteers who fit"), _people(need, reader, now)
    if NeedAssignment.objects.live().filter(need=need).exists():
        return
    options = assigning.options_for([need.crisis_id] if need.crisis_id else [])
    yield _("Relief groups"), [(each.key, each.name) for each in options if each.is_group]
    yield _("Associations"), [(each.key, each.name) for each in options if not each.is_group]


def _people(need: Need, reader: User, now: datetime) -> list[tuple[str, str]]:
    if need.state not in TAKEABLE_STATES:
        return []
    pairs = candidates.volunteers_for_need(need, now)[:MOST_PEOPLE]
    return [
        (f"{PERSON}:{row.token}", " · ".join([row.name or _("A volunteer"), *row.reasons[:MOST_REASONS]]))
        for row in match_presenter.people(pairs, reader, now)
    ]


def ask(need: Need, key: str, viewer: Viewer, now: datetime) -> bool:
    """Ask a person to take a need, or assign it to a group or an association. key: the key of a choice.

    Return False if the choice does not exist any more. Raises AssignRefused.
    """
    kind, _colon, token = key.partition(":")
    if kind == PERSON:
        return bool(proposing.propose(need, match_presenter.chosen(need, [token], now), viewer.user_or_404))
    choice = assigning.chosen(key)
    if choice is None:
        return False
    assigning.assign(need.pk, choice, viewer)
    return True
