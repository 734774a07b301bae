"""Celery tasks: short, safe to run twice, each with its own time limit."""

from uuid import UUID

from celery import shared_task

from mapping.coverage.folding import fold, reconciliation
from mapping.coverage.lake import writing_lake
from mapping.coverage.unseen import unseen_estimate
from mapping.map.releases import release_filter
from mapping.map.releases.public import publishing
from mapping.map.wording import zone_names
from mapping.out.digests import digest_sending
from mapping.out.exports import export_jobs
from mapping.out.file_imports import import_jobs
from mapping.out.offboarding import departure
from mapping.out.scheduled_reports import schedule_runs
from mapping.out.winters import monthly_sums
from mapping.plans.parameters import nightly_proposals, nightly_rates, versions
from mapping.plans.recurring_needs import monthly_counts
from mapping.plans.self_checks import comparing, count_alarms, cut_proposals, findings, predicting
from mapping.plans.territory_setup import territory_storing
from volunteers.models import User


@shared_task(name="mapping.tasks.sweep", soft_time_limit=240, time_limit=300)
def sweep(region: int | None = None) -> int:
    """Fold a region of the outbox, or everything that waits, with the reports that were set aside. Leave out regions that
    another worker is folding, because that worker also folds the new rows."""
    if region is not None:
        return fold.fold_region(region)
    retried = fold.retry_unfolded()  # first, because an error of the outbox must not prevent it
    return retried + fold.fold_outbox()


@shared_task(name="mapping.tasks.refresh", soft_time_limit=1500, time_limit=1800)
def refresh() -> None:
    """Compute every cell as of now, so that evidence decays, and redraw the zones."""
    fold.refresh_all()


@shared_task(name="mapping.tasks.publish", soft_time_limit=1500, time_limit=1800)
def publish() -> None:
    """Freeze today's releases for volunteers and associations."""
    release_filter.publish_all()


@shared_task(name="mapping.tasks.publish_public", soft_time_limit=1500, time_limit=1800)
def publish_public() -> int:
    """Publish missing public releases: this Monday's release, and the releases of earlier weeks in which the task did
    not run."""
    return len(publishing.publish_due())


@shared_task(name="mapping.tasks.renew_citizen_rates", soft_time_limit=1500, time_limit=1800)
def renew_citizen_rates() -> None:
    """Estimate how often citizens report the people who are present, and compute every cell with the new estimates."""
    nightly_rates.renew()


@shared_task(name="mapping.tasks.reconcile", soft_time_limit=3000, time_limit=3600)
def reconcile() -> None:
    """Rebuild everything from the ledger and compare the result with the incrementally updated state."""
    reconciliation.reconcile()


@shared_task(name="mapping.tasks.tell_unseen", soft_time_limit=1500, time_limit=1800)
def tell_unseen() -> int:
    """Update the unseen estimates of past days with late reports."""
    return unseen_estimate.fill_latest()


@shared_task(name="mapping.tasks.count_months", soft_time_limit=600, time_limit=900)
def count_months() -> int:
    """Update the monthly counts of recurring needs and the monthly sums of each territory: the current month and the months
    before it."""
    monthly_sums.sum_months()
    return monthly_counts.count_months()


@shared_task(name="mapping.tasks.read_streets", soft_time_limit=900, time_limit=1000)
def read_streets() -> int:
    """Read the streets that name zones from the street map, so that pages find them in the cache."""
    return zone_names.read_streets()


@shared_task(name="mapping.tasks.make_export", soft_time_limit=1500, time_limit=1800)
def make_export(export: str) -> None:
    """Make the file of an export. Safe to repeat: only one worker makes an export at any moment, and a finished file is
    not made again."""
    export_jobs.run(UUID(export))


@shared_task(name="mapping.tasks.pack", soft_time_limit=1500, time_limit=1800)
def pack(departure_id: str) -> None:
    """Make the file with all data of an association. Safe to repeat: only one worker makes it at any moment."""
    departure.pack(UUID(departure_id))


@shared_task(name="mapping.tasks.leave", soft_time_limit=3000, time_limit=3600)
def leave(departure_id: str) -> None:
    """Erase an association that leaves. Safe to repeat."""
    departure.erase(UUID(departure_id))


@shared_task(name="mapping.tasks.advance_import", soft_time_limit=3300, time_limit=3600)
def advance_import(import_key: str) -> None:
    """Do the next step of an import of a file. Safe to repeat: only one worker does it at any moment."""
    import_jobs.advance(UUID(import_key))


@shared_task(name="mapping.tasks.resume_exports", soft_time_limit=20, time_limit=30)
def resume_exports() -> int:
    """Queue exports, departures and imports again if their message was lost or their worker died."""
    return export_jobs.resume() + departure.resume() + import_jobs.resume()


@shared_task(name="mapping.tasks.send_reports", soft_time_limit=500, time_limit=560)
def send_reports() -> int:
    """Send the scheduled reports that are due. Safe to repeat: each due date has one run, and each person gets one mail
    from a run."""
    return schedule_runs.run_due()


@shared_task(name="mapping.tasks.send_digests", soft_time_limit=260, time_limit=290)
def send_digests() -> int:
    """Send the digests that are due. Safe to repeat: a person gets only one digest per day."""
    return digest_sending.send_due()


@shared_task(name="mapping.tasks.drop_old_exports", soft_time_limit=240, time_limit=300)
def drop_old_exports() -> int:
    """Delete the files of exports a week after they were requested."""
    return export_jobs.drop_old()


@shared_task(name="mapping.tasks.write_lake", soft_time_limit=3300, time_limit=3600)
def write_lake() -> None:
    """Write the evidence that changed to the lake, if the lake is on. Safe to repeat."""
    writing_lake.write_nightly()


@shared_task(name="mapping.tasks.catch_up", soft_time_limit=1500, time_limit=1800)
def catch_up() -> None:
    """Apply saved versions of the parameters, and cold plans that began or ended."""
    versions.catch_up()


@shared_task(name="mapping.tasks.propose_parameters", soft_time_limit=3000, time_limit=3600)
def propose_parameters() -> int:
    """Propose half-lives and neighbour weights from each territory's own past, without applying them."""
    return nightly_proposals.propose_all()


@shared_task(name="mapping.tasks.check_map", soft_time_limit=1500, time_limit=1800)
def check_map() -> int:
    """Store what the map predicts for tonight, compare earlier predictions with the tours after them, tell
    associations what is found about them and coordinators which counts do not fit, and propose thresholds. Safe to
    repeat: the prediction of a day is stored only once."""
    made = predicting.predict()
    comparing.compare_due()
    findings.note_findings()
    count_alarms.tell_coordinators()
    cut_proposals.propose_cuts()
    return made


@shared_task(name="mapping.tasks.store_territories", soft_time_limit=1500, time_limit=1800)
def store_territories(owner: int, draft: str) -> None:
    """Store the new territories of an upload. The page of the uploader shows the progress and the defects."""
    territory_storing.work(User.objects.get(pk=owner), UUID(draft))
