"""Asking an association for a tour, and withdrawing the request. Messages contain neither places nor names."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.enums import RequestAnswer, TourMode
from needs.models import TourRequest
from solidarity.lib.database.advisory_locks import lock
from volunteers.enums import Topic
from volunteers.models import Association, Territory, User
from volunteers.people.associations.membership import association_dispatchers
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify, take_back

MOST_A_DAY = 5
"""Requests that one coordinator can send to one association within 24 hours; withdrawn ones count."""


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """A suggested tour before it is stored. cells: the stops of the tour in order, as H3 cells of resolution 9."""

    start: datetime
    minutes: int
    cells: Sequence[int]
    mode: str = TourMode.FOOT
    word: str = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)


class TooManyRequests(Exception):
    """The coordinator has already sent MOST_A_DAY requests to this association within a day."""


def ask(draft: RequestDraft, territory: Territory, association: Association, by: User) -> TourRequest:
    """Ask the dispatchers of an association for a tour; idempotent by id. Raise TooManyRequests.

    Check first that ``by`` coordinates the territory and that the association works there.
    """
    with transaction.atomic():
        lock([f"needs.tour_requests:{association.pk}"])
        if found := TourRequest.objects.filter(pk=draft.id).first():
            return found
        since = timezone.now() - timedelta(days=1)
        if association.tour_requests.filter(author=by, asked_at__gt=since).count() >= MOST_A_DAY:
            raise TooManyRequests
        made = TourRequest.objects.create(
            pk=draft.id, territory=territory, association=association, author=by, start=draft.start,
            minutes=draft.minutes, mode=str(draft.mode), cells=list(dict.fromkeys(draft.cells)), word=draft.word,
        )  # fmt: skip
        notify(association_dispatchers(association.pk), Topic.DESK, _key(made), lambda: Message(
            title=_("A coordinator suggests a tour to your association"),
            body=_("Accept it, change it or decline it. You are free to say no."),
            path=reverse("needs:tour_request", args=[made.pk]),
        ))  # fmt: skip
        record(by, Verb.TOUR_SUGGESTED, made)
    return made


def withdraw(request: TourRequest, by: User) -> bool:
    """Withdraw a request; return False if it was answered or has expired. If a message about the request is still
    waiting, it is deleted."""
    now = timezone.now()
    with transaction.atomic():
        waiting = TourRequest.objects.waiting(now).filter(pk=request.pk).order_by()
        if not waiting.update(answer=RequestAnswer.WITHDRAWN, answered_at=now, answered_by=by):
            return False
        take_back(_key(request))
        record(by, Verb.SUGGESTION_ANSWERED, request, answer=RequestAnswer.WITHDRAWN)
    return True


def record(by: User, verb: Verb, request: TourRequest, **details: str) -> None:
    """Write an action on a request to the audit log."""
    recording.record(
        by, verb, "tour_request", request.pk, purpose=Purpose.COORDINATION, scope=request.territory.slug,
        details={name: str(value) for name, value in details.items()},
    )  # fmt: skip


def _key(request: TourRequest) -> str:
    return f"tour-request:{request.pk}"
