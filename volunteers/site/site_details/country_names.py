"""Names of countries in the reader's language, from the data of Google's libphonenumber."""

import unicodedata
from functools import cache

from django.utils.translation import get_language


def countries() -> list[tuple[str, str]]:
    """Return (ISO 3166 code, name) of all countries with a telephone numbering plan, by name. Places for which the data
    has no name, such as Ascension (AC), are left out: nobody would know them by their code."""
    return _in((get_language() or "en").partition("-")[0])


@cache
def _in(language: str) -> list[tuple[str, str]]:
    # Imported here, because these modules are large and few processes need them.
    from phonenumbers import SUPPORTED_REGIONS
    from phonenumbers.geodata.locale import LOCALE_DATA

    def name_of(code: str) -> str:
        names = LOCALE_DATA.get(code, {})
        name = names.get(language) or names.get("en") or ""
        return str(names.get(name[1:], "") if name.startswith("*") else name)

    found = [(code, name) for code in SUPPORTED_REGIONS if (name := name_of(code))]
    return sorted(found, key=lambda each: _without_accents(each[1]))


def _without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)).casefold()
