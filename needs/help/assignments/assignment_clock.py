"""Changes of assignments that depend on time: a reminder, the return to the queue, and the end with the commitment."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from needs.enums import Urgency
from needs.help.assignments import answering, assigning
from needs.models import AssignmentState, Need, NeedAssignment

ANSWER_WITHIN = {
    Urgency.NOW: timedelta(minutes=30),
    Urgency.SOON: timedelta(hours=4),
    Urgency.LATER: timedelta(hours=24),
}
"""Time for an answer. The reminder is sent after half of it."""


def run(now: datetime | None = None) -> dict[str, int]:
    """Remind groups that have not answered, return unanswered assignments to the queue, and settle assignments that
    have ended."""
    now = now or timezone.now()
    counts = {"reminded": 0, "returned": 0, "settled": 0}
    for urgency, time in ANSWER_WITHIN.items():
        waiting = NeedAssignment.objects.waiting_since(now - time / 2).filter(need__urgency=urgency)
        for key, need, at in waiting.values_list("pk", "need", "at"):
            with transaction.atomic():
                Need.objects.select_for_update(of=("self",)).filter(pk=need).first()
                own = waiting.select_for_update(of=("self",)).filter(pk=key).first()
                if own is None:
                    continue
                if at <= now - time:
                    assigning.end(own, AssignmentState.EXPIRED)
                    answering.notify_back(own)
                    counts["returned"] += 1
                elif own.reminded_at is None:
                    own.reminded_at = now
                    own.save(update_fields=["reminded_at"])
                    assigning.notify_waiting(own, assigning.answering_people(own), again=True)
                    counts["reminded"] += 1
    for own in NeedAssignment.objects.filter(state=AssignmentState.ACCEPTED).exclude(commitment__state="active"):
        with transaction.atomic():
            counts["settled"] += answering.settle(own)
    return counts
