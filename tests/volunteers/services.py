"""Local servers that stand for a push service, a provider of text messages and a mail server."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from solidarity.ops.ports import free_port


@dataclass
class Asked:
    """One request that a server received."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Web:
    """A web server that records its requests. answers: path → status; other paths get ``status``."""

    origin: str = ""
    asked: list[Asked] = field(default_factory=list)
    status: int = 201
    answers: dict[str, int] = field(default_factory=dict)
    more_headers: dict[str, str] = field(default_factory=dict)
    on_request: Any = None


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a local web server with this handler inside the block; yield its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def web_server() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            web.asked.append(Asked(self.path, headers, body))
            if web.on_request:
                web.on_request()
            self.send_response(web.answers.get(self.path, web.status))
            for name, value in web.more_headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"the body of an answer with +33612345678 in it")

        do_GET = do_POST

        def log_message(self, *_words: Any) -> None:
            pass

    with served(Handler) as web.origin:
        yield web


@dataclass
class Post:
    """A mail server. mails: the mails that it accepted; raw: their bytes; senders, recipients: the addresses on their
    envelopes.
    recipient_answer: its answer to every recipient."""

    host: str = "127.0.0.1"
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    recipient_answer: str = "250 OK"


@contextmanager
def mail_server() -> Iterator[Post]:
    post = Post()

    class Handler:
        async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
            if post.recipient_answer.startswith("250"):
                envelope.rcpt_tos.append(address)
            return post.recipient_answer

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            post.raw.append(envelope.content)
            post.senders.append(envelope.mail_from)
            post.recipients.extend(envelope.rcpt_tos)
            post.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            return "250 taken"

    post.port = free_port()  # the controller first connects to its own port, so it has to know the port
    controller = Controller(Handler(), hostname=post.host, port=post.port)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
