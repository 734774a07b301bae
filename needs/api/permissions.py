"""Permissions of the API. Missing rights answer 404."""

from typing import Any

from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request

from needs.guards import dispatcher_only


class Dispatches(BasePermission):
    """Dispatchers of an association; 404 for other signed-in readers."""

    def has_permission(self, request: Request, view: Any) -> bool:
        dispatcher_only(request.user)
        return True


DISPATCHERS: Any = (IsAuthenticated, Dispatches)
