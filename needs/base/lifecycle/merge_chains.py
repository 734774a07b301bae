"""Chains of merged needs: a need may be merged into a second need, and this one into a third need."""

import uuid

from django.db.models import Q

from needs.enums import NeedState
from needs.models import Merge, Need


def with_merged(need: uuid.UUID) -> set[uuid.UUID]:
    """Return a need and all needs that were merged into it, directly or through others."""
    return _reached(need, upwards=False)


def all_merged(need: uuid.UUID) -> set[uuid.UUID]:
    """Return a need and all needs merged with it in either direction, directly or through others."""
    return _reached(need, upwards=True)


def _reached(need: uuid.UUID, *, upwards: bool) -> set[uuid.UUID]:
    """Follow the merges that were not undone.

    upwards: if True, also follow the merges from a merged need to the need that was kept.
    """
    found, latest = set[uuid.UUID](), {need}
    while latest:
        found |= latest
        here = Q(kept__in=latest) | Q(merged__in=latest) if upwards else Q(kept__in=latest)
        pairs = Merge.objects.filter(here, undone_at=None).values_list("kept", "merged")
        latest = {key for pair in pairs for key in pair} - found
    return found


def target_of(need: Need) -> Need:
    """Return the need at the end of a need's chain of merges; the need itself if it was not merged."""
    seen = {need.pk}
    while need.state == NeedState.DUPLICATE:
        merge = Merge.objects.filter(merged=need, undone_at=None).select_related("kept").first()
        if merge is None or merge.kept_id in seen:
            break
        need = merge.kept
        seen.add(need.pk)
    return need
