"""Help across a border: a need is shown to the dispatchers of another territory for some hours."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.models import Need, NeedSharing
from volunteers.enums import Topic
from volunteers.models import Assignment, Territory, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties

MAX_HOURS = 72


def share(need: Need, territory: Territory, hours: int, by: User) -> NeedSharing:
    """Show a need to the dispatchers of a territory for at most MAX_HOURS. An earlier sharing with this territory ends.

    This function does not check access: look the need up with ``scope.own_need_for`` first.
    """
    now = timezone.now()
    with transaction.atomic():
        NeedSharing.objects.current(now).filter(need=need, territory=territory).update(ended_at=now, ended_by=by)
        expires_at = now + timedelta(hours=min(max(hours, 1), MAX_HOURS))
        made = NeedSharing.objects.create(need=need, territory=territory, by=by, at=now, expires_at=expires_at)
        _record(by, made, hours=min(max(hours, 1), MAX_HOURS))
        notify(
            _dispatchers_in(territory).exclude(pk=by.pk), Topic.TRIAGE, f"shared:{made.pk}", lambda: _message(need.pk)
        )
    return made


def end(sharing: NeedSharing, by: User) -> bool:
    """End a sharing early; return False if it had already ended."""
    with transaction.atomic():
        ended = (
            NeedSharing.objects.current(timezone.now())
            .filter(pk=sharing.pk)
            .update(ended_at=timezone.now(), ended_by=by)
        )
        if ended:
            _record(by, sharing, ended=True)
    return bool(ended)


def sharings_of(need: Need) -> QuerySet[NeedSharing]:
    """Return the current sharings of a need."""
    return NeedSharing.objects.current(timezone.now()).filter(need=need).select_related("territory", "by")


def _dispatchers_in(territory: Territory) -> QuerySet[User]:
    here = Assignment.objects.dispatching().filter(territory__path__in=duties.paths_up(territory))
    return User.objects.filter(is_active=True, pk__in=here.values("user"))


def _record(by: User, sharing: NeedSharing, **details: int | bool) -> None:
    recording.record(
        by,
        Verb.NEED_SHARED,
        "need",
        sharing.need_id,
        purpose=Purpose.CARE,
        scope=sharing.territory.slug,
        details=details,
    )


def _message(need: uuid.UUID) -> Message:
    return Message(
        _("A need is shared with your territory"),
        _("Dispatchers of another territory ask for your help. You see the need until the sharing expires."),
        reverse("needs:triage_need", args=[need]),
    )
