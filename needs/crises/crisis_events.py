"""Opening, changing, closing and reopening events. ``coordinators`` decides who may do this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.text import slugify

from needs.base.event_rights import event_agreements
from needs.base.event_rights.event_messages import Change, tell_others
from needs.enums import Category
from needs.models import Crisis, CrisisCategory, Need
from solidarity.lib.http import kept_pages
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

MOST_CATEGORIES = 14


class Phase(Enum):
    COMING = "coming"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Topic:
    """A category before it is stored. names: the name of the topic in each language. key: the category to change; None
    for a new one."""

    names: Mapping[str, str]
    kind: str
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An event before it is stored. area: the area of the event; reports from outside the area are accepted, but
    marked.

    phone_is_enough: True if a confirmed telephone number is enough to take the event's needs while it runs, in the
    territories of the person who decides (needs.help.exact_places). language: the language of name and message.
    """

    name: str
    message: str
    area: MultiPolygon
    starts_at: datetime
    ends_at: datetime | None
    topics: Sequence[Topic]
    phone_is_enough: bool = False
    language: str = ""


PRESET = (
    Topic({"en": "Nowhere to sleep", "fr": "Aucun endroit où dormir"}, Category.SHELTER),
    Topic({"en": "Blankets, warm clothes", "fr": "Couvertures, vêtements chauds"}, Category.BLANKET),
    Topic({"en": "Something to eat", "fr": "De quoi manger"}, Category.FOOD),
    Topic({"en": "Water", "fr": "De l’eau"}, Category.WATER),
    Topic({"en": "Somebody is unwell", "fr": "Quelqu’un va mal"}, Category.HEALTH),
    Topic({"en": "Somebody to look in on", "fr": "Quelqu’un à aller voir"}, Category.COMPANY),
    Topic({"en": "Somebody has to be fetched", "fr": "Quelqu’un à aller chercher"}, Category.TRANSPORT),
    Topic({"en": "Something else", "fr": "Autre chose"}, Category.OTHER),
)
"""The categories that a new event has at first."""


class CategoryInUse(Exception):
    """Categories with reports cannot be deleted. names: the names of these categories."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def phase_of(crisis: Crisis, now: datetime) -> Phase:
    """Return the phase that an event has at the given time."""
    if any(end is not None and end <= now for end in (crisis.closed_at, crisis.ends_at)):
        return Phase.OVER
    return Phase.COMING if crisis.starts_at > now else Phase.RUNNING


def as_multipolygon(area: Polygon | MultiPolygon) -> MultiPolygon:
    """Return an area as a multipolygon, the type of the column."""
    return area if isinstance(area, MultiPolygon) else MultiPolygon(area, srid=4326)


def open_event(event: Event, author: int) -> Crisis:
    """Create an event with its categories and return it. The territories that its author coordinates take part."""
    with transaction.atomic():
        crisis = Crisis.objects.create(
            slug=_free_slug(event.name), name=event.name, message=event.message, area=event.area,
            starts_at=event.starts_at, ends_at=event.ends_at, author_id=author,
            language=event.language, in_charge_id=author, in_charge_since=timezone.now(),
        )  # fmt: skip
        _replace_categories(crisis, event.topics)
        by = User.objects.get(pk=author)
        event_agreements.agree(crisis, Viewer(by), phone_is_enough=event.phone_is_enough)
        tell_others(crisis, by, Change.OPENED)
        kept_pages.renew()
    return crisis


def change(crisis: Crisis, event: Event, viewer: Viewer) -> None:
    """Change an event; its URL stays the same. Raises CategoryInUse.

    The territories that the viewer coordinates take part. Other territories keep their own decision, except when the
    change reopens an event that was over.
    """
    with transaction.atomic():
        before = Crisis.objects.select_for_update().get(pk=crisis.pk)
        people = list(event_agreements.coordinators_of(before))
        crisis.name, crisis.message, crisis.area = event.name, event.message, event.area
        crisis.starts_at, crisis.ends_at = event.starts_at, event.ends_at
        crisis.language = event.language
        crisis.save(update_fields=["name", "message", "language", "area", "starts_at", "ends_at"])
        _replace_categories(crisis, event.topics)
        if phase_of(before, timezone.now()) is Phase.OVER:
            event_agreements.keep_only_own(crisis, viewer)
        event_agreements.follow_change(crisis, before.area, viewer, phone_is_enough=event.phone_is_enough)
        tell_others(crisis, viewer.user_or_404, Change.CHANGED, also=people)
        kept_pages.renew()


def close(crisis: Crisis, by: int | None = None, now: datetime | None = None) -> datetime | None:
    """Close an event to new reports; return the time, or None if it was closed before.

    The needs reported to it stay open, like all other needs. Safe to repeat.
    """
    moment = now or timezone.now()
    closed = Crisis.objects.filter(pk=crisis.pk, closed_at=None).update(closed_at=moment, closed_by=by)
    kept_pages.renew()
    return moment if closed else None


def undo_close(crisis: Crisis, closed_at: datetime) -> bool:
    """Undo the closing at ``closed_at``; return False if the event has been reopened or closed again since then."""
    closed = Crisis.objects.filter(pk=crisis.pk, closed_at=closed_at)
    undone = bool(closed.update(closed_at=None, closed_by=None))
    kept_pages.renew()
    return undone


def reopen(crisis: Crisis, viewer: Viewer) -> None:
    """Reopen an event and remove an end in the past. Territories that the viewer does not coordinate must agree
    again."""
    with transaction.atomic():
        Crisis.objects.filter(pk=crisis.pk).update(closed_at=None, closed_by=None)
        Crisis.objects.filter(pk=crisis.pk, ends_at__lte=timezone.now()).update(ends_at=None)
        event_agreements.keep_only_own(crisis, viewer)
        tell_others(crisis, viewer.user_or_404, Change.REOPENED)
        kept_pages.renew()


def _replace_categories(crisis: Crisis, topics: Sequence[Topic]) -> None:
    """Replace the categories of an event with the given ones, in their order. Raises CategoryInUse."""
    existing = {category.pk: category for category in crisis.categories.all()}
    kept = {topic.key for topic in topics if topic.key in existing}
    removed = [category for key, category in existing.items() if key not in kept]
    used = Need.objects.filter(crisis_category__in=removed).values("crisis_category").annotate(n=Count("pk"))
    if used:
        raise CategoryInUse([str(existing[row["crisis_category"]]) for row in used])
    CrisisCategory.objects.filter(pk__in=[category.pk for category in removed]).delete()
    for category in existing.values():  # release the unique names first, because two categories may swap names
        CrisisCategory.objects.filter(pk=category.pk).update(names={"en": f"…{category.pk}"})
    for order, topic in enumerate(topics):
        values = {"order": order, "names": dict(topic.names), "kind": topic.kind}
        if topic.key in existing:
            values["names"] = {**existing[topic.key].names, **topic.names}  # other languages stay
            CrisisCategory.objects.filter(pk=topic.key).update(**values)
        else:
            crisis.categories.create(**values)


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "crisis"
    number, slug = 1, base
    while Crisis.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
