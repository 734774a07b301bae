"""Starting the installation of a street map from a page. A worker does it, and the audit log records it."""

import logging
from functools import partial

from django.db import transaction

from solidarity.lib.late_task import LateTask
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.basemap import installation_state
from volunteers.places.basemap.area_catalogue import AREAS
from volunteers.places.basemap.installation_state import State
from volunteers.places.basemap.problems import Problem, StreetMapError

log = logging.getLogger(__name__)
_INSTALL = LateTask("volunteers.tasks.install_street_map")


def start(by: User, area: str) -> None:
    """Ask a worker to install an area of the catalogue. Raise StreetMapError (busy) if an installation runs already."""
    if installation_state.current().runs:
        raise StreetMapError(Problem.BUSY)
    with transaction.atomic():
        recording.record(
            by, Verb.ADMINISTERED, "street map", AREAS[area].key, purpose=Purpose.ADMINISTRATION, details={"area": area}
        )
        installation_state.write(State(step="waiting", what=area))
        transaction.on_commit(partial(_send, area))


def _send(area: str) -> None:
    """Queue the installation. If the broker is unreachable, the page says that no worker has started it."""
    try:
        _INSTALL.delay(area)
    except Exception:
        log.warning("The broker is unreachable; the street map is not installed.")
        installation_state.write(State(step="failed", what=area, problem=Problem.NO_WORKER.value))
