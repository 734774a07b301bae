"""Text search and box of the dispatchers' list.

Words and boxes can describe a place, so neither appears in a URL. The server keeps them for some hours under a random
key, and the URL contains only this key. Only the reader who made the search can use the key.
"""

import secrets
from dataclasses import dataclass
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from needs.base.need_filters.cell_boxes import Box, in_box
from needs.models import NeedQuerySet
from solidarity.lib import cache
from volunteers.models import User

HOURS = 12
KEY_BYTES = 9
MAX_LENGTH = 80
MAX_WORDS = 6


@dataclass(frozen=True, slots=True)
class ListSearch:
    """A need matches if its title or text has all the words, and the centre of its cell is in the box.

    Places in words are not searched: the list hides them, and a match would reveal a word of the place.
    """

    words: str = ""
    box: Box | None = None

    @classmethod
    def kept_as(cls, key: str, reader: User | AnonymousUser) -> Self | None:
        """Return the search that a reader stored under a key; None after HOURS, or if the key belongs to somebody else."""
        stored = cache.get(_place(reader, key)) if key else None
        return cls(stored[0], stored[1] and tuple(stored[1])) if stored else None

    def keep(self, reader: User) -> str:
        """Store the search and return its key; "" for an empty search."""
        if not self.words and self.box is None:
            return ""
        key = secrets.token_urlsafe(KEY_BYTES)
        cache.put(_place(reader, key), (self.words, self.box), HOURS * 3600)
        return key

    def apply(self, needs: NeedQuerySet) -> NeedQuerySet:
        """Return the matching needs, in their given order."""
        for word in self.words.split()[:MAX_WORDS]:
            needs = needs.filter(Q(title__icontains=word) | Q(text__icontains=word))
        return in_box(needs, self.box) if self.box else needs


def readable_key(text: str) -> str:
    """Return a key from a URL; "" if it cannot be one."""
    return text if len(text) <= 2 * KEY_BYTES and text.replace("-", "").replace("_", "").isalnum() else ""


def _place(reader: User | AnonymousUser, key: str) -> str:
    return f"triage-search:{reader.pk}:{key}"
