"""How actions of things that neighbours lend and give are undone. Every lookup checks again what the person may see and change."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.undo import undoing
from needs.base.undo.undoing import Undo, Undone
from needs.models import Loan
from needs.neighbours.giving import offer_changes, offer_requests
from needs.neighbours.lending import item_changes, wishes
from needs.neighbours.loans import loan_steps
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


def _remove_item(viewer: Viewer, user: User, item: str, removed_at: str) -> Undone:
    """Subject: an item and the time when it was removed."""
    done = item_changes.undo_remove(uuid.UUID(item), user, datetime.fromisoformat(removed_at))
    words = _("Undone. Others can find it as before.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:item", args=[item]) if done else reverse("needs:my_items"))


def _close_wish(viewer: Viewer, user: User, wish: str, closed_at: str) -> Undone:
    """Subject: a wish and the time when it was closed."""
    done = wishes.undo_close(uuid.UUID(wish), user, datetime.fromisoformat(closed_at))
    return Undone(done, _("Undone. You look for it as before.") if done else undoing.changed(), reverse("needs:wishes"))


def _close_offer(viewer: Viewer, user: User, offer: str, closed_at: str) -> Undone:
    """Subject: an offer to give and the time when it was closed."""
    done = offer_changes.undo_close(uuid.UUID(offer), user, datetime.fromisoformat(closed_at))
    words = _("Undone. Others can ask for it as before.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:giving_mine"))


def _decline_request(viewer: Viewer, user: User, asked: str) -> Undone:
    """Subject: a request for something that is given."""
    done = offer_requests.undo_decline(uuid.UUID(asked), user)
    words = _("Undone. You can still answer this request.") if done else undoing.changed()
    return Undone(done, words, "")


def _loan_step(_viewer: Viewer, user: User, step: str) -> Undone:
    """Subject: a step of a loan."""
    loan = get_object_or_404(Loan.objects.of(user), steps=step)
    back = loan_steps.undo(int(step), user)
    words = (
        _("Undone. The loan is “%(state)s” again.") % {"state": back.get_state_display()} if back else undoing.changed()
    )
    return Undone(back is not None, words, reverse("needs:loan", args=[loan.pk]))


ACTIONS: Mapping[str, Undo] = {
    "remove-item": _remove_item,
    "close-wish": _close_wish,
    "close-offer": _close_offer,
    "decline-request": _decline_request,
    "loan-step": _loan_step,
}
