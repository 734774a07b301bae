"""Locks: who works on a need, how another dispatcher takes over, and expiry."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from needs.help.triage import need_locks
from needs.models import NeedLock
from tests.needs.triage.triage_cases import page_of, reported
from tests.support import Cast, dispatches


def test_the_second_dispatcher_sees_the_holder_of_the_lock(cast: Cast, carol: Client, edith: Client) -> None:
    need = reported()
    assert 'data-lock="mine"' in page_of(carol, need)
    page = page_of(edith, need)
    assert 'data-lock="other"' in page and "Carol is working on this need." in page and "Take over from Carol" in page
    assert "Carol" in edith.get("/triage/").content.decode().split('class="triage-row__editor">')[1].split("</td>")[0]
    assert NeedLock.objects.get().holder == cast.carol


def test_a_lock_warns_and_does_not_block(carol: Client, edith: Client) -> None:
    need = reported()
    page_of(carol, need)
    edith.post(f"/triage/{need.pk}/step/", {"seen": "new", "state": "verified"})
    need.refresh_from_db()
    assert need.state == "verified"


def test_a_lock_can_be_taken_over_and_the_first_page_shows_it(carol: Client, edith: Client) -> None:
    need = reported()
    page_of(carol, need)
    edith.post(f"/triage/{need.pk}/lock/take-over/")
    beat = carol.post(f"/triage/{need.pk}/lock/", headers={"HX-Request": "true"}).content.decode()
    assert 'data-lock="other"' in beat and "Edith is working on this need." in beat


def test_a_lock_is_renewed_and_expires_after_ten_minutes(cast: Cast) -> None:
    dispatches(cast.edith)
    need, now = reported(), timezone.now()
    minute = timedelta(minutes=1)
    need_locks.acquire(need.pk, cast.carol, now)
    assert need_locks.acquire(need.pk, cast.carol, now + 8 * minute).until == now + 18 * minute
    assert not need_locks.acquire(need.pk, cast.edith, now + 17 * minute).mine
    assert need_locks.acquire(need.pk, cast.edith, now + 18 * minute).mine
    assert not need_locks.acquire(need.pk, cast.carol, now + 19 * minute).mine


def test_leaving_the_page_releases_only_ones_own_lock(carol: Client, edith: Client) -> None:
    need = reported()
    page_of(carol, need)
    assert edith.post(f"/triage/{need.pk}/lock/leave/").status_code == 204
    assert NeedLock.objects.exists()
    carol.post(f"/triage/{need.pk}/lock/leave/")
    assert not NeedLock.objects.exists()
    assert 'data-lock="mine"' in page_of(edith, need)


def test_a_renewal_that_arrives_after_its_page_was_left_takes_no_lock(carol: Client) -> None:
    need = reported()
    found = re.search(r'data-visit="([^"]+)"', page_of(carol, need))
    assert found is not None
    visit = {"visit": found[1]}
    assert carol.post(f"/triage/{need.pk}/lock/", visit).status_code == 200
    carol.post(f"/triage/{need.pk}/lock/leave/", visit)
    assert carol.post(f"/triage/{need.pk}/lock/", visit).status_code == 204
    assert not NeedLock.objects.exists()
    assert 'data-lock="mine"' in page_of(carol, need)  # opening the page again takes a new lock


@pytest.mark.django_db(transaction=True)
def test_a_lock_released_while_another_takes_it_breaks_nothing(cast: Cast) -> None:
    need, now = reported(), timezone.now()

    def come_and_go() -> None:
        with closing(connection):
            for _round in range(150):
                need_locks.acquire(need.pk, cast.carol, now)
                need_locks.release(need.pk, cast.carol)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(come_and_go)
        while not other.done():
            assert need_locks.acquire(need.pk, cast.edith, now).holder in {cast.carol, cast.edith}
            need_locks.release(need.pk, cast.edith)
        other.result()
