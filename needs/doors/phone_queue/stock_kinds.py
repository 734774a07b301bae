"""The handler of scans in the phone queue."""

from django.db import transaction

from needs.doors.phone_queue import receipts
from needs.doors.phone_queue.queue_items import Outcome, Sent, refused, stored
from needs.doors.phone_queue.report_kinds import member_of, tours_of
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.lending_refusals import LendingRefused
from needs.neighbours.stock_labels import scanning
from needs.neighbours.stock_labels.forms import ScanForm
from needs.neighbours.stock_labels.scanning import Scan
from solidarity.lib.database.idempotent_insert import InsertResult


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
