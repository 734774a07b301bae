"""Communes of the downloaded list: a search, the chosen ones as features of a file, and the start of a download."""

import logging
from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from solidarity.lib.border_files.border_reader import Feature
from volunteers.models import Commune, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.commune_borders import commune_download
from volunteers.places.commune_borders.commune_download import Problem

MOST_SHOWN, MOST_CHOSEN = 60, 400

log = logging.getLogger(__name__)


def found(country: str, said: str) -> QuerySet[Commune]:
    """Return the communes that a search finds, the best first; none for an empty search."""
    rows = Commune.objects.filter(country=country)
    return rows.found(said).defer("polygon") if said else rows.none()


def chosen(country: str, codes: Sequence[str]) -> QuerySet[Commune]:
    """Return the communes with these numbers, at most MOST_CHOSEN, in the order of their names."""
    return Commune.objects.filter(country=country, code__in=codes[:MOST_CHOSEN]).defer("polygon").order_by("name")


def features(communes: QuerySet[Commune]) -> list[Feature]:
    """Return communes as the features of a file, in their order."""
    rows = communes.defer(None)
    return [
        Feature(number, {"nom": each.name, "code": each.code}, each.polygon)
        for number, each in enumerate(rows, start=1)
    ]


def start_download(by: User, country: str, areas: Sequence[str]) -> None:
    """Ask a worker to download areas, recorded in the audit log. Raise Undownloadable: BUSY."""
    with transaction.atomic():
        commune_download.ask(country, areas)
        details = {"country": country, "areas": len(areas)}
        recording.record(by, Verb.ADMINISTERED, "communes", country, purpose=Purpose.ADMINISTRATION, details=details)
        transaction.on_commit(partial(send, country))


def send(country: str) -> None:
    """Queue the download. If the broker is unreachable, the page says that no worker has started it."""
    from volunteers.tasks import download_communes

    try:
        download_communes.delay(country)
    except Exception:
        log.warning("The broker is unreachable; no communes are downloaded.")
        commune_download.fail(country, Problem.NO_WORKER)
