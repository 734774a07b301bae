"""Filing a report to an event: an ordinary need with the event's category and an optional photo."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from needs.danger import alarms
from needs.enums import Channel
from needs.models import Crisis, CrisisCategory, Need
from needs.reports import intake
from needs.reports.declarations import NeedDraft
from needs.reports.filing import Filed
from needs.reports.intake import Sender
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.site.emergency_gate import Danger


@dataclass(frozen=True, slots=True)
class EventOfReport:
    """The event and category of a report. crisis: None if the event ended while the form was open."""

    crisis: Crisis | None
    category: CrisisCategory


def file_report(
    draft: NeedDraft,
    sender: Sender,
    event: EventOfReport,
    *,
    implied: Collection[str] = ("at",),
    channel: str = Channel.WEB,
    photo: bytes | None = None,
    gate: Danger | None = None,
) -> Filed:
    """File a need with its event and photo in one transaction. A repeat stores nothing new.

    gate: the answer to the page's questions about danger. Without an answer, ``alarms.unwell_today`` decides whether
    the report shows danger.
    """
    gate = gate or alarms.unwell_today(draft.kinds, draft.urgency)
    with transaction.atomic():
        filed = intake.file_need(draft, sender, implied=implied, channel=channel, photo=photo, gate=gate)
        if filed.stored is InsertResult.NEW:
            Need.objects.filter(pk=filed.id).update(
                crisis=event.crisis, crisis_category=event.category if event.crisis else None
            )
    return filed
