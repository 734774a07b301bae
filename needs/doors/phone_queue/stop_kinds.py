"""Handler for the outcomes of stops that tour mode queues."""

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from needs.doors.phone_queue import receipts
from needs.doors.phone_queue.queue_items import Outcome, Sent, refused, stored
from needs.models import Tour, TourStop
from needs.tours.tour_stops import stop_outcomes
from needs.tours.tour_stops.forms import OutcomeForm
from solidarity.lib.database.idempotent_insert import InsertResult


def take_stop_outcome(sent: Sent) -> Outcome:
    """Record the outcome of a stop. The parent of the item is the tour; the id of the item becomes the id of the
    encounter.

    An outcome may arrive after the end of the tour. If a stop already has an outcome, a second outcome changes nothing.
    """
    if sent.user is None or sent.parent is None:
        raise Http404
    if (before := receipts.known(sent.id, sent.digest)) is not None:
        return stored(sent.digest, before)
    tour = get_object_or_404(
        Tour.objects.live().of_associations(sent.user).select_related("association"), pk=sent.parent
    )
    form = OutcomeForm(sent.data)
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)
    try:
        with transaction.atomic():
            how = receipts.record(sent.id, sent.digest)
            if how is InsertResult.NEW:
                stop_outcomes.record(tour, form.cleaned_data["stop"], form.report(), sent.user)
    except TourStop.DoesNotExist:
        raise Http404 from None
    except stop_outcomes.NotOfStop:
        return Outcome(400, code="invalid", detail=_("This stop cannot have this outcome."))
    except stop_outcomes.AlreadySaid:
        return Outcome(409, code="said", detail=_("Somebody in your crew has already noted the outcome of this stop."))
    return stored(sent.digest, how)
