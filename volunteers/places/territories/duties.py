"""Duties in territories: the people who dispatch or coordinate in each territory, and the people who are on duty
now."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone

from solidarity.lib import grid
from volunteers.enums import Duty
from volunteers.models import Assignment, Cell, DutyShift, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.roles import standing
from volunteers.places.territories.areas import COARSE


def assign(
    user: User, territory: Territory, duty: Duty, by: User | None, purpose: str = "", until: datetime | None = None
) -> Assignment:
    """Give a person a duty in a territory and in all territories below it, until a moment or until somebody ends it.
    Return the assignment. If the person already has this duty, return the existing assignment unchanged."""
    own = {"user": user, "territory": territory, "duty": duty}
    with transaction.atomic():
        _close(Assignment.objects.run_out().filter(**own))
        try:
            with transaction.atomic():
                made = Assignment.objects.create(**own, purpose=purpose, until=until)
        except IntegrityError:
            return Assignment.objects.current().get(**own)
        _record(by, made, Verb.DUTY_GIVEN)
    return made


def somebody_moderates() -> bool:
    """Whether somebody coordinates a territory: they read the texts that people report."""
    return Assignment.objects.coordinating().filter(user__is_active=True).exists()


def set_end(assignment: Assignment, until: datetime | None, by: User) -> bool:
    """Store another planned end of a duty, or None for no end; return False if the duty has ended."""
    with transaction.atomic():
        if not Assignment.objects.current().filter(pk=assignment.pk).update(until=until):
            return False
        assignment.until = until
        _record(by, assignment, Verb.DUTY_GIVEN)
    return True


def close_run_out() -> list[Assignment]:
    """Close the duties with an end in the past; return them. These duties stopped giving access when their end
    passed."""
    closed = []
    for assignment in Assignment.objects.run_out().select_related("user", "territory"):
        with transaction.atomic():
            if _close(Assignment.objects.run_out().filter(pk=assignment.pk)):
                _record(None, assignment, Verb.DUTY_ENDED)
                closed.append(assignment)
        if assignment.duty == Duty.DISPATCHER and not is_dispatcher(assignment.user):
            go_off_duty(assignment.user)
    return closed


def _close(run_out: QuerySet[Assignment]) -> int:
    return run_out.update(ended_at=F("until"), shown=False, contact="")


def end(assignment: Assignment, by: User | None) -> bool:
    """End a duty; return False if it had already ended."""
    with transaction.atomic():
        ended = (
            Assignment.objects.current()
            .filter(pk=assignment.pk)
            .update(ended_at=timezone.now(), shown=False, contact="")
        )
        if ended:
            _record(by, assignment, Verb.DUTY_ENDED)
    return bool(ended)


def _record(by: User | None, assignment: Assignment, verb: Verb) -> None:
    recording.record(
        by, verb, "account", assignment.user.key, purpose=Purpose.ADMINISTRATION, scope=assignment.territory.slug,
        details={"duty": str(assignment.duty)} | ({"until": assignment.until.isoformat()} if assignment.until else {}),
    )  # fmt: skip


def assign_root_if_simple(user: User, by: User | None) -> None:
    """Let a new dispatcher dispatch on the whole site if the site has only one root territory or no other dispatcher.

    This way, small sites need no manual assignments. A coordinator can narrow the duty later.
    """
    roots = list(Territory.objects.filter(parent=None))
    others = Assignment.objects.dispatching().exclude(user=user).filter(user__is_active=True)
    if roots and not is_dispatcher(user) and (len(roots) == 1 or not others.exists()):
        for root in roots:
            assign(user, root, Duty.DISPATCHER, by)


def follow_role(user: User, by: User | None) -> None:
    """After somebody's role in an association has changed, give them the duties of a dispatcher or end these duties."""
    if Membership.objects.dispatching().filter(user=user).exists():
        assign_root_if_simple(user, by)
    else:
        end_without_membership(user, by)


def give_to_dispatcher(sender: Any, user: User, by: User | None, **_kwargs: Any) -> None:
    """Receive the signal ``became_dispatcher``."""
    assign_root_if_simple(user, by)


def take_from_dispatcher(sender: Any, user: User, by: User | None, **_kwargs: Any) -> None:
    """Receive the signal ``dispatching_ended``."""
    end_without_membership(user, by)


def staff_new_root(root: Territory) -> None:
    """On a small site, let those dispatchers of associations who have no duty yet dispatch in a new root territory."""
    people = User.objects.filter(is_active=True, pk__in=Membership.objects.dispatching().values("user"))
    for person in people.exclude(pk__in=Assignment.objects.dispatching().values("user")):
        assign_root_if_simple(person, None)


def end_without_membership(user: User, by: User | None) -> None:
    """End the dispatcher's duties of somebody who dispatches for no association any more."""
    if Membership.objects.dispatching().filter(user=user).exists():
        return
    for assignment in Assignment.objects.dispatching().filter(user=user).select_related("user", "territory"):
        end(assignment, by)
    go_off_duty(user)


# --- who dispatches where ------------------------------------------------------------------------------------------


def is_dispatcher(user: User) -> bool:
    """Whether a person dispatches in some territory."""
    return standing.of(user).dispatches


def dispatches(viewer: Viewer) -> bool:
    """Whether a viewer dispatches in some territory; False in view-as mode and for the public."""
    return viewer.view_as is None and viewer.account is not None and is_dispatcher(viewer.account)


def staffed() -> QuerySet[Territory]:
    """Return the territories in which somebody dispatches: territories with a dispatcher, and all territories below
    them."""
    here = ExpressionWrapper(OuterRef("path"), CharField())
    above = Assignment.objects.dispatching().filter(user__is_active=True).alias(here=here)
    return Territory.objects.filter(Exists(above.filter(here__startswith=F("territory__path"))))


def territory_of(cell: int | None) -> Territory | None:
    """Return the zoned territory of a cell of resolution 9; None without a cell, or if no territory contains it."""
    if cell is None:
        return None
    near = Cell.objects.filter(cell__in=[cell, grid.parent(cell, COARSE)]).select_related("territory").first()
    return near.territory if near else None


def dispatchers_up(cell: int | None) -> QuerySet[User]:
    """Return the active dispatchers of a cell's territory and of every territory above it.

    If the place has no territory, or if nobody dispatches there, return all dispatchers of the site.
    """
    return territory_dispatchers(territory_of(cell))


def territory_dispatchers(territory: Territory | None) -> QuerySet[User]:
    """Return the active dispatchers of a territory and of every territory above it; if there are none, return all
    dispatchers."""
    people = _active(Assignment.objects.dispatching().filter(territory__path__in=paths_up(territory)))
    return people if people.exists() else _active(Assignment.objects.dispatching())


def coordinators_of(territory: Territory | None) -> QuerySet[User]:
    """Return the active coordinators of a territory and of every territory above it, and all administrators."""
    above = Assignment.objects.coordinating().filter(territory__path__in=paths_up(territory))
    return User.objects.filter(Q(pk__in=above.values("user")) | Q(is_superuser=True), is_active=True)


def _active(assignments: QuerySet[Assignment]) -> QuerySet[User]:
    return User.objects.filter(is_active=True, pk__in=assignments.values("user"))


def paths_up(territory: Territory | None) -> Sequence[str]:
    """Return the paths of a territory and of every territory above it, for example ["fr/", "fr/paris/"] for
    "fr/paris/". Return an empty list for None."""
    return [] if territory is None else _up(territory.path)


def all_paths_up(paths: Iterable[str]) -> set[str]:
    """Return paths of territories and those of every territory above them."""
    return {above for path in paths for above in _up(path)}


def _up(path: str) -> list[str]:
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[: number + 1]) + "/" for number in range(len(parts))]


def root_of(territory: Territory) -> Territory:
    """Return the topmost territory above a territory, without its border."""
    return Territory.objects.defer("polygon").get(path=_up(territory.path)[0])


# --- on duty -------------------------------------------------------------------------------------------------------


def go_on_duty(user: User) -> DutyShift:
    """Put a dispatcher on duty, for DUTY_HOURS."""
    now = timezone.now()
    shift, _made = DutyShift.objects.update_or_create(
        user=user, defaults={"started_at": now, "ends_at": now + timedelta(hours=settings.DUTY_HOURS)}
    )
    return shift


def go_off_duty(user: User) -> None:
    """End a person's time on duty."""
    DutyShift.objects.filter(user=user).delete()


def on_duty(territory: Territory | None, now: datetime) -> QuerySet[User]:
    """Return the dispatchers on duty for a territory (see :func:`territory_dispatchers`)."""
    return territory_dispatchers(territory).filter(pk__in=DutyShift.objects.current(now).values("user"))


def shift_of(user: User) -> DutyShift | None:
    """Return a person's current time on duty."""
    return DutyShift.objects.current(timezone.now()).filter(user=user).first()
