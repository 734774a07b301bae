"""News for people with a seat or on a waiting list: moved up, changed, cancelled, restored; and the reminder.

Messages contain the association and the time, never a place. The messages are stored in the caller's transaction.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from needs.models import PlannedTour, Seat
from solidarity.lib.http import undo_offers
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.notifications.notifying import Message, notify, take_back

DAY_BEFORE = timedelta(hours=24)
HOURS_BEFORE = timedelta(hours=3)


def _page(plan: PlannedTour) -> str:
    return reverse("mapping:seat", args=[plan.pk])


def _when(plan: PlannedTour) -> str:
    """Name the association and the start, in the active language."""
    start = date_format(timezone.localtime(plan.start), "DATETIME_FORMAT")
    return _("%(association)s, %(start)s.") % {"association": plan.association.name, "start": start}


def tell_moved_up(plan: PlannedTour, volunteer: User) -> None:
    """Tell a person on the waiting list that they now have a seat."""
    key = f"seat-moved-up:{plan.pk}:{timezone.now().timestamp():.6f}"
    notify([volunteer], Topic.TOUR, key, lambda: Message(
        title=_("You have a place on a tour"),
        body=" ".join((_when(plan), _("You were on the waiting list. If you cannot come, give your place back."))),
        path=_page(plan),
    ))  # fmt: skip


def tell_changed(plan: PlannedTour) -> None:
    """Tell people with a seat or on the waiting list that time, length, cells or way of travelling have changed."""
    Seat.objects.filter(plan=plan, plan__start__gt=timezone.now() + DAY_BEFORE).update(reminded_at=None)
    key = f"tour-changed:{plan.pk}:{timezone.now().timestamp():.6f}"
    notify(_people([plan.pk]), Topic.TOUR, key, lambda: Message(
        title=_("A tour that you joined has changed"),
        body=" ".join((_when(plan), _("Look at the page again. If you cannot come, give your place back."))),
        path=_page(plan),
    ))  # fmt: skip


def tell_cancelled(plans: Sequence[uuid.UUID], cancelled_at: datetime) -> None:
    """Tell people of future plans that these are cancelled, once nobody can undo this. One message per person."""
    people = _people(plans)
    notify(people, Topic.TOUR, _key_of_cancellation(plans[0], cancelled_at), lambda: Message(
        title=_("A tour that you joined is cancelled"),
        body=_("You do not need to come. Maybe you can join another tour."),
        path=reverse("mapping:seats"),
    ), wait=timedelta(seconds=undo_offers.ACCEPTED_SECONDS))  # fmt: skip


def tell_restored(plan: uuid.UUID, plans: Sequence[uuid.UUID], cancelled_at: datetime) -> None:
    """Delete the messages of a cancellation that still wait; tell the others that the tour takes place."""
    told = take_back(_key_of_cancellation(plan, cancelled_at))
    people = [person for person in _people(plans) if person.pk in told]
    notify(people, Topic.TOUR, f"tours-restored:{plan}:{cancelled_at.timestamp():.6f}", lambda: Message(
        title=_("The tour takes place after all"),
        body=_("It was cancelled by mistake. You still have your place."),
        path=reverse("mapping:seats"),
    ))  # fmt: skip


def _key_of_cancellation(plan: uuid.UUID, cancelled_at: datetime) -> str:
    return f"tours-cancelled:{plan}:{cancelled_at.timestamp():.6f}"


def _people(plans: Sequence[uuid.UUID]) -> list[User]:
    """Return the people with a seat or on the waiting list of future plans."""
    future = PlannedTour.objects.filter(pk__in=plans, start__gt=timezone.now()).values("pk")
    concerned = Q(seats__plan__in=future) | Q(seat_wishes__plan__in=future)
    return list(User.objects.filter(concerned).distinct())


# --- reminders -----------------------------------------------------------------------------------------------------


def remind(now: datetime | None = None) -> int:
    """Remind people of their tours, once each: the day before, or three hours before if they joined later.

    Return the number of reminders. People who joined in the last three hours get none.
    """
    now = now or timezone.now()
    made = 0
    for seat in _due(now).select_related("plan__association", "volunteer").order_by("pk"):
        with transaction.atomic():
            if not Seat.objects.filter(pk=seat.pk, reminded_at=None).update(reminded_at=now):
                continue
            key = f"seat-reminder:{seat.plan_id}:{seat.plan.start.isoformat()}"
            notify([seat.volunteer], Topic.TOUR, key, partial(_reminder, seat.plan))
            made += 1
    return made


def _reminder(plan: PlannedTour) -> Message:
    cure = _("If you cannot come, give your place back: others can then join.")
    return Message(title=_("Your tour starts soon"), body=f"{_when(plan)} {cure}", path=_page(plan))


def _due(now: datetime) -> QuerySet[Seat]:
    """Return the seats whose reminder is due."""
    coming = Seat.objects.filter(reminded_at=None, plan__cancelled_at=None, plan__tour=None, plan__start__gt=now)
    early = Q(plan__start__lte=now + DAY_BEFORE, at__lte=F("plan__start") - DAY_BEFORE)
    late = Q(plan__start__lte=now + HOURS_BEFORE, at__lte=F("plan__start") - HOURS_BEFORE)
    return coming.filter(early | late)
