"""Types of shared fixtures: the small city, the cast, and the functions that store reports or sign in."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse
    from playwright.sync_api import Browser, Page

    from needs.reports.filing import Filed
    from volunteers.models import Association, Territory, User


@dataclass
class City:
    """Ville and its two districts, Nord and Sud."""

    root: "Territory"
    nord: "Territory"
    sud: "Territory"


@dataclass
class Cast:
    """The people of the tests.

    Alice: a volunteer in Nord, for whom Maraude du Nord vouches. Bob: a member of Maraude du Nord. Carol: its
    dispatcher, for all of Ville. Diane: coordinates Ville.
    Edith: a member of another association, which a coordinator invited to work in Ville.
    Farid: an administrator. Greta: has an account and nothing else.
    """

    alice: "User"
    bob: "User"
    carol: "User"
    diane: "User"
    edith: "User"
    farid: "User"
    greta: "User"
    maraude: "Association"
    other: "Association"


def without_times(text: str) -> str:
    """Leave out times such as 2026-11-28T06:12:48.861234: their digits can look like a coordinate."""
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*", "", text)


class SignedIn(Protocol):
    """Returns a client that is signed in as a user."""

    def __call__(self, user: "User") -> "Client": ...


class Seen(Protocol):
    """Stores an encounter of Bob's association and returns the result; nothing is folded."""

    def __call__(
        self, lat: float = ..., lng: float = ..., persons: int = ..., hours_ago: float = ..., **more: Any
    ) -> "Filed": ...


class Enter(Protocol):
    """Opens a page in its own browser context, signed in or not."""

    def __call__(
        self, browser: "Browser", user: "User | None", size: dict[str, int], geolocation: Any = None, **options: Any
    ) -> "Page": ...


type LogIn = Callable[["User"], None]

type TestResponse = "_MonkeyPatchedWSGIResponse"
"""A response of the test client."""


def zones_of(client: "Client", slug: str, **query: Any) -> Any:
    """Return the page with the list of zones. For coordinators, the list is part of the territory's page."""
    answer = client.get(f"/map/t/{slug}/zones/", query)
    moved = answer.get("Location", "")
    return client.get(moved.partition("#")[0]) if moved.startswith(f"/map/t/{slug}/dashboard/") else answer


def dispatches(user: "User", *territories: "Territory", association: "Association | None" = None) -> None:
    """Make somebody a dispatcher of these territories only, or of all root territories if none is given.

    association: the association in which they are a dispatcher; by default their own.
    """
    from volunteers.enums import Duty, Role
    from volunteers.models import Assignment, Membership, Territory

    own = Membership.objects.current().filter(user=user)
    if association is not None and not own.filter(association=association).exists():
        Membership.objects.create(user=user, association=association, role=Role.DISPATCHER)
    own.filter(association=association or own[0].association).update(role=Role.DISPATCHER)
    Assignment.objects.dispatching().filter(user=user).delete()
    for territory in territories or Territory.objects.filter(parent=None):
        Assignment.objects.create(user=user, territory=territory, duty=Duty.DISPATCHER)
