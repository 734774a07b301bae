"""Settings that are harmless on a developer's machine but wrong on a real site, each with advice.

``manage.py check --deploy`` prints them, and the page What runs shows them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import DatabaseError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.ops.demo.people import DOMAIN
from volunteers.models import User
from volunteers.people.notifications import mail
from volunteers.places.basemap import installed

_THIS_MACHINE = ("localhost", "::1", "0.0.0.0", "::", "")


@dataclass(frozen=True, slots=True)
class Finding:
    """A setting to change. number: the last part of the check's id. is_wrong: function that checks the running
    settings."""

    number: int
    setting: str
    problem: str | Promise
    cure: str | Promise
    is_wrong: Callable[[], bool]


def is_local() -> bool:
    """Return whether the site's address is one of this machine."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    return host in _THIS_MACHINE or host.startswith("127.") or host.endswith(".localhost")


def _anchor_is_beside_the_data() -> bool:
    return _disk_of(Path(settings.AUDIT_ANCHOR)) == _disk_of(Path(settings.STATE))


def _disk_of(path: Path) -> int:
    """Return the number of the disk of a path, or of the nearest folder above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.stat().st_dev


def _demo_beside_real_accounts() -> bool:
    return bool(settings.DEMO) and User.objects.filter(is_active=True).exclude(email__endswith=f"@{DOMAIN}").exists()


FINDINGS = (
    Finding(
        1,
        "SOLIDARITY_SITE_URL",
        _("The address of the site is an address of this machine, so links in messages lead nowhere."),
        _("Set it to the public address, for example https://solidarity.example.org."),
        is_local,
    ),
    Finding(
        2,
        "SOLIDARITY_EMAIL_BACKEND",
        _("Mails are written to the log and not sent: nobody can confirm an address or get an alarm."),
        _("Set it to django.core.mail.backends.smtp.EmailBackend, and name the server in SOLIDARITY_EMAIL_HOST."),
        lambda: not mail.are_sent(),
    ),
    Finding(
        3,
        "SOLIDARITY_BACKUP_KEY",
        _("Back-ups are not encrypted: anybody who finds a file can read everything in it."),
        _("Make a key with age-keygen, set its public part here, and keep the private part on another machine."),
        lambda: not settings.BACKUP_KEY,
    ),
    Finding(
        4,
        "SOLIDARITY_AUDIT_ANCHOR",
        _(
            "The end of the audit log is stored on the same disk as the data: a person who shortens the log can change "
            "both."
        ),
        _("Name a file on another disk. If there is none, write the hash down regularly: manage.py verify_audit."),
        _anchor_is_beside_the_data,
    ),
    Finding(
        5,
        "SOLIDARITY_DEMO",
        _("This is a demonstration with public passwords, and it has real accounts."),
        _("Set it to 0, or delete the real accounts."),
        _demo_beside_real_accounts,
    ),
    Finding(
        6,
        "BASEMAP_URL",
        _("There is no street map, so volunteers cannot find their way by street names."),
        _("Install one under “Set up this site”, or with make basemap."),
        lambda: not (settings.BASEMAP_URL or installed.header()),
    ),
)


def findings() -> list[Finding]:
    """Return the problems of the settings on this site."""
    return [finding for finding in FINDINGS if finding.is_wrong()]


def check(app_configs: Any, **_more: Any) -> list[checks.CheckMessage]:
    """Return the findings for Django's check framework. Findings for which the database cannot be read are left out."""
    found: list[checks.CheckMessage] = []
    for finding in FINDINGS:
        try:
            wrong = finding.is_wrong()
        except DatabaseError:
            continue
        if wrong:
            message = f"{finding.setting}: {finding.problem}"
            found.append(checks.Warning(message, hint=str(finding.cure), id=f"solidarity.W{finding.number:03}"))
    return found


def register() -> None:
    """Register the check for ``manage.py check --deploy``."""
    checks.register(check, "solidarity", deploy=True)
