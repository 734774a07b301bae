"""Ending a tour from a phone queue. The form and tour mode share this code."""

from collections.abc import Callable
from typing import Protocol

from django.db import transaction
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from needs.doors.phone_queue import receipts
from needs.doors.phone_queue.queue_items import Outcome, Sent, refused, stored
from needs.models import Tour
from needs.reports.forms import SentForm
from solidarity.lib.database.idempotent_insert import InsertResult


class EndForm[FormT: SentForm](Protocol):
    """A form for the end of a tour."""

    def __call__(self, data: QueryDict, *, tour: Tour) -> FormT: ...


def end_tour[FormT: SentForm](sent: Sent, form_of: EndForm[FormT], close: Callable[[Tour, FormT], object]) -> Outcome:
    """Close the item's parent tour, at most once. close: function that is called with the locked tour and the valid
    form, and stores the end."""
    if sent.user is None:
        raise Http404
    page = reverse("needs:tour", args=[sent.parent]) if sent.parent else ""
    if (before := receipts.known(sent.id, sent.digest)) is not None:
        return stored(sent.digest, before, next=page)
    if sent.parent is None:
        raise Http404
    tour = get_object_or_404(Tour.objects.live().of_associations(sent.user), pk=sent.parent)
    form = form_of(sent.data, tour=tour)
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)
    with transaction.atomic():
        tour = Tour.objects.select_for_update().get(pk=tour.pk)
        how = receipts.record(sent.id, sent.digest)
        if how is InsertResult.NEW and not tour.is_open:
            transaction.set_rollback(True)
            return Outcome(409, code="closed", detail=_("Somebody else has ended this tour in the meantime."))
        if how is InsertResult.NEW:
            close(tour, form)
    return stored(sent.digest, how, next=page)
