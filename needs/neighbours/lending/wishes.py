"""Wishes: the things that people look for, and the messages when somebody lists such a thing near them."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.conversations.moderation import cases, person_blocks, writing_pauses
from needs.help.records import limits
from needs.models import Item, ItemQuerySet, Wish, WishQuerySet
from needs.neighbours.lending import distance_bands
from needs.neighbours.lending.catalogue import plain
from needs.neighbours.lending.distance_bands import coarse
from needs.neighbours.lending.item_kinds import ItemCategory
from needs.neighbours.lending.lending_refusals import LendingRefusal, LendingRefused
from needs.neighbours.lending.owners import answering_for
from needs.neighbours.lending.shared_cells import shared_cell
from solidarity.lib.database.advisory_locks import lock
from volunteers.enums import Topic
from volunteers.models import Association, User
from volunteers.people.notifications.notifying import Message, notify

MOST_WISHES = 10
"""Open wishes that one person, or one association, can have."""
LONGEST = timedelta(days=90)
ALERT_WITHIN = 10_000
"""Things are near a wish up to this distance in metres; one of distance_bands.LIMITS."""
MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class FoundWish:
    """A wish of somebody nearby. far: the band of its distance."""

    wish: Wish
    far: str


def make(
    user: User, category: str, cell: int, until: datetime, *, text: str = "", alert: bool = True,
    association: Association | None = None, key: uuid.UUID | None = None,
) -> Wish:  # fmt: skip
    """Store a wish that lasts at most LONGEST from now.

    Things that were listed earlier cause no message, because the catalogue shows them. key: the id of the new wish; a
    repeated call with the same id adds nothing. Raises WritingPaused, Refused (UNVERIFIED, NOT_A_MEMBER) and
    LendingRefused (MANY_WISHES).
    """
    limits.check_may_take(user, association)
    writing_pauses.check(user)
    now = timezone.now()
    owner = None if association else user
    with transaction.atomic():
        lock([f"wishes:{user.pk}", *([f"wishes:association:{association.pk}"] if association else [])])
        if key is not None and (known := Wish.objects.of(user).filter(pk=key).first()):
            return known
        if Wish.objects.open(now).filter(owner=owner, association=association).count() >= MOST_WISHES:
            raise LendingRefused(LendingRefusal.MANY_WISHES)
        made = Wish.objects.create(
            id=key or uuid.uuid4(), owner=owner, association=association, category=category, text=text,
            cell=shared_cell(cell), alert=alert, until=min(until, now + LONGEST), made_at=now, alerted_until=now,
        )  # fmt: skip
        cases.hold_if_needed(ContentKind.WISH, made.pk)
    return made


def close(wish: Wish) -> datetime:
    """Close a wish, because it is fulfilled or no longer wanted; return the time, which ``undo_close`` needs."""
    now = timezone.now()
    Wish.objects.filter(pk=wish.pk, closed_at=None).update(closed_at=now)
    return now


def undo_close(wish: uuid.UUID, user: User, closed_at: datetime) -> bool:
    """Reopen a wish that was closed at this time."""
    return bool(Wish.objects.of(user).filter(pk=wish, closed_at=closed_at).update(closed_at=None))


def near(user: User, start: int, category: str = "") -> list[FoundWish]:
    """Return other people's wishes near a cell, the nearest band first, the newest first inside a band."""
    wishes = Wish.objects.open(timezone.now()).filter(shown(ContentKind.WISH)).exclude(owner=user)
    wishes = wishes.exclude(owner__in=person_blocks.apart_from(user)).select_related("association")
    if category:
        wishes = wishes.filter(category=category)
    found: list[FoundWish] = []
    for band, cells in enumerate(distance_bands.cells_by_band(coarse(start))):
        rows = wishes.filter(cell__in=cells).order_by("-made_at", "pk")[: MOST_SHOWN - len(found)]
        found += [FoundWish(row, str(distance_bands.LABELS[band])) for row in rows]
        if len(found) >= MOST_SHOWN:
            break
    return found


def answers(wish: Wish, listed_after: datetime | None = None) -> ItemQuerySet:
    """Return the things in the catalogue that answer a wish. listed_after: the time after which the things were listed.

    A thing of the category "another thing" answers a wish only if its name contains a word of the wish.
    """
    items = Item.objects.listed().filter(category=wish.category)
    items = items.filter(cell__in=distance_bands.cells_within(wish.cell, ALERT_WITHIN))
    if listed_after is not None:
        items = items.filter(listed_at__gt=listed_after)
    items = items.exclude(owner=wish.owner_id) if wish.owner_id else items.exclude(association=wish.association_id)
    if wish.category == ItemCategory.OTHER:
        words = [word for word in plain(wish.text).split() if len(word) > 3]
        keys = [row.pk for row in items.only("pk", "words") if any(word in row.words for word in words)]
        items = Item.objects.listed().filter(pk__in=keys)
    return items


# --- alerts -------------------------------------------------------------------------------------------------------------


def send_alerts(now: datetime | None = None) -> int:
    """Notify people of new things that match their wishes; return the number of new messages.

    Each person gets at most one message a day, even if somebody lists many things, because the day is part of the
    message's key.
    """
    now = now or timezone.now()
    told = 0
    for wishes in _waiting(now):
        number = len({key for wish in wishes for key in answers(wish, wish.alerted_until).values_list("pk", flat=True)})
        if number:
            told += _tell(wishes, number, now)
    return told


def _waiting(now: datetime) -> Iterator[list[Wish]]:
    """Yield the open wishes with an alert, grouped by person or association.

    Categories without a new item since the oldest ``alerted_until`` are left out.
    """
    wishes = Wish.objects.open(now).filter(alert=True).select_related("owner", "association")
    oldest = wishes.order_by("alerted_until").values_list("alerted_until", flat=True).first()
    if oldest is None:
        return
    new = set(Item.objects.listed().filter(listed_at__gt=oldest).values_list("category", flat=True))
    groups: dict[tuple[int | None, int | None], list[Wish]] = defaultdict(list)
    for wish in wishes.filter(category__in=new):
        groups[wish.owner_id, wish.association_id].append(wish)
    yield from groups.values()


def _tell(wishes: WishQuerySet | list[Wish], number: int, now: datetime) -> int:
    first = wishes[0]
    key = f"wish:{first.owner_id or ''}:{first.association_id or ''}:{timezone.localtime(now):%Y-%m-%d}"
    with transaction.atomic():
        told = notify(answering_for(first), Topic.LENDING, key, lambda: Message(
            ngettext("%(n)d new thing that you look for", "%(n)d new things that you look for", number) % {"n": number},
            _("Somebody near you lends it. Open your list to ask for it."),
            reverse("needs:wishes"),
        ))  # fmt: skip
        if told:
            Wish.objects.filter(pk__in=[wish.pk for wish in wishes]).update(alerted_until=now)
    return told
