"""A pause for people who open places and give the needs back without going there: they cannot take needs until the next
day."""

from needs.help.exact_places import budget, days, desk_messages
from needs.help.exact_places.eligibility import GIVE_BACKS, VISITS, give_backs_today
from needs.models import Commitment
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def pause_if_harvesting(given_back: Commitment, user: User) -> None:
    """Notify the dispatchers if a give-back pauses the person until tomorrow. Call it in the give-back's transaction.

    Nothing is stored: :func:`eligibility.is_paused` counts the needs given back on the day.
    """
    if given_back.reason in VISITS and not given_back.unvisited:
        return
    lock([budget.person_lock_name(user)])
    number = give_backs_today(user).count()
    if number == GIVE_BACKS:
        desk_messages.paused(user, given_back.need, days.today())
        details = {"given_back": number}
        recording.record(None, Verb.TAKING_PAUSED, "account", user.key, purpose=Purpose.CARE, details=details)
