"""Writing to a crew, answering, marking messages as read. Notifications contain neither text nor place."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.crew_messages.crews import Crew
from needs.models import CrewMessage, MessageSeen
from solidarity.lib.database.advisory_locks import lock
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.enums import Topic
from volunteers.models import Membership, User
from volunteers.notifications.notifying import Message, notify

MOST = 20
"""Messages of each side about one tour."""


class TourOver(Exception):
    """The tour has ended or was cancelled."""


class TooManyMessages(Exception):
    """This side has already written MOST messages about the tour."""


def write(crew: Crew, by: User, text: str, *, from_crew: bool) -> CrewMessage:
    """Store a message and notify the other side. Raise TourOver, TooManyMessages. Look the crew up with ``crew_for``
    first, because access is not checked here."""
    with transaction.atomic():
        lock([f"needs.crew_messages:{crew.key}"])
        if crew.is_over(timezone.now()):
            raise TourOver
        if crew.messages().filter(from_crew=from_crew).count() >= MOST:
            raise TooManyMessages
        tour = crew.tour if crew.plan is None else None
        made = CrewMessage.objects.create(plan=crew.plan, tour=tour, author=by, from_crew=from_crew, text=text)
        path = reverse("needs:crew", args=[crew.key])
        if from_crew:
            notify(_writers(crew), Topic.DESK, f"crew-message:{made.pk}", lambda: Message(
                _("A crew answered you"), _("Open the page to read the answer."), path
            ))  # fmt: skip
        else:
            notify(_crew_people(crew), Topic.TOUR, f"crew-message:{made.pk}", lambda: Message(
                _("A coordinator wrote to your crew"), _("Open the page to read the message and to answer."), path
            ))  # fmt: skip
            recording.record(by, Verb.CREW_WRITTEN, "crew", crew.key, purpose=Purpose.COORDINATION)
    return made


def mark_read(crew: Crew, by: User) -> None:
    """Record that a member of the crew has read the messages of coordinators."""
    unseen = crew.messages().unseen_by(by).values_list("pk", flat=True)
    MessageSeen.objects.bulk_create([MessageSeen(message_id=key, user=by) for key in unseen], ignore_conflicts=True)


def _writers(crew: Crew) -> list[User]:
    """Return the coordinators who wrote to the crew."""
    written = crew.messages().filter(from_crew=False).values("author")
    return list(User.objects.filter(pk__in=written, is_active=True))


def _crew_people(crew: Crew) -> list[User]:
    """Return those who planned or started the tour, if they still belong to the association, else its dispatchers."""
    authors = {each.author_id for each in (crew.plan, crew.tour) if each is not None}
    members = Membership.objects.current().filter(association=crew.association, user__is_active=True)
    rows = members.filter(user__in=authors - {None}) or members.dispatching()
    return [row.user for row in rows.select_related("user")]
