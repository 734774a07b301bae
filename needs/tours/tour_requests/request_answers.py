"""Answers of an association to a suggested tour. Each answer locks the request, so that only the first answer
counts."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.enums import RequestAnswer
from needs.models import PlannedTour, TourRequest
from needs.tours import planning
from needs.tours.planning import PlanDraft
from needs.tours.tour_requests.requesting import record
from solidarity.lib.http import undo_offers
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.audit.verbs import Verb
from volunteers.people.notifications.notifying import Message, notify, take_back
from volunteers.places.territories import duties


class TooLate(Exception):
    """Somebody has already answered, or the request was withdrawn or has expired."""


def accept(request: uuid.UUID, by: User, reply: str = "") -> TourRequest:
    """Plan the tour as it was suggested. Raise TooLate."""
    with transaction.atomic():
        row = _waiting(request)
        draft = PlanDraft(start=row.start, minutes=row.minutes, cells=row.cells, mode=row.mode)
        plan = planning.make_plan(draft, association=row.association_id, author=by.pk)
        return _answered(row, by, RequestAnswer.ACCEPTED, reply, plan)


def accept_changed(request: uuid.UUID, by: User, draft: PlanDraft, reply: str = "") -> TourRequest:
    """Plan the tour with the changes of the association. Raise TooLate."""
    with transaction.atomic():
        row = _waiting(request)
        plan = planning.make_plan(draft, association=row.association_id, author=by.pk)
        return _answered(row, by, RequestAnswer.CHANGED, reply, plan)


def decline(request: uuid.UUID, by: User, reply: str = "") -> TourRequest:
    """Decline without consequence. Raise TooLate."""
    with transaction.atomic():
        return _answered(_waiting(request), by, RequestAnswer.DECLINED, reply)


def undo_decline(request: TourRequest, by: User) -> bool:
    """Let a request that ``by`` declined be answered again; return False if it changed or its time has passed. The
    reply stays in the form. If a message about the answer is still waiting, it is deleted."""
    own = TourRequest.objects.filter(pk=request.pk, answer=RequestAnswer.DECLINED, answered_by=by)
    with transaction.atomic():
        row = own.filter(start__gt=timezone.now()).select_for_update().first()
        if row is None:
            return False
        take_back(_key(row))
        row.answer, row.answered_by, row.answered_at = "", None, None
        row.save(update_fields=["answer", "answered_by", "answered_at"])
    return True


def _key(row: TourRequest) -> str:
    """Return the key of the message about an answer."""
    assert row.answered_at is not None
    return f"tour-request-answered:{row.pk}:{row.answered_at.timestamp():.6f}"


def _waiting(key: uuid.UUID) -> TourRequest:
    """Lock and return a request that can still be answered."""
    row = TourRequest.objects.select_for_update(of=("self",)).select_related("territory", "author").get(pk=key)
    if not row.waits:
        raise TooLate
    return row


def _answered(
    row: TourRequest, by: User, answer: RequestAnswer, reply: str, plan: PlannedTour | None = None
) -> TourRequest:
    """Store the answer and notify the person who asked, or the coordinators if that person has left."""
    row.answer, row.reply, row.plan = answer, reply, plan
    row.answered_by, row.answered_at = by, timezone.now()
    row.save(update_fields=["answer", "reply", "plan", "answered_by", "answered_at"])
    asked = [row.author] if row.author and row.author.is_active else duties.coordinators_of(row.territory)
    wait = timedelta(seconds=undo_offers.ACCEPTED_SECONDS if plan is None else 0)
    notify(asked, Topic.DESK, _key(row), lambda: Message(
        title=_("An association answered a tour that you suggested"),
        body=_("Open the page to read the answer."),
        path=reverse("needs:tour_request", args=[row.pk]),
    ), wait=wait)  # fmt: skip
    record(by, Verb.SUGGESTION_ANSWERED, row, answer=answer)
    return row
