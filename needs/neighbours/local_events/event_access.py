"""Rules about events: the people who see an event, who organise it, and who may change it. The lookups of events
contain these rules.

An event is public if people may come without joining, or if its association shows it to everybody. Other events are for
volunteers whom a coordinator or an association knows; events of a neighbourhood group are for its members.
"""

import uuid
from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.models import Group, LocalEvent, LocalEventQuerySet
from needs.neighbours.groups.models import GroupRole
from needs.neighbours.local_events.models import LocalEventKind
from needs.tours.tour_seats import seats
from volunteers.models import Association, Territory, User
from volunteers.people.accounts.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Host:
    """The name under which a person makes an event: an association, a group or, without both, a territory's
    coordination."""

    association: Association | None = None
    group: Group | None = None

    @property
    def key(self) -> str:
        """The name of the host in the form, such as "association:7"."""
        if self.association is not None:
            return f"association:{self.association.pk}"
        return f"group:{self.group.pk}" if self.group is not None else "coordination"

    @property
    def name(self) -> str:
        own = self.association or self.group
        return own.name if own is not None else _("coordination")


def readable(viewer: Viewer) -> LocalEventQuerySet:
    """Return the events that the viewer may see."""
    account, events = viewer.account, LocalEvent.objects.all()
    if account is None or viewer.view_as is not None:
        return events.for_everybody()
    if viewer.is_administrator:
        return events
    open_to_me = Q(walk_in=True) | Q(public=True) | Q(association__in=Association.objects.of(account))
    open_to_me |= Q(group__members__user=account)
    if seats.may_join(account):
        open_to_me |= Q(group=None)
    watched = Q(territory__in=Territory.objects.coordinated_by(viewer).values("pk"))
    kept = shown(ContentKind.EVENT) | Q(author=account)
    return events.filter(kept, pk__in=LocalEvent.objects.filter(open_to_me | watched).values("pk"))


def readable_or_404(viewer: Viewer, event: uuid.UUID) -> LocalEvent:
    """Return an event that the viewer may see; raise Http404 for any other."""
    rows = readable(viewer).located().select_related("association", "group", "place", "territory")
    return get_object_or_404(rows.prefetch_related("stops", "exceptions"), pk=event)


def editable(viewer: Viewer) -> LocalEventQuerySet:
    """Return the events that the viewer may change: their organisers, and the coordinators of their territories."""
    account, events = viewer.account, LocalEvent.objects.all()
    if account is None or viewer.view_as is not None:
        return events.none()
    if viewer.is_administrator:
        return events
    watched = Q(territory__in=Territory.objects.coordinated_by(viewer).values("pk"))
    return events.filter(pk__in=LocalEvent.objects.filter(_organised_by(account) | watched).values("pk"))


def editable_or_404(viewer: Viewer, event: uuid.UUID) -> LocalEvent:
    """Return an event that the viewer may change; raise Http404 for any other."""
    rows = editable(viewer).located().select_related("association", "group", "place", "territory")
    return get_object_or_404(rows.prefetch_related("stops", "exceptions"), pk=event)


def organised_by(account: User) -> LocalEventQuerySet:
    """Return the events that a person organises.

    Organisers see who joined; coordinators see this only for their own events.
    """
    return LocalEvent.objects.filter(pk__in=LocalEvent.objects.filter(_organised_by(account)).values("pk"))


def _organised_by(account: User) -> Q:
    own = Q(association__in=Association.objects.of(account))
    own |= Q(group__members__user=account, group__members__role=GroupRole.HOST)
    return own | Q(author=account, association=None, group=None)


def hosts_of(viewer: Viewer) -> list[Host]:
    """Return the names under which the viewer may make events; empty for people who may make none."""
    account = viewer.account
    if account is None or viewer.view_as is not None:
        return []
    hosts = [Host(association=own) for own in Association.objects.of(account).order_by("name")]
    groups = Group.objects.filter(closed_at=None, members__user=account, members__role=GroupRole.HOST)
    hosts += [Host(group=own) for own in groups.order_by("name")]
    if Territory.objects.coordinated_by(viewer).exists():
        hosts.append(Host())
    return hosts


def hosts_or_404(viewer: Viewer) -> list[Host]:
    """Return the names under which the viewer may make events; raise Http404 if there is none."""
    hosts = hosts_of(viewer)
    if not hosts:
        raise Http404
    return hosts


def round_or_404(event: LocalEvent) -> None:
    """Raise Http404 unless the event is a round. Only rounds have stops."""
    if event.kind != LocalEventKind.ROUND:
        raise Http404
