"""Rules about the readers of an event's reports. For everybody else, the lookups raise Http404.

Coordinators of an event read its reports in their own territories. Reports without a place are read by those who
coordinate the whole area. Administrators read all reports. Dispatchers read only the reports that they work on
(``needs.base.dispatch_scope.scope``). Dispatchers see an event if it overlaps their territories or has a report on which they work.
"""

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Cast
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.base.event_rights import event_agreements
from needs.base.event_rights.coordinators import crises_of
from needs.models import Crisis, CrisisQuerySet, Need, NeedPhoto, NeedQuerySet
from solidarity.lib.database.kept_condition import KeptCondition
from solidarity.lib.database.kept_query import KeptValues
from volunteers.models import Cell, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties


def visible(viewer: Viewer) -> CrisisQuerySet:
    """Return the events of which a reader may see all or some reports."""
    if viewer.account is None:
        return Crisis.objects.none()
    coordinated = Q(pk__in=crises_of(viewer).values("pk"))
    user = viewer.in_own_view
    return Crisis.objects.filter(coordinated | _DISPATCHED.on(F("pk"), user=user.pk) if user else coordinated)


def _dispatched(user: int) -> CrisisQuerySet:
    """Return the events that overlap a dispatcher's territories, or have a report on which the dispatcher works."""
    viewer, area = Viewer(User(pk=user)), Cast(OuterRef("area"), GeometryField(srid=4326))
    here = Territory.objects.dispatched_by(viewer).filter(polygon__intersects=area).exclude(polygon__touches=area)
    mine = scope.needs_for(viewer).live().exclude(crisis=None).values("crisis")
    return Crisis.objects.filter(pk__in=Crisis.objects.filter(Q(Exists(here)) | Q(pk__in=mine)).order_by().values("pk"))


_DISPATCHED = KeptCondition(("id",), _dispatched, user=-1)


def current_for(viewer: Viewer) -> set[int]:
    """Return the keys of the events that are not over and of which a reader may see all or some reports."""
    found = set(crises_of(viewer).not_over(timezone.now()).values_list("pk", flat=True))
    user = viewer.in_own_view
    return found | {key for (key,) in _CURRENT.rows(user=user.pk)} if user else found


_CURRENT = KeptValues(
    {"user": -1},
    lambda user: (
        Crisis.objects.not_over(timezone.now()).filter(_DISPATCHED.on(F("pk"), user=user)).order_by().values_list("pk")
    ),
    now=True,
)
"""The events that are not over and that concern a dispatcher."""


def readable_crisis(viewer: Viewer, slug: str) -> Crisis:
    """Return an event whose reports the reader may see. Raises Http404 otherwise."""
    return get_object_or_404(visible(viewer), slug=slug)


def readable_reports(viewer: Viewer) -> NeedQuerySet:
    """Return the live reports of all events that the reader may see."""
    mine = scope.needs_for(viewer).values("pk")
    coordinated = coordinated_reports(viewer).values("pk")
    return Need.objects.live().exclude(crisis=None).filter(Q(pk__in=coordinated) | Q(pk__in=mine))


def coordinated_reports(viewer: Viewer) -> NeedQuerySet:
    """Return the reports that a reader may see as a coordinator of their event."""
    reports = scope.with_cell_above().exclude(crisis=None)
    if viewer.is_administrator:
        return reports
    events = crises_of(viewer)
    whole = Q(crisis__in=event_agreements.wholly_coordinated(viewer, events).values("pk"))
    placed = Q(Exists(Cell.objects.filter(cell__in=[OuterRef("cell"), OuterRef("cell_above")])))
    placeless = Q(district=None) & (Q(cell=None) | ~placed)
    here = scope.needs_in(Territory.objects.coordinated_by(viewer))
    return reports.filter(here | (whole & placeless), crisis__in=events.values("pk"))


def reports_of(viewer: Viewer, crisis: Crisis) -> NeedQuerySet:
    """Return the live reports of an event that the reader may see, the latest first."""
    return readable_reports(viewer).filter(crisis=crisis).order_by("-at", "pk")


def readable_photo(viewer: Viewer, photo: Any) -> NeedPhoto:
    """Return a photo of a live report that the reader works on or reads as a coordinator. Raises Http404 otherwise."""
    mine, coordinated = scope.needs_for(viewer).values("pk"), coordinated_reports(viewer).values("pk")
    shown = NeedPhoto.objects.filter(need__in=Need.objects.live())
    return get_object_or_404(shown.filter(Q(need__in=coordinated) | Q(need__in=mine)), pk=photo)


def require_crisis_reader(viewer: Viewer) -> None:
    """Raise Http404 for readers who neither dispatch nor coordinate an event."""
    if not duties.dispatches(viewer) and not visible(viewer).exists():
        raise Http404
