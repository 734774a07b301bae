"""The dispatchers' queue: filters that stay in the address, filters that are kept, the same step for many."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from needs.commitments import taking
from needs.enums import NeedState, OutcomeReason
from needs.lifecycle import transitions
from needs.lifecycle.transitions import Actor, Cause
from needs.models import Need, SavedSearch
from needs.saved_searches.need_filters import SearchQuery
from needs.triage import calls, triage_queue
from needs.triage.triage_queue import QueueFilter
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, SignedIn
from volunteers.enums import Role
from volunteers.models import Membership, Notice

SUD = (48.855, 2.350)


@pytest.fixture
def carol(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.carol)


def shown(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/triage/{query}").content.decode()
    return re.findall(r'id="need-([0-9a-f-]{36})"', page)


def test_each_filter_of_the_address_narrows_the_queue(carol: Client) -> None:
    food = reported()
    tent = reported(SUD, kinds=["tent"], urgency="now", channel="open311", hours_ago=80, state=NeedState.OPEN)
    assert shown(carol) == [str(tent.pk), str(food.pk)]
    for query in ("area=sud", "kinds=tent", "urgency=now", "older=72", "channel=open311", "states=open"):
        assert shown(carol, f"?{query}") == [str(tent.pk)], query
    assert shown(carol, "?newer=24") == [str(food.pk)]
    assert shown(carol, "?area=ville&kinds=tent&kinds=food") == [str(tent.pk), str(food.pk)]


def test_closed_needs_are_found_by_their_state_only(carol: Client) -> None:
    gone = reported(state=NeedState.REJECTED)
    assert shown(carol) == []
    assert shown(carol, "?states=rejected") == [str(gone.pk)]


def test_an_area_that_the_reader_may_not_open_finds_nothing(cast: Cast) -> None:
    one = reported()
    now = timezone.now()
    nord = QueueFilter(SearchQuery(area="nord"))
    assert list(triage_queue.queue(cast.carol, nord, now)) == [one]
    Membership.objects.filter(user=cast.carol).update(left_at=now)
    assert list(triage_queue.queue(cast.carol, nord, now)) == []


def test_a_need_without_a_place_is_in_the_queue(carol: Client) -> None:
    one = reported(None, place_text="near the canal")
    assert shown(carol) == [str(one.pk)]


def test_the_filter_goes_along_to_the_need_and_back(carol: Client) -> None:
    one = reported(kinds=["tent"])
    page = carol.get("/triage/?kinds=tent").content.decode()
    assert f'href="/triage/{one.pk}/?kinds=tent"' in page
    page = carol.get(f"/triage/{one.pk}/?kinds=tent").content.decode()
    assert f'href="/triage/?kinds=tent#need-{one.pk}"' in page
    answer = carol.post(f"/triage/{one.pk}/step/?kinds=tent", {"seen": "new", "state": "verified", "then": "queue"})
    assert answer["Location"] == "/triage/?kinds=tent"


def test_what_must_be_called_back_is_found(cast: Cast, carol: Client) -> None:
    from datetime import timedelta

    due, later, done = reported(), reported(), reported()
    hour = timedelta(hours=1)
    calls.log_call(due, cast.carol, "no_answer", again_in=hour, at=timezone.now() - 2 * hour)
    calls.log_call(later, cast.carol, "no_answer", again_in=hour)
    calls.log_call(done, cast.carol, "no_answer", again_in=hour, at=timezone.now() - 3 * hour)
    calls.log_call(done, cast.carol, "reached")
    assert shown(carol, "?to_call=1") == [str(due.pk)]


# --- filters that are kept ----------------------------------------------------------------------------------------


def test_a_kept_filter_comes_back_as_it_was(cast: Cast, carol: Client) -> None:
    query = "kinds=tent&urgency=now&area=nord&older=48&to_call=1"
    carol.post("/triage/searches/", {"name": "Tents in the north", "query": query})
    kept = SavedSearch.objects.get()
    assert (kept.user, kept.page, kept.association) == (cast.carol, "triage", None)
    assert QueueFilter.from_json(kept.query).querystring == query
    assert f'href="/triage/?{query.replace("&", "&amp;")}"' in carol.get("/triage/").content.decode()


def test_a_filter_is_shared_with_the_association_and_no_further(cast: Cast, carol: Client, signed_in: SignedIn) -> None:
    Membership.objects.create(user=cast.bob, association=cast.other, role=Role.DISPATCHER)
    Membership.objects.filter(user=cast.edith).update(role=Role.DISPATCHER)
    carol.post("/triage/searches/", {"name": "mine", "query": "kinds=tent"})
    carol.post("/triage/searches/", {"name": "ours", "query": "kinds=food", "association": "maraude-du-nord"})
    bob = signed_in(cast.bob).get("/triage/").content.decode()
    assert ">ours<" in bob and ">mine<" not in bob
    edith = signed_in(cast.edith).get("/triage/").content.decode()
    assert ">ours<" not in edith
    ours = SavedSearch.objects.get(name="ours")
    assert signed_in(cast.bob).post(f"/triage/searches/{ours.pk}/drop/").status_code == 404
    carol.post(f"/triage/searches/{ours.pk}/drop/")
    assert list(SavedSearch.objects.values_list("name", flat=True)) == ["mine"]


def test_a_filter_cannot_be_shared_with_an_association_of_others(carol: Client) -> None:
    carol.post("/triage/searches/", {"name": "theirs", "query": "kinds=tent", "association": "soupe-du-sud"})
    assert not SavedSearch.objects.exists()


def test_the_same_name_replaces_the_filter(carol: Client) -> None:
    for query in ("kinds=tent", "kinds=food"):
        carol.post("/triage/searches/", {"name": "tonight", "query": query})
    assert SavedSearch.objects.get().query == {"kinds": ["food"]}


# --- the same for many --------------------------------------------------------------------------------------------


def many(client: Client, action: str, needs: list[Need], **more: str) -> str:
    chosen = [f"{need.pk}:{need.state}" for need in needs]
    answer = client.post("/triage/bulk/?urgency=soon", {"action": action, "need": chosen, **more}, follow=True)
    assert answer.redirect_chain[-1][0] == "/triage/?urgency=soon"
    return str(answer.content.decode())


def test_many_are_verified_and_opened_at_once(cast: Cast, carol: Client) -> None:
    needs = [reported() for _each in range(3)]
    page = many(carol, "verify", needs)
    assert "Done for 3 needs." in page
    assert set(Need.objects.values_list("state", flat=True)) == {"verified"}
    many(carol, "open", list(Need.objects.all()))
    assert set(Need.objects.values_list("state", flat=True)) == {"open"}
    step = needs[0].steps.last()
    assert step is not None and step.by == cast.carol


def test_what_fails_keeps_nothing_else_from_being_done_and_stays_selected(carol: Client) -> None:
    good, moved, held = reported(), reported(), reported(state=NeedState.HELD)
    transitions.move(moved.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    page = many(carol, "verify", [good, moved, held])
    assert "Done for 1 need." in page
    assert "2 needs were left as they are" in page
    assert page.count("triage-row__why") == 2
    assert "Somebody else changed this need in the meantime" in page
    assert "This step is not possible from where the need stands now" in page
    checked = re.findall(r'value="([0-9a-f-]{36}):\w+" checked', page)
    assert set(checked) == {str(moved.pk), str(held.pk)}
    states = dict(Need.objects.values_list("pk", "state"))
    assert states == {good.pk: "verified", moved.pk: "open", held.pk: "held"}


def test_many_are_rejected_only_with_a_reason(carol: Client) -> None:
    needs = [reported(), reported()]
    page = many(carol, "reject", needs)
    assert "Choose a reason" in page
    assert page.count(" checked") >= 2
    assert set(Need.objects.values_list("state", flat=True)) == {"new"}
    many(carol, "reject", needs, reason=OutcomeReason.JUNK, text="the same advert")
    assert set(Need.objects.values_list("state", flat=True)) == {"rejected"}
    assert {(step.reason, step.text) for need in needs for step in need.steps.all()[1:]} == {
        ("junk", "the same advert")
    }


def test_many_are_closed_as_too_old(carol: Client) -> None:
    needs = [reported(hours_ago=900), reported(hours_ago=900, state=NeedState.OPEN)]
    many(carol, "expire", needs)
    assert set(Need.objects.values_list("state", flat=True)) == {"expired"}
    assert {need.steps.last().reason for need in needs} == {"too_old"}  # type: ignore[union-attr]


def test_who_takes_care_of_it_is_reminded_once_a_day_and_nobody_else_is(cast: Cast, carol: Client) -> None:
    taken, free = reported(state=NeedState.OPEN, place_text="12 rue Secrète"), reported(state=NeedState.OPEN)
    taking.take(taken.pk, cast.alice)
    Notice.objects.all().delete()
    taken.refresh_from_db()
    page = many(carol, "remind", [taken, free])
    assert "Done for 1 need." in page and "Nobody takes care of it" in page
    notice = Notice.objects.get()
    assert notice.user == cast.alice
    assert "Secr" not in notice.title + notice.body + notice.path
    assert "was reminded today" in many(carol, "remind", [taken])
    assert Notice.objects.count() == 1


def test_nothing_selected_and_nonsense_are_answered_in_words(carol: Client) -> None:
    assert "Select at least one need." in many(carol, "verify", [])
    answer = carol.post("/triage/bulk/", {"action": "verify", "need": ["nonsense", "x:new"]}, follow=True)
    assert answer.status_code == 200
    assert "Select needs from the list." in answer.content.decode()


# --- how much it costs --------------------------------------------------------------------------------------------


def test_a_queue_of_fifty_asks_as_few_questions_as_one_of_two(
    cast: Cast, carol: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def ask() -> int:
        with django_assert_max_num_queries(14) as asked:
            assert carol.get("/triage/?urgency=soon").status_code == 200
        return len(asked)

    for each in range(2):
        reported(place_text=f"{each}")
    few = ask()
    needs = [reported(hours_ago=each) for each in range(48)]
    for need in needs[:20]:
        carol.get(reverse("needs:triage_need", args=[need.pk]))
        calls.log_call(need, cast.carol, "no_answer")
    assert ask() == few
    assert len(shown(carol, "?urgency=soon")) == 50
