"""How actions of messages and moderation are undone. Every lookup checks again what the person may see and change."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.undo import undoing
from needs.base.undo.undoing import Undo, Undone
from needs.conversations.moderation_desk import case_access, deciding
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


def _decide_case(viewer: Viewer, user: User, case: str, decided_at: str) -> Undone:
    """Subject: a reported text and the time of the decision."""
    row = case_access.case_or_404(viewer, case)
    done = deciding.undo(row, user, datetime.fromisoformat(decided_at))
    words = _("Undone. It waits for a decision again.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:moderation_case", args=[row.pk]))


ACTIONS: Mapping[str, Undo] = {
    "decide-case": _decide_case,
}
