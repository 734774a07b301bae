"""Pages of corrections: the place of a need, a need, an encounter."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope.guards import dispatching
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.enums import NeedState, ReportKind
from needs.help.corrections import correcting, desk_corrections
from needs.help.corrections.correcting import By
from needs.help.corrections.correction_refusals import CorrectionRefused, Outdated
from needs.help.corrections.forms import (
    EncounterCorrectionForm,
    LookUpForm,
    NeedCorrectionForm,
    current_values,
    encounter_initial,
    fresh,
    need_initial,
    with_own_changes,
)
from needs.help.corrections.need_panel_forms import NeedPanels
from needs.help.triage.need_views import show, to_need
from needs.help.triage.views import back_to_queue
from needs.models import Encounter, Need
from needs.reports.correction_history.correction_history import Entry, history
from volunteers.people.accounts.http_types import Request

NEED, ENCOUNTER = ReportKind.NEED, ReportKind.ENCOUNTER


# --- needs ---------------------------------------------------------------------------------------------------------


@dispatching
@require_POST
def look_up(request: Request, need: uuid.UUID) -> HttpResponse:
    """Store the place or district of a need, or the fact that nobody knows the place.

    ``then=open`` also opens the need.
    """
    found = scope.need_for(request.viewer, need)
    form = LookUpForm(request.POST, auto_id="place_%s")
    if not form.is_valid():
        return show(request, found, corrected=NeedPanels(found, look_up=form))
    try:
        ours = _correct_need(request, found.pk, form)
    except Outdated as refused:
        messages.warning(request, str(refused.words))
    except CorrectionRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused.text))
        return show(request, found, corrected=NeedPanels(found, look_up=form))
    else:
        messages.success(request, _("The place is saved."))
        if ours and request.POST.get("then") == "open":
            _open(request, found)
    return _back(request, found)


def _open(request: Request, need: Need) -> None:
    try:
        transitions.move(need.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, request.user.pk), expected=need.state)
    except NotPossible as refused:
        messages.warning(request, str(refused.words))


@dispatching
@require_POST
def correct_need(request: Request, need: uuid.UUID) -> HttpResponse:
    """Correct a need. If somebody else corrected it in the meantime, show both sets of changes."""
    found = scope.need_for(request.viewer, need)
    now = need_initial(current_values(found))
    read = need_initial(correcting.as_of(NEED, found.pk, current_values(found), _seen(request)))
    form = NeedCorrectionForm(request.POST, initial=read, auto_id="correct_%s")
    if not form.is_valid():
        return show(request, found, corrected=NeedPanels(found, form=form))
    try:
        _correct_need(request, found.pk, form)
    except Outdated as refused:
        messages.warning(request, str(refused.words))
        version = correcting.version_of(NEED, found.pk)
        again = NeedCorrectionForm(initial=with_own_changes(form, now, version), auto_id="correct_%s")
        newer = history(NEED, found.pk, after=form.seen_version)
        return show(request, found, corrected=NeedPanels(found, form=again, newer=newer))
    except CorrectionRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused.text))
        return show(request, found, corrected=NeedPanels(found, form=form))
    messages.success(request, _("The correction is saved. The history keeps the old values."))
    return _back(request, found)


def _back(request: Request, need: Need) -> HttpResponse:
    """Redirect to the need, or to the queue if the need now belongs to the territory of another desk."""
    if scope.needs_for(request.viewer).filter(pk=need.pk).exists():
        return to_need(request, need.pk)
    messages.info(request, _("The need is now in a territory of other dispatchers."))
    return back_to_queue(request)


def _by(request: Request, form: Any) -> By:
    return By(request.user, form.cleaned_data.get("why", ""), form.cleaned_data["correction"])


def _correct_need(request: Request, need: uuid.UUID, form: Any) -> bool:
    changes, seen = form.changes(), form.cleaned_data["seen"]
    return desk_corrections.correct_need(request.viewer, need, changes, _by(request, form), seen=seen)


def _seen(request: Request) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


# --- encounters ----------------------------------------------------------------------------------------------------


def correct_encounter(request: Request, report: uuid.UUID) -> HttpResponse:
    """Correct an encounter in the form that filed it. The author and dispatchers may do this for CORRECTION_TIME."""
    rows = Encounter.objects.correctable_by(request.user, timezone.now())
    found = get_object_or_404(rows.select_related("association", "tour__association", "question_set"), pk=report)
    version = correcting.version_of(ENCOUNTER, found.pk)
    now = encounter_initial(found, current_values(found))
    if request.method != "POST":
        form = EncounterCorrectionForm(encounter=found, initial=now | fresh(version))
        return _encounter_page(request, found, form)
    read = encounter_initial(found, correcting.as_of(ENCOUNTER, found.pk, current_values(found), _seen(request)))
    form = EncounterCorrectionForm(request.POST, encounter=found, initial=read)
    if not form.is_valid():
        return _encounter_page(request, found, form, 400)
    try:
        correcting.correct(ENCOUNTER, found.pk, form.changes(), _by(request, form), seen=form.cleaned_data["seen"])
    except Outdated as refused:
        messages.warning(request, str(refused.words))
        again = EncounterCorrectionForm(encounter=found, initial=with_own_changes(form, now, version))
        newer = history(ENCOUNTER, found.pk, after=form.seen_version)
        return _encounter_page(request, found, again, 409, newer)
    except CorrectionRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused.text))
        return _encounter_page(request, found, form, 400)
    messages.success(request, _("The correction is saved. The history keeps the old values."))
    return redirect("needs:encounter", found.pk)


def _encounter_page(
    request: Request, encounter: Encounter, form: EncounterCorrectionForm, status: int = 200,
    newer: list[Entry] | None = None,
) -> HttpResponse:  # fmt: skip
    context = {"encounter": encounter, "form": form, "newer": newer or []}
    return render(request, "needs/corrections/correct_encounter.html", context, status=status)
