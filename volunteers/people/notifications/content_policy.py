"""Content policy of messages: no coordinate, cell, telephone number or e-mail address.

The policy catches mistakes of developers but not places that somebody hides on purpose. The PII check
(solidarity/lib/pii_check) finds telephone numbers and e-mails. Names are allowed, because messages name associations
and territories.
"""

import re

from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.messages import look

_HARMLESS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids of rows
    r"|(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)|(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?!\d)"  # days
    r"|(?<!\d)\d{1,2}:\d{2}(?!\d)",  # times of day
    re.IGNORECASE,
)
_FORBIDDEN = {
    "a coordinate": re.compile(
        r"(?<![\d.,])-?\d{1,3}[.,]\d{4,}(?!\d)"  # a number with four decimals: 11 m
        r"|(?<![\d.,])-?\d{1,2}\.\d{2,}\s*[,;/ ]\s*-?\d{1,3}\.\d{2,}"  # a pair
        r"|\d{1,3}\s*°\s*\d{1,2}\s*['′’]"
    ),
    "a cell": re.compile(
        r"(?<![0-9a-z])0?8[0-9a-f]{14}(?![0-9a-z])"  # H3 in hexadecimal
        r"|(?<!\d)[56]\d{17}(?!\d)"  # H3 as a decimal number
        r"|(?<![0-9a-z])[23456789cfghjmpqrvwx]{8}\+[23456789cfghjmpqrvwx]{2,3}(?![0-9a-z])",  # a plus code
        re.IGNORECASE,
    ),
}


_CONTACTS = {Kind.EMAIL: "an e-mail address", Kind.PHONE: "a telephone number"}


class ForbiddenContent(ValueError):
    """A message with forbidden content. The error text names the kind of content and never quotes it."""


def check_content(*texts: str) -> None:
    """Raise ForbiddenContent if a text contains a coordinate, a cell, a telephone number or an e-mail address."""
    for text in texts:
        bare = _HARMLESS.sub(" x ", text)
        for kind, pattern in _FORBIDDEN.items():
            if pattern.search(bare):
                raise _forbidden(kind)
        for found in look(text, tuple(_CONTACTS)):
            raise _forbidden(_CONTACTS[found.kind])


def _forbidden(what: str) -> ForbiddenContent:
    return ForbiddenContent(f"A message contains {what}. Show it on the page instead, where access is checked.")
