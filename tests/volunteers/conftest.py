"""Fixtures: servers that stand for external services, and a browser's push keys."""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_django import Settings

from solidarity.local.settings_file import push_key
from tests.volunteers.services import Post, Web, mail_server, web_server


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Browser:
    """A browser's keys, made when it subscribes to push messages, and the decryption of these messages."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey
    secret: bytes

    @property
    def fields(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "p256dh": packed(point), "auth": packed(self.secret)}

    def read(self, body: bytes) -> bytes:
        import http_ece  # type: ignore[import-untyped]

        found: bytes = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        return found


@pytest.fixture
def push_service(settings: Settings) -> Iterator[Web]:
    with web_server() as web:
        settings.PUSH_SERVICES = [web.origin]
        settings.OUTGOING_PRIVATE = [*settings.OUTGOING_PRIVATE, web.origin]
        settings.VAPID_PRIVATE_KEY = push_key()
        settings.VAPID_CONTACT = "mailto:somebody@example.org"
        yield web


class NewBrowser(Protocol):
    """Return a browser with its own keys, at a path of the push service."""

    def __call__(self, path: str = ...) -> Browser: ...


@pytest.fixture
def new_browser(push_service: Web) -> NewBrowser:
    def make(path: str = "/one") -> Browser:
        return Browser(push_service.origin + path, ec.generate_private_key(ec.SECP256R1()), os.urandom(16))

    return make


@pytest.fixture
def provider(settings: Settings) -> Iterator[Web]:
    with web_server() as web:
        settings.OUTGOING_PRIVATE = [*settings.OUTGOING_PRIVATE, web.origin]
        settings.SMS_URL, settings.SMS_KEY = web.origin + "/send", "the provider's key"
        yield web


@pytest.fixture
def post_office(settings: Settings) -> Iterator[Post]:
    with mail_server() as post:
        settings.SITE_URL = "https://solidarity.example"
        settings.DEFAULT_FROM_EMAIL = "hello@solidarity.example"
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {"host": post.host, "port": post.port, "timeout": 5},
            }
        }
        yield post
