"""Texts and reports for tests of moderation."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from needs.base.moderated_texts.moderation_codes import ContentKind, Outcome, ReportReason
from needs.conversations.moderation import cases, contents, held_words
from needs.conversations.moderation.contents import Content
from needs.conversations.moderation_desk.deciding import Decision
from needs.models import Conversation, Item, Loan, Message, ModerationCase
from needs.neighbours.lending.loan_states import LoanState
from tests.needs.loans.loan_cases import day, item_of
from volunteers.models import Association, User

HIDE = Decision(Outcome.HIDDEN, ReportReason.INSULT, "No insults, please.")
KEEP = Decision(Outcome.KEPT)
PAUSE = Decision(Outcome.PAUSED, ReportReason.THREAT, "", 3)


def thing(owner: User | Association, **more: Any) -> Item:
    """Store an item whose cell is wholly in Nord."""
    return item_of(owner, at=(48.8690, 2.3500), **more)


def loan_of(owner: User, borrower: User) -> Loan:
    """Store a loan of an item in Nord."""
    period = (day(1), day(4))
    return Loan.objects.create(item=thing(owner), borrower=borrower, period=period, state=LoanState.AGREED)


def said(loan: Loan, by: User, text: str, minutes_ago: int = 0) -> Message:
    """Store a message in the conversation of a loan."""
    thread, _new = Conversation.objects.get_or_create(loan=loan)
    speaker = "owner" if loan.item.owner_id == by.pk else "borrower"
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return Message.objects.create(conversation=thread, speaker=speaker, author=by, text=text, at=at)


def found(kind: ContentKind, key: object) -> Content:
    content = contents.find(kind, str(key))
    assert content is not None
    return content


def reported(item: Item, by: User | None, reason: str = "insult", words: str = "") -> ModerationCase:
    """Report an item."""
    return cases.report(found(ContentKind.ITEM, item.pk), by, reason, words)


def hold(word: str, by: User, language: str = "", *, whole: bool = True) -> None:
    """Put a word on the list."""
    held_words.add(word, language, whole=whole, by=by)
    held_words.forget()
