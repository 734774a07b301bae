"""Guards of views: look up the object that the viewer may use; raise Http404 for any other object."""

import functools
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Concatenate

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.models import Tour
from volunteers.models import Association, Membership
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations.models import associations_of
from volunteers.places.territories import duties


def own_associations(user: Any) -> list[Association]:
    """Return the associations that the user is a current member of. Raises Http404 if there are no such
    associations."""
    associations = associations_of(user)
    if not associations:
        raise Http404
    return associations


def own_tour(user: Any, tour: uuid.UUID) -> Tour:
    """Return a tour of the user's associations that is not retracted. Raises Http404 otherwise."""
    return get_object_or_404(Tour.objects.live().of_associations(user).select_related("association"), pk=tour)


def tours_to_join(user: Any) -> list[Tour]:
    """Return tours that an encounter can belong to: the user's own open tour, other open tours and recent tours."""
    since = timezone.now() - timedelta(hours=12)
    tours = Tour.objects.live().of_associations(user).lately(since).select_related("association")
    return sorted(tours[:50], key=lambda tour: (not tour.is_open, tour.author_id != user.pk))


def dispatched(user: Any) -> QuerySet[Association]:
    """Return the associations that the user dispatches for."""
    mine = Membership.objects.dispatching().filter(user=user)
    return Association.objects.filter(pk__in=mine.values("association"))


def dispatcher_only(viewer: Viewer) -> None:
    """Raise Http404 unless the viewer dispatches in a territory. ``needs.base.dispatch_scope.scope`` decides which needs."""
    if not duties.dispatches(viewer):
        raise Http404


def association_dispatcher_only(user: Any) -> None:
    """Raise Http404 unless the user dispatches for an association."""
    if not Membership.objects.dispatching().filter(user=user).exists():
        raise Http404


def dispatching[**P](view: Callable[Concatenate[Request, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view for dispatchers of a territory: require sign-in, answer 404 to others, forbid caching."""
    return _guarded(view, lambda request: dispatcher_only(request.viewer))


def association_dispatching[**P](view: Callable[Concatenate[Request, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view for dispatchers of an association: require sign-in, answer 404 to others, forbid caching."""
    return _guarded(view, lambda request: association_dispatcher_only(request.user))


def _guarded[**P](
    view: Callable[Concatenate[Request, P], HttpResponse], check: Callable[[Request], None]
) -> Callable[..., HttpResponse]:
    @functools.wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        check(request)
        return view(request, *args, **kwargs)

    return guarded
