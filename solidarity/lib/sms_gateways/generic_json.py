"""Any gateway that can post JSON, signed as Standard Webhooks specifies (https://www.standardwebhooks.com)."""

import binascii
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook, WebhookVerificationError

from solidarity.lib.http.json_bodies import read_json
from solidarity.lib.sms_gateways.gateway import (
    Call,
    DeliveryNote,
    Forged,
    Gateway,
    GatewayMessage,
    IncomingText,
    Unreadable,
    check_age,
    id_in,
    id_of,
    mapping_of,
    moment_of,
    post,
    text_of,
)

MOST_PARTS = 20


class GenericJson(Gateway):
    """Sends {"to", "text"} with the key as bearer token. Reads {"type", "data"}."""

    name = "generic"

    def send(self, number: str, text: str, reference: UUID | None = None) -> str:
        body = {"to": number, "text": text} | ({"id": str(reference)} if reference else {})
        answer = post(self.account.url, json=body, headers={"Authorization": f"Bearer {self.account.key}"})
        return id_in(answer, "id", str(reference or ""))

    def read(self, call: Call) -> list[GatewayMessage]:
        self._check(call)
        try:
            body = mapping_of(read_json(call.body), "the body")
        except ValueError:
            raise Unreadable("the body is no JSON") from None
        kind, data = text_of(body, "type"), mapping_of(body.get("data"), "“data”")
        if kind in ("message.delivered", "message.failed"):
            return [DeliveryNote(id_of(data, "id"), kind == "message.delivered")]
        return [_incoming(data)] if kind == "message.received" else []

    def _check(self, call: Call) -> None:
        check_age(call.headers.get("webhook-timestamp", ""))
        try:
            Webhook(self.account.secret).verify(call.body, dict(call.headers), json_parse=False)
        except (WebhookVerificationError, ValueError, binascii.Error, UnicodeError):
            raise Forged from None


def _incoming(data: Mapping[str, Any]) -> IncomingText:
    part = parts = 1
    reference = ""
    if data.get("part") is not None:
        of = mapping_of(data["part"], "“part”")
        reference, part, parts = id_of(of, "reference"), _number(of, "number"), _number(of, "of")
        if part > parts:
            raise Unreadable("“number” is more than “of”")
    return IncomingText(
        provider_id=id_of(data, "id"), sender=text_of(data, "from"), text=text_of(data, "text", required=False),
        received_at=moment_of(data, "received_at"), reference=reference, part=part, parts=parts,
    )  # fmt: skip


def _number(of: Mapping[str, Any], name: str) -> int:
    value = of.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_PARTS:
        raise Unreadable(f"“{name}” is no number from 1 to {MOST_PARTS}")
    return value
