"""The territories that take part in an event, because their own coordinators agreed.

The area of an event, its person in charge, and "a confirmed telephone number is enough" hold only in these territories.
So a coordinator of one district cannot decide for a whole city. Somebody who opens or changes an event agrees for all
territories of the area that they coordinate; the coordinators of the other territories agree with one button.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.gis.db.models import GeometryField, Union
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from needs.models import Crisis, CrisisAgreement, CrisisQuerySet
from volunteers.models import Assignment, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.territories import duties


def touched(area: MultiPolygon) -> QuerySet[Territory]:
    """Return the zoned territories that an area overlaps. A common border is not an overlap."""
    return Territory.objects.zoned().filter(polygon__intersects=area).exclude(polygon__touches=area)


def wholly_coordinated(viewer: Viewer, crises: CrisisQuerySet) -> CrisisQuerySet:
    """Return the events whose area lies only in territories that the viewer coordinates."""
    if viewer.is_administrator:
        return crises
    area = Cast(OuterRef("area"), GeometryField(srid=4326))
    own = Territory.objects.coordinated_by(viewer).values("pk")
    here = Territory.objects.zoned().filter(polygon__intersects=area).exclude(polygon__touches=area)
    return crises.filter(Exists(here), ~Exists(here.exclude(pk__in=own)))


def coordinates_all(viewer: Viewer, crisis: Crisis) -> bool:
    """Whether the viewer coordinates every territory that takes part in an event; True for administrators."""
    if viewer.is_administrator:
        return True
    own = Territory.objects.coordinated_by(viewer).values("pk")
    return crisis.agreements.exists() and not crisis.agreements.exclude(territory__in=own).exists()


def coordinators_of(crisis: Crisis) -> QuerySet[User]:
    """Return the active people who coordinate an event and can be in charge of it, by name: administrators, and
    coordinators of a territory that overlaps the event or of a territory above."""
    here = Territory.objects.filter(polygon__intersects=crisis.area).exclude(polygon__touches=crisis.area)
    paths = {path for territory in here.defer("polygon") for path in duties.paths_up(territory)}
    assigned = Assignment.objects.coordinating().filter(user=OuterRef("pk"), territory__path__in=paths)
    return User.objects.filter(Q(is_superuser=True) | Exists(assigned), is_active=True).order_by("display_name", "pk")


def agree(crisis: Crisis, viewer: Viewer, *, phone_is_enough: bool) -> list[Territory]:
    """Let all territories of the event that the viewer coordinates take part; return them.

    phone_is_enough: True if a confirmed telephone number is enough to take the event's needs in these territories.
    """
    with transaction.atomic():
        row = Crisis.objects.select_for_update().get(pk=crisis.pk)
        own = list(_own(row, viewer).defer("polygon"))
        _store(row, own, viewer, phone_is_enough=phone_is_enough)
    return own


def follow_change(crisis: Crisis, before: MultiPolygon, viewer: Viewer, *, phone_is_enough: bool) -> None:
    """Adapt the agreements after the viewer changed an event, in a transaction that has locked the event.

    before: the area before the change. Territories that lie outside now take part no longer. The viewer's territories
    that are new in the area take part. The number is decided again only if the viewer changed it. A territory that has
    ended its agreement stays out.
    """
    crisis.agreements.exclude(territory__in=touched(crisis.area).values("pk")).delete()
    own = _own(crisis, viewer)
    known = crisis.agreements.filter(territory__in=own.values("pk"))
    if known.filter(phone_is_enough=True).exists() != phone_is_enough:
        known.update(phone_is_enough=phone_is_enough, by=viewer.user_or_404, at=timezone.now())
    new = own.exclude(pk__in=touched(before).values("pk")).defer("polygon")
    _store(crisis, list(new), viewer, phone_is_enough=phone_is_enough)


def _store(crisis: Crisis, territories: Sequence[Territory], viewer: Viewer, *, phone_is_enough: bool) -> None:
    by = viewer.user_or_404
    CrisisAgreement.objects.bulk_create(
        [CrisisAgreement(crisis=crisis, territory=each, by=by, phone_is_enough=phone_is_enough) for each in territories],
        update_conflicts=True, unique_fields=["crisis", "territory"], update_fields=["by", "at", "phone_is_enough"],
    )  # fmt: skip


def withdraw(crisis: Crisis, viewer: Viewer) -> bool:
    """End the agreement of the territories that the viewer coordinates; return False if none took part."""
    own = Territory.objects.coordinated_by(viewer).values("pk")
    with transaction.atomic():
        row = Crisis.objects.select_for_update().get(pk=crisis.pk)
        ended, _rows = row.agreements.filter(territory__in=own).delete()
    return bool(ended)


def keep_only_own(crisis: Crisis, viewer: Viewer) -> None:
    """End the agreement of all territories that the viewer does not coordinate: they agreed to an event that was over
    by now, and are asked again."""
    crisis.agreements.exclude(territory__in=Territory.objects.coordinated_by(viewer).values("pk")).delete()


def _own(crisis: Crisis, viewer: Viewer) -> QuerySet[Territory]:
    return touched(crisis.area).filter(pk__in=Territory.objects.coordinated_by(viewer).values("pk"))


def area_in_force(crisis: Crisis) -> GEOSGeometry:
    """Return the event's area without the territories that do not take part."""
    others = touched(crisis.area).exclude(pk__in=crisis.agreements.values("territory"))
    missing = others.aggregate(union=Union("polygon"))["union"]
    return crisis.area.difference(missing) if missing else crisis.area


@dataclass(frozen=True, slots=True)
class TakingPart:
    """What the list of events shows about the territories of an event.

    agreed, missing: the territories of the area that take part, and the others. enough: the territories in which a
    confirmed telephone number is enough. mine: the reader's own territories of the area.
    """

    agreed: Sequence[Territory]
    missing: Sequence[Territory]
    enough: Sequence[Territory]
    mine: Sequence[Territory]

    @property
    def own_agreed(self) -> list[Territory]:
        return [territory for territory in self.mine if territory in self.agreed]

    @property
    def own_missing(self) -> list[Territory]:
        return [territory for territory in self.mine if territory in self.missing]

    @property
    def own_enough(self) -> bool:
        return any(territory in self.enough for territory in self.mine)


def taking_part(crisis: Crisis, viewer: Viewer) -> TakingPart:
    """Return the territories of an event, sorted by their place in the tree."""
    enough = dict(crisis.agreements.values_list("territory", "phone_is_enough"))
    here = list(touched(crisis.area).only("pk", "name", "slug", "path"))
    own = set(
        Territory.objects.coordinated_by(viewer).filter(pk__in=[each.pk for each in here]).values_list("pk", flat=True)
    )
    return TakingPart(
        agreed=[each for each in here if each.pk in enough],
        missing=[each for each in here if each.pk not in enough],
        enough=[each for each in here if enough.get(each.pk)],
        mine=[each for each in here if each.pk in own],
    )


def record(viewer: Viewer, crisis: Crisis, *, takes_part: bool, phone_is_enough: bool = False) -> None:
    """Record in the audit log that the viewer's territories agreed, or ended their agreement."""
    details = {"takes_part": takes_part, "number_is_enough": phone_is_enough}
    recording.record(
        viewer.user_or_404, Verb.CRISIS_CHANGED, "crisis", crisis.pk, purpose=Purpose.COORDINATION, details=details
    )
