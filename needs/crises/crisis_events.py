"""Events: what a coordinator opens, changes, closes and opens again. Who may do so is known above (needs.crises.coordinators)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.text import slugify

from needs.enums import Category
from needs.models import Crisis, CrisisCategory, Need

MOST_CATEGORIES = 14


class Standing(Enum):
    """Where an event stands."""

    COMING = "coming"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Topic:
    """What can be reported. names: by language. key: of the category that it changes; None: a new one."""

    names: Mapping[str, str]
    kind: str
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What a coordinator says of an event. area: reports outside are kept, and marked."""

    name: str
    message: str
    area: MultiPolygon
    starts_at: datetime
    ends_at: datetime | None
    topics: Sequence[Topic]


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
"""What a new event starts with."""


class InUse(Exception):
    """A category that reports were filed under cannot go. ``names``: of all such."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def standing(crisis: Crisis, now: datetime) -> Standing:
    """Where an event stands at a moment."""
    if any(end is not None and end <= now for end in (crisis.closed_at, crisis.ends_at)):
        return Standing.OVER
    return Standing.COMING if crisis.starts_at > now else Standing.RUNNING


def many(area: Polygon | MultiPolygon) -> MultiPolygon:
    """An area as the column takes it."""
    return area if isinstance(area, MultiPolygon) else MultiPolygon(area, srid=4326)


def open_event(event: Event, author: int) -> Crisis:
    """Open an event."""
    with transaction.atomic():
        crisis = Crisis.objects.create(
            slug=_free_slug(event.name), name=event.name, message=event.message, area=event.area,
            starts_at=event.starts_at, ends_at=event.ends_at, author_id=author,
        )  # fmt: skip
        _settle(crisis, event.topics)
    return crisis


def change(crisis: Crisis, event: Event) -> None:
    """Change an event; its address stays. Raises InUse."""
    with transaction.atomic():
        Crisis.objects.select_for_update().get(pk=crisis.pk)
        crisis.name, crisis.message, crisis.area = event.name, event.message, event.area
        crisis.starts_at, crisis.ends_at = event.starts_at, event.ends_at
        crisis.save(update_fields=["name", "message", "area", "starts_at", "ends_at"])
        _settle(crisis, event.topics)


def close(crisis: Crisis, now: datetime | None = None) -> None:
    """No more reports; those that are there go on like all needs. Safe twice."""
    Crisis.objects.filter(pk=crisis.pk, closed_at=None).update(closed_at=now or timezone.now())


def reopen(crisis: Crisis, now: datetime | None = None) -> None:
    """Take reports again; an end that has passed does not count any more."""
    Crisis.objects.filter(pk=crisis.pk).update(closed_at=None)
    Crisis.objects.filter(pk=crisis.pk, ends_at__lte=now or timezone.now()).update(ends_at=None)


def _settle(crisis: Crisis, topics: Sequence[Topic]) -> None:
    """Make the event's categories those that were asked for, in their order."""
    there = {category.pk: category for category in crisis.categories.all()}
    kept = {topic.key for topic in topics if topic.key in there}
    gone = [category for key, category in there.items() if key not in kept]
    used = Need.objects.filter(crisis_category__in=gone).values("crisis_category").annotate(n=Count("pk"))
    if used:
        raise InUse([str(there[row["crisis_category"]]) for row in used])
    CrisisCategory.objects.filter(pk__in=[category.pk for category in gone]).delete()
    for category in there.values():  # names may be swapped: make room first
        CrisisCategory.objects.filter(pk=category.pk).update(names={"en": f"…{category.pk}"})
    for order, topic in enumerate(topics):
        values = {"order": order, "names": dict(topic.names), "kind": topic.kind}
        if topic.key in there:
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
