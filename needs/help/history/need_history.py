"""The history of a need for its dispatchers: steps, merges, commitments, offers, sharings and the danger alarm."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from needs.enums import Actor, CommitmentState, OutcomeReason, ReportKind
from needs.help.history.actors import AUTOMATIC, REPORTER, actor_of, name_of
from needs.models import AlarmStepTaken, Commitment, DangerAlarm, HelpOffer, Merge, Need, NeedQuerySet, NeedSharing
from needs.reports.correction_history import correction_history
from needs.reports.correction_history.correction_history import Line as Change

type Words = str | Promise


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An event in the history of a need: what happened, when, and who did it. details: the reason or the kinds.

    words: the person's own words. changes: the values that a correction changed.
    """

    at: datetime
    what: Words
    who: Words
    details: Words = ""
    words: str = ""
    changes: tuple[Change, ...] = ()


def lines_of(need: Need, known: NeedQuerySet) -> list[HistoryLine]:
    """Return the history of a need, oldest first. known: the needs that the reader works on; merges with other
    needs are left out."""
    sources = (
        _steps(need), _corrections(need), _merges(need, known), _commitments(need), _offers(need), _sharings(need),
        _alarm(need),
    )  # fmt: skip
    return sorted((line for source in sources for line in source), key=lambda line: line.at)


def _steps(need: Need) -> Iterator[HistoryLine]:
    """Yield the steps, except those that the lines about commitments already show."""
    told = Q(actor=Actor.HELPER) | Q(reason=OutcomeReason.LAPSED)
    for number, step in enumerate(need.steps.exclude(told).select_related("by")):
        same = step.before == step.state
        what = _("It is still needed") if same and step.by_reporter else capfirst(step.get_state_display())
        yield HistoryLine(
            step.at, what, actor_of(step, need, first=number == 0), capfirst(step.get_reason_display()), step.text
        )


def _corrections(need: Need) -> Iterator[HistoryLine]:
    for done in correction_history.history(ReportKind.NEED, need.pk):
        yield HistoryLine(done.at, done.what, done.who, words=done.words, changes=done.changes)


def _merges(need: Need, known: NeedQuerySet) -> Iterator[HistoryLine]:
    for merge in Merge.objects.filter(kept=need, merged__in=known).select_related("by", "undone_by"):
        yield HistoryLine(merge.at, _("Another report was merged into this one"), name_of(merge.by))
        if merge.undone_at:
            yield HistoryLine(merge.undone_at, _("The merge was undone"), name_of(merge.undone_by))


def _commitments(need: Need) -> Iterator[HistoryLine]:
    every = Commitment.objects.filter(need=need).select_related("volunteer", "association").prefetch_related("parts")
    for own in every:
        who = f"{own.volunteer}, {own.association.name}" if own.association else str(own.volunteer)
        kinds = ", ".join(part.get_kind_display() for part in sorted(own.parts.all(), key=lambda part: part.pk))
        yield HistoryLine(own.made_at, _("Somebody takes care of it"), who, kinds)
        if own.ended_at is not None:
            expired = own.state == CommitmentState.EXPIRED
            what = _("The time of %(name)s is over") % {"name": who} if expired else _ended(own.state)
            yield HistoryLine(own.ended_at, what, AUTOMATIC if expired else who, capfirst(own.get_reason_display()))


def _ended(state: str) -> str:
    return {
        CommitmentState.DONE: _("Done"),
        CommitmentState.BY_OTHERS: _("Commitment ended: others did it, or the need was closed"),
        CommitmentState.WITHDRAWN: _("Given back"),
        CommitmentState.HANDED: _("Handed over"),
    }[CommitmentState(state)]


def _offers(need: Need) -> Iterator[HistoryLine]:
    for offer in HelpOffer.objects.filter(need=need).select_related("user", "answered_by"):
        yield HistoryLine(offer.made_at, _("Offer of help"), str(offer.user))
        if offer.answered_at is not None:
            what = _("Answer to %(name)s’s offer") % {"name": offer.user}
            yield HistoryLine(offer.answered_at, what, name_of(offer.answered_by), capfirst(offer.get_answer_display()))


def _sharings(need: Need) -> Iterator[HistoryLine]:
    for sharing in NeedSharing.objects.filter(need=need).select_related("territory", "by", "ended_by"):
        name = sharing.territory.name
        yield HistoryLine(sharing.at, _("Shared with %(territory)s") % {"territory": name}, name_of(sharing.by))
        if sharing.ended_at is not None:
            what = _("Sharing with %(territory)s ended") % {"territory": name}
            yield HistoryLine(sharing.ended_at, what, name_of(sharing.ended_by))


def _alarm(need: Need) -> Iterator[HistoryLine]:
    alarm = DangerAlarm.objects.filter(need=need).first()
    if alarm is None:
        return
    yield HistoryLine(alarm.raised_at, _("Danger alarm"), AUTOMATIC, capfirst(alarm.get_source_display()))
    if alarm.reporter_answered_at is not None:
        answer = capfirst(alarm.get_reporter_answer_display())
        yield HistoryLine(alarm.reporter_answered_at, _("Answer to the danger alarm"), REPORTER, answer)
    for step in AlarmStepTaken.objects.filter(alarm=alarm).select_related("by"):
        yield HistoryLine(step.at, capfirst(step.get_step_display()), name_of(step.by))
