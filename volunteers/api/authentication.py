"""Authentication by API token ("Authorization: Bearer <token>")."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from volunteers.api import tokens
from volunteers.models import ApiToken, User

WORD = b"bearer"


class TokenAuthentication(BaseAuthentication):
    """Authentication by token. A read-only token cannot change anything, even if its owner can."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return owner and token, or None without the header. Raise AuthenticationFailed or PermissionDenied."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != WORD:
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("Send the header “Authorization: Bearer” followed by one token."))
        return check(parts[1].decode("latin-1"), request.method or "")

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def check(text: str, method: str) -> tuple[User, ApiToken]:
    """Return the token that a text represents, and its owner. Raise AuthenticationFailed for an invalid token,
    PermissionDenied if the token does not permit the method."""
    token = tokens.find(text)
    if token is None:
        raise AuthenticationFailed(
            _("This token is unknown, expired or revoked. Make a new one on the page “API tokens” of your profile.")
        )
    if method not in SAFE_METHODS and not token.writes:
        raise PermissionDenied(_("This token is read-only. Make one that can also write."))
    return token.user, token


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Token authentication in the schema."""

    target_class = "volunteers.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token from the page /me/tokens/."}
