"""Handlers for items that the report forms queue: encounters, “saw nobody”, tours, needs, photos, voice notes."""

import io
import uuid
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.attachments import photos, voice_notes
from needs.base.dispatch_scope.guards import own_associations, tours_to_join
from needs.base.site_categories import site_list
from needs.crises.crisis_events import Phase, phase_of
from needs.crises.forms import CrisisReportForm
from needs.doors.phone_queue import receipts
from needs.doors.phone_queue.queue_items import Outcome, Prepared, Sent, SentFile, filed, refused, stored
from needs.doors.phone_queue.queued_tour_end import end_tour
from needs.enums import ReporterAnswer
from needs.models import Crisis, Encounter, Need, Tour
from needs.reports import filing, intake
from needs.reports.danger import alarms
from needs.reports.encounter_forms import NobodyForm, encounter_form
from needs.reports.filing import Filed
from needs.reports.forms import pii_sentences
from needs.reports.intake import EventOfReport, ToFile
from needs.reports.need_forms import NeedForm
from needs.tours.forms import TourStartForm, TourStopForm
from solidarity.lib.database.idempotent_insert import InsertResult
from volunteers.models import Association, User


def member_of(sent: Sent) -> tuple[User, list[Association]]:
    """Return the sender and their associations. Raises Http404 without an account or an association."""
    if sent.user is None:
        raise Http404
    if "associations" not in sent.shared:
        sent.shared["associations"] = own_associations(sent.user)
    return sent.user, sent.shared["associations"]


def tours_of(sent: Sent, user: User) -> list[Tour]:
    """Return the tours that a report may belong to, including the named one if it ended while the report was queued."""
    named = sent.data.get("tour", "")
    if "tours" not in sent.shared:
        sent.shared["tours"] = tours_to_join(user)
    tours: list[Tour] = sent.shared["tours"]
    if not named or any(str(tour.pk) == named for tour in tours):
        return tours
    try:
        return [*tours, *Tour.objects.live().of_associations(user).filter(pk=named).select_related("association")]
    except ValidationError:
        return tours


def prepare_encounter(sent: Sent) -> Outcome | Prepared:
    """Prepare an encounter from the form."""
    user, associations = member_of(sent)
    form = encounter_form(sent.data, associations=associations, tours=tours_of(sent, user), read=sent.shared)
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)
    report = ToFile(form.draft(), form.implied, association=form.owner.pk)
    return Prepared(report, partial(filed, next=reverse("needs:encounter", args=[sent.id])))


def prepare_nobody(sent: Sent) -> Outcome | Prepared:
    """Prepare “I looked here and met nobody”."""
    user, associations = member_of(sent)
    form = NobodyForm(sent.data, associations=associations, tours=tours_of(sent, user))
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)
    page = ("needs:tour", form.tour_id) if form.tour_id else ("needs:encounter", sent.id)
    report = ToFile(form.draft(), association=form.owner.pk)
    return Prepared(report, partial(filed, next=reverse(page[0], args=[page[1]])))


def take_tour_start(sent: Sent) -> Outcome:
    """Start a tour with the id that the phone chose, because the tour's reports already refer to this id."""
    user, associations = member_of(sent)
    form = TourStartForm(sent.data, associations=associations)
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)
    data = form.cleaned_data
    what = intake.start_tour(
        id=sent.id,
        association=form.owner.pk,
        author=user.pk,
        at=form.moment,
        mode=data["mode"],
        walkers=data["walkers"],
        implied=form.implied,
    )
    return filed(what, next=reverse("needs:tour", args=[sent.id]))


def take_tour_stop(sent: Sent) -> Outcome:
    """End a tour, with the line drawn or the cells ticked on a map."""
    return end_tour(sent, TourStopForm, _close)


def _close(tour: Tour, form: TourStopForm) -> None:
    data = form.cleaned_data
    filing.close_tour(tour, ended_at=form.ended_at, over_at=form.over_at, line=data["line"], cells=data["cells"])


def prepare_need(sent: Sent) -> Outcome | Prepared:
    """Prepare a need from anybody. Beyond the limits for anonymous filing, it waits for a moderator."""
    gate = alarms.gate_of(sent.data.get("gate", ""))
    form = NeedForm(sent.data, danger=gate)
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)

    def answer(what: Filed) -> Outcome:
        if what.stored is InsertResult.NEW:
            site_list.store(what.id, form.site_categories)
        return filed(what, next=_follow_page(sent.id), more_warnings=pii_sentences(form))

    return Prepared(ToFile(form.draft(), form.implied, gate=gate), answer)


def _follow_page(report: uuid.UUID) -> str:
    return reverse("needs:follow", args=[filing.follow_token(report)])


def prepare_crisis(sent: Sent) -> Outcome | Prepared:
    """Prepare a report from anybody for an event, if the event was running when the report was written or received."""
    crisis = get_object_or_404(Crisis, slug=sent.data.get("crisis", ""))
    now = timezone.now()
    phases = {phase_of(crisis, now - sent.ago), phase_of(crisis, now)}
    if phases == {Phase.COMING}:
        raise Http404
    form = CrisisReportForm(sent.data, categories=list(crisis.categories.all()))
    form.ago = sent.ago
    if not form.is_valid():
        return refused(form)
    event = EventOfReport(crisis if Phase.RUNNING in phases else None, form.chosen)
    report = ToFile(form.draft(), form.implied, gate=form.danger, event=event)
    return Prepared(report, partial(filed, next=_follow_page(sent.id), more_warnings=pii_sentences(form)))


def take_danger_answer(sent: Sent) -> Outcome:
    """Store the answer that the sender gave below the emergency numbers while the report waited on the phone.

    Only the sender of the report can answer: the same account, or the same device.
    """
    answer = sent.data.get("answer", "")
    alarm = alarms.of_report(sent.parent) if sent.parent else None
    sender = intake.sender_of(sent.request, sent.device)
    if answer not in ReporterAnswer.values or sent.parent is None or not intake.is_sender_of(sent.parent, sender):
        raise Http404
    how = receipts.record(sent.id, sent.digest)
    if how is InsertResult.NEW and alarm is not None:
        alarms.answer_of_reporter(alarm.pk, ReporterAnswer(answer))
    return stored(sent.digest, how)


def take_photo(sent: SentFile) -> Outcome:
    """Store a photo of a need. The path of the follow-up page proves that the sender is the reporter."""
    token = sent.grant.rstrip("/").rpartition("/")[2]
    need = get_object_or_404(Need.objects.live().followed_by(filing.follow_hash(token)))
    if need.pk != sent.parent:
        raise Http404
    if (before := receipts.known(sent.id, sent.digest)) is not None:
        return stored(sent.digest, before)
    try:
        jpeg = photos.reencode(io.BytesIO(sent.data))
    except photos.PhotoRefused as problem:
        return Outcome(400, code="photo", detail=str(problem.message))
    with transaction.atomic():
        how = receipts.record(sent.id, sent.digest)
        if how is InsertResult.NEW and not photos.add(need.pk, jpeg):
            transaction.set_rollback(True)
            return Outcome(400, code="photos", detail=_("This report has three photos already."))
    return stored(sent.digest, how)


def take_voice(sent: SentFile) -> Outcome:
    """Store a voice note of an encounter from its author."""
    if sent.user is None:
        raise Http404
    own = Encounter.objects.live().of_associations(sent.user).filter(author=sent.user)
    encounter = get_object_or_404(own, pk=sent.parent)
    if (before := receipts.known(sent.id, sent.digest)) is not None:
        return stored(sent.digest, before)
    try:
        seconds, sound = voice_notes.reencode(sent.data)
    except voice_notes.VoiceRefused as problem:
        return Outcome(400, code="voice", detail=str(problem.message))
    with transaction.atomic():
        how = receipts.record(sent.id, sent.digest)
        if how is InsertResult.NEW and not voice_notes.add(encounter.pk, seconds, sound):
            transaction.set_rollback(True)
            return Outcome(400, code="voice", detail=str(voice_notes.MESSAGES[voice_notes.Problem.TOO_MANY]))
    return stored(sent.digest, how)


def add_messages(request: HttpRequest, outcome: Outcome, kind: str) -> None:
    """Add messages to the page that the sender sees next."""
    if outcome.status not in (200, 201):
        return
    if kind == "nobody":
        messages.success(request, _("Saved. You looked here and met nobody: that counts, too."))
    elif kind == "tour-stop":
        messages.success(request, _("The tour has ended. Thank you."))
    for warning in outcome.warnings:
        messages.warning(request, warning)
