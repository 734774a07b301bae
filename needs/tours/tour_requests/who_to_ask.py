"""The associations that a coordinator can ask for a tour: those that work in the territory.

The associations are ordered only by name.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from needs.base.dispatch_scope import scope
from needs.models import Encounter, TourCell
from solidarity.lib.database.region import parent_of
from volunteers.models import Assignment, Association, Membership, Territory
from volunteers.places.territories import duties
from volunteers.places.territories.areas import COARSE

WORKS = timedelta(days=60)


def associations_in(territory: Territory, now: datetime) -> QuerySet[Association]:
    """Return, by name, the associations that searched or met people in a territory within WORKS, and the associations
    with a dispatcher who has a duty in the territory. Associations without dispatchers are left out, because nobody
    could answer."""
    inside = scope.in_cells_of(Territory.objects.under(territory))
    since = now - WORKS
    above = {"cell_above": parent_of(F("cell"), COARSE)}
    walked = TourCell.objects.alias(**above).filter(inside, tour__at__gte=since, tour__retracted_at=None)
    met = Encounter.objects.live().alias(**above).filter(inside, at__gte=since)
    answering = Membership.objects.dispatching().filter(user__is_active=True)
    here = Q(territory__path__in=duties.paths_up(territory)) | Q(territory__path__startswith=territory.path)
    on_desk = answering.filter(user__in=Assignment.objects.dispatching().filter(here).values("user"))
    return Association.objects.filter(
        Q(pk__in=walked.order_by().values("tour__association"))
        | Q(pk__in=met.order_by().values("association"))
        | Q(pk__in=on_desk.values("association")),
        pk__in=answering.values("association"),
    ).order_by("name", "pk")
