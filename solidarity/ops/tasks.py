"""Celery tasks: short, safe to run twice, each with its own time limit."""

from celery import shared_task

from solidarity.ops.backups import making
from solidarity.ops.operation import back_up_request, outage_mail


@shared_task(name="solidarity.ops.tasks.watch", soft_time_limit=45, time_limit=55)
def watch() -> int:
    """Note which parts are red; mail administrators about parts that stay red or are green again."""
    return outage_mail.watch()


@shared_task(name="solidarity.ops.tasks.back_up", soft_time_limit=3500, time_limit=3600)
def back_up() -> str:
    """Make the nightly back-up; return the name of its file, or "" if there is nothing to do."""
    made = making.make_nightly()
    return made.file.name if made else ""


@shared_task(name="solidarity.ops.tasks.back_up_now", soft_time_limit=3500, time_limit=3600)
def back_up_now() -> None:
    """Make the back-up that an administrator asked for on the page."""
    back_up_request.carry_out()
