"""Handlers for items that tour mode queues: taps, undo, the end of a tour in minutes per cell, a word to the next
crew."""

from functools import partial

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from needs.doors.phone_queue import receipts
from needs.doors.phone_queue.queue_items import Outcome, Prepared, Sent, filed, refused, stored
from needs.doors.phone_queue.queued_tour_end import end_tour
from needs.doors.phone_queue.report_kinds import member_of, tours_of
from needs.enums import ReportKind
from needs.models import Encounter, Tour
from needs.reports import filing
from needs.reports.intake import ToFile
from needs.tours.next_crew_words import word_writing
from needs.tours.next_crew_words.forms import NextCrewWordForm
from needs.tours.next_crew_words.word_writing import TooManyWords
from needs.tours.tour_mode_forms import TapForm, TourMinutesForm
from solidarity.lib.database.idempotent_insert import InsertResult
from volunteers.people.accounts.viewer import Viewer


def prepare_tap(sent: Sent) -> Outcome | Prepared:
    """Prepare an encounter in a cell of a tour, or “saw nobody”."""
    user, _associations = member_of(sent)
    form = TapForm(sent.data, tours=tours_of(sent, user))
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)
    tour = form.joined
    report = ToFile(form.draft(), association=tour.association_id)
    return Prepared(report, partial(filed, next=reverse("needs:tour", args=[tour.pk])))


def take_back(sent: Sent) -> Outcome:
    """Retract an encounter that was already sent: the item's parent."""
    user, _associations = member_of(sent)
    if (before := receipts.known(sent.id, sent.digest)) is not None:
        return stored(sent.digest, before)
    if sent.parent is None:
        raise Http404
    own = get_object_or_404(Encounter.objects.retractable_by(user), pk=sent.parent)
    with transaction.atomic():
        how = receipts.record(sent.id, sent.digest)
        if how is InsertResult.NEW:
            filing.retract(ReportKind.ENCOUNTER, own.pk, author=user.pk)
    return stored(sent.digest, how)


def take_tour_minutes(sent: Sent) -> Outcome:
    """End a tour, with the minutes of each pass through a cell as computed on the phone."""
    return end_tour(sent, TourMinutesForm, _close)


def _close(tour: Tour, form: TourMinutesForm) -> None:
    filing.close_tour(tour, ended_at=form.ended_at, cells=form.passes)


def take_next_word(sent: Sent) -> Outcome:
    """Store a word to the next crew. The time for which the word is shown begins when the word was written."""
    if sent.user is None:
        raise Http404
    form = NextCrewWordForm(sent.data, viewer=Viewer(sent.user))
    if not form.is_valid():
        return refused(form)
    territory = form.cleaned_data["territory"]
    at = timezone.now() - sent.ago
    try:
        with transaction.atomic():
            how = receipts.record(sent.id, sent.digest)
            if how is InsertResult.NEW:
                text = form.cleaned_data["text"]
                word_writing.write(sent.user, territory, text, form.lasts, id=sent.id, at=at)
    except TooManyWords as error:
        return Outcome(400, code="too_many", detail=word_writing.too_many(error))
    return stored(sent.digest, how, next=reverse("needs:words", args=[territory.slug]))
