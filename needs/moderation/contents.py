"""The texts that can be reported, with their pages, authors and territories, and who may see them."""

import hashlib
import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from needs.conversations import threads
from needs.groups import group_membership
from needs.local_events import event_access
from needs.models import (
    Commitment,
    Crisis,
    Group,
    Item,
    Loan,
    LocalEvent,
    Message,
    Need,
    NextCrewWord,
    Offer,
    Place,
    PlaceNotice,
    Wish,
)
from needs.moderation.models import shown
from needs.moderation.moderation_codes import ContentKind as Kind
from needs.next_crew_words import crew_words
from volunteers.accounts.viewer import Viewer
from volunteers.models import Association, Cell, Membership, Territory, User
from volunteers.territories import areas, duties

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


def find(kind: str, key: str) -> Content | None:
    """Return a text; None for an unknown kind or id. The function does not check access."""
    if kind not in Kind.values:
        return None
    try:
        return _FIND[Kind(kind)](key)
    except (ValueError, ValidationError):  # not an id of this kind
        return None


def may_report(content: Content, viewer: Viewer, followed: Need | None = None) -> bool:
    """Whether a reader may report a text: readers may report texts that they see and did not write.

    followed: the need whose private link they opened.
    """
    if content.kind is Kind.MESSAGE:
        return _sees_message(content.row, viewer, followed)
    if content.kind in _PUBLIC and (
        content.kind is not Kind.EVENT or event_access.readable(viewer).filter(pk=content.row.pk).exists()
    ):
        return viewer.account is None or not answers_for(viewer.account, content.author, content.association)
    user = viewer.account if viewer.view_as is None else None
    if user is None or content.kind in _PUBLIC:
        return False
    if content.kind is not Kind.LOAN and answers_for(user, content.author, content.association):
        return False
    return _SEES[content.kind](content.row, viewer, user)


def answers_for(user: User, author: User | None, association: Association | None) -> bool:
    """Whether a person wrote a text, or belongs to the association in whose name it was written."""
    if author is not None and author.pk == user.pk:
        return True
    members = Membership.objects.current().filter(user=user, association=association)
    return association is not None and members.exists()


def other_side(loan: Loan, user: User) -> tuple[User | None, Association | None]:
    """Return the other side of a person's loan: a person or an association."""
    lends = Loan.objects.lent_by(user).filter(pk=loan.pk).exists()
    if lends:
        return (None, loan.association) if loan.association_id else (loan.borrower, None)
    return loan.item.owner, loan.item.association


# --- the owner and the territory of a text --------------------------------------------------------------------------


def territory_of_coarse(cell: int) -> Territory | None:
    """Return the territory that has most of a cell of resolution 8."""
    parts = Cell.objects.filter(parent8=cell).order_by().values("territory").annotate(number=Count("pk"))
    most = parts.order_by("-number", "territory").first()
    return Territory.objects.defer("polygon").get(pk=most["territory"]) if most else None


def _territory_of_area(crisis: Crisis) -> Territory | None:
    """Return the smallest territory that contains an event's area."""
    around = Territory.objects.filter(polygon__intersects=crisis.area.point_on_surface).order_by("-path")
    return next((each for each in around if each.polygon.buffer(1e-6).covers(crisis.area)), None)


def _territory_of_message(message: Message) -> Territory | None:
    said = message.conversation
    if said.loan is not None:
        return territory_of_coarse(said.loan.item.cell)
    if said.event is not None:
        return said.event.territory
    if said.group is not None:
        return said.group.territory
    if said.plan is not None:
        return next(iter(areas.territories_of(said.plan.cells)), None)
    if said.tour is not None:
        return next(iter(crew_words.of_tour(said.tour)), None)
    need = said.need or (said.commitment.need if said.commitment else None)
    return duties.territory_of(need.cell) if need else None


# --- the kinds ------------------------------------------------------------------------------------------------------


def _message(key: str) -> Content | None:
    links = ("need", "commitment__need", "loan__item", "event__territory", "group__territory", "plan", "tour")
    rows = Message.objects.select_related("author", *(f"conversation__{link}" for link in links))
    row = rows.filter(pk=uuid.UUID(key)).first()
    return Content(Kind.MESSAGE, key, row, (row.text,), row.author, None, _territory_of_message(row)) if row else None


def _event(key: str) -> Content | None:
    row = LocalEvent.objects.select_related("author", "territory", "group").filter(pk=uuid.UUID(key)).first()
    return Content(
        Kind.EVENT, key, row, (row.title, row.about, row.address, row.word), row.author, None, row.territory,
        reverse("needs:event", args=[row.pk]),
    ) if row else None  # fmt: skip


def _group(key: str) -> Content | None:
    row = Group.objects.select_related("made_by", "territory").filter(pk=uuid.UUID(key)).first()
    return Content(
        Kind.GROUP, key, row, (row.name, row.about, row.welcome), row.made_by, None, row.territory,
        reverse("needs:group", args=[row.pk]),
    ) if row else None  # fmt: skip


def _item(key: str) -> Content | None:
    row = Item.objects.select_related("owner", "association").filter(pk=uuid.UUID(key)).first()
    return Content(
        Kind.ITEM, key, row, (row.name, row.about), row.owner, row.association, territory_of_coarse(row.cell),
        reverse("needs:item", args=[row.pk]),
    ) if row else None  # fmt: skip


def _wish(key: str) -> Content | None:
    row = Wish.objects.select_related("owner", "association").filter(pk=uuid.UUID(key)).first()
    where = territory_of_coarse(row.cell) if row else None
    return Content(Kind.WISH, key, row, (row.text,), row.owner, row.association, where) if row else None


def _offer(key: str) -> Content | None:
    row = Offer.objects.select_related("owner", "association").filter(pk=uuid.UUID(key)).first()
    return Content(
        Kind.OFFER, key, row, (row.title, row.about), row.owner, row.association, territory_of_coarse(row.cell),
        reverse("needs:offer", args=[row.pk]),
    ) if row else None  # fmt: skip


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


def _crisis(key: str) -> Content | None:
    row = Crisis.objects.select_related("author").filter(slug=key).first()
    translated = [words for texts in row.texts.values() for words in texts.values()] if row else []
    return (
        Content(Kind.CRISIS, key, row, (row.name, row.message, *translated), row.author, None, _territory_of_area(row))
        if row
        else None
    )


def _word(key: str) -> Content | None:
    row = NextCrewWord.objects.select_related("author", "territory").filter(pk=uuid.UUID(key)).first()
    path = reverse("needs:words", args=[row.territory.slug]) if row else ""
    return Content(Kind.WORD, key, row, (row.text,), row.author, None, row.territory, path) if row else None


def _need(key: str) -> Content | None:
    row = Need.objects.select_related("author").filter(pk=uuid.UUID(key), retracted_at=None).first()
    return (
        Content(Kind.NEED, key, row, (row.title, row.text), row.author, None, duties.territory_of(row.cell))
        if row
        else None
    )


def _loan(key: str) -> Content | None:
    row = Loan.objects.for_list().filter(pk=uuid.UUID(key)).first()
    return (
        Content(Kind.LOAN, key, row, (row.item.name, row.state), None, None, territory_of_coarse(row.item.cell))
        if row
        else None
    )


_FIND: Mapping[Kind, Callable[[str], Content | None]] = {
    Kind.MESSAGE: _message, Kind.EVENT: _event, Kind.GROUP: _group, Kind.ITEM: _item, Kind.WISH: _wish,
    Kind.OFFER: _offer, Kind.NOTICE: _notice, Kind.PLACE: _place, Kind.CRISIS: _crisis, Kind.WORD: _word,
    Kind.NEED: _need, Kind.LOAN: _loan,
}  # fmt: skip
_PUBLIC = (Kind.EVENT, Kind.NOTICE, Kind.PLACE, Kind.CRISIS)


def _sees_message(message: Message, viewer: Viewer, followed: Need | None) -> bool:
    """Whether a reader sees a message of somebody else: they follow the need of its thread, or they take part in its
    conversation."""
    if message.held_at is not None or message.hidden_at is not None:
        return False
    if followed is not None:
        said = message.conversation
        thread = said.need_id or (said.commitment.need_id if said.commitment else None)
        return thread == followed.pk and message.speaker != "reporter"
    if viewer.account is None or message.author_id == viewer.account.pk:
        return False
    return threads.subject_of(message.conversation).speaker_of(viewer) is not None


def _sees_word(word: NextCrewWord, viewer: Viewer, _user: User) -> bool:
    try:
        crew_words.word_or_404(viewer, word.pk)
    except Http404:
        return False
    return True


def _is_open(model: Any, kind: Kind) -> Callable[[Any, Viewer, User], bool]:
    return lambda row, _viewer, _user: model.objects.open(timezone.now()).filter(shown(kind), pk=row.pk).exists()


def _sees_item(item: Item, _viewer: Viewer, user: User) -> bool:
    lent = Exists(Loan.objects.of(user).filter(item=OuterRef("pk")))
    return Item.objects.filter(Q(removed_at=None, listed=True) | Q(lent), shown(Kind.ITEM), pk=item.pk).exists()


def _took(need: Need, _viewer: Viewer, user: User) -> bool:
    return Commitment.objects.filter(need=need, volunteer=user).exists()


_SEES: Mapping[Kind, Callable[[Any, Viewer, User], bool]] = {
    Kind.GROUP: lambda group, viewer, _user: group_membership.groups_for(viewer).filter(pk=group.pk).exists(),
    Kind.ITEM: _sees_item,
    Kind.WISH: _is_open(Wish, Kind.WISH),
    Kind.OFFER: _is_open(Offer, Kind.OFFER),
    Kind.WORD: _sees_word,
    Kind.NEED: _took,
    Kind.LOAN: lambda loan, _viewer, user: Loan.objects.of(user).filter(pk=loan.pk).exists(),
}
