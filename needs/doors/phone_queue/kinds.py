"""The kinds of items and files that the phone queue accepts, each with its handler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from needs.base.attachments import photos, voice_notes
from needs.doors.phone_queue import message_kinds, receipts, removal_kinds, report_kinds, tour_kinds
from needs.doors.phone_queue.queue_items import Outcome, Prepared, Sent, SentFile, refused, stored
from needs.doors.phone_queue.report_kinds import member_of, tours_of
from needs.guide.find_help import signposting
from needs.guide.find_help.signpost_forms import SignpostForm
from needs.models import Tour, TourStop
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.lending_refusals import LendingRefused
from needs.neighbours.stock_labels import scanning
from needs.neighbours.stock_labels.forms import ScanForm
from needs.neighbours.stock_labels.scanning import Scan
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


def take_scan(sent: Sent) -> Outcome:
    """Store a scan under the item's id.

    The order of scans does not matter: a scan that does not fit the stock yet waits.
    """
    user, _associations = member_of(sent)
    form = ScanForm(sent.data, tours=tours_of(sent, user))
    if not form.is_valid():
        return refused(form)
    if (before := receipts.known(sent.id, sent.digest)) is not None:
        return stored(sent.digest, before)
    data = form.cleaned_data
    said = Scan(sent.id, data["label"], StockReason(data["reason"]), data["quantity"], data["tour"])
    with transaction.atomic():
        how = receipts.record(sent.id, sent.digest)
        if how is not InsertResult.NEW:
            return stored(sent.digest, how)
        try:
            item = scanning.take(said, user)
        except LendingRefused as no:
            transaction.set_rollback(True)
            return Outcome(409, code="conflict", detail=no.words)
        if item is None:
            transaction.set_rollback(True)
            form.add_error("label", str(scanning.UNKNOWN))
            return refused(form)
    return stored(sent.digest, how)


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


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file. most_bytes: maximum size; types: accepted content types."""

    take: Callable[[SentFile], Outcome]
    most_bytes: int
    types: tuple[str, ...]


REPORTS: Mapping[str, Callable[[Sent], Outcome | Prepared]] = {
    "encounter": report_kinds.prepare_encounter,
    "nobody": report_kinds.prepare_nobody,
    "need": report_kinds.prepare_need,
    "crisis": report_kinds.prepare_crisis,
    "tour-tap": tour_kinds.prepare_tap,
}
"""Reports. Neighbours in the queue are filed together."""
KINDS: Mapping[str, Callable[[Sent], Outcome]] = {
    "danger-answer": report_kinds.take_danger_answer,
    "tour-start": report_kinds.take_tour_start,
    "tour-stop": report_kinds.take_tour_stop,
    "tour-minutes": tour_kinds.take_tour_minutes,
    "stop-outcome": take_stop_outcome,
    "stock-scan": take_scan,
    "take-back": tour_kinds.take_back,
    "message": message_kinds.take_message,
    "next-word": tour_kinds.take_next_word,
    "decline": removal_kinds.take_decline,
    "close-crisis": removal_kinds.take_close_crisis,
    "signposted": take_signposted,
}
FILES: Mapping[str, FileKind] = {
    "photo": FileKind(report_kinds.take_photo, photos.MOST_BYTES, photos.TYPES),
    "voice": FileKind(report_kinds.take_voice, voice_notes.MOST_BYTES, voice_notes.TYPES),
}
