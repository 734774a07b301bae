"""How actions of the help wing are undone. Every lookup checks again what the person may see and change."""

import uuid
from collections.abc import Mapping

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from needs.base.dispatch_scope import scope
from needs.base.lifecycle import transitions
from needs.base.undo import undoing
from needs.base.undo.undoing import Undo, Undone
from needs.help.matching import proposals
from needs.help.triage import duplicates
from needs.help.triage.duplicates import MergeRefused
from needs.models import Merge, NeedStep
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


def _decline(viewer: Viewer, user: User, proposal: str) -> Undone:
    """Subject: a proposal."""
    done = proposals.undo_decline(uuid.UUID(proposal), user)
    words = _("Undone. You can still answer this proposal.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:proposals"))


def _step(viewer: Viewer, user: User, step: str) -> Undone:
    """Subject: a step of a need."""
    need = scope.need_for(viewer, get_object_or_404(NeedStep, pk=step, by=user).need_id)
    back = transitions.undo(int(step), user.pk)
    words = (
        _("Undone. The need is “%(state)s” again.") % {"state": back.get_state_display()} if back else undoing.changed()
    )
    return Undone(back is not None, words, reverse("needs:triage_need", args=[need.pk]))


def _steps(viewer: Viewer, user: User, *steps: str) -> Undone:
    """Subject: steps of several needs that were made together. They are undone one by one: a need that has since changed or
    left the viewer's desk does not affect the others."""
    own = NeedStep.objects.filter(pk__in=steps, by=user, need__in=scope.needs_for(viewer)).order_by("pk")
    done = sum(transitions.undo(step, user.pk) is not None for step in own.values_list("pk", flat=True))
    if not done:
        return Undone(False, undoing.changed(), "")
    words = ngettext("Undone for %(n)d need.", "Undone for %(n)d needs.", done) % {"n": done}
    if left := len(steps) - done:
        words += " " + ngettext(
            "%(n)d need has been changed in the meantime and stays as it is.",
            "%(n)d needs have been changed in the meantime and stay as they are.",
            left,
        ) % {"n": left}
    return Undone(True, words, "")


def _merge(viewer: Viewer, user: User, merge: str) -> Undone:
    """Subject: a merge of two needs."""
    row = get_object_or_404(Merge, pk=merge, by=user)
    scope.needs_or_404(viewer, row.kept_id, row.merged_id)
    page = reverse("needs:triage_need", args=[row.kept_id])
    try:
        duplicates.undo_merge(row.pk, user)
    except MergeRefused as refused:
        return Undone(False, str(refused.words), page)
    return Undone(True, _("The merge is undone. Both needs have their previous state."), page)


ACTIONS: Mapping[str, Undo] = {
    "decline": _decline,
    "step": _step,
    "steps": _steps,
    "merge": _merge,
}
