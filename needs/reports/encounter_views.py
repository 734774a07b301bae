"""Pages of encounters: the form, “met nobody” in one tap, the receipt, retraction."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.custom_questions import question_sets
from needs.base.dispatch_scope.guards import own_associations, tours_to_join
from needs.base.undo import offering
from needs.enums import ReportKind
from needs.models import Encounter, Tour, VoiceNote
from needs.reports import filing, intake
from needs.reports.correction_history import correction_history
from needs.reports.danger import alarm_receipts
from needs.reports.encounter_forms import NobodyForm, encounter_form
from needs.reports.forms import MintedForm
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.http.byte_ranges import ranged
from solidarity.lib.site import features
from volunteers.models import Membership
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

JUST_SAVED = timedelta(minutes=10)
"""How long the page of an encounter says that it is saved; later it is a page to look something up."""


def log_encounter(request: Request) -> HttpResponse:
    """The encounter form. A repeat leads to the same report; different content under the same id gives 409."""
    associations, tours = own_associations(request.user), tours_to_join(request.user)
    form = encounter_form(request.POST or None, initial=_begin(tours), associations=associations, tours=tours)
    if request.method == "POST" and form.is_valid():
        filed = intake.file_encounter(
            form.draft(), association=form.owner.pk, author=request.user.pk, implied=form.implied
        )
        if filed.stored is not InsertResult.CONFLICT:
            for warning in filed.warnings:
                messages.warning(request, warning)
            return redirect("needs:encounter", filed.id)
        return _encounter_page(request, form.with_new_id(), 409)
    return _encounter_page(request, form, 400 if form.is_bound else 200)


@require_POST
def saw_nobody(request: Request) -> HttpResponse:
    """“I looked here and met nobody” in one tap. Without a position, show the full form with 0 people met."""
    associations, tours = own_associations(request.user), tours_to_join(request.user)
    form = NobodyForm(request.POST, associations=associations, tours=tours)
    if not form.is_valid():
        initial = {"id": uuid.uuid4(), "persons": 0, **request.POST.dict()}
        full = encounter_form(None, initial=initial, associations=associations, tours=tours)
        return _encounter_page(request, full, 400, problems=[str(e) for errors in form.errors.values() for e in errors])
    filed = intake.file_encounter(form.draft(), association=form.owner.pk, author=request.user.pk, implied=("at",))
    if filed.stored is InsertResult.CONFLICT:
        data = request.POST.copy()
        data["persons"] = "0"
        full = encounter_form(data, associations=associations, tours=tours)
        return _encounter_page(request, full.with_new_id(), 409)
    messages.success(request, _("Saved. You looked here and met nobody: that counts, too."))
    if form.tour_id and features.is_on("tours"):
        return redirect("needs:tour", form.tour_id)
    return redirect("needs:encounter", filed.id)


def encounter(request: Request, report: uuid.UUID) -> HttpResponse:
    """Receipt of an encounter, for members of its association."""
    query = Encounter.objects.of_associations(request.user).select_related("association", "tour", "question_set")
    filed = get_object_or_404(query, pk=report)
    context = {
        "encounter": filed,
        "just_saved": timezone.now() - filed.filed_at < JUST_SAVED,
        "alarm": alarm_receipts.receipt_of(filed),
        "answers": question_sets.answers_shown(filed),
        "may_erase": Membership.objects.dispatching().filter(user=request.user, association=filed.association).exists(),
        "may_correct": Encounter.objects.correctable_by(request.user, timezone.now()).filter(pk=report).exists(),
        "corrections": correction_history.history(ReportKind.ENCOUNTER, filed.pk),
        "may_retract": Encounter.objects.retractable_by(request.user).filter(pk=report).exists(),
    }
    return render(request, "needs/reports/encounter.html", context)


@require_safe
def voice_note(request: Request, report: uuid.UUID, sound: uuid.UUID) -> HttpResponseBase:
    """A voice note, for members of the encounter's association."""
    found = get_object_or_404(VoiceNote.objects.of_associations(request.user), pk=sound, encounter=report)
    recording.record(request.user, Verb.VOICE_HEARD, "voice", found.pk, purpose=Purpose.CARE)
    try:
        return ranged(
            request, Path(found.sound.path), etag=f'"{found.pk}"', content_type="audio/ogg", cache="private, no-store"
        )
    except FileNotFoundError:
        raise Http404 from None


@require_POST
def take_back(request: Request, report: uuid.UUID) -> HttpResponse:
    """Retract an encounter. Only its author and the dispatchers of its association may do this."""
    own = get_object_or_404(Encounter.objects.retractable_by(request.user), pk=report)
    retraction = uuid.uuid4()
    if filing.retract(ReportKind.ENCOUNTER, own.pk, author=request.user.pk, id=retraction):
        words = _("You have taken the encounter back. It no longer counts.")
        offering.offer(request, words, "take-back", retraction)
    return redirect("needs:tour", own.tour_id) if own.tour_id and features.is_on("tours") else redirect("needs:mine")


def _begin(tours: list[Tour]) -> dict[str, Any]:
    """Return the initial values of an empty form: a new id and an open tour, if there is one."""
    tour = next((tour for tour in tours if tour.is_open), None)
    start: dict[str, Any] = {"id": uuid.uuid4()}
    if tour:
        start |= {"tour": str(tour.pk), "association": tour.association.slug}
    return start


def _encounter_page(request: Request, form: MintedForm, status: int, problems: list[str] | None = None) -> HttpResponse:
    context = {
        "form": form,
        "problems": problems or [],
        "default_tour": form["tour"].value() or "",
        "fresh_id": uuid.uuid4(),
    }
    return render(request, "needs/reports/encounter_form.html", context, status=status)
