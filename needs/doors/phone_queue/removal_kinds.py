"""Handlers for removals that were queued offline and not undone: a declined proposal, a closed event."""

from contextlib import suppress

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from needs.base.event_rights.coordinators import led_crisis
from needs.crises.closing import leftovers
from needs.doors.phone_queue import receipts
from needs.doors.phone_queue.queue_items import Outcome, Sent, stored
from needs.help.matching import proposals
from needs.models import Proposal
from solidarity.lib.database.idempotent_insert import InsertResult
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def take_decline(sent: Sent) -> Outcome:
    """Decline a proposal, the item's parent. If the proposal has been answered or has expired, nothing changes."""
    if sent.user is None:
        raise Http404
    own = get_object_or_404(Proposal, pk=sent.parent, volunteer=sent.user)
    with transaction.atomic():
        how = receipts.record(sent.id, sent.digest)
        if how is InsertResult.NEW:
            with suppress(proposals.TooLate):
                proposals.decline(own.pk, sent.user)
    return stored(sent.digest, how)


def take_close_crisis(sent: Sent) -> Outcome:
    """Close an event that the sender leads. If the event is closed already, nothing changes.

    Refuse this if some reports are still open, because the page must ask what happens to each of them.
    """
    if sent.user is None:
        raise Http404
    crisis = led_crisis(Viewer(sent.user), sent.data.get("crisis", ""))
    try:
        with transaction.atomic():
            how = receipts.record(sent.id, sent.digest)
            if how is InsertResult.NEW and leftovers.close_without_leftovers(crisis, sent.user) is not None:
                recording.record(sent.user, Verb.CRISIS_CLOSED, "crisis", crisis.pk, purpose=Purpose.COORDINATION)
    except leftovers.ReportsLeft:
        return Outcome(400, code="reports_left", detail=_("The event still has open reports. Close it on its page."))
    return stored(sent.digest, how)
