"""The retention rules for correspondents, their dialogues and messages (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from needs.base.retention_rules.registry import Due, RowRule, register
from needs.base.retention_rules.retention_periods import PERIODS
from needs.enums import UNFINISHED_STATES
from needs.messages.channels.models import Correspondent, Dialogue, InboundMessage, OutboundMessage, ReceivedId

IDS_KEPT = timedelta(days=730)


def _drafts(now: datetime) -> Sequence[Due]:
    limit = now - PERIODS["EXACT_POINT_HOURS"].length
    old = Dialogue.objects.filter(opened_at__lt=limit)
    return [(old.exclude(draft={}, guess={}), {"draft": {}, "guess": {}})]


def _messages(now: datetime) -> Sequence[Due]:
    limit = now - PERIODS["FREE_TEXT_DAYS"].length
    received, sent = (
        InboundMessage.objects.filter(stored_at__lt=limit),
        OutboundMessage.objects.filter(written_at__lt=limit),
    )
    return [(received, None), (sent, None)]


def _correspondents(now: datetime) -> Sequence[Due]:
    """Return the rows to delete: old dialogues without a need or with a closed need, and correspondents without other
    dialogues."""
    limit = now - PERIODS["CONTACT_DAYS"].length
    closed = ~Q(need__state__in=UNFINISHED_STATES) | ~Q(need__retracted_at=None)
    over = Dialogue.objects.filter(
        Q(need=None, opened_at__lt=limit) | Q(~Q(need=None), closed, need__state_at__lt=limit)
    )
    silent = Correspondent.objects.filter(last_at__lt=limit)
    return [(over, None), (silent.exclude(dialogues__in=Dialogue.objects.exclude(pk__in=over.values("pk"))), None)]


def register_rules() -> None:
    """Register the rules; called when the apps are ready."""
    register(
        RowRule(
            "dialogue_drafts",
            _("What was read in text messages and e-mails for a report is deleted; the report stays."),
            "EXACT_POINT_HOURS",
            ("needs.Dialogue.draft", "needs.Dialogue.guess"),
            _drafts,
        ),
        RowRule(
            "channel_messages",
            _("Text messages and e-mails about needs are deleted, those that came in and those that went out."),
            "FREE_TEXT_DAYS",
            ("needs.InboundMessage", "needs.OutboundMessage"),
            _messages,
        ),
        RowRule(
            "message_ids",
            _(
                "The keyed hashes that recognise a repeated text message (no number, no text) are deleted after two years."
            ),
            "",
            ("needs.ReceivedId",),
            lambda now: [(ReceivedId.objects.filter(at__lt=now - IDS_KEPT), None)],
        ),
        RowRule(
            "correspondents",
            _(
                "Numbers and addresses of people who wrote are deleted when their last need has been closed for this time."
            ),
            "CONTACT_DAYS",
            ("needs.Correspondent", "needs.Dialogue"),
            _correspondents,
        ),
    )
