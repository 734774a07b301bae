"""Idempotency for items that create no row under their own id: the end of a tour, retractions, photos, voice notes."""

import uuid

from django.utils import timezone

from needs.models import Receipt
from solidarity.lib.database.idempotent_insert import InsertResult, insert_once


def record(id: uuid.UUID, digest: str) -> InsertResult:
    """Record an id in the caller's transaction. Return NEW for a new id.

    For a known id, return SAME, or CONFLICT if the digest differs.
    """
    return insert_once(Receipt, {"id": id, "content_hash": digest, "filed_at": timezone.now()})


def known(id: uuid.UUID, digest: str) -> InsertResult | None:
    """Return SAME or CONFLICT for a recorded id, None for an unknown one."""
    there = Receipt.objects.filter(pk=id).values_list("content_hash", flat=True).first()
    if there is None:
        return None
    return InsertResult.SAME if there == digest else InsertResult.CONFLICT
