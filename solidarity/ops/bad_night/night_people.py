"""The people who take part in the night, and the needs that wait for them; both are stored before the night begins."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.gis.geos import Point
from django.utils import timezone

from needs.enums import Category, NeedState, Urgency
from needs.models import Need
from solidarity.lib import grid
from volunteers.enums import Duty, Role
from volunteers.models import Assignment, Association, Membership, Territory, User, Vouch
from volunteers.people.accounts.password_hasher import LightArgon2Hasher
from volunteers.places.territories import duties

PURPOSE = "load test of a bad night"


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people who take part, as addresses for signing in. territory: slug of the territory. box: the south, west,
    north and east edges, in degrees."""

    members: Sequence[str]
    volunteers: Sequence[str]
    dispatchers: Sequence[str]
    coordinator: str
    password: str
    territory: str
    box: tuple[float, float, float, float]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def gather(territory: Territory, *, members: int, volunteers: int, dispatchers: int, needs: int) -> Crowd:
    """Store accounts for a territory and the territories below it, and needs there that are new or open."""
    password = uuid.uuid4().hex
    hasher = LightArgon2Hasher()
    hashed = hasher.encode(password, hasher.salt())  # one for all; checking it takes as long as for a real password
    association, _made = Association.objects.get_or_create(slug="bad-night", defaults={"name": "Bad night"})

    def people(kind: str, number: int) -> list[User]:
        emails = [f"{kind}-{each}@night.example" for each in range(number)]
        User.objects.filter(email__in=emails).delete()
        made = User.objects.bulk_create(User(email=email, password=hashed, display_name=email[:20]) for email in emails)
        EmailAddress.objects.bulk_create(
            EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in made
        )
        return made

    of_team, helpers, desk = (
        people("member", members),
        people("volunteer", volunteers),
        people("dispatcher", dispatchers),
    )
    [coordinator] = people("coordinator", 1)
    Membership.objects.bulk_create(Membership(user=user, association=association) for user in of_team)
    Membership.objects.bulk_create(
        Membership(user=user, association=association, role=Role.DISPATCHER) for user in desk
    )
    Vouch.objects.bulk_create(
        Vouch(user=user, association=association, accepted=True, answered_at=timezone.now()) for user in helpers
    )
    Assignment.objects.bulk_create(
        [Assignment(user=user, territory=territory, duty=Duty.VOLUNTEER) for user in helpers]
        + [Assignment(user=user, territory=territory, duty=Duty.DISPATCHER) for user in desk]
        + [Assignment(user=coordinator, territory=territory, duty=Duty.COORDINATOR, purpose=PURPOSE)]
    )
    for user in desk:
        duties.go_on_duty(user)
    west, south, east, north = territory.polygon.extent
    box = (south, west, north, east)
    _wait_for_help(box, needs)
    emails, helping, dispatching = ([user.email for user in group] for group in (of_team, helpers, desk))
    return Crowd(emails, helping, dispatching, coordinator.email, password, territory.slug, box)


def _wait_for_help(box: tuple[float, float, float, float], count: int) -> None:
    """Store needs around the middle of a box. Half are new, for the desk; half are open, to be taken."""
    chance, now = random.Random(18), timezone.now()
    south, west, north, east = box
    kinds, rows = [Category.FOOD, Category.BLANKET, Category.SHELTER], []
    for number in range(count):
        lat = (south + north) / 2 + chance.uniform(-0.2, 0.2) * (north - south)
        lng = (west + east) / 2 + chance.uniform(-0.2, 0.2) * (east - west)
        cell, fine = grid.cells_of(lat, lng)
        at = now - timedelta(minutes=chance.uniform(1, 600))
        rows.append(
            Need(
                id=uuid.uuid4(), content_hash="0" * 64, at=at, filed_at=at, point=Point(lng, lat, srid=4326), cell=cell,
                fine_cell=fine, kinds=[chance.choice(kinds)], urgency=chance.choice(Urgency.values),
                persons=chance.randint(1, 4), state=NeedState.NEW if number % 2 else NeedState.OPEN,
            )
        )  # fmt: skip
    Need.objects.bulk_create(rows, batch_size=2000)
