"""Idempotency of what has no row under the phone's own id: closing a tour, a photo, a voice note."""

import uuid

from django.utils import timezone

from needs.models import Receipt
from solidarity.lib.database.idempotent_insert import Stored, insert_once


def once(id: uuid.UUID, digest: str) -> Stored:
    """Take an id, in the caller's transaction: NEW at first, SAME when it was taken with this digest, else CONFLICT."""
    return insert_once(Receipt, {"id": id, "content_hash": digest, "filed_at": timezone.now()})


def known(id: uuid.UUID, digest: str) -> Stored | None:
    """SAME or CONFLICT when the id was taken; None when it was not."""
    there = Receipt.objects.filter(pk=id).values_list("content_hash", flat=True).first()
    if there is None:
        return None
    return Stored.SAME if there == digest else Stored.CONFLICT
