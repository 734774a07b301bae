"""Handler for “told them about a place”. This item does not become a report."""

from django.db import transaction

from needs.doors.phone_queue import receipts
from needs.doors.phone_queue.queue_items import Outcome, Sent, refused, stored
from needs.doors.phone_queue.report_kinds import member_of, tours_of
from needs.guide.find_help import signposting
from needs.guide.find_help.signpost_forms import SignpostForm
from solidarity.lib.database.idempotent_insert import InsertResult


def take_signposted(sent: Sent) -> Outcome:
    """Store that a member told somebody about a place. Raises Http404 for people without an association."""
    user, associations = member_of(sent)
    form = SignpostForm(sent.data, associations=associations, tours=tours_of(sent, user))
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)
    with transaction.atomic():
        how = receipts.record(sent.id, sent.digest)
        if how is InsertResult.NEW:
            signposting.record(form.draft(), form.told_for, user.pk)
    return stored(sent.digest, how)
