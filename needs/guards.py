"""Guards: what is the reader's own. What is not answers 404."""

import functools
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache

from needs.models import Tour
from solidarity.lib.http.http_types import Request
from volunteers.models import Association, Membership


def own_associations(user: Any) -> list[Association]:
    """The associations that the reader is a current member of; Http404 when there is none."""
    associations = list(Association.objects.of(user))
    if not associations:
        raise Http404
    return associations


def own_tour(user: Any, tour: uuid.UUID) -> Tour:
    """A tour of the reader's associations, not taken back; Http404 otherwise."""
    return get_object_or_404(Tour.objects.live().of_associations(user).select_related("association"), pk=tour)


def tours_to_join(user: Any) -> list[Tour]:
    """Tours that an encounter can lie in, the reader's own open one first, then open ones, then just closed ones."""
    since = timezone.now() - timedelta(hours=12)
    tours = Tour.objects.live().of_associations(user).lately(since).select_related("association")
    return sorted(tours[:50], key=lambda tour: (not tour.is_open, tour.author_id != user.pk))


def dispatched(user: Any) -> QuerySet[Association]:
    """The associations that the reader dispatches for."""
    mine = Membership.objects.dispatching().filter(user=user)
    return Association.objects.filter(pk__in=mine.values("association"))


def dispatcher_only(user: Any) -> None:
    """Http404 unless the reader dispatches for an association."""
    if not Membership.objects.dispatching().filter(user=user).exists():
        raise Http404


def dispatching[**P](view: Callable[Concatenate[Request, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the dispatchers: sign-in first, 404 for everybody else, kept in no cache."""

    @functools.wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        dispatcher_only(request.user)
        return view(request, *args, **kwargs)

    page: Callable[..., HttpResponse] = never_cache(login_required(guarded))
    return page
