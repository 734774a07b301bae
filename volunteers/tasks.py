"""Celery tasks: short, idempotent, each with its own time limit."""

import logging

from celery import shared_task

from volunteers.people.administrators import administrator_mail
from volunteers.people.notifications import sending
from volunteers.places.basemap import installation
from volunteers.places.basemap.area_catalogue import AREAS
from volunteers.places.basemap.problems import StreetMapError
from volunteers.places.commune_borders import commune_download
from volunteers.places.commune_borders.commune_download import Undownloadable
from volunteers.places.place_names.imports import address_installation, street_map_names
from volunteers.places.territories import duty_requests

log = logging.getLogger(__name__)


@shared_task(name="volunteers.tasks.send_notifications", soft_time_limit=240, time_limit=300)
def send_notifications() -> int:
    """Send due notifications."""
    return sending.send_waiting()


@shared_task(name="volunteers.tasks.drop_old_notifications", soft_time_limit=240, time_limit=300)
def drop_old_notifications() -> int:
    """Delete notifications older than two months."""
    return sending.drop_old()


@shared_task(name="volunteers.tasks.change_administrators", soft_time_limit=240, time_limit=300)
def change_administrators() -> int:
    """Tell people about changes of administrators, and carry out those to which nobody objected."""
    return administrator_mail.run()


@shared_task(name="volunteers.tasks.close_duties", soft_time_limit=240, time_limit=300)
def close_duties() -> int:
    """Close the duties whose last day is over."""
    return duty_requests.close_run_out()


@shared_task(name="volunteers.tasks.download_communes", soft_time_limit=3300, time_limit=3500)
def download_communes(country: str) -> None:
    """Download the communes that were asked for on a page. The page shows an error and says what to do."""
    try:
        commune_download.work(country, lambda *_progress: None)
    except Undownloadable as error:
        log.warning("the communes of %s were not all downloaded: %s", country, error.problem.value)


@shared_task(name="volunteers.tasks.install_street_map", soft_time_limit=3300, time_limit=3500)
def install_street_map(area: str) -> None:
    """Install the street map of an area of the catalogue, and its names. An error is shown on the page that asked for
    it."""
    try:
        installation.install(installation.Wanted(name=area, bounds=AREAS[area].bounds), lambda *_progress: None)
    except StreetMapError as error:
        log.warning("the street map of %s was not installed: %s", area, error)
    else:
        street_map_names.import_installed()


@shared_task(name="volunteers.tasks.install_addresses", soft_time_limit=3300, time_limit=3500)
def install_addresses(department: str, uploaded: str) -> None:
    """Install the addresses of a department. An error is shown on the page that asked for it."""
    try:
        address_installation.install(department, uploaded)
    except StreetMapError as error:
        log.warning("the addresses of department %s were not installed: %s", department, error.problem.value)
