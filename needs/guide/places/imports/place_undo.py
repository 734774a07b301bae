"""Undo of an import: places that nobody has touched since are deleted, changed fields get their old values."""

from collections.abc import Callable

from django.db import transaction

from needs.guide.places.imports.models import PlaceImportChange
from needs.guide.places.imports.place_merge import apply, values_of
from needs.guide.places.models import Place, PlaceConflict, PlaceNotice, PlaceSource
from needs.reports.importers.models import ImportRun

BATCH = 200


def undo(run: ImportRun, progress: Callable[[int], None] | None = None) -> int:
    """Undo an import, newest change first; return the number of places. Changes that people have made since then are
    kept."""
    number = 0
    while batch := list(
        PlaceImportChange.objects.filter(run=run).select_related("place", "source").order_by("-pk")[:BATCH]
    ):
        with transaction.atomic():
            for change in batch:
                _take_back(change, run)
            PlaceImportChange.objects.filter(pk__in=[change.pk for change in batch]).delete()
        number += len(batch)
        if progress is not None:
            progress(number)
    return number


def _take_back(change: PlaceImportChange, run: ImportRun) -> None:
    place = Place.objects.select_for_update(of=("self",)).get(pk=change.place_id)
    PlaceNotice.objects.filter(pk__in=change.notices, author=None).delete()
    conflicts = PlaceConflict.objects.filter(place=place, source=change.source.source, decided_at=None)
    conflicts.filter(at__gte=run.started_at).delete()
    if change.made:
        if _untouched(place, change):
            place.delete()
        else:
            change.source.delete()
        return
    ours = values_of(place)
    old = {name: value for name, value in change.before.items() if ours[name] == change.after.get(name)}
    if old:
        place.save(update_fields=apply(place, old))
    if change.source_before is None:
        change.source.delete()
    else:
        PlaceSource.objects.filter(pk=change.source_id).update(values=change.source_before)


def _untouched(place: Place, change: PlaceImportChange) -> bool:
    """Return whether nobody has changed, checked, used or claimed a place since an import made it."""
    if place.association_id or place.checked_at or place.closed_at or place.address_hidden:
        return False
    if place.sources.exclude(pk=change.source_id).exists() or values_of(place) != change.after:
        return False
    return not any(each.exists() for each in (place.notices, place.capacities, place.mistakes, place.signpostings))
