"""Celery tasks: thin, safe to run twice, each with its own time limit."""

from celery import shared_task

from mapping import recompute, release


@shared_task(name="mapping.tasks.sweep", soft_time_limit=240, time_limit=300)
def sweep() -> int:
    """Fold what is in the outbox; skips when another worker is folding (it will take the new rows as well)."""
    return recompute.fold_outbox()


@shared_task(name="mapping.tasks.refresh", soft_time_limit=1500, time_limit=1800)
def refresh() -> None:
    """Let evidence age: derive every cell again at the present moment and re-draw the zones."""
    recompute.refresh_all()


@shared_task(name="mapping.tasks.publish", soft_time_limit=1500, time_limit=1800)
def publish() -> None:
    """Freeze today's releases for volunteers and associations."""
    release.publish_all()


@shared_task(name="mapping.tasks.reconcile", soft_time_limit=3000, time_limit=3600)
def reconcile() -> None:
    """Recompute everything from the ledger and compare with the incremental state."""
    recompute.reconcile()
