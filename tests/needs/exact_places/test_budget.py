"""The budget of exact places, its alarm, and the pause after give-backs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from needs.enums import OutcomeReason
from needs.help.commitments import ending, exact_place, taking
from needs.help.exact_places import budget, eligibility
from needs.help.records.refusals import Refusal, Refused
from needs.models import BudgetRaise, Need, PlaceView, Tour
from tests.needs.api_cases import TokenClient
from tests.needs.commitments.commitment_cases import refused
from tests.needs.exact_places.place_cases import look, look_and_give_back, needs, opened_earlier, refusal, tour_of
from tests.support import Cast, SignedIn
from volunteers.models import AuditEntry, Membership, Notification, User
from volunteers.people.audit.verbs import Verb


@pytest.fixture
def few(settings: Settings) -> None:
    settings.PLACES_PER_DAY, settings.PLACES_PER_TOUR = 2, 3


def verbs() -> list[str]:
    return list(AuditEntry.objects.values_list("verb", flat=True))


@pytest.mark.usefixtures("few")
def test_beyond_the_budget_no_place_is_opened_and_the_desk_is_told(cast: Cast, signed_in: SignedIn) -> None:
    every = needs(3)
    assert [refusal(need, cast.alice) for need in every] == [None, None, Refusal.BUDGET]
    assert PlaceView.objects.filter(user=cast.alice).count() == 2
    told = Notification.objects.filter(topic="desk")
    assert {each.user for each in told} == {cast.carol} and told.count() == 1
    assert "Alice" not in told[0].title + told[0].body
    assert Verb.MANY_PLACES in verbs()
    own = taking.take(needs(1)[0], cast.alice)
    answer = signed_in(cast.alice).get(f"/commitments/{own.pk}/place/")
    assert answer.status_code == 409 and "48.866" not in answer.content.decode()
    sent = TokenClient(cast.alice).ask(f"commitments/{own.pk}/place/")
    assert (sent.status_code, sent.json()["code"]) == (409, "budget")
    assert TokenClient(cast.alice).ask("me/places/").json()["left"] == 0


@pytest.mark.usefixtures("few")
def test_a_place_counts_once_a_day(cast: Cast) -> None:
    own = look(needs(1)[0], cast.alice)
    for _each in range(5):
        exact_place.reveal_place(own.pk, cast.alice)
    assert budget.budget_of(cast.alice).used == 1
    PlaceView.objects.update(day=timezone.localdate() - timedelta(days=1))
    assert budget.budget_of(cast.alice).used == 0


@pytest.mark.usefixtures("few")
def test_a_dispatcher_raises_a_budget_for_today_and_it_is_logged(cast: Cast, signed_in: SignedIn) -> None:
    every = needs(4)
    assert [refusal(need, cast.alice) for need in every[:3]] == [None, None, Refusal.BUDGET]
    page = signed_in(cast.carol).get("/triage/places/").content.decode()
    assert "Alice" in page and "2 of 2" in page
    sent = signed_in(cast.carol).post(f"/triage/places/{cast.alice.key}/raise/", {"extra": "1"})
    assert sent.status_code == 302
    assert [refusal(need, cast.alice) for need in every[2:]] == [None, Refusal.BUDGET]
    assert BudgetRaise.objects.get().by == cast.carol and Verb.BUDGET_RAISED in verbs()


def test_only_the_own_desk_or_association_raises_a_budget(cast: Cast, signed_in: SignedIn) -> None:
    for who in (cast.alice, cast.bob, cast.diane, cast.edith, cast.greta, cast.farid):
        assert signed_in(who).post(f"/triage/places/{cast.alice.key}/raise/", {"extra": "1"}).status_code == 404
    hugo = User.objects.create_user("hugo@example.org", None)
    Membership.objects.create(user=hugo, association=cast.other, role="dispatcher")
    assert signed_in(hugo).post(f"/triage/places/{cast.alice.key}/raise/", {"extra": "1"}).status_code == 404
    assert signed_in(cast.carol).post(f"/triage/places/{cast.carol.key}/raise/", {"extra": "1"}).status_code == 404
    assert signed_in(cast.carol).post(f"/triage/places/{cast.greta.key}/raise/", {"extra": "1"}).status_code == 404
    assert not BudgetRaise.objects.exists()


def test_a_budget_is_not_raised_without_end(cast: Cast) -> None:
    raised = [budget.raise_budget(cast.alice, 10, cast.carol) for _each in range(4)]
    assert raised == [True, True, False, False]


# --- tours -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("few")
def test_the_places_of_a_running_tour_count_against_its_own_budget(cast: Cast) -> None:
    tour = tour_of(cast.bob, cast.maraude)
    every = needs(7)
    assert [refusal(need, cast.bob) for need in every[:6]] == [None] * 5 + [Refusal.BUDGET]
    assert PlaceView.objects.filter(tour=tour).count() == 3
    assert budget.budget_of(cast.bob).left == 0
    Tour.objects.update(ended_at=timezone.now())
    assert refusal(every[6], cast.bob) is Refusal.BUDGET


@pytest.mark.usefixtures("few")
def test_one_tour_after_the_other_gives_nothing(cast: Cast) -> None:
    opened = 0
    for _each in range(4):
        tour_of(cast.bob, cast.maraude)
        for need in needs(4):
            opened += refusal(need, cast.bob) is None
        Tour.objects.filter(ended_at=None).update(ended_at=timezone.now())
    assert opened == 2 + 3


@pytest.mark.usefixtures("few")
def test_a_crew_shares_one_budget(cast: Cast) -> None:
    from needs.models import PlannedTour, Seat

    tour = tour_of(cast.bob, cast.maraude)
    plan = PlannedTour.objects.create(association=cast.maraude, start=timezone.now(), tour=tour, seats=2)
    for who in (cast.alice, cast.greta):
        Seat.objects.create(plan=plan, volunteer=who)
    assert budget.running_tour(cast.alice) == tour
    assert budget.running_tour(cast.greta) is None  # no member of this association vouches for her
    assert [refusal(need, cast.bob) for need in needs(3)] == [None] * 3
    assert budget.budget_of(cast.alice).tour_left == 0


@pytest.mark.parametrize("wrong", ["too old", "another association", "not started", "ended"])
def test_only_a_tour_that_runs_now_counts(cast: Cast, wrong: str) -> None:
    tour = tour_of(cast.bob, cast.maraude)
    changes: dict[str, dict[str, object]] = {
        "too old": {"at": timezone.now() - timedelta(hours=13)},
        "another association": {"association": cast.other},
        "not started": {"at": timezone.now() + timedelta(hours=1)},
        "ended": {"ended_at": timezone.now()},
    }
    assert budget.running_tour(cast.bob) == tour
    Tour.objects.filter(pk=tour.pk).update(**changes[wrong])
    assert budget.running_tour(cast.bob) is None


# --- giving back -----------------------------------------------------------------------------------------------------


def test_two_give_backs_after_opening_the_place_pause_taking_for_the_day(cast: Cast, signed_in: SignedIn) -> None:
    every = needs(3)
    for need in every[:2]:
        look_and_give_back(need, cast.alice)
    assert refused(lambda: taking.take(every[2], cast.alice)).refusal is Refusal.PAUSED
    sent = TokenClient(cast.alice).send(f"open-needs/{every[2].pk}/take/", {"safe": True})
    assert (sent.status_code, sent.json()["code"]) == (409, "paused")
    assert "tomorrow" in signed_in(cast.alice).get(f"/open/{every[2].pk}/").content.decode()
    assert {each.user for each in Notification.objects.filter(topic="desk")} == {cast.carol}
    assert verbs().count(Verb.TAKING_PAUSED) == 1
    yesterday = timezone.now() - timedelta(days=1)
    cast.alice.commitments.update(ended_at=yesterday)
    assert taking.take(every[2], cast.alice)


def test_give_backs_without_opening_the_place_or_after_a_visit_do_not_count(cast: Cast) -> None:
    every = needs(6)
    for need in every[:2]:
        ending.withdraw(taking.take(need, cast.alice).pk, cast.alice, OutcomeReason.TOO_FAR)
    for need, reason in zip(every[2:], eligibility.VISITS, strict=True):
        own = look(need, cast.alice)
        opened_earlier()
        ending.withdraw(own.pk, cast.alice, reason)
    assert not eligibility.is_paused(cast.alice)


# --- at the same moment ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_stay_within_the_budget(cast: Cast, settings: Settings) -> None:
    settings.PLACES_PER_DAY, settings.COMMITMENTS_PER_VOLUNTEER = 3, 20
    held = [taking.take(need, cast.alice).pk for need in needs(8)]

    def open_one(key: object) -> bool:
        try:
            exact_place.reveal_place(key, cast.alice)  # type: ignore[arg-type]
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(open_one, held))
    assert sum(opened) == 3 == PlaceView.objects.count()
    assert verbs().count(Verb.MANY_PLACES) == 1


@pytest.mark.django_db(transaction=True)
def test_a_look_that_comes_with_the_give_back_sees_all_or_nothing(cast: Cast) -> None:
    for _each in range(4):
        [need] = needs(1)
        own = taking.take(need, cast.bob)

        def give_back() -> str:
            try:
                ending.withdraw(own.pk, cast.bob, OutcomeReason.NOTHING_LEFT)  # noqa: B023
            finally:
                connection.close()
            return "given back"

        def open_it() -> str:
            try:
                exact_place.reveal_place(own.pk, cast.bob)  # noqa: B023
            except own.DoesNotExist:  # noqa: B023
                return "closed"
            finally:
                connection.close()
            return "open"

        with ThreadPoolExecutor(2) as pool:
            back, seen = pool.submit(give_back), pool.submit(open_it)
            assert back.result() == "given back"
            assert seen.result() in ("open", "closed")
        counted = PlaceView.objects.filter(need=need).exists()
        assert counted == (seen.result() == "open")
        own.delete()  # two give-backs after a look would pause the person for the day
    assert Need.objects.filter(state="open").exists()
