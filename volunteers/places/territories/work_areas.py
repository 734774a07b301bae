"""Where associations work: the territories in which their dispatchers have the duty to dispatch, and the territories to
which a coordinator invited them. Only there, an association opens needs and their exact places to its people.

A need outside all territories belongs to nobody, so every association that works somewhere may help there. A site without
territories has no coordinator who could invite anybody: all of its associations work everywhere.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from volunteers.models import Assignment, Association, Membership, Territory, User, Vouch, WorkArea
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.signals import work_area_ended


def that_know(user: User, territory: Territory | None) -> list[int]:
    """Return the keys of the associations that work in a territory and know a person: the person is a member, or the
    association vouches for them. territory: None for a place outside all territories."""
    member = Membership.objects.current().filter(user=user, association=OuterRef("pk"))
    vouched = Vouch.objects.current().filter(user=user, association=OuterRef("pk"))
    known = Association.objects.filter(Q(Exists(member)) | Q(Exists(vouched)))
    return list(known.filter(_works_in(territory)).order_by("pk").values_list("pk", flat=True))


def _works_in(territory: Territory | None) -> Q:
    """Return the condition that an association works in a territory, or somewhere for None."""
    areas, duties = WorkArea.objects.filter(association=OuterRef("pk")), _duties()
    if territory is None:
        return Q(Exists(areas)) | Q(Exists(duties)) | ~Q(Exists(Territory.objects.all()))
    here = ExpressionWrapper(Value(territory.path), CharField())
    areas, duties = areas.alias(here=here), duties.alias(here=here)
    above = {"here__startswith": F("territory__path")}
    return Q(Exists(areas.filter(**above))) | Q(Exists(duties.filter(**above)))


def _duties() -> QuerySet[Assignment]:
    """Return the duties to dispatch of an association's dispatchers. The association is the outer row."""
    dispatchers = Membership.objects.dispatching().filter(association=OuterRef(OuterRef("pk")))
    return Assignment.objects.dispatching().filter(user__in=dispatchers.values("user"))


def of(association: Association) -> list[Territory]:
    """Return the territories in which an association works, without the territories below them."""
    dispatchers = Membership.objects.dispatching().filter(association=association).values("user")
    duties = Assignment.objects.dispatching().filter(user__in=dispatchers).values("territory")
    areas = WorkArea.objects.filter(association=association).values("territory")
    rows = list(Territory.objects.filter(Q(pk__in=duties) | Q(pk__in=areas)))
    return [row for row in rows if not any(row.path != up.path and row.path.startswith(up.path) for up in rows)]


def without_area() -> QuerySet[Association]:
    """Return the associations with members that work nowhere yet, by name."""
    with_people = Membership.objects.current().filter(association=OuterRef("pk"))
    return Association.objects.filter(Exists(with_people)).exclude(_works_in(None)).order_by("name")


def rows_for(viewer: Viewer) -> QuerySet[WorkArea]:
    """Return the invitations that a viewer may end: those in the territories that they coordinate."""
    rows = WorkArea.objects.filter(territory__in=Territory.objects.coordinated_by(viewer))
    return rows.select_related("association", "territory").order_by("association__name", "territory__path")


def invite(association: Association, territories: Iterable[Territory], by: User | None) -> int:
    """Invite an association to work in some territories; return the number of new invitations. The caller checks
    permission."""
    number = 0
    with transaction.atomic():
        for territory in territories:
            own = {"association": association, "territory": territory}
            row, made = WorkArea.objects.get_or_create(**own, defaults={"by": by})
            if made:
                _record(by, Verb.AREA_GIVEN, row)
                number += 1
    return number


def end(row: WorkArea, by: User) -> None:
    """End an invitation. Apps that receive the signal ``work_area_ended`` take back the access that it gave."""
    with transaction.atomic():
        if WorkArea.objects.filter(pk=row.pk).delete()[0]:
            work_area_ended.send(WorkArea, association=row.association)
            _record(by, Verb.AREA_ENDED, row)


def people_of(association: Association) -> QuerySet[User]:
    """Return the people whom an association knows: its members and the people for whom it vouches."""
    members = Membership.objects.current().filter(association=association).values("user")
    vouched = Vouch.objects.current().filter(association=association).values("user")
    return User.objects.filter(Q(pk__in=members) | Q(pk__in=vouched))


def _record(by: User | None, verb: Verb, row: WorkArea) -> None:
    recording.record(
        by, verb, "association", row.association.key, purpose=Purpose.ADMINISTRATION, scope=row.territory.slug
    )
