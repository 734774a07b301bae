"""The base of all adapters for gateways, and the errors of sending and of reading a call.

No error text contains a number, a text or a key.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import requests

from solidarity.lib.http import outgoing

SECONDS = 10
OLDEST = timedelta(minutes=5)
LONGEST_ID = 200
RETRIED = (401, 403, 408, 425, 429)
"""Refusals of a gateway that may end: a wrong key, too many messages."""


@dataclass(frozen=True, slots=True)
class Account:
    """The settings of the chosen gateway (docs/settings.md).

    url: the address to which messages are posted. account, key: the credentials for the gateway. secret: the secret
    with which calls are checked. number: the site's own telephone number, in the format E.164. webhook: the public
    address of our webhook, ending in "/".
    """

    url: str
    account: str
    key: str
    secret: str
    number: str
    webhook: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a gateway. url: the address that the gateway was told to call. headers: names in lower case. tail:
    the part of the path after the gateway's name."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingText:
    """A text message, or one part of a long text message. sender: the sender as written by the gateway. reference: the
    same for all parts of a message; part: from 1 to parts."""

    provider_id: str
    sender: str
    text: str
    received_at: datetime
    reference: str = ""
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """The outcome of a message that we sent. provider_id: the id that ``Gateway.send`` returned."""

    provider_id: str
    delivered: bool


type GatewayMessage = IncomingText | DeliveryNote


class Forged(Exception):
    """A call that is not signed by the gateway."""


class Late(Exception):
    """A call that was signed more than OLDEST ago: somebody may be repeating it."""


class Unreadable(Exception):
    """A signed call in another format. The text names the defect."""


class NotTaken(Exception):
    """A message that the gateway did not accept; sending can be tried again. The text is a short reason."""


class NeverTaken(NotTaken):
    """A message that the gateway will never accept, for example because the number does not exist."""


class Gateway:
    """Base of the adapters."""

    name: ClassVar[str]

    def __init__(self, account: Account) -> None:
        self.account = account

    @property
    def sends(self) -> bool:
        return bool(self.account.url)

    @property
    def receives(self) -> bool:
        """Whether calls can be checked. If not, no messages can come in."""
        return bool(self.account.secret)

    def send(self, number: str, text: str, reference: UUID | None = None) -> str:
        """Send a message and return the id that delivery notes will name, "" if there will be none.

        number: the telephone number in the format E.164. reference: our id of the message, with which a gateway
        recognises a repeat. Raise NotTaken or NeverTaken.
        """
        raise NotImplementedError

    def read(self, call: Call) -> list[GatewayMessage]:
        """Return the messages and delivery notes of a call. Raise Forged, Late or Unreadable."""
        raise NotImplementedError

    def webhooks(self) -> list[str]:
        """Return the addresses to enter at the gateway."""
        return [self.account.webhook]


def post(url: str, **arguments: Any) -> requests.Response:
    """POST to the gateway and return the response if its status is 2xx. Raise NotTaken or NeverTaken."""
    try:
        with outgoing.session() as caller:
            answer = caller.post(url, timeout=SECONDS, **arguments)
    except requests.RequestException as error:
        raise NotTaken(type(error).__name__) from None
    status = answer.status_code
    if 200 <= status < 300:
        return answer
    if 400 <= status < 500 and status not in RETRIED:
        raise NeverTaken(f"HTTP {status}")
    raise NotTaken(f"HTTP {status}")


def id_in(answer: requests.Response, field: str, otherwise: str = "") -> str:
    """Return a field of a JSON answer as text, or ``otherwise`` if the answer has none."""
    try:
        found = answer.json()
    except ValueError:
        return otherwise
    value = found.get(field) if isinstance(found, dict) else None
    return str(value)[:LONGEST_ID] if isinstance(value, str | int) and value != "" else otherwise


def same(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def digest_of(*texts: str) -> str:
    """Return an id made from texts."""
    return hashlib.sha256("\0".join(texts).encode(errors="replace")).hexdigest()


def check_age(seconds: str) -> None:
    """Raise Late unless a Unix time is within OLDEST of now; Forged if it is not a number."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        raise Forged
    if abs(datetime.now(UTC) - datetime.fromtimestamp(int(seconds), UTC)) > OLDEST:
        raise Late


def text_of(fields: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    """Return a field as text without lone surrogates and null characters, "" if it is missing and not required."""
    value = fields.get(name)
    if value is None and not required:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or (required and not value):
        raise Unreadable(f"“{name}” is missing or no text")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")


def id_of(fields: Mapping[str, Any], name: str) -> str:
    found = text_of(fields, name)
    if len(found) > LONGEST_ID:
        raise Unreadable(f"“{name}” is longer than {LONGEST_ID} characters")
    return found


def moment_of(fields: Mapping[str, Any], name: str) -> datetime:
    """Return a time in ISO 8601 with a zone; now if the field is missing or the clock of the gateway is ahead."""
    now = datetime.now(UTC)
    given = text_of(fields, name, required=False)
    if not given:
        return now
    try:
        found = datetime.fromisoformat(given)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return min(found.astimezone(UTC), now)
    except (ValueError, OverflowError):
        raise Unreadable(f"“{name}” is no time in ISO 8601") from None


def mapping_of(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is no JSON object")
    return value
