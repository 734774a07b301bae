"""Words of neighbours that can be reported to moderators: things, wishes, offers, loans, events, groups."""

import uuid

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind as Kind
from needs.conversations import message_content
from needs.conversations.moderation.contents import Content, ContentRules, Line, sees_open
from needs.models import Group, Item, Loan, LocalEvent, Message, Offer, Wish
from needs.neighbours.groups import group_membership
from needs.neighbours.local_events import event_access
from volunteers.models import Association, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import areas


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
        Kind.ITEM, key, row, (row.name, row.about), row.owner, row.association, areas.territory_of_coarse(row.cell),
        reverse("needs:item", args=[row.pk]),
    ) if row else None  # fmt: skip


def _wish(key: str) -> Content | None:
    row = Wish.objects.select_related("owner", "association").filter(pk=uuid.UUID(key)).first()
    where = areas.territory_of_coarse(row.cell) if row else None
    return Content(Kind.WISH, key, row, (row.text,), row.owner, row.association, where) if row else None


def _offer(key: str) -> Content | None:
    row = Offer.objects.select_related("owner", "association").filter(pk=uuid.UUID(key)).first()
    return Content(
        Kind.OFFER, key, row, (row.title, row.about), row.owner, row.association, areas.territory_of_coarse(row.cell),
        reverse("needs:offer", args=[row.pk]),
    ) if row else None  # fmt: skip


def _loan(key: str) -> Content | None:
    row = Loan.objects.for_list().filter(pk=uuid.UUID(key)).first()
    return (
        Content(Kind.LOAN, key, row, (row.item.name, row.state), None, None, areas.territory_of_coarse(row.item.cell))
        if row
        else None
    )


def _sees_item(item: Item, _viewer: Viewer, user: User) -> bool:
    lent = Exists(Loan.objects.of(user).filter(item=OuterRef("pk")))
    return Item.objects.filter(Q(removed_at=None, listed=True) | Q(lent), shown(Kind.ITEM), pk=item.pk).exists()


def _event_is_public(event: LocalEvent, viewer: Viewer) -> bool:
    return event_access.readable(viewer).filter(pk=event.pk).exists()


def _sees_group(group: Group, viewer: Viewer, _user: User) -> bool:
    return group_membership.groups_for(viewer).filter(pk=group.pk).exists()


def _has_loan(loan: Loan, _viewer: Viewer, user: User) -> bool:
    return Loan.objects.of(user).filter(pk=loan.pk).exists()


def _other_side(loan: Loan, user: User) -> tuple[User | None, Association | None]:
    """Return the other side of a person's loan: a person or an association."""
    lends = Loan.objects.lent_by(user).filter(pk=loan.pk).exists()
    if lends:
        return (None, loan.association) if loan.association_id else (loan.borrower, None)
    return loan.item.owner, loan.item.association


def _messages_of(loan: Loan) -> list[Line]:
    thread = Message.objects.filter(conversation__loan=loan).select_related("author").order_by("at", "pk")
    return message_content.lines(thread)


CONTENTS = {
    Kind.EVENT: ContentRules(_event, is_public=_event_is_public),
    Kind.GROUP: ContentRules(_group, _sees_group),
    Kind.ITEM: ContentRules(_item, _sees_item),
    Kind.WISH: ContentRules(_wish, sees_open(Wish, Kind.WISH)),
    Kind.OFFER: ContentRules(_offer, sees_open(Offer, Kind.OFFER)),
    Kind.LOAN: ContentRules(_loan, _has_loan, author_for=_other_side, thread=_messages_of),
}
