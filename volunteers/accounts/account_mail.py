"""E-mails about accounts (django-allauth). Their links begin with SITE_URL, whatever the Host header of the request
says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings


@dataclass(frozen=True, slots=True)
class Site:
    """The configured site, with the attributes that allauth's templates read."""

    name: str
    domain: str

    @classmethod
    def configured(cls) -> "Site":
        return cls("Solidarity", urlsplit(settings.SITE_URL).netloc)


def at_the_site(address: str) -> str:
    """Return an address of this site with the scheme and host of SITE_URL."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{settings.SITE_URL}{parts.path}{query}"


class AccountAdapter(DefaultAccountAdapter):
    """allauth's adapter."""

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        links = {name: at_the_site(value) for name, value in context.items() if name.endswith("_url")}
        super().send_mail(template_prefix, email, {**context, **links, "current_site": Site.configured()})
