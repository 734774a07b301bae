"""The profile of an association (what it does, its contact and its logo), which reports also show."""

import subprocess
import sys
from enum import Enum
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from volunteers.models import Association
from volunteers.people.associations import logo_decoder

TYPES = ("image/png", "image/jpeg", "image/webp")
TIMEOUT_S = 15
_PNG = b"\x89PNG\r\n\x1a\n"


class Problem(Enum):
    TOO_LARGE = "too_large"
    TOO_BIG = "too_big"
    UNREADABLE = "unreadable"


MESSAGES: dict[Problem, str | Promise] = {
    Problem.TOO_LARGE: _("The logo is larger than 2 MB. Choose a smaller file."),
    Problem.TOO_BIG: _("The logo has too many pixels. Choose a smaller picture."),
    Problem.UNREADABLE: _("We cannot read this logo. Choose a PNG, JPEG or WebP picture."),
}


class LogoRefused(Exception):
    """The logo is refused; ``problem`` is the reason."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem

    @property
    def message(self) -> str | Promise:
        return MESSAGES[self.problem]


def redrawn(file: UploadedFile) -> bytes:
    """Return a logo as a new PNG, drawn by a process with limited memory and time. Raise LogoRefused."""
    data = file.read(logo_decoder.MOST_BYTES + 1)
    if len(data) > logo_decoder.MOST_BYTES:
        raise LogoRefused(Problem.TOO_LARGE)
    command = [sys.executable, "-I", logo_decoder.__file__]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_S, check=False, env={}, cwd="/")  # noqa: S603
    except subprocess.TimeoutExpired:
        raise LogoRefused(Problem.UNREADABLE) from None
    if done.returncode == logo_decoder.TOO_BIG:
        raise LogoRefused(Problem.TOO_BIG)
    if done.returncode != 0 or not done.stdout.startswith(_PNG):
        raise LogoRefused(Problem.UNREADABLE)
    drawn: bytes = done.stdout
    return drawn


def save(association: Association, *, logo: bytes | None = None, without_logo: bool = False) -> None:
    """Store the changed profile. logo: a new PNG, or None to keep the stored one. The file of an earlier logo is
    deleted."""
    before = association.logo.name
    with transaction.atomic():
        if logo is not None:
            association.logo.save(f"{association.key}.png", ContentFile(logo), save=False)
        elif without_logo:
            association.logo = ""
        association.save(update_fields=["about", "website", "contact", "logo"])
        if before and before != association.logo.name:
            transaction.on_commit(partial(association.logo.storage.delete, before))
