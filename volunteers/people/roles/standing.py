"""What an account may do: its memberships, vouches and duties, read with one query.

A request that only reads (GET, HEAD) asks once and keeps the answer until its end, on its own user. Every other request,
every task and every verb asks each time, because it may change the answer.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from solidarity.lib.database.kept_query import KeptValues
from volunteers.enums import Duty
from volunteers.models import Assignment, Membership, User, Vouch

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

_READS = ("GET", "HEAD")
_KEPT = "kept_standing"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account may do, without the rights of administrators.

    member: a current member of an association. association_dispatcher: dispatches for one of them. vouched_for: an
    association vouches for the person. duties: the current duties. paths: the paths of the territories of these duties,
    in order; several duties in one territory give its path once.
    """

    member: bool
    association_dispatcher: bool
    vouched_for: bool
    duties: frozenset[str]
    paths: tuple[str, ...]

    @property
    def is_vouched(self) -> bool:
        """Whether the person is a member of an association or an association vouches for them."""
        return self.member or self.vouched_for

    @property
    def dispatches(self) -> bool:
        return Duty.DISPATCHER in self.duties

    @property
    def coordinates(self) -> bool:
        return Duty.COORDINATOR in self.duties


def _query(user: int, now: datetime) -> QuerySet[Any, Any]:
    own = {"user": OuterRef("pk")}
    duties = Assignment.objects.current(now).filter(**own).order_by("territory__path", "duty")
    return User.objects.filter(pk=user).values_list(
        Exists(Membership.objects.current().filter(**own)),
        Exists(Membership.objects.dispatching().filter(**own)),
        Exists(Vouch.objects.current().filter(**own)),
        ArraySubquery(duties.values("duty")),
        ArraySubquery(duties.values("territory__path")),
    )


_OF = KeptValues({"user": 123_456_789, "now": datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())}, _query)
_NOBODY = Standing(False, False, False, frozenset(), ())


def of(user: User) -> Standing:
    """Return what a person may do now; in a request that only reads, as its first question found it."""
    kept: list[Standing] | None = getattr(user, _KEPT, None)
    if kept is None:
        return _read(user)
    if not kept:
        kept.append(_read(user))
    return kept[0]


def _read(user: User) -> Standing:
    rows = _OF.rows(user=user.pk, now=timezone.now())
    if not rows:
        return _NOBODY
    member, dispatcher, vouched, duties, paths = rows[0]
    return Standing(member, dispatcher, vouched, frozenset(duties), tuple(dict.fromkeys(paths)))


def is_coordinator(user: "User | AnonymousUser") -> bool:
    """Return whether the person coordinates a territory or administers the platform, regardless of view-as mode."""
    return isinstance(user, User) and (user.is_administrator or of(user).coordinates)


def coordinator_only(user: "User | AnonymousUser") -> None:
    """Raise Http404 unless the person coordinates a territory or administers the platform."""
    if not is_coordinator(user):
        raise Http404


def needs_second_factor(user: User) -> bool:
    """Return whether the person needs a second factor: dispatchers, coordinators, administrators and staff do."""
    if user.is_staff or user.is_administrator:
        return True
    known = of(user)
    return known.dispatches or known.coordinates or known.association_dispatcher


class UserMiddleware(AuthenticationMiddleware):
    """Django's middleware for ``request.user``. In a request that only reads, this user keeps its standing."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.method in _READS:
            request.user = SimpleLazyObject(partial(_reader, request))  # type: ignore[assignment]


def _reader(request: HttpRequest) -> Any:
    user = get_user(request)
    if user.is_authenticated:
        setattr(user, _KEPT, [])
    return user
