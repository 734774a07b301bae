"""The issuer on the cover of a report: the organisation that runs the site, or an association."""

from base64 import b64encode
from dataclasses import dataclass

from solidarity.lib.publisher import publisher
from volunteers.models import Association

OWN_LOGO = "static:solidarity/favicon.svg"


@dataclass(frozen=True, slots=True)
class Issuer:
    """contact: the contact details, one line each. logo: an address that the PDF can load (report_pdf.fetch)."""

    name: str
    contact: list[str]
    logo: str


def issuer_of(association: Association | None) -> Issuer:
    """Return the issuer; None stands for the organisation that runs the site."""
    if association is not None:
        lines = [association.contact, association.website]
        return Issuer(association.name, [line for line in lines if line], _logo(association) or OWN_LOGO)
    site = publisher()
    lines = [site.address, " · ".join(each for each in (site.email, site.phone) if each)]
    return Issuer(site.name or "Solidarity", [line for line in lines if line], OWN_LOGO)


def _logo(association: Association) -> str:
    """Return the logo of an association as a data address; empty if there is no logo."""
    if not association.logo:
        return ""
    try:
        with association.logo.open("rb") as file:
            return f"data:image/png;base64,{b64encode(file.read()).decode()}"
    except FileNotFoundError:
        return ""
