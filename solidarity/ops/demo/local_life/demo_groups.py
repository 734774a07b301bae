"""Two neighbourhood groups of the demonstration, a request to join, and three unclear messages for the desk."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from needs.messages.channels import inbox
from needs.messages.channels.models import DialogueStep
from needs.models import Correspondent, Dialogue, Group, GroupMember, InboundMessage, JoinRequest
from needs.neighbours.groups.models import GroupRole
from solidarity.ops.demo.people import SPACE, Cast
from volunteers.enums import Medium
from volunteers.models import Territory

GATEWAY = "demo"


@dataclass(frozen=True, slots=True)
class _Unclear:
    """A person who wrote a message. number: a telephone number from the range that is never given to anybody. guess:
    the guess in the form in which the dialogue stores it."""

    number: str
    language: str
    texts: tuple[str, ...]
    minutes: int
    guess: dict[str, Any]
    danger: tuple[str, ...] = field(default=())


_UNCLEAR = (
    _Unclear(
        "+33199000101", "fr", ("Slt ya 2 perssone vers le vieux pont elles ont froid", "depuis hier"), 50,
        {"kinds": ["blanket"], "persons": 2, "place": {"words": "vers le vieux pont"},
         "reasons": {"kinds": ["froid"], "persons": ["2"], "place": "several"}},
    ),
    _Unclear(
        "+33199000102", "ar", ("أحتاج مكان للنوم الليلة مع طفلي",), 25,
        {"kinds": ["shelter"], "urgency": "now", "reasons": {"kinds": ["للنوم"], "urgency": ["الليلة"]}},
    ),
    _Unclear(
        "+33199000103", "en", ("man on the steps by the canal, his lips are blue, dont know the street",), 4,
        {"kinds": ["health"], "urgency": "now", "persons": 1, "place": {"words": "steps by the canal"},
         "reasons": {"kinds": ["lips"], "urgency": "danger", "persons": ["man"], "place": "several"}, "own": False},
        danger=("blue_lips",),
    ),
)  # fmt: skip
_GROUPS = (
    (
        "Voisines et voisins du canal",
        "On se retrouve le jeudi pour un café chaud avec celles et ceux qui vivent dehors.",
        True,
    ),
    ("Soupe du dimanche", "Cuisiner ensemble, distribuer ensemble.", False),
)
WELCOME = "Bienvenue ! Venez une fois pour voir, sans vous engager."


def enter(cast: Cast, paris: Territory, until: datetime) -> dict[str, int]:
    """Store groups and messages, and delete the rows of an earlier demonstration; return row counts."""
    districts = list(Territory.objects.filter(parent=paris).order_by("slug")[:2]) or [paris]
    for number, (name, about, asks_first) in enumerate(_GROUPS):
        key = uuid.uuid5(SPACE, f"group {number}")
        Group.objects.filter(pk=key).delete()
        group = Group.objects.create(
            id=key, name=name, about=about, welcome=WELCOME, asks_first=asks_first, made_at=until - timedelta(days=40),
            territory=districts[number % len(districts)], made_by_id=cast.members[number][0],
        )  # fmt: skip
        people = [*cast.members[number][:3], cast.logins["volunteer"]]
        for place, user in enumerate(dict.fromkeys(people)):
            role = GroupRole.MEMBER if place else GroupRole.HOST
            GroupMember.objects.create(
                group=group, user_id=user, role=role, joined_at=until - timedelta(days=30 - place)
            )
        if asks_first:
            word = "J’habite à côté et j’ai une grande cafetière."
            JoinRequest.objects.create(
                group=group, user_id=cast.newcomer, word=word, asked_at=until - timedelta(hours=5)
            )
    return {"groups": len(_GROUPS), "unclear messages": sum(_unclear(each, until) for each in _UNCLEAR)}


def _unclear(said: _Unclear, until: datetime) -> int:
    """Store the messages of one person; return their number."""
    person = inbox.correspondent_of(Medium.SMS, said.number)
    person.dialogues.all().delete()
    InboundMessage.objects.filter(correspondent=person).delete()
    at = until - timedelta(minutes=said.minutes)
    Correspondent.objects.filter(pk=person.pk).update(language=said.language, first_at=at, last_at=at)
    dialogue = Dialogue.objects.create(
        id=uuid.uuid5(SPACE, said.number), correspondent=person, step=DialogueStep.DESK, to_desk_at=at, opened_at=at,
        guess=said.guess,
    )  # fmt: skip
    for number, text in enumerate(said.texts):
        sent = at + timedelta(minutes=number)
        InboundMessage.objects.create(
            correspondent=person, dialogue=dialogue, gateway=GATEWAY, provider_id=f"{dialogue.pk}-{number}", text=text,
            received_at=sent, stored_at=sent, read_at=sent, danger=list(said.danger),
        )  # fmt: skip
    return len(said.texts)
