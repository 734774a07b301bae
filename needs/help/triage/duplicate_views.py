"""Pages for two needs: compare them, merge them, undo a merge, mark them as different."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope.guards import dispatching
from needs.base.undo import offering
from needs.help.triage import duplicates, reporter_answers
from needs.help.triage.duplicates import MergeRefused
from needs.help.triage.need_views import to_need
from needs.help.triage.views import filter_of
from needs.models import Merge, Need
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.viewer import Viewer


@dispatching
def compare(request: Request, need: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    """Show two needs side by side, with the reports merged into each, and what they have in common."""
    one, two = _pair(request.viewer, need, other)
    known = scope.needs_for(request.viewer)
    sides = [
        (one, two, duplicates.other_reports(one, known)),
        (two, one, duplicates.other_reports(two, known)),
    ]
    for kept, _gone, merged in sides:
        for shown in (kept, *merged):
            reporter_answers.log_place_shown(shown, request.user)
    context = {
        "need": one,
        "other": two,
        "similarity": duplicates.compare_needs(one, two),
        "sides": sides,
        "query": filter_of(request).querystring,
    }
    return render(request, "needs/triage/triage_compare.html", context)


@dispatching
@require_POST
def merge(request: Request, need: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    """Merge the other need into the first one."""
    kept, gone = _pair(request.viewer, need, other)
    try:
        made = duplicates.merge(kept.pk, gone.pk, request.user)
    except MergeRefused as refused:
        messages.warning(request, str(refused.words))
    else:
        offering.offer(request, _("The two needs are merged."), "merge", made.pk)
    return to_need(request, kept.pk)


@dispatching
@require_POST
def undo(request: Request, merge: uuid.UUID) -> HttpResponse:
    """Undo a merge."""
    found = get_object_or_404(Merge, pk=merge)
    scope.needs_or_404(request.viewer, found.kept_id, found.merged_id)
    try:
        duplicates.undo_merge(found.pk, request.user)
    except MergeRefused as refused:
        messages.warning(request, str(refused.words))
    else:
        messages.success(request, _("The merge is undone. Both needs have their previous state."))
    return to_need(request, found.kept_id)


@dispatching
@require_POST
def apart(request: Request, need: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    """Mark two needs as different."""
    one, two = _pair(request.viewer, need, other)
    duplicates.mark_different(one.pk, two.pk, request.user)
    messages.success(request, _("Marked as different. They will not be suggested as duplicates again."))
    return to_need(request, one.pk)


def _pair(viewer: Viewer, need: uuid.UUID, other: uuid.UUID) -> tuple[Need, Need]:
    """Return two needs that the viewer works on, the second with its similarity to the first."""
    one = scope.need_for(viewer, need)
    others = duplicates.with_comparison(one, scope.needs_for(viewer)).select_related("association")
    return one, get_object_or_404(others, pk=other)
