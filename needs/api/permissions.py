"""Who may: what is not the reader's answers 404."""

from typing import Any

from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request

from needs.guards import dispatcher_only


class Dispatches(BasePermission):
    """Whoever dispatches for an association; 404 for everybody else who is signed in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        dispatcher_only(request.user)
        return True


DISPATCHERS: Any = (IsAuthenticated, Dispatches)
