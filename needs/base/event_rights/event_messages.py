"""Notifications to the other coordinators of an event, about each change."""

from collections.abc import Iterable
from enum import Enum

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.event_rights.event_agreements import coordinators_of
from needs.models import Crisis
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.notifications.notifying import Message, notify


class Change(Enum):
    """A change of an event. value: the title of the notification."""

    OPENED = gettext_lazy("An event is opened in your area")
    CHANGED = gettext_lazy("An event in your area is changed")
    CLOSED = gettext_lazy("An event in your area is closed")
    REOPENED = gettext_lazy("An event in your area is open again")
    CHARGE = gettext_lazy("Somebody else is in charge of an event in your area")
    AGREED = gettext_lazy("A territory takes part in an event in your area")
    WITHDRAWN = gettext_lazy("A territory no longer takes part in an event in your area")


def tell_others(crisis: Crisis, by: User | None, change: Change, *, also: Iterable[User] = ()) -> None:
    """Tell all coordinators of an event about a change, except the person who made it.

    also: more people to tell, for example coordinators of a territory that the area no longer overlaps.
    """
    people = {person.pk: person for person in (*coordinators_of(crisis), *also) if by is None or person.pk != by.pk}
    title: str | Promise = change.value
    key = f"crisis-{change.name.lower()}:{crisis.pk}:{timezone.now():%Y%m%d%H%M%S%f}"
    notify(people.values(), Topic.DESK, key, lambda: Message(
        str(title),
        _("It holds in your territory only if you agree. See who decided what, and whether your territory takes part."),
        reverse("mapping:crises"),
    ))  # fmt: skip
