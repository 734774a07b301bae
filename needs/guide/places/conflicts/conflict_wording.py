"""Both sides of a conflict in words: the values, their authors and their times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from needs.guide.places import place_presenter
from needs.guide.places.hours import hours_wording
from needs.guide.places.imports.guide_upload import Guide
from needs.guide.places.imports.place_merge import metres, same
from needs.models import Place, PlaceConflict, PlaceSource


@dataclass(frozen=True, slots=True)
class Side:
    """The value of one side, line by line. who: the author of the value: a source, an association or “a dispatcher”.
    at: the time of the value, None if it is not known."""

    lines: Sequence[str]
    who: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ConflictWords:
    """A conflict as the page shows it. geo: addresses of both points for a map app, if the conflict is about the
    point."""

    conflict: PlaceConflict
    field: str
    ours: Side
    theirs: Side
    geo: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PlaceConflicts:
    """The conflicts of a place."""

    place: Place
    rows: list[ConflictWords]


def by_place(conflicts: Iterable[PlaceConflict]) -> list[PlaceConflicts]:
    """Return conflicts in words, by place."""
    found: dict[Any, PlaceConflicts] = {}
    rows = list(conflicts)
    sources: dict[Any, list[PlaceSource]] = {}
    for source in PlaceSource.objects.filter(place__in={row.place_id for row in rows}):
        sources.setdefault(source.place_id, []).append(source)
    for row in rows:
        entry = found.setdefault(row.place_id, PlaceConflicts(row.place, []))
        entry.rows.append(_words(row, sources.get(row.place_id, [])))
    return list(found.values())


def source_name(source: str) -> str:
    """Return the name of a source in words."""
    return str(Guide(source).label) if source in Guide.values else source


def _words(row: PlaceConflict, sources: list[PlaceSource]) -> ConflictWords:
    name = str(Place._meta.get_field(row.field).verbose_name)  # type: ignore[union-attr]
    who, at = _author(row, sources)
    ours, theirs = (_lines(row.field, value) for value in (row.ours, row.theirs))
    geo: list[str] = []
    if row.field == "point":
        away = intcomma(round(metres(row.ours, row.theirs)))
        ours, theirs = [_("the pin of the entry")], [_("%(number)s m away from it") % {"number": away}]
        geo = [f"geo:{point[1]:.6f},{point[0]:.6f}" for point in (row.ours, row.theirs)]
    return ConflictWords(row, name, Side(ours, who, at), Side(theirs, source_name(row.source), row.at), geo)


def _lines(field: str, value: Any) -> list[str]:
    """Return a value in words.

    Opening hours have one line for each group of days with the same hours, followed by their notes.
    """
    if field != "hours" or not value:
        return [place_presenter.said(field, value)]
    words = hours_wording.hours_words(str(value), timezone.now())
    closed = pgettext("opening hours", "closed")
    lines = []
    for hours, days in groupby(words.days, key=lambda day: day.hours):
        names = [day.name for day in days]
        span = names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"
        lines.append(_("%(day)s: %(hours)s") % {"day": span, "hours": hours or closed})
    return [*lines, *words.notes] or [words.now]


def _author(row: PlaceConflict, sources: list[PlaceSource]) -> tuple[str, datetime | None]:
    """Return the author and the time of our value: the last person who changed it, another source, or the person who
    checked the entry."""
    changed = row.place.edits.filter(after__has_key="latitude" if row.field == "point" else row.field)
    edit = changed.select_related("association").first()
    if edit is not None:
        return edit.association.name if edit.association else _("a dispatcher"), edit.at
    for source in sources:
        if source.source != row.source and same(row.field, source.values.get(row.field), row.ours):
            return source_name(source.source), source.read_at
    checker = place_presenter.checker_of(row.place)
    return (checker, row.place.checked_at) if checker else (_("not known"), None)
