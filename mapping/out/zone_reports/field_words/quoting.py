"""The choice of field notes for an external report, the answer of their association, and the words that are printed."""

import hashlib
import json
import uuid
from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mapping.models import FieldNote, QuotedNote, ZoneReport
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.field_words.exactness import problems_of
from needs.base.retention_rules.retention_periods import PERIODS
from volunteers.enums import Topic
from volunteers.models import Association, User
from volunteers.people.associations.membership import association_dispatchers
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify, take_back

MOST_QUOTES = 12


class NotQuotable(ValueError):
    """A note that the report cannot quote was chosen, or too many notes. The message is for the reader."""


@dataclass(frozen=True, slots=True)
class TeamWords:
    """Words of a team as the report prints them. part: the part of the report in which they were written, or empty.
    week: its Monday."""

    text: str
    association: str
    part: str
    week: date

    @property
    def source(self) -> str:
        """The association, the part and the week, in the active language."""
        return ", ".join(name for name in (self.association, self.part, week_words(self.week)) if name)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field note of the period. problems: why the report must not quote it. quote: the row if it is chosen."""

    note: FieldNote
    part: str
    week: date
    problems: list[str]
    quote: QuotedNote | None


def week_words(monday: date) -> str:
    return _("week of %(day)s") % {"day": date_format(monday, "DATE_FORMAT")}


def is_open(report: ZoneReport) -> bool:
    """Whether a report can quote notes: an external report that is younger than the retention of reports."""
    return report.external and report.made_at > timezone.now() - PERIODS["REPORT_DAYS"].length


def candidates(report: ZoneReport) -> list[Candidate]:
    """Return the field notes that were written in the report's territory and period and are still shown, or are already
    chosen; the oldest first."""
    first, end = Period(report.start, report.end).bounds
    chosen = {quote.note_id: quote for quote in QuotedNote.objects.filter(report=report)}
    notes = (
        FieldNote.objects.filter(territory__path__startswith=report.territory.path, at__gte=first, at__lt=end)
        .filter(Q(pk__in=FieldNote.objects.current(timezone.now()).values("pk")) | Q(pk__in=chosen), removed_at=None)
        .select_related("association", "territory")
        .defer("territory__polygon")
        .order_by("at", "pk")
    )
    return [
        Candidate(note, _part(report, note), _week(note), problems_of(note.text), chosen.get(note.pk)) for note in notes
    ]


def choose(report: ZoneReport, notes: Collection[uuid.UUID], by: User) -> int:
    """Ask the associations for these notes and no others; notes that are no longer chosen leave the report. Return the
    number of new requests. Raise NotQuotable."""
    with transaction.atomic():
        ZoneReport.objects.select_for_update().only("pk").get(pk=report.pk)
        found = {each.note.pk: each for each in candidates(report)}
        if not is_open(report) or any(key not in found or found[key].problems for key in notes):
            raise NotQuotable(_("One of these notes cannot be quoted. Read the list again."))
        if len(set(notes)) > MOST_QUOTES:
            raise NotQuotable(_("A report quotes at most %(number)s notes.") % {"number": MOST_QUOTES})
        for each in found.values():
            if each.quote is not None and each.note.pk not in notes:
                take_back(_key(each.quote))
                each.quote.delete()
        new = [QuotedNote(report=report, note=found[key].note) for key in set(notes) if found[key].quote is None]
        QuotedNote.objects.bulk_create(new)
        for quote in new:
            _ask(quote)
        recording.record(
            by, Verb.WORDS_CHOSEN, "report", report.pk, purpose=Purpose.STATISTICS, scope=report.territory.slug,
            details={"notes": len(set(notes))},
        )  # fmt: skip
    return len(new)


def _key(quote: QuotedNote) -> str:
    return f"quote:{quote.pk}"


def _ask(quote: QuotedNote) -> None:
    notify(association_dispatchers(quote.note.association_id), Topic.DESK, _key(quote), lambda: Message(
        _("May a report quote your field note?"),
        _("A coordinator would like to quote a field note of your association in a report that is passed on. Nothing is "
          "printed before you agree."),
        path=reverse("mapping:asked_words"),
    ))  # fmt: skip


def asked_of(associations: QuerySet[Association]) -> QuerySet[QuotedNote]:
    """Return the requests to associations, those without an answer first."""
    asked = QuotedNote.objects.filter(note__association__in=associations, note__removed_at=None)
    return asked.select_related("note__association", "note__territory", "report__territory").defer(
        "report__territory__polygon", "note__territory__polygon"
    ).order_by(F("answered_at").desc(nulls_first=True), "-chosen_at")  # fmt: skip


def answer(quote: QuotedNote, *, agreed: bool, by: User) -> None:
    """Store the answer of an association. A refusal after an agreement takes the words out of the report. The caller
    checks that the person dispatches for the association."""
    QuotedNote.objects.filter(pk=quote.pk).update(agreed=agreed, answered_at=timezone.now())
    recording.record(
        by, Verb.WORDS_ANSWERED, "report", quote.report_id, purpose=Purpose.STATISTICS, details={"agreed": agreed}
    )


def words_of(report: ZoneReport) -> list[TeamWords]:
    """Return the words that a report prints now: of notes to which their association agrees."""
    if not report.external:
        return []
    agreed = (
        QuotedNote.objects.agreed()
        .filter(report_id=report.pk)
        .select_related("note__association", "note__territory")
        .defer("note__territory__polygon")
    )
    return [as_printed(quote, report) for quote in agreed if not problems_of(quote.note.text)]


def as_printed(quote: QuotedNote, report: ZoneReport | None = None) -> TeamWords:
    """Return the words of a quotation as the report prints them. report: the row of the report, if it is known."""
    note = quote.note
    return TeamWords(note.text, note.association.name, _part(report or quote.report, note), _week(note))


def fingerprint(report: ZoneReport | None) -> str:
    """Return a hash of the words that a report prints now; empty without any."""
    words = words_of(report) if report is not None else []
    if not words:
        return ""
    return hashlib.sha256(json.dumps([astuple(each) for each in words], default=str).encode()).hexdigest()


def without_words(report: ZoneReport) -> str:
    """Return the line of the cover for a report without words; empty if their retention has ended."""
    return _("Without a word from the field.") if is_open(report) else ""


def _part(report: ZoneReport, note: FieldNote) -> str:
    """Return the name of the part of the report that contains a note; empty for a part that the report does not show."""
    names = {part["slug"]: part["name"] for part in report.payload["parts"]}
    own = note.territory
    return next((names[slug] for slug in reversed(own.path.strip("/").split("/")) if slug in names), "")


def _week(note: FieldNote) -> date:
    day = timezone.localtime(note.at).date()
    return day - timedelta(days=day.weekday())
