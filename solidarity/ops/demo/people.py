"""Invented associations with their members, and one login per role."""

import uuid
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.utils import timezone

from volunteers.enums import Duty, Role
from volunteers.models import Assignment, Association, Membership, Territory, User, Vouch, WorkArea
from volunteers.places.territories import duties

SPACE = uuid.UUID("6c0d1a52-6f0b-5f3e-9a57-0c7f6a3e8b11")
DOMAIN = "demo.example"
PASSWORD = "maraude-demo"


@dataclass(frozen=True, slots=True)
class Team:
    """An association of the demonstration. home: the arrondissements of the team."""

    slug: str
    name: str
    home: tuple[int, ...]
    members: tuple[str, ...]


TEAMS = (
    Team("la-louche-vagabonde", "La Louche Vagabonde", (10, 11, 19), ("Awa", "Bastien", "Chloé", "Driss")),
    Team("lanternes-du-canal", "Les Lanternes du Canal-Neuf", (18, 9, 17), ("Élise", "Farouk", "Gaëlle", "Hugo")),
    Team("thermos-et-trottoirs", "Thermos & Trottoirs", (1, 2, 3, 4), ("Inès", "Jonas", "Katia", "Léonard")),
    Team("echarpe-commune", "L’Écharpe Commune", (5, 6, 7, 8), ("Maud", "Nassim", "Odile", "Paolo")),
    Team("gant-retrouve", "Le Gant Retrouvé", (13, 14, 12, 20), ("Quentin", "Rosa", "Samir", "Tiphaine")),
    Team("veilleurs-du-quinze", "Les Veilleurs de la Boussole", (15, 16), ("Ulysse", "Violette", "Wassim")),
)

VOLUNTEERS = ("Xavière", "Yanis")
NEWCOMER = "Zélie"
"""A volunteer whom no association knows yet."""
VOLUNTEER_PLACES = (6, 14, 15)
DISTRICT_TEAM = TEAMS[5]
"""The association of the login that dispatches in its arrondissements only."""
PURPOSE = "Coordonner les maraudes de l’hiver et répartir les tournées entre associations (démonstration)"


@dataclass(frozen=True, slots=True)
class Login:
    """The account of a role. name: shown to the team. team: slug of its association."""

    role: str
    mailbox: str
    name: str
    team: str = ""

    @property
    def email(self) -> str:
        return f"{self.mailbox}@{DOMAIN}"


LOGINS = (
    Login("volunteer", "volunteer", "Camille"),
    Login("member", "member", "Sacha", TEAMS[0].slug),
    Login("dispatcher", "dispatcher", "Dominique", TEAMS[0].slug),
    Login("district", "district", "Noa"),
    Login("coordinator", "coordinator", "Claude"),
    Login("administrator", "administrator", "Alix"),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Primary keys of associations (in the order of TEAMS), of members by association, and of logins by mailbox.

    newcomer: a person whom no association knows yet.
    """

    associations: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    volunteers: tuple[int, ...]
    logins: dict[str, int]
    newcomer: int


def enter(paris: Territory, passwords: bool) -> Cast:
    """Store or reset associations, accounts and duties.

    passwords: whether the logins get the public password. Otherwise nobody can sign in to them.
    """
    associations, members = [], []
    users: dict[str, User] = {}
    for team in TEAMS:
        association, _made = Association.objects.update_or_create(
            slug=team.slug, defaults={"name": team.name, "key": uuid.uuid5(SPACE, team.slug)}
        )
        associations.append(association)
        for name in team.members:
            users[f"{name}/{team.slug}"] = _account(name, _mailbox(name))
        members.append([users[f"{name}/{team.slug}"] for name in team.members])
    volunteers = [_account(name, _mailbox(name)) for name in VOLUNTEERS]
    logins = {login.mailbox: _login(login, passwords) for login in LOGINS}
    by_slug = {team.slug: number for number, team in enumerate(TEAMS)}
    for login in LOGINS:
        if login.team:
            members[by_slug[login.team]].insert(0, logins[login.mailbox])
    for association, people in zip(associations, members, strict=True):
        for number, user in enumerate(people):
            # The dispatchers are the dispatcher's login, and in every other association the first member.
            dispatching = user == logins["dispatcher"] or (number == 0 and association != associations[0])
            Membership.objects.get_or_create(
                user=user,
                association=association,
                left_at=None,
                defaults={"role": Role.DISPATCHER if dispatching else Role.MEMBER},
            )
    district = associations[TEAMS.index(DISTRICT_TEAM)]
    Membership.objects.get_or_create(
        user=logins["district"], association=district, left_at=None, defaults={"role": Role.DISPATCHER}
    )
    _assign(paris, logins, volunteers)
    for association in associations:  # each works in all of the city, as its dispatchers only do in their districts
        WorkArea.objects.get_or_create(association=association, territory=paris, defaults={"by": logins["coordinator"]})
    newcomer = _account(NEWCOMER, _mailbox(NEWCOMER))
    _vouch(associations[0], [logins["volunteer"], *volunteers], newcomer, logins["dispatcher"])
    _staff(paris, logins, [people[0] for people in members[1:]])
    return Cast(
        tuple(association.pk for association in associations),
        tuple(tuple(user.pk for user in people) for people in members),
        (logins["volunteer"].pk, *(user.pk for user in volunteers)),
        {mailbox: user.pk for mailbox, user in logins.items()},
        newcomer.pk,
    )


def _mailbox(name: str) -> str:
    return name.lower().translate(str.maketrans("éèëêàâôûùïîç", "eeeeaaouuiic"))


def _account(name: str, mailbox: str) -> User:
    """Return an account that nobody can sign in to."""
    email = f"{mailbox}@{DOMAIN}"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, None, display_name=name, key=uuid.uuid5(SPACE, email))
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _login(login: Login, passwords: bool) -> User:
    user = _account(login.name, login.mailbox)
    if passwords:
        user.set_password(PASSWORD)
    else:
        user.set_unusable_password()
    user.is_staff = user.is_superuser = login.mailbox == "administrator"
    user.save()
    return user


def _assign(paris: Territory, logins: dict[str, User], volunteers: list[User]) -> None:
    districts = {t.slug: t for t in Territory.objects.under(paris).zoned()}
    for number in VOLUNTEER_PLACES:
        for user in (logins["volunteer"], *volunteers):
            Assignment.objects.get_or_create(
                user=user, territory=districts[f"paris-{number}"], duty=Duty.VOLUNTEER, ended_at=None
            )
    Assignment.objects.get_or_create(
        user=logins["coordinator"], territory=paris, duty=Duty.COORDINATOR, ended_at=None, defaults={"purpose": PURPOSE}
    )


def _vouch(association: Association, known: list[User], newcomer: User, dispatcher: User) -> None:
    """Let an association vouch for the volunteers; the newcomer's request waits."""
    for user in known:
        Vouch.objects.get_or_create(
            user=user, association=association, accepted=True, ended_at=None,
            defaults={"answered_by": dispatcher, "answered_at": timezone.now()},
        )  # fmt: skip
    text = "J’ai suivi deux maraudes avec vous en novembre."
    Vouch.objects.get_or_create(
        user=newcomer, association=association, accepted=None, ended_at=None, defaults={"text": text}
    )


def _staff(paris: Territory, logins: dict[str, User], others: list[User]) -> None:
    """Give dispatchers their territories: one gets all of Paris, the others get the home of their association. All are
    on duty."""
    districts = {t.slug: t for t in Territory.objects.under(paris).zoned()}
    home = [(user, team.home) for user, team in zip(others, TEAMS[1:], strict=True)]
    for user, numbers in (*home, (logins["district"], DISTRICT_TEAM.home)):
        for number in numbers:
            _dispatch(user, districts[f"paris-{number}"])
    _dispatch(logins["dispatcher"], paris)


def _dispatch(user: User, territory: Territory) -> None:
    Assignment.objects.get_or_create(user=user, territory=territory, duty=Duty.DISPATCHER, ended_at=None)
    duties.go_on_duty(user)
