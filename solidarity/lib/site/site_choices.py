"""Choices about this site that administrators made in the browser. The settings replace empty choices.

The choices are one row of the model that ``settings.SITE_DETAILS_MODEL`` names. Each process keeps the choices for
SECONDS.
"""

import time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError

SECONDS = 10.0  # how long another process may show earlier choices

_kept: tuple[float, dict[str, Any]] = (0.0, {})


def stored() -> dict[str, Any]:
    """Return the stored choices by name; leave out empty choices. Without a database, return the choices that were read
    last."""
    global _kept
    until, values = _kept
    if time.monotonic() < until:
        return values
    try:
        row = apps.get_model(settings.SITE_DETAILS_MODEL)._default_manager.filter(pk=1).values().first()
    except DatabaseError:
        return values
    keep({name: value for name, value in (row or {}).items() if value not in ("", None)})
    return _kept[1]


def keep(values: dict[str, Any], seconds: float = SECONDS) -> None:
    """Use these choices for some seconds without reading the row."""
    global _kept
    _kept = (time.monotonic() + seconds, values)


def forget() -> None:
    """Read the row again at the next call of ``stored``."""
    keep(_kept[1], 0.0)


def country() -> str:
    """Return the country of the site, an ISO 3166 code."""
    return str(stored().get("country") or settings.COUNTRY)


def main_language() -> str:
    """Return the complete language for readers with an unknown language."""
    return str(stored().get("language") or settings.LANGUAGE_CODE)


def public_languages() -> list[str]:
    """Return the codes of the public languages that this site offers, in the order of the settings."""
    offered = stored().get("public_languages")
    return [code for code, _name in settings.PUBLIC_LANGUAGES if offered is None or code in offered]


def own_numbers() -> dict[str, str]:
    """Return the emergency numbers that administrators entered, by purpose (solidarity.lib.site.emergency_gate.Purpose)."""
    return dict(stored().get("numbers") or {})
