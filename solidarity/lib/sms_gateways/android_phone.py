"""SMS Gateway for Android (https://sms-gate.app): a telephone with its own SIM card.

The app signs the body and the time with HMAC-SHA256, and joins the parts of long messages itself. If a call fails, the
app repeats it for about two days, each time with a new signature.
"""

import hashlib
import hmac
from uuid import UUID

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
    same,
    text_of,
)

NOTES = {"sms:delivered": True, "sms:failed": False}


class AndroidPhone(Gateway):
    name = "android"

    def send(self, number: str, text: str, reference: UUID | None = None) -> str:
        body = {"textMessage": {"text": text}, "phoneNumbers": [number], "withDeliveryReport": True}
        if reference:
            body["id"] = reference.hex
        answer = post(self.account.url, json=body, auth=(self.account.account, self.account.key))
        return id_in(answer, "id", reference.hex if reference else "")

    def read(self, call: Call) -> list[GatewayMessage]:
        time = call.headers.get("x-timestamp", "")
        wanted = hmac.new(self.account.secret.encode(), call.body + time.encode(), hashlib.sha256).hexdigest()
        if not same(wanted, call.headers.get("x-signature", "").lower()):
            raise Forged
        check_age(time)
        try:
            body = mapping_of(read_json(call.body.decode(errors="replace")), "the body")
        except ValueError:
            raise Unreadable("the body is no JSON") from None
        event = text_of(body, "event")
        if event == "sms:received":
            payload = mapping_of(body.get("payload"), "“payload”")
            sender = "sender" if payload.get("sender") else "phoneNumber"  # the older name
            return [
                IncomingText(
                    id_of(body, "id"), text_of(payload, sender), text_of(payload, "message", required=False),
                    moment_of(payload, "receivedAt"),
                )
            ]  # fmt: skip
        if event in NOTES:
            return [DeliveryNote(id_of(mapping_of(body.get("payload"), "“payload”"), "messageId"), NOTES[event])]
        return []
