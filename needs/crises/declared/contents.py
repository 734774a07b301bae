"""Words of crisis events that can be reported to moderators."""

from needs.base.moderated_texts.moderation_codes import ContentKind as Kind
from needs.conversations.moderation.contents import Content, ContentRules, always
from needs.models import Crisis
from volunteers.models import Territory


def _territory_of_area(crisis: Crisis) -> Territory | None:
    """Return the smallest territory that contains an event's area."""
    around = Territory.objects.filter(polygon__intersects=crisis.area.point_on_surface).order_by("-path")
    return next((each for each in around if each.polygon.buffer(1e-6).covers(crisis.area)), None)


def _crisis(key: str) -> Content | None:
    row = Crisis.objects.select_related("author").filter(slug=key).first()
    translated = [words for texts in row.texts.values() for words in texts.values()] if row else []
    return (
        Content(Kind.CRISIS, key, row, (row.name, row.message, *translated), row.author, None, _territory_of_area(row))
        if row
        else None
    )


CONTENTS = {Kind.CRISIS: ContentRules(_crisis, is_public=always)}
