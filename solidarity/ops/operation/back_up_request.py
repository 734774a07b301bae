"""A back-up that an administrator asks for in the browser. The worker makes it; the cache stores its progress."""

import logging
from dataclasses import dataclass

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from solidarity.ops.backups import making
from solidarity.ops.backups.backup_archive import Unsafe

log = logging.getLogger(__name__)

_KEY = "operation:back_up_request"
_SECONDS = 3700  # in seconds; longer than the time limit of the task


@dataclass(frozen=True, slots=True)
class Asked:
    """A requested back-up that is running or has failed. problem: the reason for a failure, "" while the back-up is
    running."""

    at: float
    problem: str = ""


def current() -> Asked | None:
    """Return the back-up that is running or has failed; None if no back-up was requested or the last one is done."""
    found = cache.get(_KEY)
    return found if isinstance(found, Asked) else None


def start() -> bool:
    """Ask the worker for a back-up; return False if one runs already."""
    asked = current()
    if asked is not None and not asked.problem:
        return False
    from solidarity.ops.tasks import back_up_now

    now = timezone.now().timestamp()
    cache.set(_KEY, Asked(now), _SECONDS)
    try:
        back_up_now.delay()
    except Exception:
        log.warning("The broker is unreachable; no back-up is made.")
        cache.set(_KEY, Asked(now, _("No worker can be reached. Start the worker, then try again.")), _SECONDS)
    return True


def carry_out() -> None:
    """Make the back-up. If it fails, the page shows this later."""
    asked = current() or Asked(timezone.now().timestamp())
    try:
        making.make()
    except (Unsafe, OSError) as error:
        cache.set(_KEY, Asked(asked.at, str(error)[:500]), _SECONDS)
    else:
        cache.delete(_KEY)
