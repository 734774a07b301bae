"""Find what an external report must not quote: personal data, an exact place, an exact day or hour. Pure functions.

The check is strict, because a quoted text leaves the site. It refuses a text rather than changing a team's words.
"""

import re

from django.utils.translation import gettext as _

from needs.conversations.contact_words import tells_contact
from solidarity.lib.pii_check.detection import folded
from solidarity.lib.pii_check.messages import look, said_of

_WAYS = (
    "rue|avenue|av|boulevard|bd|blvd|place|quai|impasse|allee|chemin|square|passage|cours|faubourg|pont|porte|gare|metro|"
    "parc|jardin|station|eglise|hopital|parking|bridge|park|church|hospital"
)
_PLACE = re.compile(
    rf"(?i:\b(?:{_WAYS})\.?\s+)(?:(?i:de\s+la|de\s+l'|de|des|du|d'|la|le|les|l'|aux?)\s*)*[A-Z0-9]\w+"  # “quai de Valmy”
    rf"|\b[A-Z]\w+\s+(?i:street|st|road|rd|avenue|ave|lane|square|bridge|park|station|church|hospital)\b"
)
_MONTHS = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|february|march|april|"
    "may|june|july|august|september|october|november|december|janv|fevr|sept|oct|nov|dec|jan|feb|aug"
)
_DAYS = (
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    "hier|yesterday|avant-hier|cette nuit|last night|ce soir|tonight|aujourd'hui|today"
)
_TIME = re.compile(
    rf"\b\d{{1,2}}(?:er|st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})\b|\b(?:{_MONTHS})\.?\s+\d{{1,2}}\b"
    r"|\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b\d{1,2}\s*(?:h|:)\s*\d{2}\b"
    rf"|\b(?:{_DAYS})\b",
    re.IGNORECASE,
)


def problems_of(text: str) -> list[str]:
    """Return a sentence for each reason why a report must not quote a text, in the active language; empty if it may."""
    plain = folded(text)
    found = said_of(look(text))
    if _PLACE.search(plain) or tells_contact(text):
        found.append(_("It names an exact place. A report names no place smaller than its parts."))
    if _TIME.search(plain):
        found.append(_("It names a day or an hour. A report names only the week."))
    return found
