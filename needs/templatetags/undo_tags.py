"""Template filter for messages that offer to undo an action."""

from django import template
from django.contrib.messages.storage.base import Message

from solidarity.lib.http import undo_offers
from solidarity.lib.http.undo_offers import UndoOffer

register = template.Library()


@register.filter
def undo_offer(message: Message) -> UndoOffer | None:
    """Return the offer of a message; None for a message without one."""
    return undo_offers.offer_in(message)
