"""Writing in a crew's thread, marking messages as read. Notifications contain neither text nor place."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.crew_messages.crews import Crew
from needs.models import CrewMessage, MessageSeen
from needs.tour_seats import seats
from solidarity.lib.database.advisory_locks import lock
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.enums import Topic
from volunteers.models import Membership, User
from volunteers.notifications.notifying import Message, notify

MOST = 20
"""Messages of one person about one tour."""
MOST_AT_ONCE, AT_ONCE = 5, timedelta(minutes=10)
"""Messages of one person in this time, because each of them notifies the whole crew."""


class TourOver(Exception):
    """The tour has ended or was cancelled."""


class TooManyMessages(Exception):
    """The person has written MOST messages about the tour, or MOST_AT_ONCE in a short time."""


def write(crew: Crew, by: User, text: str, *, from_crew: bool) -> CrewMessage:
    """Store a message and notify everybody else in the thread. Raise TourOver, TooManyMessages. Look the crew up with
    ``crew_for`` first, because access is not checked here."""
    with transaction.atomic():
        lock([f"needs.crew_messages:{crew.key}"])
        now = timezone.now()
        if crew.is_over(now):
            raise TourOver
        own = crew.messages().filter(author=by)
        if own.count() >= MOST or own.filter(at__gt=now - AT_ONCE).count() >= MOST_AT_ONCE:
            raise TooManyMessages
        tour = crew.tour if crew.plan is None else None
        made = CrewMessage.objects.create(plan=crew.plan, tour=tour, author=by, from_crew=from_crew, text=text)
        mark_read(crew, by)
        _tell(crew, made, by)
        if not from_crew:
            recording.record(by, Verb.CREW_WRITTEN, "crew", crew.key, purpose=Purpose.COORDINATION)
    return made


def _tell(crew: Crew, made: CrewMessage, by: User) -> None:
    """Notify the others of a message: the crew, and the coordinators who wrote to it."""
    path = reverse("needs:crew", args=[crew.key])
    people = {person.pk: person for person in _crew_people(crew)}
    coordinators = [person for person in _writers(crew) if person.pk not in people and person.pk != by.pk]
    people.pop(by.pk, None)
    key = f"crew-message:{made.pk}"
    if made.from_crew:
        notify(coordinators, Topic.DESK, key, lambda: Message(
            _("A crew answered you"), _("Open the page to read the answer."), path
        ))  # fmt: skip
        notify(people.values(), Topic.TOUR, key, lambda: Message(
            _("Somebody wrote to your crew"), _("Open the page to read the message and to answer."), path
        ))  # fmt: skip
    else:
        notify(people.values(), Topic.TOUR, key, lambda: Message(
            _("A coordinator wrote to your crew"), _("Open the page to read the message and to answer."), path
        ))  # fmt: skip


def mark_read(crew: Crew, by: User) -> None:
    """Record that a member of the crew has read the messages of the others."""
    unseen = crew.messages().unseen_by(by).values_list("pk", flat=True)
    MessageSeen.objects.bulk_create([MessageSeen(message_id=key, user=by) for key in unseen], ignore_conflicts=True)


def _writers(crew: Crew) -> list[User]:
    """Return the coordinators who wrote to the crew."""
    written = crew.messages().filter(from_crew=False).values("author")
    return list(User.objects.filter(pk__in=written, is_active=True))


def _crew_people(crew: Crew) -> list[User]:
    """Return the volunteers with a seat, and the members who planned or started the tour or wrote to the crew; without
    such members, the association's dispatchers."""
    wrote = set(crew.messages().filter(from_crew=True).values_list("author", flat=True))
    authors = {each.author_id for each in (crew.plan, crew.tour) if each is not None} | wrote
    members = Membership.objects.current().filter(association=crew.association, user__is_active=True)
    rows = members.filter(user__in=authors - {None}) or members.dispatching()
    taken = crew.plan.taken.select_related("volunteer") if crew.plan is not None else []
    joined = [seat.volunteer for seat in taken if seats.may_join(seat.volunteer)]
    return [*(row.user for row in rows.select_related("user")), *joined]
