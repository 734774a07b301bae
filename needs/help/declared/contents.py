"""Needs whose words can be reported to moderators."""

import uuid

from needs.base.moderated_texts.moderation_codes import ContentKind as Kind
from needs.conversations.moderation.contents import Content, ContentRules
from needs.models import Commitment, Need
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties


def _need(key: str) -> Content | None:
    row = Need.objects.select_related("author").filter(pk=uuid.UUID(key), retracted_at=None).first()
    return (
        Content(Kind.NEED, key, row, (row.title, row.text), row.author, None, duties.territory_of(row.cell))
        if row
        else None
    )


def _took(need: Need, _viewer: Viewer, user: User) -> bool:
    return Commitment.objects.filter(need=need, volunteer=user).exists()


CONTENTS = {Kind.NEED: ContentRules(_need, _took)}
