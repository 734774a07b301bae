"""Texts encrypted at rest under the key of the deployment (SOLIDARITY_FIELD_KEY): contacts, telephone numbers."""

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def encrypt(text: str) -> bytes:
    """The text as a Fernet token."""
    return Fernet(settings.FIELD_KEY.encode()).encrypt(text.encode())


def decrypt(token: bytes | memoryview) -> str | None:
    """The text in clear; None when it was encrypted under another key."""
    try:
        return Fernet(settings.FIELD_KEY.encode()).decrypt(bytes(token)).decode()
    except InvalidToken:
        return None
