"""Feedback of both sides after a commitment: one of three answers and a text, no score."""

from django.db import IntegrityError, transaction

from needs.enums import AlarmSource, CommitmentState, Side, WordsWay
from needs.help.commitments import commitment_notifications
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, Feedback
from needs.reports.danger import alarms
from needs.reports.danger.alarms import Came


def give_feedback(commitment: Commitment, side: Side, *, went: str, unsafe: bool, text: str) -> bool:
    """Store one side's feedback, once per commitment; notify the dispatchers if somebody did not feel safe. Danger words
    raise the need's alarm.

    Return False if this side already gave feedback. Raises Refused (TOO_EARLY) while the commitment runs.
    """
    if commitment.state == CommitmentState.ACTIVE:
        raise Refused(Refusal.TOO_EARLY)
    try:
        with transaction.atomic():
            feedback = Feedback.objects.create(commitment=commitment, side=side, went=went, unsafe=unsafe, text=text)
            came = Came(WordsWay.FEEDBACK, feedback.pk)
            alarms.raise_for_new_words([text], AlarmSource.WORDS, came=came, need_id=commitment.need_id)
            if unsafe:
                commitment_notifications.notify_unsafe(commitment, feedback)
    except IntegrityError:
        return False
    return True
