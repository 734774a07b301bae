"""Celery tasks: thin, safe to run twice, each with its own time limit."""

from uuid import UUID

from celery import shared_task

from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.exports import export_jobs
from mapping.offboarding import departure
from mapping.parameters import nightly_proposals, versions
from mapping.recurring_needs import monthly_counts
from mapping.releases import release_filter
from mapping.releases.public import publishing
from mapping.unseen import unseen_estimate


@shared_task(name="mapping.tasks.sweep", soft_time_limit=240, time_limit=300)
def sweep() -> int:
    """Fold what is in the outbox; skips when another worker is folding (it will take the new rows as well)."""
    return fold.fold_outbox()


@shared_task(name="mapping.tasks.refresh", soft_time_limit=1500, time_limit=1800)
def refresh() -> None:
    """Let evidence age: derive every cell again at the present moment and re-draw the zones."""
    rebuild.refresh_all()


@shared_task(name="mapping.tasks.publish", soft_time_limit=1500, time_limit=1800)
def publish() -> None:
    """Freeze today's releases for volunteers and associations."""
    release_filter.publish_all()


@shared_task(name="mapping.tasks.publish_public", soft_time_limit=1500, time_limit=1800)
def publish_public() -> int:
    """The public releases that are missing: this Monday's, and those of weeks in which nothing ran."""
    return len(publishing.publish_due())


@shared_task(name="mapping.tasks.reconcile", soft_time_limit=3000, time_limit=3600)
def reconcile() -> None:
    """Recompute everything from the ledger and compare with the incremental state."""
    reconciliation.reconcile()


@shared_task(name="mapping.tasks.tell_unseen", soft_time_limit=1500, time_limit=1800)
def tell_unseen() -> int:
    """The headline of the days that are over, with what came late."""
    return unseen_estimate.fill_latest()


@shared_task(name="mapping.tasks.count_months", soft_time_limit=600, time_limit=900)
def count_months() -> int:
    """Needs that come back: the running month and the last ones, counted anew or raised."""
    return monthly_counts.count_months()


@shared_task(name="mapping.tasks.make_export", soft_time_limit=1500, time_limit=1800)
def make_export(export: str) -> None:
    """Make the file of an export. Safe twice: one maker at a time, a finished file is left alone."""
    export_jobs.run(UUID(export))


@shared_task(name="mapping.tasks.pack", soft_time_limit=1500, time_limit=1800)
def pack(departure_id: str) -> None:
    """Make the file of everything of an association. Safe twice: one maker at a time."""
    departure.pack(UUID(departure_id))


@shared_task(name="mapping.tasks.leave", soft_time_limit=3000, time_limit=3600)
def leave(departure_id: str) -> None:
    """Erase an association that leaves. Safe twice: the second time it is not there."""
    departure.erase(UUID(departure_id))


@shared_task(name="mapping.tasks.resume_exports", soft_time_limit=20, time_limit=30)
def resume_exports() -> int:
    """Ask again for exports whose message was lost or whose worker died."""
    return export_jobs.resume() + departure.resume()


@shared_task(name="mapping.tasks.drop_old_exports", soft_time_limit=240, time_limit=300)
def drop_old_exports() -> int:
    """Delete files a week after they were asked for."""
    return export_jobs.drop_old()


@shared_task(name="mapping.tasks.catch_up", soft_time_limit=1500, time_limit=1800)
def catch_up() -> None:
    """Put versions of the parameters in force that were just saved, and cold plans that just began or ended."""
    versions.catch_up()


@shared_task(name="mapping.tasks.propose_parameters", soft_time_limit=3000, time_limit=3600)
def propose_parameters() -> int:
    """Propose half-lives and neighbour weights from each territory's own past. Nothing is applied."""
    return nightly_proposals.propose_all()
