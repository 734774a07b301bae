"""Offers of the demonstration's volunteers, capacities of its associations, open proposals, one offer of help."""

import random
from datetime import datetime, time, timedelta

from needs.enums import Category, Channel, NeedState
from needs.help.matching import candidates, capacities, proposals
from needs.models import Capacity, HelpOffer, Need, Proposal
from solidarity.lib import grid
from solidarity.ops.demo.narrative.story import PARIS
from solidarity.ops.demo.people import Cast
from volunteers.enums import Language, Skill
from volunteers.models import Association, User
from volunteers.people.availability import offers
from volunteers.people.availability.offers import Availability, Weekly

LOGIN_OFFER = {
    "skills": (Skill.COOKING, Skill.LISTENING, Skill.FIRST_AID),
    "languages": (Language.FRENCH, Language.ARABIC),
    "radius": 5000,
    "most": 3,
}
_SKILLS = tuple(Skill)
_LANGUAGES = tuple(language for language in Language if language is not Language.FRENCH)
PROPOSED = 2
"""Number of needs proposed to the volunteer's login."""
ASKED = 4
"""Largest number of other needs proposed to somebody."""


def enter(cast: Cast, number: int, until: datetime) -> dict[str, int]:
    """Store profiles, capacities and proposals; return row counts. The result depends only on the seed and the stored
    needs."""
    dice = random.Random(f"offers:{number}")
    needs = list(
        Need.objects.takeable().filter(channel=Channel.DEMO, state=NeedState.OPEN).exclude(cell=None).order_by("pk")
    )
    Proposal.objects.filter(volunteer__in=_everybody(cast)).delete()
    profiles = sum(_offer(User.objects.get(pk=user), needs, dice, until) for user in _everybody(cast))
    for place, association in enumerate(cast.associations):
        _capacity(Association.objects.get(pk=association), needs, place, dice)
    return {
        "profiles": profiles,
        "capacities": Capacity.objects.filter(association__in=cast.associations).count(),
        "proposals": _propose(cast, needs, until),
        "help_offers": _offer_help(cast, needs, until),
    }


def _offer_help(cast: Cast, needs: list[Need], until: datetime) -> int:
    """Store the newcomer's offer to help with the latest open need; it waits for a dispatcher."""
    HelpOffer.objects.filter(user=cast.newcomer).delete()
    latest = max(needs, key=lambda need: (need.at, need.pk), default=None)
    if latest is None:
        return 0
    text = "J’ai des couvertures et je peux passer à 20 h."
    HelpOffer.objects.create(need=latest, user_id=cast.newcomer, text=text, made_at=until - timedelta(minutes=25))
    return 1


def _everybody(cast: Cast) -> list[int]:
    return sorted({*cast.volunteers, *(user for team in cast.members for user in team)})


def _offer(user: User, needs: list[Need], dice: random.Random, until: datetime) -> int:
    """Store a profile near needs. The profile of the volunteer's login has everything that its page can show."""
    near = dice.choice(needs).cell if needs else None
    evening = until.astimezone(PARIS).weekday()
    days = sorted({evening, (evening + 1) % 7, *dice.sample(range(7), 2)})
    weekly = [Weekly(day, time(18), dice.choice([time(22), time(23), time(1)])) for day in days]
    own = {
        "skills": tuple(dice.sample(_SKILLS, dice.randint(1, 3))),
        "languages": (Language.FRENCH, *dice.sample(_LANGUAGES, dice.randint(0, 2))),
        "radius": dice.choice([2000, 3000, 5000]),
        "most": dice.randint(1, 3),
    }
    if user.email.startswith("volunteer@"):
        own = LOGIN_OFFER
        weekly = [Weekly(day, time(18, 30), time(0, 30)) for day in range(7)]
    offers.store(user, Availability(base=grid.centre(near) if near else None, weekly=tuple(weekly), **own))  # type: ignore[arg-type]
    return 1


def _capacity(association: Association, needs: list[Need], place: int, dice: random.Random) -> None:
    kinds = [Category.FOOD, *dice.sample([Category.BLANKET, Category.CLOTHES, Category.HYGIENE, Category.TENT], 2)]
    cell = needs[place * 7 % len(needs)].cell if needs else None
    base = grid.centre(cell) if cell is not None else None
    capacities.save_capacities(association, {str(kind): dice.randint(3, 12) for kind in kinds}, base, 10_000)


def _propose(cast: Cast, needs: list[Need], until: datetime) -> int:
    """Propose some needs to the volunteer's login and some to others, in the dispatcher's name."""
    by = User.objects.get(pk=cast.logins["dispatcher"])
    login = User.objects.get(pk=cast.logins["volunteer"])
    now = until - timedelta(minutes=40)
    made = 0
    for match in candidates.needs_for_volunteer(login.profile, now)[:PROPOSED]:
        made += len(proposals.propose_pairs([(match.need, login.pk)], by, now))
    for need in needs[:: max(1, len(needs) // (ASKED + 1))][:ASKED]:
        first = [match.user for match in candidates.volunteers_for_need(need, now) if match.user != login.pk][:1]
        made += len(proposals.propose_pairs([(need.pk, user) for user in first], by, now))
    return made
