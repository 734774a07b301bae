"""The organisation that runs this site, for the footer, the page about the site and the legal notice.

The administrator sets its details (docs/settings.md). They are shown as they are written, in one language.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

_NEEDED = {
    "name": "SOLIDARITY_ORGANISATION",
    "address": "SOLIDARITY_ORGANISATION_ADDRESS",
    "email": "SOLIDARITY_ORGANISATION_EMAIL",
    "phone": "SOLIDARITY_ORGANISATION_PHONE",
    "director": "SOLIDARITY_PUBLICATION_DIRECTOR",
    "host": "SOLIDARITY_HOST_DETAILS",
}
"""Settings that French law requires in a legal notice (law of 21 June 2004, article 6)."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who runs the site. number: in the public register. director: of publication. host: name, address, telephone."""

    name: str = ""
    number: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    director: str = ""
    host: str = ""

    @property
    def missing(self) -> list[str]:
        """The settings that a legal notice needs and that are empty."""
        return [setting for field, setting in _NEEDED.items() if not getattr(self, field)]

    @property
    def phone_link(self) -> str:
        """The telephone number for a link, without spaces."""
        return "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")


def publisher() -> Publisher:
    """Return the organisation from the settings."""
    return Publisher(**settings.PUBLISHER)


def context(request: HttpRequest) -> dict[str, Publisher]:
    """Return the template variable ``publisher``."""
    return {"publisher": publisher()}
