"""The retention rules of moderation (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.models import decided_before
from needs.base.retention_rules.registry import Due, RowRule, keep_with_reason, register
from needs.base.retention_rules.retention_periods import PERIODS
from needs.conversations.moderation import contents
from needs.models import ContentReport, ModerationCase, WritingPause


def _words(now: datetime) -> Sequence[Due]:
    limit = now - PERIODS["FREE_TEXT_DAYS"].length
    cases = ModerationCase.objects.filter(decided_before(limit))
    return [
        (ContentReport.objects.filter(case__in=cases.values("pk")).exclude(words=""), {"words": ""}),
        (cases.filter(~Q(words="") | ~Q(appeal="")), {"words": "", "appeal": ""}),
    ]


def _cases(now: datetime) -> Sequence[Due]:
    """Return the cases to delete.

    A case stays while its text is withheld, because without the case the text would be shown again.
    """
    old = ModerationCase.objects.filter(decided_before(now - PERIODS["REPORT_DAYS"].length))
    hidden = old.filter(withheld=True)
    gone = [case.pk for case in hidden if contents.find(case.kind, case.key) is None]
    return [(old.filter(Q(withheld=False) | Q(pk__in=gone)), None)]


def register_rules() -> None:
    """Register the rules; called when the apps are ready."""
    register(
        RowRule(
            "moderation_words",
            _("What reporters, moderators and authors wrote about a text is deleted after the decision about it."),
            "FREE_TEXT_DAYS",
            ("needs.ContentReport.words", "needs.ModerationCase.words", "needs.ModerationCase.appeal"),
            _words,
        ),
        RowRule(
            "moderation_cases",
            _(
                "Reports of texts and the decisions about them are deleted. The decision about a text that is hidden stays "
                "as long as the text."
            ),
            "REPORT_DAYS",
            ("needs.ModerationCase", "needs.ContentReport"),
            _cases,
        ),
        RowRule(
            "writing_pauses",
            _("The end date of a pause in writing is deleted once it has passed."),
            "",
            ("needs.WritingPause",),
            lambda now: [(WritingPause.objects.filter(until__lt=now), None)],
        ),
    )
    keep_with_reason(
        {
            "needs.PersonBlock": "belongs to the account of the person who blocked, until they end it",
            "needs.HeldWord": "words that moderators chose; about no person",
            "needs.ModerationMonth": "sums of a month of the whole site; about no person",
        }
    )
