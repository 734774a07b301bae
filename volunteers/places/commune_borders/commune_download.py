"""Download of the official borders of communes, one area after the other. An interrupted download continues."""

import logging
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from solidarity.lib.border_files import border_reader
from solidarity.lib.border_files.border_problems import BordersRefused
from solidarity.lib.border_files.border_reader import Feature
from volunteers.places.commune_borders.departments import AREAS, area_of
from volunteers.places.commune_borders.models import Commune, CommuneDownload

TIMEOUT = (10, 60)
"""Seconds to connect, and between two parts of an answer."""
PAUSES = (1.0, 4.0)
"""Seconds before each further try."""
NAMES, CODES = ("nom", "name", "NOM"), ("code", "INSEE_COM", "insee")

log = logging.getLogger(__name__)

type Tell = Callable[[str, int, int], None]
"""Called with the area that is stored now, the number of areas done, and the number of all."""


class Problem(TextChoices):
    """Reasons why communes could not be stored. A label takes its values from the details of an Undownloadable."""

    UNREACHABLE = (
        "unreachable",
        _("%(host)s cannot be reached. Check the network, then try again: the download continues."),
    )
    REFUSED = "refused", _("%(host)s answers %(status)s. Check SOLIDARITY_BORDERS_URL.")
    UNREADABLE = "unreadable", _("The file of area %(area)s cannot be read: %(why)s")
    NO_COMMUNES = "no_communes", _("The file of area %(area)s names no communes with a number and a name.")
    BUSY = "busy", _("The communes are being downloaded already. Wait until the download has finished.")
    NO_WORKER = "no_worker", _("No worker has started the download. Check that the worker runs, then try again.")


class Undownloadable(Exception):
    """The communes could not be stored; the communes of areas stored before are kept."""

    def __init__(self, problem: Problem, **details: object) -> None:
        super().__init__(problem, details)
        self.problem = problem
        self.details = {name: str(value)[:100] for name, value in details.items()}

    def __str__(self) -> str:
        return sentence(self.problem, self.details)


def sentence(problem: str, details: dict[str, str]) -> str:
    """Return a problem in the reader's language."""
    return str(Problem(problem).label) % details


def missing(country: str) -> list[str]:
    """Return the areas of a country that have no stored communes."""
    stored = set(Commune.objects.filter(country=country).values_list("area", flat=True).distinct())
    return [area for area in AREAS[country] if area not in stored]


def ask(country: str, areas: Sequence[str]) -> None:
    """Note which areas are wanted, before a process downloads them. Raise Undownloadable: BUSY."""
    with transaction.atomic():
        row = CommuneDownload.objects.select_for_update().filter(country=country).first()
        if row is not None and row.runs:
            raise Undownloadable(Problem.BUSY)
        values = {"areas": list(areas), "total": len(areas), "running": True, "problem": "", "details": {}}
        CommuneDownload.objects.update_or_create(country=country, defaults=values | {"at": timezone.now()})


def fail(country: str, problem: Problem, **details: str) -> None:
    """Note why the download stopped."""
    row = CommuneDownload.objects.filter(country=country)
    row.update(running=False, problem=problem.value, details=details, at=timezone.now())


def work(country: str, tell: Tell) -> int:
    """Download the areas that were asked for and return the number of communes. Raise Undownloadable for an error.
    Areas that were stored before the error are kept, and another request continues with the rest."""
    row = CommuneDownload.objects.get(country=country)
    communes = 0
    try:
        while row.areas:
            area = row.areas[0]
            tell(area, row.done, row.total)
            communes += store(country, area, border_features(address_of(area), area))
            row.areas = row.areas[1:]
            CommuneDownload.objects.filter(country=country).update(areas=row.areas, at=timezone.now())
    except Undownloadable as error:
        fail(country, error.problem, **error.details)
        raise
    CommuneDownload.objects.filter(country=country).update(running=False, at=timezone.now())
    return communes


def address_of(area: str) -> str:
    """Return the address of an area's file."""
    return str(settings.BORDERS_URL).replace("{area}", area)


def border_features(url: str, area: str) -> list[Feature]:
    """Download a file and return its features. The address is a setting of the operator, so proxies and certificates
    from the environment apply. Raise Undownloadable."""
    pauses = list(PAUSES)
    while True:
        try:
            data = _downloaded(url)
            break
        except requests.RequestException as error:
            if not pauses:
                raise Undownloadable(Problem.UNREACHABLE, host=urlsplit(url).hostname or url) from error
            time.sleep(pauses.pop(0))
    return features_in(data, area)


def features_in(data: bytes, area: str) -> list[Feature]:
    """Return the features of a file. Raise Undownloadable."""
    try:
        return border_reader.read(data)
    except BordersRefused as refused:
        raise Undownloadable(Problem.UNREADABLE, area=area, why=refused.lines()[0]) from refused


def _downloaded(url: str) -> bytes:
    with requests.get(url, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code >= 500 or answer.status_code == 429:
            raise requests.ConnectionError(str(answer.status_code))
        if answer.status_code != 200:
            raise Undownloadable(Problem.REFUSED, host=urlsplit(url).hostname or url, status=answer.status_code)
        data = bytearray()
        for piece in answer.iter_content(64 * 1024):
            data += piece
            if len(data) > border_reader.MOST_BYTES:
                break  # because border_reader refuses a file of this size
    return bytes(data)


def store(country: str, area: str, features: Sequence[Feature]) -> int:
    """Replace the communes of an area; return their number. With the area "", each commune belongs to the area of its
    number. Raise Undownloadable if the file has no commune."""
    rows: dict[str, Commune] = {}
    for each in features:
        code = next((each.properties[key].strip() for key in CODES if key in each.properties), "")
        name = " ".join(next((each.properties[key] for key in NAMES if key in each.properties), "").split())
        own = area_of(country, code)
        if own and name and (own == area or not area) and name.isprintable() and len(name) <= 120:
            rows[code] = Commune(country=country, code=code, area=own, name=name, polygon=each.polygon)
    if not rows:
        raise Undownloadable(Problem.NO_COMMUNES, area=area)
    with transaction.atomic():
        Commune.objects.filter(country=country, area__in={row.area for row in rows.values()}).delete()
        Commune.objects.bulk_create(rows.values(), batch_size=500)
    return len(rows)
