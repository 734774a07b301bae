"""Storing new territories in a worker, with its progress: seventy districts of a large site take longer than anybody waits
for a page.

Like the upload (``border_drafts``), the state is in the cache for an hour, for the uploader only. The territories themselves
are stored in one transaction, so an interrupted run leaves nothing behind.
"""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from mapping.plans.territory_setup import border_drafts, new_territories, territory_changes
from mapping.plans.territory_setup.new_territories import Choices, Step, TerritoriesRefused
from solidarity.lib import cache
from solidarity.lib.border_files.border_problems import BordersRefused
from solidarity.lib.late_task import LateTask
from volunteers.enums import Level
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories.people_counts import PeopleCount

STALE = 300
"""Seconds without progress after which a run counts as interrupted."""

log = logging.getLogger(__name__)
_STORE = LateTask("mapping.tasks.store_territories")


@dataclass(frozen=True, slots=True)
class Run:
    """How far storing is. choices: as :func:`_plain` makes them. step, done, total: what is being done; "" before a worker
    started. stored: number of territories, None until the end. lines: the defects that stopped the run. at: seconds since
    1970 of the last progress. language: the language of the lines."""

    choices: dict[str, Any]
    at: float
    language: str = ""
    step: str = ""
    done: int = 0
    total: int = 0
    stored: int | None = None
    lines: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.stored is not None or bool(self.lines)

    @property
    def is_interrupted(self) -> bool:
        return not self.is_over and time.time() - self.at > STALE


def find(owner: User, draft: uuid.UUID) -> Run | None:
    """Return the run of a person's draft; None if it was never started or is gone."""
    values = cache.get(_key(owner, draft))
    return None if values is None else Run(**values)


def start(owner: User, draft: uuid.UUID, choices: Choices, language: str) -> None:
    """Ask a worker to store a draft. Do nothing while a run of this draft is under way or has stored it."""
    run = find(owner, draft)
    if run is not None and not run.lines and not run.is_interrupted:
        return
    run = Run(_plain(choices), time.time(), language)
    _keep(owner, draft, run)
    try:
        _STORE.delay(owner.pk, str(draft))
    except Exception:
        log.warning("The broker is unreachable; no territories are stored.")
        _keep(owner, draft, replace(run, lines=(_("No worker answers. Try again later, or tell who runs the site."),)))


def work(owner: User, draft: uuid.UUID) -> None:
    """Store a draft as it was asked for (task). A run that is over is left alone, so a repeated task changes nothing."""
    run = find(owner, draft)
    if run is None or run.is_over:
        return
    with override(run.language or None):
        _keep(owner, draft, _finished(owner, draft, run))


def _finished(owner: User, draft: uuid.UUID, run: Run) -> Run:
    features, choices = border_drafts.find(owner, draft), _choices(owner, run.choices)
    if not features:
        return replace(run, lines=(_("The file is kept for one hour only. Choose it again."),))
    if choices is None:
        return replace(run, lines=(_("You may not add territories here any more."),))
    try:
        made = new_territories.enter(features, choices, owner, _teller(owner, draft, run))
    except (BordersRefused, TerritoriesRefused) as refused:
        return replace(run, lines=tuple(new_territories.lines_of(refused)))
    except Exception:
        _keep(owner, draft, replace(run, lines=(_("Storing failed. Nothing is stored. Tell who runs the site."),)))
        raise
    return replace(run, stored=len(made))


def _teller(owner: User, draft: uuid.UUID, run: Run) -> Callable[[Step, int, int], None]:
    def keep_step(step: Step, done: int, total: int) -> None:
        _keep(owner, draft, replace(run, step=step.value, done=done, total=total, at=time.time()))

    return keep_step


def _plain(choices: Choices) -> dict[str, Any]:
    """Return choices without objects of the database."""
    values = {name: getattr(choices, name) for name in Choices.__dataclass_fields__}
    return values | {"parent": choices.parent.slug if choices.parent else None, "count": asdict(choices.count)}


def _choices(owner: User, values: dict[str, Any]) -> Choices | None:
    """Return the choices; None if the person may not add territories there any more."""
    parents, slug = territory_changes.parents_for(Viewer(owner)), values["parent"]
    parent = parents.filter(slug=slug).first() if slug else None
    if parent is None and (slug or not owner.is_administrator):
        return None
    levels = {name: Level(values[name]) for name in ("level", "root_level")}
    return Choices(**values | levels | {"parent": parent, "count": PeopleCount(**values["count"])})


def _keep(owner: User, draft: uuid.UUID, run: Run) -> None:
    cache.put(_key(owner, draft), asdict(run), border_drafts.SECONDS)


def _key(owner: User, draft: uuid.UUID) -> str:
    return f"{border_drafts.cache_key(owner, draft)}:storing"
