"""Attack 13: post anonymous reports around a lone need, so that a public list publishes the centre of the need's
cell."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from mapping.coverage.folding import fold
from mapping.enums import Source
from mapping.models import Evidence
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Cause
from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.doors.api import public_requests
from needs.enums import Actor, NeedState
from needs.models import Need, NeedStep
from needs.reports import intake
from solidarity.lib import grid
from tests.needs.api_cases import NORD, file
from tests.support import Cast, City
from volunteers.models import User

BASE = "/open311/v2/"


@pytest.fixture(autouse=True)
def open311(settings: Settings) -> None:
    """Switch Open311 on. It is off by default, but its rules must protect people where it is on."""
    settings.OPEN311 = True


def aged(needs: Any) -> None:
    """Change the dates of needs so that the current edition includes them."""
    moment = public_requests.edition(timezone.now()) - timedelta(days=2)
    needs.update(at=moment, filed_at=moment, state_at=moment)
    NeedStep.objects.filter(need__in=needs).update(at=moment)


def published_place(need: Need) -> tuple[float, float] | None:
    [row] = public_requests.list_requests(public_requests.RequestQuery(ids=[need.pk]), timezone.now())
    return row.place


def forge(number: int, persons: int = 10) -> None:
    """Post requests without an account, each from its own device and address."""
    for each in range(number):
        sent = Client(REMOTE_ADDR=f"198.51.100.{each + 1}").post(
            f"{BASE}requests.json",
            {"service_code": "food", "lat": str(NORD[0]), "long": str(NORD[1]), "description": f"people {each}",
             "attribute[persons]": str(persons)},
        )  # fmt: skip
        assert sent.status_code == 201, sent.content


def test_anonymous_posts_do_not_publish_the_place_of_a_lone_need(cast: Cast) -> None:
    lone = file(NORD, persons=1)
    forge(12)
    aged(Need.objects.all())
    assert Need.objects.count() == 13
    assert published_place(lone) is None
    listed = Client().get(f"{BASE}requests.json").json()
    assert {(row["lat"], row["long"]) for row in listed} == {(None, None)}


def test_one_account_and_many_anonymous_posts_are_two_sources(cast: Cast) -> None:
    lone = by_account(cast.alice, persons=9)
    forge(6)
    aged(Need.objects.all())
    assert published_place(lone) is None


def by_account(who: User, persons: int = 5) -> Need:
    """File a need as somebody who is signed in."""
    draft = NeedDraft(at=timezone.now(), place=DraftPlace(*NORD), kinds=["food"], persons=persons)
    return Need.objects.get(pk=intake.file_need(draft, intake.Sender(who, "device", "network")).id)


def throwaway(name: str, days: int = 0) -> User:
    """Register an account that no association knows, some days ago."""
    made = User.objects.create_user(f"{name}@example.org", "-", display_name=name.title())
    User.objects.filter(pk=made.pk).update(date_joined=timezone.now() - timedelta(days=days, minutes=1))
    return User.objects.get(pk=made.pk)


def test_two_throwaway_accounts_and_anonymous_posts_are_one_source(cast: Cast) -> None:
    lone = file(NORD, persons=1)
    for name in ("mallory", "trudy"):
        assert not by_account(throwaway(name, days=300)).with_account
    forge(6)
    aged(Need.objects.all())
    assert published_place(lone) is None


def test_accounts_that_an_association_knows_and_the_rest_are_a_crowd(cast: Cast) -> None:
    lone = file(NORD, persons=5)
    for who in (cast.alice, cast.bob):
        assert by_account(who).with_account
    aged(Need.objects.all())
    assert lone.cell is not None
    assert published_place(lone) == grid.centre(grid.parent(lone.cell, 8))


def counts(who: User) -> bool:
    return intake.Sender(who, "device", "network").counts_as_source


def confirm(need: Need, by: User | None, state: str = "verified", reason: str = "", **more: Any) -> None:
    NeedStep.objects.create(need=need, before="new", state=state, by=by, reason=reason, **more)


def test_an_account_counts_after_thirty_days_and_three_confirmed_reports(cast: Cast) -> None:
    mallory = throwaway("mallory", days=30)
    for number in range(3):
        assert not counts(mallory)
        need = by_account(mallory)
        if number == 1:  # real ways of the desk and of a volunteer
            transitions.move(need.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER, cast.carol.pk))
        else:
            confirm(need, cast.alice, "met", "helped")
    assert counts(mallory)
    assert by_account(mallory).with_account
    User.objects.filter(pk=mallory.pk).update(date_joined=timezone.now() - timedelta(days=29))
    assert not counts(User.objects.get(pk=mallory.pk))


def test_accounts_of_one_person_cannot_confirm_each_other(cast: Cast) -> None:
    mallory, trudy = throwaway("mallory", days=300), throwaway("trudy", days=300)
    for need in [by_account(mallory) for _each in range(4)]:
        confirm(need, trudy, "met", "helped")  # trudy may take needs in a crisis, with a telephone number
        confirm(need, mallory, "met", "helped", by_reporter=True)
        confirm(need, None, "met")
        confirm(need, cast.carol, "met", "solved_itself")
        confirm(need, cast.carol, "rejected", "junk")
    assert not counts(mallory)
    confirm(need, cast.carol)
    confirm(need, cast.bob)  # the same report again
    assert not counts(mallory)


def test_throwaway_accounts_leave_the_evidence_of_senders_without_an_account(city: City) -> None:
    for name in ("mallory", "trudy", "oscar"):
        by_account(throwaway(name))
    fold.fold_outbox()
    kinds = set(Evidence.objects.values_list("source", flat=True))
    assert kinds == {Source.CITIZEN}  # the public release counts them together as one source
