"""Filing a report to an event: a need with the event's category and an optional photo."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from needs.attachments import photos
from needs.models import Crisis, CrisisCategory, Need
from needs.reports.filing import Filed
from solidarity.lib.database.idempotent_insert import Stored


@dataclass(frozen=True, slots=True)
class Report:
    """The event's part of a report. crisis: None if the event ended while the form was open. photo: re-encoded."""

    crisis: Crisis | None
    category: CrisisCategory
    photo: bytes | None


def file(report: Report, file_need: Callable[[], Filed]) -> Filed:
    """File a need with its category and photo in one transaction. Repeating it changes nothing."""
    with transaction.atomic():
        filed = file_need()
        if filed.stored is Stored.NEW:
            Need.objects.filter(pk=filed.id).update(
                crisis=report.crisis, crisis_category=report.category if report.crisis else None
            )
        if report.photo is not None and filed.stored is not Stored.CONFLICT:
            photos.add_first(filed.id, report.photo)
    return filed
