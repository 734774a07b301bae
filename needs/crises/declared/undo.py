"""How actions of crisis events are undone. Every lookup checks again what the person may see and change."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.event_rights.coordinators import led_crisis
from needs.base.event_rights.event_messages import Change, tell_others
from needs.base.undo import undoing
from needs.base.undo.undoing import Undo, Undone
from needs.crises import crisis_events
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def _close_crisis(viewer: Viewer, user: User, slug: str, closed_at: str) -> Undone:
    """Subject: the event's short name and the time when it was closed."""
    crisis = led_crisis(viewer, slug)
    done = crisis_events.undo_close(crisis, datetime.fromisoformat(closed_at))
    if done:
        details = {"again": True}
        recording.record(user, Verb.CRISIS_OPENED, "crisis", crisis.pk, purpose=Purpose.COORDINATION, details=details)
        tell_others(crisis, user, Change.REOPENED)
    words = _("Undone. The event accepts reports as before.") if done else undoing.changed()
    return Undone(done, words, reverse("mapping:crises"))


ACTIONS: Mapping[str, Undo] = {
    "close-crisis": _close_crisis,
}
