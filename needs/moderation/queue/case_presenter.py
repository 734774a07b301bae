"""A case as a moderator sees it: the text with its context, the reasons of the reports and their number, but never who
reported."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from needs.loans import loan_people
from needs.models import Loan, Message, ModerationCase
from needs.moderation import contents, held_words
from needs.moderation.contents import Content
from needs.moderation.moderation_codes import ContentKind, ReportReason
from volunteers.models import User

NEIGHBOURS = 4
"""Messages before and after the one of a case."""


@dataclass(frozen=True, slots=True)
class Line:
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
    lines: list[Line]
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
    role = content.row.get_speaker_display() if content and content.kind is ContentKind.MESSAGE else ""
    name = _first_name(case.author)
    return f"{name} ({role})" if name and role else name or role or _("somebody without an account")


def _first_name(user: User | None) -> str:
    return loan_people.first_name(user) if user is not None else ""


def _lines(content: Content | None) -> list[Line]:
    if content is None or content.kind not in (ContentKind.MESSAGE, ContentKind.LOAN):
        return []
    if content.kind is ContentKind.LOAN:
        return _of_loan(content.row)
    own: Message = content.row
    thread = Message.objects.filter(conversation=own.conversation_id).select_related("author")
    before = thread.filter(Q(at__lt=own.at) | Q(at=own.at, pk__lt=own.pk)).order_by("-at", "-pk")[:NEIGHBOURS]
    after = thread.filter(Q(at__gt=own.at) | Q(at=own.at, pk__gt=own.pk)).order_by("at", "pk")[:NEIGHBOURS]
    return _shown([*reversed(before), own, *after], own)


def _of_loan(loan: Loan) -> list[Line]:
    """The messages of a loan, in its conversation."""
    thread = Message.objects.filter(conversation__loan=loan).select_related("author").order_by("at", "pk")
    return _shown(thread)


def _shown(rows: Iterable[Message], own: Message | None = None) -> list[Line]:
    lines = []
    for each in rows:
        name = _first_name(each.author)
        role = str(each.get_speaker_display())
        who = f"{name}, {role}" if name else role
        lines.append(Line(who, each.text, each.at, about=own is not None and each.pk == own.pk))
    return lines
