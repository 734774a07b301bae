"""Contacts and addresses in what people write to each other."""

import re

from solidarity.lib.pii_check.detection import folded
from solidarity.lib.pii_check.messages import CONTACTS, look
from volunteers.people.notifications.content_policy import ForbiddenContent, check_content

_STREET = (
    r"(?:rue|avenue|av|boulevard|bd|blvd|place|impasse|quai|allee|chemin|square|passage|cours|villa|cite|sentier|route|"
    r"faubourg|residence)"
)
_ADDRESS = re.compile(
    rf"\b\d{{1,4}}\s*(?:bis|ter|quater)?\s*,?\s+{_STREET}\b"  # such as “12 bis, rue …”
    rf"|\b{_STREET}\s+[\w' -]{{2,40}}?,?\s+(?:n\s*[°o]\s*)?\d{{1,4}}\b"  # rue …, 12
    r"|\b\d{1,4}\s+(?:\w+\s+){1,3}(?:street|road|lane|drive|close|gardens|terrace|st|rd)\b"
    r"|\b(?:digicode|code de la porte|door code|interphone)\b"
    r"|\b\d(?:er|e|eme|nd|rd|th)?\s+(?:etage|floor)\b"
    r"|\bapp?(?:t|artement|artment)\.?\s*\d+",
    re.IGNORECASE,
)


def tells_contact(text: str) -> bool:
    """Whether a text contains an address, a door code, a telephone number, an e-mail address, a coordinate or a cell."""
    if look(text, CONTACTS) or _ADDRESS.search(folded(text)):
        return True
    try:
        check_content(text)
    except ForbiddenContent:
        return True
    return False
