"""The lines of the desk for messages that our rules did not understand."""

from datetime import datetime

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from needs.enums import DeskFilter, Urgency
from needs.help.triage.working_list.desk_lines import MOST, DeskLine, LineSource, harm_of
from needs.messages.message_desk import desk_holds, message_guess, message_lines, unclear_messages
from needs.models import Dialogue
from volunteers.enums import Medium
from volunteers.people.accounts.viewer import Viewer

WORDS = 24


def lines_of(viewer: Viewer, now: datetime) -> list[DeskLine]:
    """Return the messages that wait for a dispatcher, and last those that wait for the person's answer."""
    queue = unclear_messages.queue_for(viewer).select_related("correspondent", "territory", "taken_by")
    return [_line(each, viewer, now) for each in queue.prefetch_related("received")[:MOST]]


def _line(each: Dialogue, viewer: Viewer, now: datetime) -> DeskLine:
    at, medium = each.to_desk_at or each.opened_at, each.correspondent.medium
    answered: bool = each.answered  # type: ignore[attr-defined]
    return DeskLine(
        DeskFilter.MESSAGES,
        f"message-{each.pk}",
        "sound" if _unheard(each) else "phone" if medium == Medium.SMS else "mail",
        f"{each.correspondent.get_medium_display()} · {message_lines.language_of(each)}",
        _why(each, viewer, now),
        at,
        reverse("needs:desk_messages", args=[each.pk]),
        0.0 if answered else harm_of(Urgency.NOW, at, now, danger=_unheard(each)),
        words=Truncator(message_lines.text_of(each)).words(WORDS),
        place=each.territory.name if each.territory else "",
        kinds=message_guess.guess_of(each).kinds,
        danger=each.in_danger and not answered,  # type: ignore[attr-defined]
    )


def _why(each: Dialogue, viewer: Viewer, now: datetime) -> str:
    if desk_holds.held_by_other(each, viewer.user_or_404, now):
        return _("%(name)s is working on it.") % {"name": each.taken_by}
    if each.answered:  # type: ignore[attr-defined]
        return _("You asked, and the answer has not come yet.")
    if _unheard(each):
        return _("A voice message: nobody has listened to it.")
    return _("Our rules did not understand this message.")


def _unheard(each: Dialogue) -> bool:
    return bool(each.unheard)  # type: ignore[attr-defined]


SOURCE = LineSource(DeskFilter.MESSAGES, lambda _now: [Dialogue.objects.filter(unclear_messages.WAITS)], lines_of)
