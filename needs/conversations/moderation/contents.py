"""The texts that can be reported, with their pages, authors and territories, and who may see them.

Each room registers the rules of its own kinds of text when the apps are ready.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from needs.base.moderated_texts.models import ModerationCase, shown
from needs.base.moderated_texts.moderation_codes import ContentKind as Kind
from needs.models import Need
from volunteers.models import Association, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A text. words: the parts of the text, as people see them.

    author, association: the author and their association, as far as known. path: path of the content's page; "" if it
    has none.
    """

    kind: Kind
    key: str
    row: Any
    words: Words
    author: User | None = None
    association: Association | None = None
    territory: Territory | None = None
    path: str = ""

    @property
    def text(self) -> str:
        return "\n".join(part for part in self.words if part)

    @property
    def digest(self) -> str:
        """A keyed digest of the text."""
        key = f"{settings.SECRET_KEY}:moderation".encode()
        return hmac.new(key, f"{self.kind}:{self.key}:{self.text}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the thread around a text. about: True for the text itself."""

    author: User | None
    role: str
    text: str
    at: datetime
    about: bool = False


def _any(_row: Any) -> bool:
    return True


def _never(_row: Any, _viewer: Viewer) -> bool:
    return False


def always(_row: Any, _viewer: Viewer) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ContentRules:
    """How moderation treats a kind of text.

    find: returns the text of a key, or None; it may raise ValueError for a key of another form. sees: whether a person with
    an account sees a row; None if only ``is_public`` decides. is_public: whether a viewer, also without an account, sees a
    row. withhold: stores in a row whether its case withholds it. sees_with_link: replaces ``sees`` where the private link of
    a need counts. is_held: whether a held word keeps the text of a row back. author_for: the person and the association whom
    a report accuses, if that depends on who reports. thread: the lines around a row. role: the role in which a row was
    written; "" for a person.
    """

    find: Callable[[str], "Content | None"]
    sees: Callable[[Any, Viewer, User], bool] | None = None
    is_public: Callable[[Any, Viewer], bool] = _never
    withhold: Callable[[Any, ModerationCase], None] | None = None
    sees_with_link: Callable[[Any, Viewer, Need | None], bool] | None = None
    is_held: Callable[[Any], bool] = _any
    author_for: Callable[[Any, User], tuple[User | None, Association | None]] | None = None
    thread: Callable[[Any], Sequence[Line]] | None = None
    role: Callable[[Any], str] | None = None


_KINDS: dict[str, ContentRules] = {}


def register(rules: Mapping[Kind, ContentRules]) -> None:
    """Register kinds of text; called when the apps are ready."""
    for kind, rule in rules.items():
        _KINDS[kind] = rule


def find(kind: str, key: str) -> Content | None:
    """Return a text; None for an unknown kind or id. The function does not check access."""
    if kind not in _KINDS:
        return None
    try:
        return _KINDS[kind].find(key)
    except (ValueError, ValidationError):  # not an id of this kind
        return None


def rules_of(kind: str) -> ContentRules:
    return _KINDS[kind]


def may_report(content: Content, viewer: Viewer, followed: Need | None = None) -> bool:
    """Whether a reader may report a text: readers may report texts that they see and did not write.

    followed: the need whose private link they opened.
    """
    rules = _KINDS[content.kind]
    if rules.sees_with_link is not None:
        return rules.sees_with_link(content.row, viewer, followed)
    if rules.is_public(content.row, viewer):
        return viewer.account is None or not answers_for(viewer.account, content.author, content.association)
    user = viewer.account if viewer.view_as is None else None
    if user is None or rules.sees is None:
        return False
    if rules.author_for is None and answers_for(user, content.author, content.association):
        return False
    return rules.sees(content.row, viewer, user)


def answers_for(user: User, author: User | None, association: Association | None) -> bool:
    """Whether a person wrote a text, or belongs to the association in whose name it was written."""
    if author is not None and author.pk == user.pk:
        return True
    members = Membership.objects.current().filter(user=user, association=association)
    return association is not None and members.exists()


def sees_open(model: Any, kind: Kind) -> Callable[[Any, Viewer, User], bool]:
    """Return a rule: everybody with an account sees the open rows of a model that no moderator hid."""
    return lambda row, _viewer, _user: model.objects.open(timezone.now()).filter(shown(kind), pk=row.pk).exists()
