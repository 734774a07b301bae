"""Contacts of reporters: encrypted at rest, in clear only for whoever calls them back."""

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def encrypt(text: str) -> bytes:
    return Fernet(settings.FIELD_KEY.encode()).encrypt(text.encode())


def decrypt(token: bytes | memoryview) -> str | None:
    """The contact in clear; None when it was encrypted under another key."""
    try:
        return Fernet(settings.FIELD_KEY.encode()).decrypt(bytes(token)).decode()
    except InvalidToken:
        return None
