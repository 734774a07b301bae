"""Opening cases: somebody reports a text, or a held word keeps it back.

A text is never hidden because of the number of reports: a person always decides.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from needs.base.moderated_texts.models import CaseQuerySet
from needs.base.moderated_texts.moderation_codes import NEVER_HELD, ContentKind, ReportReason
from needs.conversations.moderation import case_news, contents, held_words
from needs.conversations.moderation.contents import Content
from needs.models import ContentReport, ModerationCase
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

MOST_A_DAY = 30
"""Reports of one person in 24 hours."""


class TooManyReports(Exception):
    """The person has sent MOST_A_DAY reports in the last 24 hours."""


def report(content: Content, by: User | None, reason: str, words: str = "") -> ModerationCase:
    """Store a report and tell the moderators, once for each case. Check ``contents.may_report`` first.

    If a text was decided about and has not changed since, a new report of it joins the earlier case. Raise
    TooManyReports.
    """
    author, association = content.author, content.association
    accused = contents.rules_of(content.kind).author_for
    if accused is not None and by is not None:
        author, association = accused(content.row, by)
    with transaction.atomic():
        lock([_lock_of(content)])
        if by is not None and _today(by) >= MOST_A_DAY:
            raise TooManyReports
        case = _open(content, author) or _decided(content, author)
        new = case is None
        if case is None:
            case = _made(content, author, association)
        values = {"reason": ReportReason(reason), "words": words}
        if by is None:
            ContentReport.objects.create(case=case, **values)
        else:
            ContentReport.objects.get_or_create(case=case, by=by, defaults=values)
        if new:
            _announce(case, Verb.CONTENT_REPORTED)
        elif case.outcome and by is not None:
            case_news.tell_reporters(case, [by])
    return case


def hold_if_needed(kind: ContentKind, key: object) -> bool:
    """Keep a text back if it contains a held word; return whether it is kept back. Call it in the transaction that
    stores the text. A text that a moderator has kept visible is not held again until it changes."""
    content = contents.find(kind, str(key))
    if content is None or content.kind in NEVER_HELD or not held_words.holds(content.text):
        return False
    if not contents.rules_of(kind).is_held(content.row):
        return False
    with transaction.atomic():
        lock([_lock_of(content)])
        earlier = _decided(content, content.author)
        if earlier is not None:
            return earlier.withheld
        case = _open(content, content.author) or _made(content, content.author, content.association)
        if case.held_at is None:
            case.held_at = timezone.now()
            case.save(update_fields=["held_at"])
            set_withheld(case, True)
            _announce(case, Verb.CONTENT_HELD)
    return True


def set_withheld(case: ModerationCase, withheld: bool) -> None:
    """Keep a text back, or show it again. Messages and entries of the guide also store this in their own rows."""
    ModerationCase.objects.filter(pk=case.pk).update(withheld=withheld)
    case.withheld = withheld
    if (withhold := contents.rules_of(case.kind).withhold) and (content := contents.find(case.kind, case.key)):
        withhold(content.row, case)


def _lock_of(content: Content) -> str:
    return f"moderation:{content.kind}:{content.key}"


def _today(by: User) -> int:
    return ContentReport.objects.filter(by=by, at__gt=timezone.now() - timedelta(days=1)).count()


def _of(content: Content, author: User | None) -> CaseQuerySet:
    return ModerationCase.objects.filter(kind=content.kind, key=content.key, author=author)


def _open(content: Content, author: User | None) -> ModerationCase | None:
    return _of(content, author).undecided().first()


def _decided(content: Content, author: User | None) -> ModerationCase | None:
    """Return the last case of this text, if it was decided and the text has not changed since."""
    last = _of(content, author).order_by("-opened_at").first()
    return last if last and last.outcome and last.digest == content.digest else None


def _made(content: Content, author: User | None, association: Association | None) -> ModerationCase:
    return ModerationCase.objects.create(
        kind=content.kind, key=content.key, digest=content.digest, author=author, association=association,
        territory=content.territory,
    )  # fmt: skip


def _announce(case: ModerationCase, verb: Verb) -> None:
    """Tell the moderators. The log names nobody, because authors of texts may be able to read the log."""
    case_news.tell_moderators(case)
    recording.record(None, verb, "moderation_case", case.pk, purpose=Purpose.CARE, details={"kind": str(case.kind)})
