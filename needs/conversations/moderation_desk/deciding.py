"""The actions on a case: a moderator decides, takes the decision back, or passes the case on; the author can appeal
once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.moderation_codes import HIDING, AppealOutcome, ContentKind, Outcome, ReportReason
from needs.conversations import writing
from needs.conversations.moderation import case_news, cases, contents
from needs.models import Message, ModerationCase, WritingPause
from solidarity.lib.refused_for import RefusedFor
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


class DecisionRefusal(Enum):
    DECIDED = "decided"
    HELD = "held"
    NO_AUTHOR = "no_author"


class DecisionRefused(RefusedFor[DecisionRefusal]):
    """A decision that was not stored."""

    sentences: ClassVar[Mapping[Enum, str | Promise]] = {
        DecisionRefusal.DECIDED: _("Somebody has already decided about it. Look at it again."),
        DecisionRefusal.HELD: _("Another moderator is reading it now. Talk to each other, or decide anyway."),
        DecisionRefusal.NO_AUTHOR: _("The author has no account. You can hide it."),
    }


@dataclass(frozen=True, slots=True)
class Decision:
    """A moderator's decision. reason, words: the reason and the message for the author. days: the length of the pause
    in days, for Outcome.PAUSED."""

    outcome: Outcome
    reason: ReportReason | str = ""
    words: str = ""
    days: int | None = None


def decide(case: ModerationCase, by: User, decision: Decision, *, over: bool = False) -> ModerationCase:
    """Store a decision. over: if True, decide even if another moderator is reading the case.

    Look it up with ``case_or_404`` first. Raise DecisionRefused.
    """
    with transaction.atomic():
        row = _locked(case)
        if row.outcome:
            raise DecisionRefused(DecisionRefusal.DECIDED)
        if not over and row.holder_id not in (None, by.pk) and row.holder_until and row.holder_until > timezone.now():
            raise DecisionRefused(DecisionRefusal.HELD)
        if decision.outcome is Outcome.PASSED_ON:
            return _pass_on(row, by)
        if row.author is None and decision.outcome is Outcome.PAUSED:
            raise DecisionRefused(DecisionRefusal.NO_AUTHOR)
        hides = decision.outcome in HIDING
        content = contents.find(row.kind, row.key)
        row.digest = content.digest if content else row.digest
        row.outcome, row.decided_at, row.decided_by = decision.outcome, timezone.now(), by
        row.reason, row.words = (decision.reason, decision.words) if hides else ("", "")
        row.days = decision.days if decision.outcome is Outcome.PAUSED else None
        row.holder = row.holder_since = row.holder_until = None
        row.save()
        if row.kind == ContentKind.MESSAGE and row.held_at is not None and not hides:
            for message in Message.objects.filter(pk=row.key):
                writing.let_pass(message)  # this also notifies the other dispatchers
        cases.set_withheld(row, hides)
        if row.days and row.author is not None:
            until = row.decided_at + timedelta(days=row.days)
            WritingPause.objects.create(case=row, user=row.author, until=until)
        case_news.tell_decision(row)
        _record(row, by, Verb.CONTENT_DECIDED, outcome=str(row.outcome), reason=str(row.reason), days=row.days)
    return row


def undo(case: ModerationCase, by: User, decided_at: datetime) -> bool:
    """Take one's own decision back; return False if the author has appealed or the case has changed since then."""
    try:
        with transaction.atomic():
            row = _locked(case)
            if row.decided_by_id != by.pk or row.decided_at != decided_at or row.appealed_at is not None:
                return False
            case_news.take_back(row)
            WritingPause.objects.filter(case=row).delete()
            row.outcome = row.reason = row.words = ""
            row.days = row.decided_at = row.decided_by = None
            row.save()
            cases.set_withheld(row, row.held_at is not None)
            _record(row, by, Verb.CONTENT_DECIDED, undone=True)
    except IntegrityError:  # reported again since
        return False
    return True


def appeal(case: ModerationCase, by: User, words: str) -> bool:
    """Let the author appeal, once, against a decision that hid the text; return False if an appeal is not possible.

    Look the case up with ``own_cases`` first.
    """
    with transaction.atomic():
        row = _locked(case)
        if row.outcome not in HIDING or row.appealed_at is not None:
            return False
        row.appeal, row.appealed_at = words, timezone.now()
        row.save(update_fields=["appeal", "appealed_at"])
        case_news.tell_appeal(row)
    return True


def answer_appeal(case: ModerationCase, by: User, outcome: AppealOutcome) -> ModerationCase:
    """Answer an appeal. Check ``may_decide_appeal`` first. Raise DecisionRefused (DECIDED)."""
    with transaction.atomic():
        row = _locked(case)
        if not row.is_appealed:
            raise DecisionRefused(DecisionRefusal.DECIDED)
        row.appeal_outcome, row.appeal_decided_at, row.appeal_by = outcome, timezone.now(), by
        row.save(update_fields=["appeal_outcome", "appeal_decided_at", "appeal_by"])
        if outcome is AppealOutcome.OVERTURNED:
            cases.set_withheld(row, False)
            WritingPause.objects.filter(case=row).delete()
        case_news.tell_appeal_outcome(row)
        _record(row, by, Verb.APPEAL_DECIDED, outcome=str(outcome))
    return row


def _pass_on(row: ModerationCase, by: User) -> ModerationCase:
    """Leave a case to the administrators, who may also block the account."""
    if row.passed_on_at is None:
        row.passed_on_at = timezone.now()
        row.holder = row.holder_since = row.holder_until = None
        row.save(update_fields=["passed_on_at", "holder", "holder_since", "holder_until"])
        case_news.tell_moderators(row)
        _record(row, by, Verb.CONTENT_PASSED_ON)
    return row


def _locked(case: ModerationCase) -> ModerationCase:
    rows = ModerationCase.objects.select_for_update(of=("self",)).select_related("author", "association", "territory")
    return rows.defer("territory__polygon").get(pk=case.pk)


def _record(row: ModerationCase, by: User, verb: Verb, **details: str | int | bool | None) -> None:
    scope = row.territory.slug if row.territory and row.passed_on_at is None else ""
    kept = {"kind": str(row.kind), **{name: value for name, value in details.items() if value}}
    recording.record(by, verb, "moderation_case", row.pk, purpose=Purpose.CARE, scope=scope, details=kept)
