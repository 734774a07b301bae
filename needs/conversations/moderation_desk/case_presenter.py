"""A case as a moderator sees it: the text with its context, the reasons of the reports and their number, but never who
reported."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from needs.base.moderated_texts.moderation_codes import ReportReason
from needs.conversations.moderation import contents, held_words
from needs.conversations.moderation.contents import Content
from needs.models import ModerationCase


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A message as a moderator sees it: first name and role only. about: whether the case is about this message."""

    who: str
    text: str
    at: datetime
    about: bool = False


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case. reasons: the number of times that each reason was given. words: the words that reporters wrote. lines:
    the messages around the text. found: the held words in the text. earlier: the number of times that texts of the
    author were hidden before."""

    case: ModerationCase
    content: Content | None
    author: str
    reasons: list[tuple[str, int]]
    words: list[str]
    lines: list[ShownLine]
    found: list[str]
    earlier: int


def reasons_of(case: ModerationCase) -> list[tuple[str, int]]:
    """Return the number of times that each reason was given, the most frequent reason first."""
    counts = Counter(report.reason for report in case.reports.all())
    return [(str(ReportReason(code).label), number) for code, number in counts.most_common()]


def view_of(case: ModerationCase) -> CaseView:
    content = contents.find(case.kind, case.key)
    words = [report.words for report in case.reports.all() if report.words]
    found = held_words.found_in(content.text) if content and case.held_at else []
    earlier = 0
    if case.author_id:
        hidden = ModerationCase.objects.filter(author=case.author_id, withheld=True).exclude(outcome="")
        earlier = hidden.exclude(pk=case.pk).count()
    return CaseView(case, content, _author(case, content), reasons_of(case), words, _lines(content), found, earlier)


def _author(case: ModerationCase, content: Content | None) -> str:
    if case.association is not None:
        return str(case.association.name)
    role_of = contents.rules_of(case.kind).role
    role = role_of(content.row) if content and role_of else ""
    name = case.author.public_name if case.author is not None else ""
    return f"{name} ({role})" if name and role else name or role or _("somebody without an account")


def _lines(content: Content | None) -> list[ShownLine]:
    thread = contents.rules_of(content.kind).thread if content else None
    if content is None or thread is None:
        return []
    shown = []
    for line in thread(content.row):
        name = line.author.public_name if line.author is not None else ""
        shown.append(ShownLine(f"{name}, {line.role}" if name else line.role, line.text, line.at, line.about))
    return shown
