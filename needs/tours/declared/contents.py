"""Words to the next crew that can be reported to moderators."""

import uuid

from django.http import Http404
from django.urls import reverse

from needs.base.moderated_texts.moderation_codes import ContentKind as Kind
from needs.conversations.moderation.contents import Content, ContentRules
from needs.models import NextCrewWord
from needs.tours.next_crew_words import crew_words
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


def _word(key: str) -> Content | None:
    row = NextCrewWord.objects.select_related("author", "territory").filter(pk=uuid.UUID(key)).first()
    path = reverse("needs:words", args=[row.territory.slug]) if row else ""
    return Content(Kind.WORD, key, row, (row.text,), row.author, None, row.territory, path) if row else None


def _sees_word(word: NextCrewWord, viewer: Viewer, _user: User) -> bool:
    try:
        crew_words.word_or_404(viewer, word.pk)
    except Http404:
        return False
    return True


CONTENTS = {Kind.WORD: ContentRules(_word, _sees_word)}
