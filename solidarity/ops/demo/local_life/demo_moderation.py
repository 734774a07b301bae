"""Moderation in the demonstration: two reported texts, a message that a held word keeps back, and a list with one word."""

import uuid
from datetime import datetime, timedelta

from needs.base.moderated_texts.moderation_codes import ContentKind, ReportReason
from needs.conversations.moderation import cases, contents, held_words
from needs.models import Conversation, HeldWord, Item, Loan, Message, ModerationCase, NextCrewWord
from needs.neighbours.lending.loan_states import LoanState
from solidarity.ops.demo.people import Cast
from volunteers.models import User

SPACE = uuid.UUID("0d4c7a1e-3c55-5b62-8a1b-97f2f7f3f6a4")
_WORD = "imbécile"
_TEXT = "Tu es un imbécile, tu m’as fait attendre une heure."


def enter(cast: Cast, until: datetime) -> dict[str, int]:
    """Store the cases, and delete the cases of an earlier demonstration; return row counts."""
    ModerationCase.objects.all().delete()
    HeldWord.objects.all().delete()
    by = User.objects.get(pk=cast.logins["coordinator"])
    reporter = User.objects.get(pk=cast.newcomer)
    held_words.add(_WORD, "fr", whole=True, by=by)
    held_words.forget()
    word = NextCrewWord.objects.exclude(author=None).order_by("-at").first()
    if word is not None:
        _report(ContentKind.WORD, word.pk, reporter, ReportReason.WRONG, "Le passage est ouvert depuis lundi.")
    item = Item.objects.listed().exclude(owner=None).exclude(owner=reporter).order_by("pk").first()
    if item is not None:
        _report(ContentKind.ITEM, item.pk, reporter, ReportReason.SELLING, "On m’a demandé 20 €.")
    loan = Loan.objects.filter(state=LoanState.HANDED_OVER).order_by("pk").first()
    if loan is not None:
        _held_message(loan, until - timedelta(hours=2))
    return {"moderation cases": ModerationCase.objects.count()}


def _report(kind: ContentKind, key: object, by: User, reason: ReportReason, words: str) -> None:
    content = contents.find(kind, str(key))
    if content is not None:
        cases.report(content, by, reason, words)


def _held_message(loan: Loan, at: datetime) -> None:
    thread, _new = Conversation.objects.get_or_create(loan=loan)
    key = uuid.uuid5(SPACE, "held message")
    Message.objects.filter(pk=key).delete()
    Message.objects.create(
        pk=key, conversation=thread, speaker="borrower", author_id=loan.borrower_id, text=_TEXT, at=at
    )
    cases.hold_if_needed(ContentKind.MESSAGE, key)
