"""Tours under way. The data for the question that pages ask before a person starts a second tour."""

import uuid
from typing import TypedDict

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from needs.models import Tour
from volunteers.models import User


class Running(TypedDict):
    """A tour under way, as JSON. began: the start of the tour in milliseconds since 1970. own: whether the reader
    started it."""

    id: str
    began: int
    own: bool
    name: str


def running_tours(user: User) -> list[Running]:
    """Return the tours under way of the person's associations, the latest first."""
    tours = Tour.objects.open().of_associations(user).under_way(timezone.now())
    return [
        {
            "id": str(tour.pk),
            "began": round(tour.at.timestamp() * 1000),
            "own": tour.author_id == user.pk,
            "name": _("Tour of %(time)s, %(association)s")
            % {
                "time": date_format(timezone.localtime(tour.at), "SHORT_DATETIME_FORMAT"),
                "association": tour.association.name,
            },
        }
        for tour in tours
    ]


def asks_first(running: list[Running], start: uuid.UUID | None = None) -> bool:
    """Return whether the reader already has another tour under way. start: id of the new tour, which is not counted."""
    return any(tour["own"] and tour["id"] != str(start) for tour in running)
