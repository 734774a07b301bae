"""The person in charge of an event, and handing the event over.

A hand-over takes effect when the other coordinator accepts; until then, nothing changes. If the person in charge has
left (account blocked or deleted, duty ended), a coordinator of all territories that take part can take charge with one
tap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.event_rights.event_agreements import coordinates_all, coordinators_of
from needs.base.event_rights.event_messages import Change, tell_others
from needs.enums import Answer
from needs.models import Crisis, CrisisHandOver, CrisisQuerySet
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify


class NotInCharge(Exception):
    """Somebody else is in charge of the event, or the request was answered or replaced."""


def person_in_charge(crisis: Crisis) -> User | None:
    """Return the person in charge; None if nobody is, or if that person no longer coordinates the event."""
    return next((each for each in coordinators_of(crisis) if each.pk == crisis.in_charge_id), None)


def waiting(crisis: Crisis) -> CrisisHandOver | None:
    """Return the hand-over that waits for an answer."""
    return crisis.hand_overs.filter(answer="").select_related("to", "asked_by").first()


@dataclass(frozen=True, slots=True)
class Charge:
    """What the list of events shows about the person in charge. person: the person in charge, or None. asked:
    the hand-over that waits for an answer.

    others: the people whom the person in charge can ask.
    """

    person: User | None
    asked: CrisisHandOver | None
    others: Sequence[User]


def charge_of(crisis: Crisis) -> Charge:
    """Return the person in charge of an event, and the people who could be in charge."""
    people = list(coordinators_of(crisis))
    person = next((each for each in people if each.pk == crisis.in_charge_id), None)
    return Charge(person, waiting(crisis), [each for each in people if each != person])


def without_charge(crises: CrisisQuerySet, reader: User, now: datetime) -> list[Crisis]:
    """Return the events that are not over and of which the reader is asked to take charge, or could take charge because
    nobody is."""
    asked = set(CrisisHandOver.objects.filter(to=reader, answer="").values_list("crisis", flat=True))
    return [
        crisis
        for crisis in crises.not_over(now)
        if crisis.pk in asked or (person_in_charge(crisis) is None and coordinates_all(Viewer(reader), crisis))
    ]


def ask(crisis: Crisis, by: User, to: User | None) -> CrisisHandOver | None:
    """Ask another coordinator to take charge, and withdraw the earlier request. If ``to`` is None, only withdraw it.

    Raise NotInCharge unless ``by`` is in charge. ``to`` is one of ``coordinators_of``.
    """
    with transaction.atomic():
        row = _locked(crisis)
        if person_in_charge(row) != by:
            raise NotInCharge
        row.hand_overs.filter(answer="").update(answer=Answer.EXPIRED, answered_at=timezone.now())
        if to is None or to == by:
            return None
        made = CrisisHandOver.objects.create(crisis=row, to=to, asked_by=by)
        notify([to], Topic.DESK, f"crisis-hand-over:{made.pk}", lambda: Message(
            _("You are asked to take charge of an event"),
            _("Accept or decline. Until you accept, the other coordinator stays in charge."),
            reverse("mapping:crises"),
        ))  # fmt: skip
    return made


def answer(crisis: Crisis, by: User, *, accept: bool) -> None:
    """Accept or decline to take charge. Raise NotInCharge if ``by`` is not asked, or no longer coordinates the event."""
    with transaction.atomic():
        row = _locked(crisis)
        asked = row.hand_overs.filter(answer="", to=by).select_related("asked_by").first()
        if asked is None or not coordinators_of(row).filter(pk=by.pk).exists():
            raise NotInCharge
        asked.answer, asked.answered_at = Answer.ACCEPTED if accept else Answer.DECLINED, timezone.now()
        asked.save(update_fields=["answer", "answered_at"])
        if asked.asked_by:
            notify([asked.asked_by], Topic.DESK, f"crisis-hand-over-answered:{asked.pk}", lambda: _answered(accept))
        if accept:
            _put_in_charge(row, by)


def take(crisis: Crisis, by: User) -> None:
    """Take charge of an event that has nobody in charge. Administrators can do this at any time, coordinators only if
    they coordinate all territories that take part.

    Raise NotInCharge.
    """
    with transaction.atomic():
        row = _locked(crisis)
        before = person_in_charge(row)
        if before == by:
            return
        may = coordinates_all(Viewer(by), row) and coordinators_of(row).filter(pk=by.pk).exists()
        if before is not None and not by.is_administrator or not may:
            raise NotInCharge
        row.hand_overs.filter(answer="").update(answer=Answer.EXPIRED, answered_at=timezone.now())
        if before is not None:
            key = f"crisis-taken:{row.pk}:{before.pk}:{timezone.now():%Y%m%d%H%M%S}"
            notify([before], Topic.DESK, key, lambda: Message(
                _("You are no longer in charge of an event"), _("An administrator has taken charge of it."),
                reverse("mapping:crises"),
            ))  # fmt: skip
        _put_in_charge(row, by)


def _locked(crisis: Crisis) -> Crisis:
    return Crisis.objects.select_for_update().get(pk=crisis.pk)


def _put_in_charge(crisis: Crisis, person: User) -> None:
    crisis.in_charge, crisis.in_charge_since = person, timezone.now()
    crisis.save(update_fields=["in_charge", "in_charge_since"])
    recording.record(person, Verb.CRISIS_HANDED, "crisis", crisis.pk, purpose=Purpose.COORDINATION)
    tell_others(crisis, person, Change.CHARGE)


def _answered(accepted: bool) -> Message:
    if accepted:
        title, body = _("Another coordinator is now in charge of the event"), _("You have handed it over.")
    else:
        title, body = _("You are still in charge of the event"), _("The coordinator whom you asked has declined.")
    return Message(title, body, reverse("mapping:crises"))
