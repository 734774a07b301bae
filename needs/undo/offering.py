"""Offers to undo an action, shown with the message that confirms it."""

from enum import StrEnum

from django.urls import reverse

from solidarity.lib.http import undo_offers
from volunteers.accounts.http_types import Request


class UndoAction(StrEnum):
    """An action that can be undone. The comment beside each action says what the ``subject`` of an offer identifies."""

    TAKE_BACK = "take-back"  # a retraction
    CLOSE_CRISIS = "close-crisis"  # the event's short name and the time when it was closed
    DECLINE = "decline"  # a proposal
    DECLINE_TOUR = "decline-tour"  # a suggested tour
    STEP = "step"  # a step of a need
    STEPS = "steps"  # steps of several needs that were made together
    MERGE = "merge"  # a merge of two needs
    STOP_OUTCOME = "stop-outcome"  # a stop of a tour and the time of its outcome
    REMOVE_ITEM = "remove-item"  # an item and the time when it was removed
    CLOSE_WISH = "close-wish"  # a wish and the time when it was closed
    CLOSE_OFFER = "close-offer"  # an offer to give and the time when it was closed
    DECLINE_REQUEST = "decline-request"  # a request for something that is given
    LOAN_STEP = "loan-step"  # a step of a loan
    CANCEL_PLAN = "cancel-plan"  # a planned tour and the time when it was cancelled
    CLOSE_PLACE = "close-place"  # a place of the guide and the time when it was closed
    END_NOTICE = "end-notice"  # a notice of a place and the time when it was taken back
    SET_FREE = "set-free"  # a capacity, its previous number, and the times when that number and the new one were set
    DECIDE_CONFLICT = "decide-conflict"  # a conflict of a place and the time when it was decided
    END_RESERVATION = "end-reservation"  # a reservation and the time when it was ended
    TAKE_BACK_WORD = "take-back-word"  # a word to the next crew and the time when it was taken back
    DECIDE_CASE = "decide-case"  # a reported text and the time of the decision


def offer(request: Request, text: str, action: UndoAction, *subject: object) -> None:
    """Confirm an action with a message that offers to undo it for ten seconds."""
    named = "|".join(str(part) for part in subject)
    undo_offers.offer(request, text, user=request.user.pk, action=action, subject=named, path=reverse("needs:undo"))
