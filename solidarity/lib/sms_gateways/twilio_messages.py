"""Twilio (https://www.twilio.com). The signature covers the address and the fields, but no time, so a repeated call is
recognised only by the message's id. Twilio joins the parts of long messages itself."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl
from uuid import UUID

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from solidarity.lib.sms_gateways.gateway import (
    Call,
    DeliveryNote,
    Forged,
    Gateway,
    GatewayMessage,
    IncomingText,
    Unreadable,
    id_in,
    id_of,
    post,
    same,
    text_of,
)

ENDED = {"delivered": True, "undelivered": False, "failed": False}


class Twilio(Gateway):
    """The key is the account's auth token. The token also signs calls, unless the settings contain a secret
    (a shared key of webhooks)."""

    name = "twilio"

    @property
    def receives(self) -> bool:
        return bool(self.account.account and (self.account.secret or self.account.key))

    def send(self, number: str, text: str, reference: UUID | None = None) -> str:
        fields = {"To": number, "From": self.account.number, "Body": text, "StatusCallback": self.account.webhook}
        return id_in(post(self.account.url, data=fields, auth=(self.account.account, self.account.key)), "sid")

    def read(self, call: Call) -> list[GatewayMessage]:
        try:
            fields = dict(parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True, max_num_fields=200))
        except ValueError:
            raise Unreadable("the body has too many fields") from None
        algorithm = get_signature_algorithm(call.headers.get(SIGNATURE_SETTINGS_HEADER.lower()))
        check = RequestValidator(self.account.secret or self.account.key)
        if not check.validate(call.url, fields, call.headers.get(SIGNATURE_HEADER.lower(), ""), algorithm):
            raise Forged
        if not same(self.account.account, fields.get("AccountSid", "")):
            raise Forged
        status = fields.get("MessageStatus", "")
        if status:
            return [DeliveryNote(id_of(fields, "MessageSid"), ENDED[status])] if status in ENDED else []
        return [
            IncomingText(
                id_of(fields, "MessageSid"), text_of(fields, "From"), text_of(fields, "Body", required=False),
                datetime.now(UTC),
            )
        ]  # fmt: skip
