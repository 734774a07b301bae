"""The people whom a coordinator may see, and the access that each of them has.

Coordinators see people with a duty in their territories, people who dispatch or coordinate above, people who ask for a
duty there, and members of associations that dispatch there. Administrators see everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import models
from django.db.models import CharField, Exists, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Duty, Role
from volunteers.models import ApiToken, Assignment, DutyRequest, Membership, Territory, User, Vouch
from volunteers.people.accounts.viewer import Viewer


class Show(models.TextChoices):
    """Parts of the list."""

    ALL = "all", _("everybody")
    COORDINATORS = "coordinators", _("coordinators")
    DISPATCHERS = "dispatchers", _("dispatchers")
    VOLUNTEERS = "volunteers", _("volunteers")
    MEMBERS = "members", _("members of associations")
    NO_FACTOR = "no_factor", _("without a second factor that they need")
    BLOCKED = "blocked", _("blocked")


@dataclass(slots=True)
class Access:
    """The access of one person.

    duties: the duties in the viewer's territories and above. tokens_until: the last expiry of their API tokens; None
    without a valid token. needs_factor: whether these duties and memberships require a second factor.
    """

    person: User
    duties: list[Assignment] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    vouches: list[Vouch] = field(default_factory=list)
    tokens_until: datetime | None = None
    has_factor: bool = False

    @property
    def needs_factor(self) -> bool:
        duty = any(row.duty != Duty.VOLUNTEER for row in self.duties)
        return duty or self.person.is_staff or any(row.role == Role.DISPATCHER for row in self.memberships)


def visible_duties(viewer: Viewer) -> QuerySet[Assignment]:
    """Return the current duties in the viewer's territories, and the duties of dispatchers and coordinators of the
    territories above, because these have access there too."""
    current = Assignment.objects.current()
    if viewer.is_administrator and viewer.view_as is None:
        return current
    coordinated = Territory.objects.coordinated_by(viewer)
    here = ExpressionWrapper(OuterRef("territory__path"), CharField())
    below = coordinated.alias(above=here).filter(path__startswith=F("above"))
    return current.filter(Q(territory__in=coordinated) | ~Q(duty=Duty.VOLUNTEER) & Exists(below))


def people_visible_to(viewer: Viewer) -> QuerySet[User]:
    """Return the accounts that the viewer may see, blocked ones included. Only coordinators and administrators may see
    accounts."""
    if viewer.view_as is not None or viewer.account is None:
        return User.objects.none()
    if viewer.is_administrator:
        return User.objects.all()
    coordinated = Territory.objects.coordinated_by(viewer)
    duties = visible_duties(viewer)
    asked = DutyRequest.objects.waiting().filter(territory__in=coordinated)
    members = Membership.objects.current().filter(association__in=associations_here(viewer))
    known = Q(pk__in=duties.values("user")) | Q(pk__in=asked.values("user")) | Q(pk__in=members.values("user"))
    return User.objects.filter(known)


def associations_here(viewer: Viewer) -> "QuerySet[Membership, Any]":
    """Return the ids of the associations whose dispatchers have a duty in the viewer's territories or above."""
    dispatching = visible_duties(viewer).filter(duty=Duty.DISPATCHER).values("user")
    return Membership.objects.dispatching().filter(user__in=dispatching).values("association")


def select(people: QuerySet[User], viewer: Viewer, show: str, said: str = "") -> QuerySet[User]:
    """Return a part of the list, in the order of names. said: the text that was typed: a part of a name, or a whole
    e-mail address."""
    duties = visible_duties(viewer)
    dispatchers = Membership.objects.dispatching().values("user")
    factor = Authenticator.objects.values("user")
    powers = duties.exclude(duty=Duty.VOLUNTEER).values("user")
    parts: dict[str, Q] = {
        Show.COORDINATORS: Q(pk__in=duties.filter(duty=Duty.COORDINATOR).values("user")),
        Show.DISPATCHERS: Q(pk__in=duties.filter(duty=Duty.DISPATCHER).values("user")) | Q(pk__in=dispatchers),
        Show.VOLUNTEERS: Q(pk__in=duties.filter(duty=Duty.VOLUNTEER).values("user")),
        Show.MEMBERS: Q(pk__in=Membership.objects.current().values("user")),
        Show.NO_FACTOR: (Q(pk__in=powers) | Q(pk__in=dispatchers) | Q(is_staff=True)) & ~Q(pk__in=factor),
        Show.BLOCKED: Q(is_active=False),
    }
    if show in parts:
        people = people.filter(parts[show])
    if said:
        people = people.filter(Q(display_name__icontains=said) | Q(email__iexact=said))
    return people.select_related("block").order_by("display_name", "email")


def access_of(people: Sequence[User], viewer: Viewer) -> list[Access]:
    """Return the access of each person, in the same order, with five queries for all of them."""
    found = {person.pk: Access(person) for person in people}
    belongs = Membership.objects.current().filter(user__in=found).select_related("association")
    for membership in belongs.order_by("joined_at"):
        found[membership.user_id].memberships.append(membership)
    held = visible_duties(viewer).filter(user__in=found).select_related("territory").defer("territory__polygon")
    for duty in held.order_by("territory__path", "duty"):
        found[duty.user_id].duties.append(duty)
    for vouch in Vouch.objects.current().filter(user__in=found).select_related("association"):
        found[vouch.user_id].vouches.append(vouch)
    tokens = ApiToken.objects.usable(timezone.now()).filter(user__in=found).order_by().values_list("user")
    for key, until in tokens.annotate(until=Max("expires_at")):
        found[key].tokens_until = until
    for key in Authenticator.objects.filter(user__in=found).values_list("user", flat=True):
        found[key].has_factor = True
    return list(found.values())
