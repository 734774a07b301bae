"""The organisation that runs this site, for the footer, the page about the site and the legal notice.

Administrators enter its details in the browser or in the settings (docs/settings.md). The details are shown exactly as
entered, in one language.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.site import site_choices

_NEEDED: dict[str, str | Promise] = {
    "name": _("Organisation"),
    "address": _("Address"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "director": _("Director of publication"),
    "host": _("Host of the site"),
}
"""Details that French law requires in a legal notice (law of 21 June 2004, article 6)."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """The organisation that runs the site. number: number of the publisher in the public register. director: the
    director of publication. host: name, address and telephone of the host."""

    name: str = ""
    number: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    director: str = ""
    host: str = ""

    @property
    def missing(self) -> list[str | Promise]:
        """The names of the details that a legal notice needs and that are empty."""
        return [label for field, label in _NEEDED.items() if not getattr(self, field)]

    @property
    def phone_link(self) -> str:
        """The telephone number for a link, without spaces."""
        return "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")


def publisher() -> Publisher:
    """Return the organisation, as administrators entered it or from the settings."""
    chosen = site_choices.stored()
    return Publisher(**{field: chosen.get(field) or value for field, value in settings.PUBLISHER.items()})


def context(request: HttpRequest) -> dict[str, Publisher]:
    """Return the template variable ``publisher``."""
    return {"publisher": publisher()}
