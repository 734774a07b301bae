"""Wishes and their alerts: who is told, when, and that nobody is flooded."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from needs.models import Wish
from needs.neighbours.lending import item_changes, wishes
from needs.neighbours.lending.lending_refusals import LendingRefusal, LendingRefused
from needs.tasks import send_wish_alerts
from solidarity.lib import grid
from tests.conftest import until
from tests.forked_workers import Worker
from tests.needs.lending.lending_cases import NORD, base, lend
from tests.support import Cast, SignedIn
from volunteers.enums import Topic
from volunteers.models import Notification, User


def wish(user: User, category: str = "sleeping_bag", **more: Any) -> Wish:
    place = more.pop("place", NORD)
    return wishes.make(user, category, grid.cell_of(*place), timezone.now() + timedelta(days=30), **more)


def told(user: User) -> list[Notification]:
    return list(Notification.objects.filter(user=user, topic=Topic.LENDING).order_by("pk"))


def test_somebody_who_looks_for_a_thing_is_told_once_of_what_is_new_near_them(cast: Cast) -> None:
    lend(cast.bob, "was there before")
    wish(cast.alice)
    assert wishes.send_alerts() == 0
    lend(cast.bob), lend(cast.edith, category="tent"), lend(cast.edith, place=(NORD[0] + 0.2, NORD[1]))
    assert wishes.send_alerts() == 1
    assert [row.title for row in told(cast.alice)] == ["1 new thing that you look for"]
    assert wishes.send_alerts() == 0
    assert told(cast.bob) == []


def test_forty_new_things_make_one_message_a_day(cast: Cast) -> None:
    """Attack: flood a person who looks for something, by adding items and by pausing and showing one again."""
    wish(cast.alice), wish(cast.alice, "tent")
    item = lend(cast.bob)
    wishes.send_alerts()
    for number in range(10):
        lend(cast.edith, f"{number}")
        item_changes.list_item(item, listed=False)
        item_changes.list_item(item, listed=True)
        wishes.send_alerts()
    assert len(told(cast.alice)) == 1
    tomorrow = timezone.now() + timedelta(days=1)
    assert wishes.send_alerts(tomorrow) == 1
    assert told(cast.alice)[1].title == "10 new things that you look for"
    with pytest.raises(LendingRefused) as caught:
        for number in range(item_changes.NEW_A_DAY):
            lend(cast.edith, f"more {number}")
    assert caught.value.refusal is LendingRefusal.MANY_TODAY


def test_closed_expired_and_silent_wishes_and_one_s_own_things_cause_no_message(cast: Cast) -> None:
    wishes.close(wish(cast.alice))
    wish(cast.greta, alert=False)
    Wish.objects.filter(pk=wish(cast.edith).pk).update(until=timezone.now())
    wish(cast.bob)
    lend(cast.bob)
    assert wishes.send_alerts() == 0


def test_another_thing_has_to_have_a_word_of_the_wish(cast: Cast) -> None:
    wish(cast.alice, "other", text="a sewing machine")
    lend(cast.bob, "ladder", category="other")
    assert wishes.send_alerts() == 0
    lend(cast.bob, "Sewing kit", category="other")
    assert wishes.send_alerts() == 1


def test_those_who_dispatch_hear_of_an_association_s_wish(cast: Cast) -> None:
    wish(cast.bob, association=cast.maraude)
    lend(cast.edith)
    wishes.send_alerts()
    assert told(cast.carol) and not told(cast.bob)


def test_one_person_can_look_for_a_few_things_at_once(cast: Cast) -> None:
    for _each in range(wishes.MOST_WISHES):
        wish(cast.alice)
    with pytest.raises(LendingRefused) as caught:
        wish(cast.alice)
    assert caught.value.refusal is LendingRefusal.MANY_WISHES


def test_others_near_see_what_is_looked_for_but_not_by_whom(cast: Cast, signed_in: SignedIn) -> None:
    base(cast.alice)
    alice, bob = signed_in(cast.alice), signed_in(cast.bob)
    assert alice.get("/lending/wishes/").status_code == 200
    form = {
        "category": "crutches",
        "text": "for a tall person",
        "days": "30",
        "alert": "on",
        "latitude": "48.866",
        "longitude": "2.35",
    }
    assert bob.post("/lending/wishes/new/", form).status_code == 302
    page = alice.get("/lending/wishes/").content.decode()
    assert "for a tall person" in page and "under 1 km" in page
    assert cast.bob.display_name not in page
    own = Wish.objects.get()
    assert alice.post(f"/lending/wishes/{own.pk}/close/").status_code == 404
    assert bob.post(f"/lending/wishes/{own.pk}/close/").status_code == 302
    assert "for a tall person" not in alice.get("/lending/wishes/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_the_alert(cast: Cast, worker: Worker) -> None:
    wish(cast.alice)
    lend(cast.bob)
    send_wish_alerts.delay()
    until(lambda: Notification.objects.filter(user=cast.alice, topic=Topic.LENDING).exclude(sent_at=None).exists())
