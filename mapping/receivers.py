"""The one receiver: a report changed, so append to the outbox in the same transaction and wake the worker after it."""

from typing import Any

from django.db import connection, transaction
from django.dispatch import receiver

from mapping import wake
from needs.signals import Touch, evidence_changed


@receiver(evidence_changed, dispatch_uid="mapping.outbox")
def append_to_outbox(sender: Any, touches: list[Touch], **_kwargs: Any) -> None:
    """One outbox row a touch. Runs inside the filing transaction: if it fails, the report rolls back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mapping_celltouch (kind, report, old_cell, new_cell, at) VALUES "
            + ", ".join(["(%s, %s, %s, %s, now())"] * len(touches)),
            [value for t in touches for value in (int(t.kind), t.report, t.old_cell, t.new_cell)],
        )
    transaction.on_commit(wake.fold_soon, robust=True)
