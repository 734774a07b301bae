"""The network address of the client that sent a request."""

from typing import Any

from django.conf import settings


def address_of(request: Any) -> str:
    """Return the client's address; "" if unknown. X-Forwarded-For is read only behind a proxy."""
    address: str = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # Our own proxy wrote the last entry; a client can forge the entries before it.
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip() or address
    return address
