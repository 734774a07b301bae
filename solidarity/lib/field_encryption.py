"""Fields encrypted at rest with the deployment's key (SOLIDARITY_FIELD_KEY): contacts and telephone numbers."""

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def encrypt(text: str) -> bytes:
    """Return a text as a Fernet token."""
    return Fernet(settings.FIELD_KEY.encode()).encrypt(text.encode())


def decrypt(token: bytes | memoryview) -> str | None:
    """Return the text of a token; None if it was encrypted with another key."""
    try:
        return Fernet(settings.FIELD_KEY.encode()).decrypt(bytes(token)).decode()
    except InvalidToken:
        return None
