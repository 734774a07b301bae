"""Authentication by API token ("Authorization: Bearer <token>")."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from solidarity.lib.database.kept_query import KeptQuery
from volunteers.models import ApiToken, User
from volunteers.people.roles.second_factor import may_work
from volunteers.people.tokens import tokens

WORD = b"bearer"
USED_EVERY = timedelta(minutes=5)
"""Precision of the stored last use."""

_USABLE = KeptQuery(
    {"now": datetime(2000, 1, 1, tzinfo=UTC), "digest": "a digest"},
    lambda now, digest: ApiToken.objects.usable(now).filter(digest=digest).order_by(),
    related="user",
)


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
    token = find(text)
    if token is None:
        raise AuthenticationFailed(
            _("This token is unknown, expired or revoked. Make a new one on the page “API tokens” of your profile.")
        )
    if method not in SAFE_METHODS and not token.writes:
        raise PermissionDenied(_("This token is read-only. Make one that can also write."))
    return token.user, token


def find(text: str, now: datetime | None = None) -> ApiToken | None:
    """Return the valid token with this text, and store when it was used. Return None for any other text, or if the
    owner lacks a required second factor."""
    moment = now or timezone.now()
    row = next(iter(_USABLE.rows(now=moment, digest=tokens.digest(text))), None)
    if row is None or not may_work(row.user):
        return None
    if row.used_at is None or row.used_at < moment - USED_EVERY:
        stale = Q(used_at=None) | Q(used_at__lt=moment - USED_EVERY)
        ApiToken.objects.filter(stale, pk=row.pk).update(used_at=moment)
    return row


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Token authentication in the schema."""

    target_class = "volunteers.people.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token from the page /me/tokens/."}
