"""Words about places that can be reported to moderators."""

import uuid

from django.urls import reverse
from django.utils import timezone

from needs.base.moderated_texts.moderation_codes import ContentKind as Kind
from needs.conversations.moderation.contents import Content, ContentRules, always
from needs.guide.places.place_kinds import EditStep
from needs.models import ModerationCase, Place, PlaceEdit, PlaceNotice
from volunteers.places.territories import duties


def _notice(key: str) -> Content | None:
    row = PlaceNotice.objects.select_related("place", "author").filter(pk=int(key)).first()
    return Content(
        Kind.NOTICE, key, row, (row.text,), row.author, None, duties.territory_of(row.place.cell),
        reverse("needs:place", args=[row.place_id]),
    ) if row else None  # fmt: skip


def _place(key: str) -> Content | None:
    """The words about a place. The author of these words is the person who changed the entry last."""
    row = Place.objects.listed().filter(pk=uuid.UUID(key)).first()
    edit = row.edits.exclude(author=None).select_related("author").first() if row else None
    return Content(
        Kind.PLACE, key, row, (row.about, row.conditions), edit.author if edit else None, None,
        duties.territory_of(row.cell), reverse("needs:place", args=[row.pk]),
    ) if row else None  # fmt: skip


def _withhold_words(place: Place, case: ModerationCase) -> None:
    """Empty the words about a place, or put them back. The history of the entry contains both steps."""
    now = {"about": place.about, "conditions": place.conditions}
    before = {"about": "", "conditions": ""}
    if not case.withheld:
        emptied = place.edits.filter(after=before).order_by("-at", "-pk").first()
        if emptied is None or any(now.values()):  # somebody has written another text there since then
            return
        before = emptied.before
    Place.objects.filter(pk=place.pk).update(**before, updated_at=timezone.now())
    PlaceEdit.objects.create(place=place, step=EditStep.CHANGED, before=now, after=before)


CONTENTS = {
    Kind.NOTICE: ContentRules(_notice, is_public=always),
    Kind.PLACE: ContentRules(_place, is_public=always, withhold=_withhold_words),
}
