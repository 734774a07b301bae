"""Permissions of the API. Users without the right get 404."""

from typing import Any

from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request

from needs.base.dispatch_scope.guards import association_dispatcher_only, dispatcher_only
from volunteers.people.api.base import viewer_of


class Dispatches(BasePermission):
    """Allow dispatchers of a territory; other signed-in users get 404."""

    def has_permission(self, request: Request, view: Any) -> bool:
        dispatcher_only(viewer_of(request))
        return True


class DispatchesForAssociation(BasePermission):
    """Allow dispatchers of an association; other signed-in users get 404."""

    def has_permission(self, request: Request, view: Any) -> bool:
        association_dispatcher_only(request.user)
        return True


DISPATCHERS: Any = (IsAuthenticated, Dispatches)
ASSOCIATION_DISPATCHERS: Any = (IsAuthenticated, DispatchesForAssociation)
