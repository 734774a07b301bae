"""The site's list of categories as forms, pages and exports use it. Without a list, the fixed kinds are used.

The list is stored in the cache, and read once into the memory of each request, so that the anonymous form needs no
query for it. Old pages and phones may still send a fixed kind.
"""

import threading
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.signals import request_started
from django.utils import timezone
from django.utils.functional import Promise

from needs.enums import Category
from needs.models import Need, SiteCategory
from solidarity.lib import cache
from solidarity.lib.labels import in_language

KEY = "site-categories"
MOST = 30

type Choices = list[tuple[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A category.

    first: whether this is the first category of its kind that is shown; forms then send the kind itself as its value.
    """

    key: int
    names: dict[str, str]
    kind: str
    shown: bool
    deleted: bool
    first: bool

    @property
    def name(self) -> str:
        """The name in the active language."""
        return str(in_language(self.names))

    @property
    def value(self) -> str:
        """The value in forms."""
        return self.kind if self.first else f"{self.kind}.{self.key}"


class _Memory(threading.local):
    entries: tuple[Entry, ...] | None = None


_memory = _Memory()


def entries() -> tuple[Entry, ...]:
    """Return all categories in their order, including deleted ones that reports still have."""
    if _memory.entries is None:
        found = cache.get(KEY)
        if found is None:
            found = _read()
            cache.put(KEY, found, None)
        _memory.entries = found
    return _memory.entries


def forget(**_signal: Any) -> None:
    """Read the list again from the cache (receiver of ``request_started``)."""
    _memory.entries = None


request_started.connect(forget, dispatch_uid="site categories of a request")


def _read() -> tuple[Entry, ...]:
    seen: set[str] = set()
    found = []
    for row in SiteCategory.objects.all():
        first = row.shown and row.deleted_at is None and row.kind not in seen
        if first:
            seen.add(row.kind)
        found.append(Entry(row.pk, row.names, row.kind, row.shown, row.deleted_at is not None, first))
    return tuple(found)


def offered() -> list[Entry]:
    """Return the categories that forms offer."""
    return [entry for entry in entries() if entry.shown and not entry.deleted]


def choices() -> Choices:
    """Return the choices of the need form: the site's own list, or the fixed kinds."""
    own: Choices = [(entry.value, entry.name) for entry in offered()]
    return own or list(Category.choices)


def kind_choices() -> Choices:
    """Return all fixed kinds under the names of this site, for the filters of the desk."""
    return [(kind.value, label_of(kind)) for kind in Category]


def label_of(kind: str) -> str | Promise:
    """Return the name of a fixed kind on this site: the names of its categories, or its own label."""
    names = [entry.name for entry in offered() if entry.kind == kind]
    return " / ".join(names) if names else Category(kind).label


def is_known(value: str) -> bool:
    """Whether a form may send a value: a fixed kind, or a category that is not deleted."""
    return value in Category.values or any(entry.value == value for entry in offered())


def kinds_of(values: Iterable[str]) -> list[str]:
    """Return the fixed kinds of a form's values, each once."""
    return list(dict.fromkeys(value.partition(".")[0] for value in values))


def keys_of(values: Sequence[str]) -> list[int]:
    """Return the site's categories of a form's values."""
    return [entry.key for entry in offered() if entry.value in values]


def store(need: uuid.UUID, keys: Sequence[int]) -> None:
    """Store which categories of the site a reporter chose."""
    if keys:
        Need.objects.filter(pk=need).update(site_categories=list(keys))


def names_of(keys: Iterable[int]) -> list[str]:
    """Return the names of the categories of a report, including deleted ones."""
    wanted = set(keys)
    return [entry.name for entry in entries() if entry.key in wanted]


def replace(rows: Sequence[SiteCategory]) -> None:
    """Replace the list by these categories in their order; new ones have no key. A category that some reports have is
    kept and marked as deleted."""
    kept = {row.pk for row in rows if row.pk}
    for gone in SiteCategory.objects.filter(deleted_at=None).exclude(pk__in=kept):
        if Need.objects.filter(site_categories__contains=[gone.pk]).exists():
            gone.deleted_at = timezone.now()
            gone.save(update_fields=["deleted_at"])
        else:
            gone.delete()
    for order, row in enumerate(rows):
        row.order = order
        row.save()
    cache.put(KEY, _read(), None)
    forget()
