"""Counts the figures of an association for each month, and reads them.

A month is *open* while all its reports exist, that is, until REPORT_DAYS after it began. Open months are counted when
somebody reads the figures, so they hold the tour that ended a minute ago, and no retracted report. Every night they are
also stored; after REPORT_DAYS, the stored figures never change. Archived reports are never erased; they are counted when
somebody reads the figures.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Func, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from needs.enums import QuestionKind
from needs.models import Aid, AssociationMonth, Encounter, Question, Tour
from solidarity.lib.database.advisory_locks import lock

LOCK = "needs.association_figures"
COUNTS = ("tours", "encounters", "nobody_met", "people_met", "people_helped")


@dataclass(slots=True)
class Answered:
    """The answers to one question in a month.

    labels, choices: the question and its choices by language, as in Question. counts: number of answers, by "yes" and
    "no" or by the position of the choice. total: sum of the numbers; number: how many answers there are.
    """

    kind: str
    labels: dict[str, str]
    choices: dict[str, list[str]]
    counts: Counter[str] = field(default_factory=Counter)
    total: int = 0
    number: int = 0

    def add(self, answer: bool | int) -> None:
        self.number += 1
        if self.kind == QuestionKind.NUMBER:
            self.total += int(answer)
        else:
            self.counts[("yes" if answer else "no") if self.kind == QuestionKind.YES_NO else str(answer)] += 1

    def join(self, other: "Answered") -> None:
        """Add the answers of another month."""
        self.counts += other.counts
        self.total += other.total
        self.number += other.number

    def stored(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "labels": self.labels, "choices": self.choices, "counts": dict(self.counts),
            "total": self.total, "number": self.number,
        }  # fmt: skip

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Answered":
        return cls(**{**stored, "counts": Counter(stored["counts"])})


@dataclass(slots=True)
class Figures:
    """The figures of a month or of several months; see AssociationMonth.

    The key of ``answers`` contains the choices, so that a changed question gets its own line.
    """

    tours: int = 0
    minutes: float = 0.0
    encounters: int = 0
    nobody_met: int = 0
    people_met: int = 0
    people_helped: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Answered] = field(default_factory=dict)

    @property
    def hours(self) -> float:
        return round(self.minutes / 60, 1)

    def join(self, other: "Figures") -> None:
        """Add the figures of a second group of reports."""
        for name in (*COUNTS, "minutes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.asked += other.asked
        self.given += other.given
        for key, answered in other.answers.items():
            if key in self.answers:
                self.answers[key].join(answered)
            else:
                self.answers[key] = Answered.read(answered.stored())

    @classmethod
    def of_row(cls, row: AssociationMonth) -> "Figures":
        figures = cls(**{name: getattr(row, name) for name in (*COUNTS, "minutes")})
        figures.asked, figures.given = Counter(row.asked), Counter(row.given)
        figures.answers = {key: Answered.read(each) for key, each in row.answers.items()}
        return figures

    def values(self) -> dict[str, Any]:
        """Return the values of a row of AssociationMonth."""
        answers = {key: each.stored() for key, each in self.answers.items()}
        numbers = {name: getattr(self, name) for name in (*COUNTS, "minutes")}
        return {**numbers, "asked": dict(self.asked), "given": dict(self.given), "answers": answers}


type Months = dict[tuple[int, date], Figures]
"""Figures by association id and first day of the month."""


def count(now: datetime | None = None) -> int:
    """Store the figures of all open months; return the number of stored rows. Safe to repeat."""
    first = first_open_month(now or timezone.now())
    with transaction.atomic():
        lock([LOCK])
        months = _tally(Q(archive=False), first)
        for old in AssociationMonth.objects.filter(month__gte=first):
            months.setdefault((old.association_id, old.month), Figures())
        for (association, month), figures in months.items():
            AssociationMonth.objects.update_or_create(
                association_id=association, month=month, defaults=figures.values()
            )
    return len(months)


def first_open_month(now: datetime) -> date:
    """Return the first day of the earliest month without erased reports."""
    limit = timezone.localtime(now).date() - timedelta(days=settings.REPORT_DAYS - 1)
    return limit if limit.day == 1 else (limit.replace(day=1) + timedelta(days=32)).replace(day=1)


def year_of(association: int, year: int, now: datetime | None = None) -> dict[date, Figures]:
    """Return the figures of each month of a year, for months with figures: the stored figures of closed months, the
    figures of open months as they are now, and the figures of archived reports."""
    months: dict[date, Figures] = {}
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    opened = min(max(first_open_month(now or timezone.now()), start), end)
    stored = AssociationMonth.objects.filter(association=association, month__gte=start, month__lt=opened)
    for row in stored:
        months[row.month] = Figures.of_row(row)
    for archive, first in ((True, start), (False, opened)):
        if first < end:
            for (_association, month), figures in _tally(
                Q(archive=archive, association=association), first, end
            ).items():
                months.setdefault(month, Figures()).join(figures)
    return {month: months[month] for month in sorted(months) if months[month] != Figures()}


def years_of(association: int) -> list[int]:
    """Return the years in which an association has figures, the latest first; the current year is always included."""
    years = {each.year for each in AssociationMonth.objects.filter(association=association).dates("month", "year")}
    first = first_open_month(timezone.now())
    here = Q(archive=True) | Q(at__gte=datetime(first.year, first.month, 1, tzinfo=ZoneInfo(settings.TIME_ZONE)))
    for model in (Tour, Encounter, Aid):
        rows: QuerySet[Any] = model.objects.filter(here, association=association, retracted_at=None)  # type: ignore[attr-defined]
        years |= {each.year for each in rows.order_by().datetimes("at", "year")}
    return sorted(years | {timezone.localdate().year}, reverse=True)


def total(months: Iterable[Figures]) -> Figures:
    """Return the sum of several months."""
    every = Figures()
    for month in months:
        every.join(month)
    return every


def _tally(which: Q, first: date, end: date | None = None) -> Months:
    """Count the reports since the first day and before ``end``. Retracted reports are not counted."""
    zone = ZoneInfo(settings.TIME_ZONE)
    period = Q(at__gte=datetime(first.year, first.month, first.day, tzinfo=zone), retracted_at=None)
    if end is not None:
        period &= Q(at__lt=datetime(end.year, end.month, end.day, tzinfo=zone))
    found: Months = {}

    def figures(row: dict[str, Any]) -> Figures:
        return found.setdefault((row["association"], row["month"].date()), Figures())

    def grouped(model: Any) -> QuerySet[Any]:
        rows = model.objects.filter(which, period).exclude(association=None).order_by()
        return rows.annotate(month=TruncMonth("at", tzinfo=zone)).values("association", "month")  # type: ignore[no-any-return]

    for row in grouped(Tour).annotate(number=Count("pk"), time=Sum(F("ended_at") - F("at"))):
        own = figures(row)
        own.tours, own.minutes = row["number"], (row["time"] or timedelta(0)).total_seconds() / 60
    sums = {
        "number": Count("pk"), "nobody": Count("pk", filter=Q(persons=0)), "met": Sum("persons"), "helped": Sum("contacts"),
    }  # fmt: skip
    for row in grouped(Encounter).annotate(**sums):
        own = figures(row)
        own.encounters, own.nobody_met, own.people_met = row["number"], row["nobody"], row["met"]
        own.people_helped = row["helped"]
    for row in grouped(Aid).annotate(helped=Sum("contacts")):
        figures(row).people_helped += row["helped"]
    for model, name in ((Encounter, "asked"), (Encounter, "given"), (Aid, "given")):
        kinds = grouped(model).annotate(kind=Func(F(name), function="unnest"))
        for row in kinds.values("association", "month", "kind").annotate(number=Count("pk")):
            getattr(figures(row), name)[row["kind"]] += row["number"]
    _add_answers(Encounter.objects.filter(which, period).exclude(answers={}), figures, zone)
    return found


def _add_answers(encounters: QuerySet[Encounter], figures: Any, zone: ZoneInfo) -> None:
    """Add the answers to custom questions. If the choices of a question changed, the old and the new question are
    counted separately."""
    rows = encounters.values("association", "question_set", "answers", month=TruncMonth("at", tzinfo=zone)).order_by()
    questions: dict[Any, dict[str, Question]] = {}
    for row in rows.iterator():
        asked = questions.get(row["question_set"])
        if asked is None:
            asked = {each.key: each for each in Question.objects.filter(of=row["question_set"])}
            questions[row["question_set"]] = asked
        for key, answer in row["answers"].items():
            question = asked.get(key)
            if question is None or not isinstance(answer, bool | int):
                continue
            own: dict[str, Answered] = figures(row).answers
            name = f"{key}:{'|'.join(question.choice_labels['en'])}"
            new = Answered(question.kind, question.labels, question.choice_labels)
            own.setdefault(name, new).add(answer)
