"""Offers to undo an action, shown with the message that confirms it."""

from django.urls import reverse

from needs.base.undo import undoing
from solidarity.lib.http import undo_offers
from volunteers.people.accounts.http_types import Request


def offer(request: Request, text: str, action: str, *subject: object) -> None:
    """Confirm an action with a message that offers to undo it for ten seconds.

    action: a name that the ``undo`` module of a wing registers. subject: what its effect takes. Raises LookupError for
    a name that nobody registered.
    """
    if not undoing.is_known(action):
        raise LookupError(action)
    named = "|".join(str(part) for part in subject)
    undo_offers.offer(request, text, user=request.user.pk, action=action, subject=named, path=reverse("needs:undo"))
