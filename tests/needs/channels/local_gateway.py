"""Local gateways of text messages: real web servers, each with the format and the signature of one provider.

A gateway takes our messages as its provider does, and makes the calls that its provider makes. The signatures are
computed here, not by the code under test.
"""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode

import requests

from tests.volunteers.services import served

PERSON, OURS = "+33612345678", "+33700000007"
BROADCASTS = "/api/v2/broadcasts.json"
"""Where a workspace of RapidPro takes messages."""
ACCOUNT, KEY = "AC0123456789abcdef0123456789abcdef", "the account's own key"


@dataclass(frozen=True)
class GatewayCall:
    """One call to our webhook. path: from the root of the site."""

    path: str
    body: bytes
    headers: Mapping[str, str]

    def post_to(self, site: str) -> requests.Response:
        return requests.post(site + self.path, data=self.body, headers=dict(self.headers), timeout=10)

    def with_body(self, body: bytes) -> "GatewayCall":
        return replace(self, body=body)


@dataclass
class Taken:
    """A message that the gateway took from us."""

    number: str
    text: str
    known: str


@dataclass
class LocalGateway:
    """One provider. site: the address at which it calls us. status: its answer to our messages."""

    kind: str
    site: str
    secret: str
    origin: str = ""
    status: int = 201
    taken: list[Taken] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.origin + {"twilio": f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"}.get(self.kind, "/messages")

    # --- what the provider takes ------------------------------------------------------------------------------------

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        """Return the answer to one of our messages: 401 with a wrong key, else what ``status`` says."""
        basic = "Basic " + base64.b64encode(f"{ACCOUNT}:{KEY}".encode()).decode()
        wanted = {"generic": f"Bearer {KEY}", "rapidpro": KEY}.get(self.kind, basic)
        if headers["authorization"] != wanted:
            return 401, {}
        if self.status >= 300:
            return self.status, {"error": f"no such number {PERSON}"}
        if path == BROADCASTS:
            asked = json.loads(body)
            [urn] = asked["urns"]
            self.taken.append(Taken(urn.removeprefix("tel:"), asked["text"], "1234"))
            return 201, {"id": 1234, "status": "queued"}
        form = {name: value[0] for name, value in parse_qs(body.decode()).items()}
        fields: Any = form if self.kind in ("twilio", "rapidpro") else json.loads(body)
        known = "SM" + uuid.uuid4().hex if self.kind == "twilio" else str(fields.get("id", uuid.uuid4().hex))
        number, text = {
            "generic": lambda: (fields["to"], fields["text"]),
            "android": lambda: (fields["phoneNumbers"][0], fields["textMessage"]["text"]),
            "rapidpro": lambda: (fields["to"], fields["text"]),
            "twilio": lambda: (fields["To"], fields["Body"]),
        }[self.kind]()
        self.taken.append(Taken(number, text, known))
        return self.status, {"sid" if self.kind == "twilio" else "id": known}

    # --- the calls that the provider makes --------------------------------------------------------------------------

    def incoming(self, text: str, sender: str = PERSON, known: str = "", **more: Any) -> GatewayCall:
        """Return the call for a message that came in. more: further fields of the message."""
        known = known or uuid.uuid4().hex
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime())
        if self.kind == "generic":
            data = {"id": known, "from": sender, "to": OURS, "text": text, "received_at": now, **more}
            return self.signed({"type": "message.received", "data": data})
        if self.kind == "android":
            data = {"messageId": "abc", "sender": sender, "message": text, "simNumber": 1, "receivedAt": now, **more}
            return self.signed({"event": "sms:received", "id": known, "deviceId": "f", "payload": data})
        if self.kind == "rapidpro":
            return self.signed({"from": sender, "text": text, "date": now, "id": known, **more}, event="receive/")
        data = {"MessageSid": known, "From": sender, "To": OURS, "Body": text, "SmsStatus": "received", "NumMedia": "0"}
        return self.signed({**data, "AccountSid": ACCOUNT, **more})

    def note(self, known: str, *, delivered: bool) -> GatewayCall:
        """Return the call that reports the outcome of a message."""
        word = "delivered" if delivered else "failed"
        if self.kind == "generic":
            return self.signed({"type": f"message.{word}", "data": {"id": known}})
        if self.kind == "android":
            payload = {"messageId": known, "recipient": PERSON, "simNumber": 1}
            return self.signed({"event": f"sms:{word}", "id": uuid.uuid4().hex, "payload": payload})
        if self.kind == "rapidpro":
            return self.signed({"id": known}, event=f"{word}/")
        return self.signed({"MessageSid": known, "MessageStatus": word, "AccountSid": ACCOUNT, "To": PERSON})

    def signed(self, content: Mapping[str, Any], *, event: str = "", late: int = 0) -> GatewayCall:
        """Return a signed call. late: seconds since it was signed."""
        if self.kind in ("generic", "android"):
            return self.signed_bytes(json.dumps(content).encode(), late=late)
        return self.signed_bytes(urlencode(content).encode(), event=event, fields=content)

    def signed_bytes(
        self, body: bytes, *, event: str = "", late: int = 0, fields: Mapping[str, str] | None = None
    ) -> GatewayCall:
        path, at = f"/channels/sms/{self.kind}/{event}", str(int(time.time()) - late)
        if self.kind == "generic":
            known = f"msg_{uuid.uuid4().hex}"
            key = base64.b64decode(self.secret.removeprefix("whsec_"))
            digest = hmac.new(key, f"{known}.{at}.".encode() + body, hashlib.sha256).digest()
            signature = "v1," + base64.b64encode(digest).decode()
            head = {"webhook-id": known, "webhook-timestamp": at, "webhook-signature": signature}
        elif self.kind == "android":
            signature = hmac.new(self.secret.encode(), body + at.encode(), hashlib.sha256).hexdigest()
            head = {"X-Timestamp": at, "X-Signature": signature}
        elif self.kind == "rapidpro":
            head = {"Authorization": f"Token {self.secret}"}
        else:
            text = self.site + path + "".join(name + value for name, value in sorted((fields or {}).items()))
            digest = hmac.new(self.secret.encode(), text.encode(), hashlib.sha1).digest()
            head = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        kind = "application/json" if self.kind in ("generic", "android") else "application/x-www-form-urlencoded"
        return GatewayCall(path, body, {**head, "Content-Type": kind})


SECRETS = {
    "generic": "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode(),
    "android": "kT3vQ9xZ",
    "rapidpro": "a-word-that-nobody-can-guess",
    "twilio": KEY,
}


@contextmanager
def local_gateway(kind: str, site: str) -> Iterator[LocalGateway]:
    """Run the gateway of one provider inside the block."""
    gateway = LocalGateway(kind, site, SECRETS[kind])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = gateway.take(
                self.path, {name.lower(): value for name, value in self.headers.items()}, body
            )
            said = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_words: Any) -> None:
            pass

    with served(Handler) as gateway.origin:
        yield gateway
