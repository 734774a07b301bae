"""What is reported to an event: a need like all others, with the event's category and perhaps a photo."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from needs.attachments import photos
from needs.models import Crisis, CrisisCategory, Need
from needs.reports.filing import Filed
from solidarity.lib.database.idempotent_insert import Stored


@dataclass(frozen=True, slots=True)
class Report:
    """What goes with the need. crisis: None when the event ended while the form was open. photo: as ``reencode`` made it."""

    crisis: Crisis | None
    category: CrisisCategory
    photo: bytes | None


def file(report: Report, file_need: Callable[[], Filed]) -> Filed:
    """File a need with what goes with it, all or nothing; sent twice it is one need with one photo."""
    with transaction.atomic():
        filed = file_need()
        if filed.stored is Stored.NEW:
            Need.objects.filter(pk=filed.id).update(
                crisis=report.crisis, crisis_category=report.category if report.crisis else None
            )
        if report.photo is not None and filed.stored is not Stored.CONFLICT:
            photos.add_first(filed.id, report.photo)
    return filed
