"""Temporary notices of places: closed, full, something else. A notice ends by itself, or somebody takes it back."""

from datetime import datetime

from django.utils import timezone

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.conversations.moderation import cases
from needs.guide.places.place_kinds import NoticeKind
from needs.models import Place, PlaceNotice
from volunteers.models import User


def post(place: Place, kind: NoticeKind, text: str, end: datetime, by: User) -> PlaceNotice:
    """Publish a notice. If a notice of the same kind is in force, it ends, so that two taps leave only one notice.
    Notices of the kind OTHER stay."""
    now = timezone.now()
    PlaceNotice.objects.in_force(now).filter(place=place, kind=kind).exclude(kind=NoticeKind.OTHER).update(
        taken_back_at=now
    )
    made = PlaceNotice.objects.create(place=place, kind=kind, text=text, start=now, end=end, author=by)
    if kind == NoticeKind.OTHER:  # people must know at once that a place is closed or full
        cases.hold_if_needed(ContentKind.NOTICE, made.pk)
    return made


def take_back(notice: PlaceNotice) -> datetime | None:
    """End a notice now. Return the time; None if it had already ended."""
    now = timezone.now()
    return now if PlaceNotice.objects.in_force(now).filter(pk=notice.pk).update(taken_back_at=now) else None


def restore(notice: PlaceNotice, taken_back_at: datetime) -> bool:
    """Undo taking a notice back; return False if the notice has changed since then, or would have ended by now."""
    rows = PlaceNotice.objects.filter(pk=notice.pk, taken_back_at=taken_back_at, end__gt=timezone.now())
    return bool(rows.update(taken_back_at=None))
