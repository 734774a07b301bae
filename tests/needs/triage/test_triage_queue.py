"""The dispatchers' queue: filters and saved searches."""

import cProfile
import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import NeedState
from needs.help.triage import calls, triage_queue
from needs.help.triage.triage_queue import QueueFilter
from needs.models import Need, SavedSearch
from solidarity.lib import grid
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.people.accounts.viewer import Viewer

SUD = (48.855, 2.350)


def shown(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/triage/{query}").content.decode()
    return re.findall(r'id="need-([0-9a-f-]{36})"', page)


def test_each_filter_of_the_address_applies(carol: Client) -> None:
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


def test_an_area_that_the_reader_may_not_see_finds_nothing(cast: Cast, city: City) -> None:
    one = reported()
    now = timezone.now()
    nord = QueueFilter(SearchQuery(area="nord"))
    assert list(triage_queue.queue(Viewer(cast.carol), nord, now)) == [one]
    assert list(triage_queue.queue(Viewer(cast.carol), QueueFilter(SearchQuery(area="elsewhere")), now)) == []
    dispatches(cast.carol, city.sud)
    dispatches(cast.edith, city.nord)
    assert list(triage_queue.queue(Viewer(cast.carol), nord, now)) == []


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


def test_needs_with_a_call_back_due_are_found(cast: Cast, carol: Client) -> None:
    from datetime import timedelta

    due, later, done = reported(), reported(), reported()
    hour = timedelta(hours=1)
    calls.log_call(due, cast.carol, "no_answer", again_in=hour, at=timezone.now() - 2 * hour)
    calls.log_call(later, cast.carol, "no_answer", again_in=hour)
    calls.log_call(done, cast.carol, "no_answer", again_in=hour, at=timezone.now() - 3 * hour)
    calls.log_call(done, cast.carol, "reached")
    assert shown(carol, "?to_call=1") == [str(due.pk)]


def test_a_saved_filter_is_restored(cast: Cast, carol: Client) -> None:
    query = "kinds=tent&urgency=now&area=nord&older=48&to_call=1"
    carol.post("/triage/searches/", {"name": "Tents in the north", "query": query})
    kept = SavedSearch.objects.get()
    assert (kept.user, kept.page, kept.association) == (cast.carol, "triage", None)
    assert QueueFilter.from_json(kept.query).querystring == query
    assert f'href="/triage/?{query.replace("&", "&amp;")}"' in carol.get("/triage/").content.decode()


def test_a_filter_is_shared_with_the_association_and_no_further(cast: Cast, carol: Client, signed_in: SignedIn) -> None:
    dispatches(cast.bob, association=cast.other)
    dispatches(cast.edith)
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


def test_a_queue_of_fifty_needs_as_many_queries_as_one_of_two(
    cast: Cast, carol: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def ask() -> int:
        with django_assert_max_num_queries(26) as asked:
            assert carol.get("/triage/?urgency=soon").status_code == 200
        return len(asked)

    for each in range(2):
        reported(place_text=f"{each}")
    carol.get("/triage/")  # puts the site's categories in the cache
    few = ask()
    needs = [reported(hours_ago=each) for each in range(48)]
    for need in needs[:6]:
        carol.get(reverse("needs:triage_need", args=[need.pk]))
        calls.log_call(need, cast.carol, "no_answer")
    assert ask() == few
    assert len(shown(carol, "?urgency=soon")) == 50


def test_the_list_and_its_state_ask_and_compute_little_for_each_need(
    cast: Cast, carol: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Counts calls of functions, not time, so that the result is the same on every machine."""

    def calls_for(path: str) -> int:
        carol.get(path)
        profile = cProfile.Profile()
        profile.runcall(carol.get, path)
        return sum(line.callcount for line in profile.getstats())

    def stored(count: int) -> None:
        now = timezone.now()
        Need.objects.bulk_create(
            Need(
                kinds=["food"], urgency=("now", "soon")[each % 2], state=("new", "open")[each % 3 == 0], content_hash="0",
                at=now - timedelta(minutes=each), filed_at=now, cell=grid.cell_of(48.855 + each % 20 * 0.001, 2.35),
            )
            for each in range(count)
        )  # fmt: skip

    stored(10)
    few, state = calls_for("/triage/"), calls_for("/triage/changes/")
    stored(430)
    assert len(shown(carol)) == 50
    assert calls_for("/triage/") - few < 40 * 400
    assert calls_for("/triage/changes/") < 1.1 * state < 30_000
    for path, most in (("/triage/", 24), ("/triage/changes/", 4)):
        with django_assert_max_num_queries(most):
            carol.get(path)
