"""Mistakes in entries that readers report. Nothing about the reader is stored, and the number of reports is limited."""

import logging
import uuid
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from needs.guide.places import place_access
from needs.models import Place, PlaceMistake
from solidarity.lib import rate_counters
from volunteers.enums import Topic
from volunteers.models import Membership, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties

log = logging.getLogger(__name__)

PER_NETWORK_HOUR = 5
PER_PLACE = 10  # that wait
PER_DAY = 200  # maximum on the whole site


class TooMany(Exception):
    """There are too many mistakes from this network, too many today, or too many that wait for this place."""


def report(place: Place, text: str, network: str) -> PlaceMistake:
    """Store a mistake and notify the people who keep the entry up to date, at most once a day. Raise TooMany.

    network: see client_network.network_of; it is only counted.
    """
    now = timezone.now()
    waiting = PlaceMistake.objects.filter(place=place, handled_at=None).count()
    today = PlaceMistake.objects.filter(at__gt=now - timedelta(days=1)).count()
    if waiting >= PER_PLACE or today >= PER_DAY or _too_many_from(network):
        raise TooMany
    mistake = PlaceMistake.objects.create(place=place, text=text, at=now)
    notify(_keepers(place), Topic.DESK, f"mistake:{place.pk}:{timezone.localdate(now)}", _reported)
    return mistake


def waiting_for(viewer: Viewer) -> QuerySet[PlaceMistake]:
    """Return the mistakes that nobody has looked at, in entries that the viewer may change."""
    places = place_access.editable(viewer).values("pk")
    return PlaceMistake.objects.filter(handled_at=None, place__in=places).select_related("place")


def handle(viewer: Viewer, mistake: uuid.UUID) -> bool:
    """Store that somebody looked at a mistake; return False if there is no such mistake for the viewer."""
    rows = waiting_for(viewer).filter(pk=mistake)
    return bool(
        PlaceMistake.objects.filter(pk__in=rows.values("pk")).update(
            handled_at=timezone.now(), handled_by=viewer.account
        )
    )


def _too_many_from(network: str) -> bool:
    try:
        return (
            rate_counters.count(rate_counters.counter_key("mistakes", network), rate_counters.HOUR) > PER_NETWORK_HOUR
        )
    except (RedisError, OSError):
        log.warning("the cache is unavailable: mistakes have no limit for each network")
        return False


def _keepers(place: Place) -> QuerySet[User]:
    """Return the people to notify: the association's dispatchers, else its members, else the dispatchers of the
    territory."""
    if place.association_id is not None:
        own = Membership.objects.filter(association=place.association_id)
        for rows in (own.dispatching(), own.current()):  # type: ignore[attr-defined]
            people = User.objects.filter(is_active=True, pk__in=rows.values("user"))
            if people.exists():
                return people
    return duties.dispatchers_up(place.cell)


def _reported() -> Message:
    return Message(
        _("Somebody reports a mistake in the guide"), _("Read it, and correct the entry of the place."),
        reverse("needs:places_mine"),
    )  # fmt: skip
