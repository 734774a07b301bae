"""Installation of a list of addresses, which an administrator starts from a page and a worker does."""

import logging
import re
import uuid
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from solidarity.lib.late_task import LateTask
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.basemap import installation_state
from volunteers.places.basemap.installation_state import ADDRESSES, Recorder, State
from volunteers.places.basemap.problems import Problem, StreetMapError
from volunteers.places.place_names.imports import address_download, national_addresses
from volunteers.places.place_names.imports.address_download import Undownloadable
from volunteers.places.place_names.imports.national_addresses import Unreadable

DEPARTMENT = re.compile(r"(0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[4-9])")
MOST_BYTES = 60_000_000
"""Largest file that a page takes. The largest department has 25 MB when it is packed."""

log = logging.getLogger(__name__)
_INSTALL = LateTask("volunteers.tasks.install_addresses")


def folder() -> Path:
    """Return the folder of downloaded and uploaded lists."""
    return Path(settings.BASEMAP_ROOT) / "addresses"


def start(by: User, department: str, file: UploadedFile | None) -> None:
    """Ask a worker to install the addresses of a department: from an uploaded file, or else from the national server.
    Raise StreetMapError (busy) if an installation runs already."""
    if installation_state.current(ADDRESSES).runs:
        raise StreetMapError(Problem.ADDRESSES_BUSY)
    uploaded = "" if file is None else _kept(file)
    with transaction.atomic():
        details = {"department": department, "uploaded": file is not None}
        recording.record(
            by, Verb.ADMINISTERED, "addresses", department, purpose=Purpose.ADMINISTRATION, details=details
        )
        installation_state.write(State(step="waiting", what=department), ADDRESSES)
        transaction.on_commit(partial(_send, department, uploaded))


def _kept(file: UploadedFile) -> str:
    """Write an uploaded file for the worker, in place of older uploads, and return its name."""
    folder().mkdir(parents=True, exist_ok=True)
    for old in folder().glob("upload-*"):
        old.unlink(missing_ok=True)
    name = f"upload-{uuid.uuid4()}"
    with (folder() / name).open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return name


def _send(department: str, uploaded: str) -> None:
    """Queue the installation. If the broker is unreachable, the page says that no worker has started it."""
    try:
        _INSTALL.delay(department, uploaded)
    except Exception:
        log.warning("The broker is unreachable; the addresses are not installed.")
        problem = Problem.NO_WORKER.value
        installation_state.write(State(step="failed", what=department, problem=problem), ADDRESSES)


def install(department: str, uploaded: str) -> None:
    """Install the addresses of a department. Raise StreetMapError, which the page also shows; the old addresses stay.

    uploaded: name of the uploaded file, or "" to download the list.
    """
    with installation_state.only_one(ADDRESSES):
        recorder = Recorder(department, ADDRESSES)
        try:
            recorder.step("read")
            path = folder() / uploaded
            if not uploaded:
                path = address_download.download(department, folder(), partial(recorder.step, "read"))
            national_addresses.import_file(path, f"addresses:{department}", partial(recorder.step, "store"))
            recorder.step("done")
        except (Undownloadable, Unreadable) as error:
            recorder.failed(error.problem)
            raise error.problem from error
        except BaseException:
            recorder.failed(StreetMapError(Problem.ADDRESSES_FAILED))
            raise
        finally:
            if uploaded:
                path.unlink(missing_ok=True)
