"""RapidPro and TextIt, and gateways that speak the protocol of RapidPro's "External API" channel.

Calls are not signed: the caller sends a secret, in the header Authorization or at the end of the path.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

from solidarity.lib.http.json_bodies import read_json
from solidarity.lib.sms_gateways.gateway import (
    Call,
    DeliveryNote,
    Forged,
    Gateway,
    GatewayMessage,
    IncomingText,
    Unreadable,
    digest_of,
    id_in,
    id_of,
    mapping_of,
    moment_of,
    post,
    same,
    text_of,
)

SHORTEST_SECRET = 24
"""Number of characters. Nothing but the secret protects the address."""
EVENTS = ("receive", "sent", "delivered", "failed")


class RapidPro(Gateway):
    """Posts to the API of a workspace (an address that ends in /broadcasts.json), or uses the protocol of an External
    API channel."""

    name = "rapidpro"

    @property
    def receives(self) -> bool:
        return len(self.account.secret) >= SHORTEST_SECRET

    def send(self, number: str, text: str, reference: UUID | None = None) -> str:
        headers = {"Authorization": self.account.key} if self.account.key else {}
        if urlsplit(self.account.url).path.endswith("/broadcasts.json"):
            answer = post(self.account.url, json={"urns": [f"tel:{number}"], "text": text}, headers=headers)
            return id_in(answer, "id")
        own = str((reference or uuid4()).int >> 65)  # the protocol's ids are positive numbers of 63 bits
        body = {"id": own, "text": text, "to": number, "from": self.account.number}
        post(self.account.url, data=body, headers=headers)
        return own

    def read(self, call: Call) -> list[GatewayMessage]:
        event, secret = (*call.tail, "", "")[:2]
        shown = secret or call.headers.get("authorization", "").rpartition(" ")[2]
        if not same(self.account.secret, shown):
            raise Forged
        if event not in EVENTS:
            raise Unreadable(f"the address has to end with one of these words: {', '.join(EVENTS)}")
        fields = _fields(call)
        if event == "receive":
            return [_incoming(fields)]
        return [] if event == "sent" else [DeliveryNote(id_of(fields, "id"), event == "delivered")]

    def webhooks(self) -> list[str]:
        return [f"{self.account.webhook}{event}/" for event in EVENTS if event != "sent"]


def _fields(call: Call) -> Mapping[str, Any]:
    text = call.body.decode(errors="replace")
    if call.headers.get("content-type", "").startswith("application/json"):
        try:
            return mapping_of(read_json(text), "the body")
        except ValueError:
            raise Unreadable("the body is no JSON") from None
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise Unreadable("the body has too many fields") from None


def _incoming(fields: Mapping[str, Any]) -> IncomingText:
    """Return the message. A repeated call is recognised by the id of the message, or else by its sender, text and
    date."""
    sender = text_of(fields, "from" if "from" in fields else "sender")
    text = text_of(fields, "text", required=False)
    date = "date" if "date" in fields else "time"
    if fields.get("id"):
        known = id_of(fields, "id")
    elif fields.get(date):
        known = digest_of(sender, text, str(fields[date]))
    else:
        raise Unreadable("“id” or “date” is needed, because a repeated call cannot be recognised without them")
    return IncomingText(known, sender, text, moment_of(fields, date))
