"""Notes of moderation on pages of texts."""

from typing import Any

from django import template

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.models import ModerationCase

register = template.Library()


@register.inclusion_tag("needs/moderation/held_note.html")
def held_note(kind: str, key: object) -> dict[str, Any]:
    """Tell the author that their text is held or hidden; show nothing for other texts."""
    return {"case": _withheld(kind, key)}


@register.simple_tag
def is_withheld(kind: str, key: object) -> bool:
    """Whether only the author and moderators may see a text."""
    return _withheld(kind, key) is not None


def _withheld(kind: str, key: object) -> ModerationCase | None:
    return ModerationCase.objects.filter(kind=ContentKind(kind), key=str(key), withheld=True).first()
