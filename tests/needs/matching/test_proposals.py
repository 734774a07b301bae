"""Whom to ask, what is proposed, the answers: on real tables."""

import threading
import uuid
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from needs.commitments.refusals import Refused
from needs.enums import Answer, Category, NeedState, Urgency
from needs.matching import batch, candidates, capacities, proposals
from needs.matching.proposals import TooLate
from needs.models import Capacity, Commitment, Need, Proposal
from needs.tasks import lapse_proposals
from needs.tours import planning
from needs.tours.planning import PlanDraft
from solidarity.lib import grid
from solidarity.lib.grid import snap
from tests.support import Cast, SignedIn
from volunteers.availability import offers as offering
from volunteers.availability.offers import Offer, Weekly
from volunteers.enums import Skill, Topic
from volunteers.models import Notification, Profile, User

HERE = (48.866, 2.350)
ALWAYS = tuple(Weekly(day, time(0), time(23, 59)) for day in range(7))


def need_at(place: tuple[float, float] = HERE, **fields: Any) -> Need:
    values = {
        "kinds": [Category.FOOD], "urgency": Urgency.SOON, "state": NeedState.OPEN, "at": timezone.now(),
        "content_hash": uuid.uuid4().hex, "cell": grid.cell_of(*place), **fields,
    }  # fmt: skip
    return Need.objects.create(**values)


def offers(user: User, place: tuple[float, float] = HERE, **changes: Any) -> Profile:
    return offering.store(user, Offer(**{"base": place, "weekly": ALWAYS, **changes}))


@pytest.fixture
def people(cast: Cast) -> Any:
    """Alice and Greta at the spot, Edith 1.1 km north of it; all always free, within 3 km."""
    offers(cast.alice)
    offers(cast.greta)
    offers(cast.edith, (HERE[0] + 0.01, HERE[1]))
    return cast


def asked_about(need: Need) -> list[int]:
    return [pair.user for pair in candidates.whom_to_ask(need, timezone.now())]


# --- constraints ---------------------------------------------------------------------------------------------------


def test_who_fits_is_found_the_nearest_first_with_the_reasons(people: Any) -> None:
    pairs = candidates.whom_to_ask(need_at(), timezone.now())
    assert {pair.user for pair in pairs[:2]} == {people.alice.pk, people.greta.pk}
    assert pairs[2].user == people.edith.pk
    centre, base = Point(*snap(*HERE)[::-1]), Point(*snap(HERE[0] + 0.01, HERE[1])[::-1])
    assert pairs[2].distance == pytest.approx(
        grid.distance_m(grid.cell_of(centre.y, centre.x), grid.cell_of(base.y, base.x)), rel=0.01
    )
    assert [reason.code for reason in pairs[2].reasons] == ["distance", "free", "load"]


@pytest.mark.parametrize(
    "change",
    [
        {"radius": 500},
        {"most": 1, "_taken": True},
        {"weekly": ()},
        {"base": None},
        {"paused_until": timezone.now() + timedelta(days=2)},
        {"_seat": True, "weekly": "tomorrow"},
        {"_own": True},
        {"_declined": True},
        {"_gave_back": True},
        {"_inactive": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whom_a_constraint_forbids_is_not_asked(people: Any, change: dict[str, Any]) -> None:
    edith, place = people.edith, (HERE[0] + 0.01, HERE[1])
    need = need_at(urgency=Urgency.SOON)
    assert edith.pk in asked_about(need)
    values = {name: value for name, value in change.items() if not name.startswith("_")}
    start = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    local = timezone.localtime(start)
    if values.get("weekly") == "tomorrow":
        later = (local + timedelta(hours=1)).time()
        values["weekly"] = (Weekly(local.weekday(), local.time(), later),)
    offers(edith, **{"place": place, **values} if "base" not in values else values)
    if "_seat" in change:
        draft = PlanDraft(start=start - timedelta(minutes=30), minutes=120, cells=[grid.cell_of(*HERE)], seats=1)
        plan = planning.make_plan(draft, association=people.maraude.pk, author=None)
        assert edith.pk in asked_about(need)
        planning.take_seat(plan.pk, edith.pk)
    if "_taken" in change:
        Commitment.objects.create(need=need_at(), volunteer=edith, expires_at=start)
    if "_own" in change:
        Need.objects.filter(pk=need.pk).update(author=edith)
    if "_declined" in change:
        Proposal.objects.create(need=need, volunteer=edith, answer=Answer.DECLINED, expires_at=start)
    if "_gave_back" in change:
        Commitment.objects.create(need=need, volunteer=edith, expires_at=start, state="withdrawn")
    if "_inactive" in change:
        User.objects.filter(pk=edith.pk).update(is_active=False)
    need.refresh_from_db()
    assert edith.pk not in asked_about(need)
    assert not proposals.propose(need, [edith], people.carol)
    plan_of_all = batch.plan(Need.objects.filter(pk=need.pk), timezone.now())
    assert edith.pk not in {
        user for _need, user, _m in batch.plan(Need.objects.filter(pk=need.pk), timezone.now()).pairs
    }
    assert plan_of_all.read.users.tolist().count(edith.pk) == 0 or edith.pk not in {
        int(plan_of_all.read.users[row]) for row in plan_of_all.candidates.person
    }


def test_health_is_proposed_only_to_who_knows_how(people: Any) -> None:
    need = need_at(kinds=[Category.HEALTH])
    assert asked_about(need) == []
    offers(people.edith, (HERE[0] + 0.01, HERE[1]), skills=(Skill.CARE,), languages=("ar",))
    [pair] = candidates.whom_to_ask(need, timezone.now())
    assert pair.user == people.edith.pk
    assert {"skills", "languages"} <= {reason.code for reason in pair.reasons}


def test_somebody_far_away_who_goes_far_is_found_too(cast: Cast) -> None:
    offers(cast.alice, (HERE[0] + 0.08, HERE[1]), radius=10_000)  # 8.9 km
    offers(cast.greta, (HERE[0] + 0.08, HERE[1]), radius=5000)
    assert asked_about(need_at()) == [cast.alice.pk]
    mine = candidates.what_could_i_do(Profile.objects.get(user=cast.alice), timezone.now())
    assert len(mine) == 1
    assert candidates.what_could_i_do(Profile.objects.get(user=cast.greta), timezone.now()) == []


def test_kinds_that_are_met_or_held_are_not_proposed(people: Any) -> None:
    need = need_at(kinds=[Category.FOOD, Category.HEALTH], met_kinds=[Category.FOOD])
    assert asked_about(need) == []


spots = st.tuples(st.floats(48.80, 48.92), st.floats(2.25, 2.45))


class EveryPairOfABatch(TestCase):
    """The tables' columns and the rules agree, wherever people stand and whenever they are free."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_is_one_that_may_be_proposed(self, data: Any) -> None:
        numbers = range(data.draw(st.integers(1, 8)))
        for number in numbers:
            windows = data.draw(
                st.lists(st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(0, 23)), max_size=4)
            )
            offering.store(
                User.objects.create_user(f"p{number}@example.org"),
                Offer(
                    base=data.draw(spots), radius=data.draw(st.sampled_from([1000, 3000, 10_000])),
                    most=data.draw(st.integers(1, 3)), skills=tuple(data.draw(st.sets(st.sampled_from(list(Skill)), max_size=3))),
                    weekly=tuple(
                        {(day, start): Weekly(day, time(start), time(end)) for day, start, end in windows if start != end}.values()
                    ),
                ),
            )  # fmt: skip
        users = list(User.objects.all())
        for _each in range(data.draw(st.integers(1, 8))):
            need_at(
                data.draw(spots), kinds=data.draw(st.lists(st.sampled_from(list(Category)), min_size=1, max_size=2, unique=True)),
                urgency=data.draw(st.sampled_from(list(Urgency))), author=data.draw(st.sampled_from([None, *users])),
            )  # fmt: skip
        now = timezone.now()
        found = batch.plan(Need.objects.all(), now)
        pairs = [(need, user) for need, user, _metres in found.pairs]
        assert len({need for need, _user in pairs}) == len(pairs)
        # The verb checks each constraint again with the pure rules and PostGIS: it leaves none out.
        made = proposals.propose_pairs(pairs, None, now)
        assert [(row.need_id, row.volunteer_id) for row in made] == pairs


# --- proposing and answering ---------------------------------------------------------------------------------------


def test_a_proposal_waits_is_told_and_is_not_made_twice(people: Any) -> None:
    need = need_at()
    [row] = proposals.propose(need, [people.alice], people.carol)
    assert (row.answer, row.by, row.expires_at - row.made_at) == ("", people.carol, timedelta(hours=24))
    assert proposals.propose(need, [people.alice], people.carol) == []
    [notification] = Notification.objects.filter(user=people.alice, topic=Topic.PROPOSAL)
    assert notification.path == reverse("needs:proposals")
    assert "food" not in (notification.title + notification.body).lower()


def test_a_person_is_never_asked_for_more_at_once_than_they_said(people: Any) -> None:
    needs = [need_at() for _each in range(4)]
    made = proposals.propose_pairs([(need.pk, people.alice.pk) for need in needs], people.carol)
    assert len(made) == 2


def test_yes_takes_the_need_in_the_same_moment(people: Any) -> None:
    need = need_at()
    [row] = proposals.propose(need, [people.alice], people.carol)
    taken = proposals.accept(row.pk, people.alice)
    need.refresh_from_db()
    row.refresh_from_db()
    assert (taken.need, taken.volunteer, need.state, row.answer) == (need, people.alice, "committed", "accepted")
    with pytest.raises(TooLate):
        proposals.decline(row.pk, people.alice)


def test_no_is_respected(people: Any) -> None:
    need = need_at()
    [row] = proposals.propose(need, [people.alice], people.carol)
    proposals.decline(row.pk, people.alice)
    assert people.alice.pk not in asked_about(need)
    assert not Commitment.objects.exists()


def test_nobody_answers_for_somebody_else(people: Any, signed_in: SignedIn) -> None:
    [row] = proposals.propose(need_at(), [people.alice], people.carol)
    with pytest.raises(Proposal.DoesNotExist):
        proposals.accept(row.pk, people.greta)
    path = reverse("needs:answer_proposal", args=[row.pk])
    assert signed_in(people.greta).post(path, {"answer": "yes", "safe": "on"}).status_code == 404


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """What the calls gave or raised, all begun at once in threads with connections of their own."""
    gate, answers = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        try:
            gate.wait()
            answers.append(call())
        except (Refused, TooLate) as refused:
            answers.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_three_who_say_yes_at_once_one_takes_it(people: Any) -> None:
    need = need_at()
    rows = proposals.propose(need, [people.alice, people.greta, people.edith], people.carol)
    assert len(rows) == 3
    answers = together([lambda row=row: proposals.accept(row.pk, row.volunteer) for row in rows])
    assert len(answers) == 3
    assert sum(isinstance(each, Commitment) for each in answers) == 1
    assert Commitment.objects.count() == 1
    lapse_proposals()
    assert sorted(Proposal.objects.values_list("answer", flat=True)) == ["accepted", "expired", "expired"]


@pytest.mark.django_db(transaction=True)
def test_one_yes_sent_twice_at_once_takes_it_once(people: Any) -> None:
    [row] = proposals.propose(need_at(), [people.alice], people.carol)
    answers = together([lambda: proposals.accept(row.pk, people.alice) for _each in range(2)])
    assert sorted(type(each).__name__ for each in answers) == ["Commitment", "TooLate"]


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_at_once_do_not_ask_more_of_a_person_than_they_said(people: Any) -> None:
    offers(people.alice, most=1)
    needs = [need_at() for _each in range(4)]
    made = together([lambda need=need: proposals.propose(need, [people.alice], None) for need in needs])
    assert sum(len(each) for each in made) == 1


def test_a_proposal_lapses_with_its_time_or_its_need(people: Any) -> None:
    one, other, third = need_at(), need_at(), need_at()
    [late] = proposals.propose(one, [people.alice], None)
    [closed] = proposals.propose(other, [people.alice], None)
    [kept] = proposals.propose(third, [people.greta], None)
    Proposal.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    Need.objects.filter(pk=other.pk).update(state=NeedState.MET)
    assert lapse_proposals() == 2
    assert lapse_proposals() == 0
    assert list(Proposal.objects.filter(answer="")) == [kept]
    # An expired proposal is no answer: the person can be asked again.
    assert people.alice.pk in asked_about(one)


# --- associations --------------------------------------------------------------------------------------------------


def test_an_association_is_asked_while_something_is_left_this_week(people: Any) -> None:
    capacities.store(people.maraude, {"food": 1}, snap(*HERE), 3000)
    one, other = need_at(), need_at()
    [row] = proposals.ask_association(one, people.maraude, people.carol)
    assert row.volunteer == people.carol
    taken = proposals.accept(row.pk, people.carol)
    assert (taken.association, [part.kind for part in taken.parts.all()]) == (people.maraude, ["food"])
    assert proposals.ask_association(other, people.maraude, people.carol) == []
    next_week = timezone.now() + timedelta(days=7)
    assert len(capacities.who_has_left(other, ["food"], next_week)) == 1


def test_what_is_used_up_meanwhile_cannot_be_accepted(people: Any) -> None:
    capacities.store(people.maraude, {"food": 1}, None, 3000)
    rows = [proposals.ask_association(need_at(), people.maraude, None)[0] for _each in range(2)]
    proposals.accept(rows[0].pk, people.carol)
    with pytest.raises(Refused):
        proposals.accept(rows[1].pk, people.carol)


def test_an_association_out_of_reach_is_not_named(people: Any) -> None:
    capacities.store(people.maraude, {"food": 4}, snap(HERE[0] + 0.08, HERE[1]), 3000)
    assert capacities.who_has_left(need_at(), ["food"], timezone.now()) == []


# --- pages ---------------------------------------------------------------------------------------------------------


def offer_form(**changes: Any) -> dict[str, Any]:
    return {
        "skills": ["care"], "languages": ["fr", "ar"], "latitude": "48.8661234", "longitude": "2.3502345", "radius": "3000",
        "most": "2", "paused_until": "", "times-TOTAL_FORMS": "2", "times-INITIAL_FORMS": "0", "times-0-weekday": "4",
        "times-0-start": "22:00", "times-0-end": "02:00", "times-1-weekday": "", **changes,
    }  # fmt: skip


def test_what_somebody_offers_is_stored_with_the_middle_of_the_area_only(cast: Cast, signed_in: SignedIn) -> None:
    assert signed_in(cast.alice).post("/me/offer/", offer_form()).status_code == 302
    own = Profile.objects.get(user=cast.alice)
    latitude, longitude = snap(48.8661234, 2.3502345)
    assert (own.base.y, own.base.x) == pytest.approx((latitude, longitude), abs=1e-9)
    assert abs(own.base.y - 48.8661234) > 1e-5
    [window] = own.windows.all()
    assert (window.weekday, window.start, window.end) == (4, time(22), time(2))
    page = signed_in(cast.alice).get("/me/offer/").content.decode()
    assert "48.8661234" not in page and "never the exact point" in page


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"longitude": ""}, "both latitude and longitude"),
        ({"times-0-end": ""}, "a day, a start and an end"),
        ({"times-0-end": "22:00"}, "at least half an hour"),
        ({"times-1-weekday": "5", "times-1-start": "01:00", "times-1-end": "03:00"}, "overlap"),
        ({"most": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_wrong_offer_names_its_cure(cast: Cast, signed_in: SignedIn, wrong: dict[str, str], cure: str) -> None:
    answer = signed_in(cast.alice).post("/me/offer/", offer_form(**wrong))
    assert answer.status_code == 400
    assert cure in answer.content.decode()
    assert not Profile.objects.exists()


def test_a_dispatcher_sees_reasons_and_only_the_names_of_mates(people: Any, signed_in: SignedIn) -> None:
    offers(people.bob)
    need = need_at(kinds=[Category.FOOD])
    path = reverse("needs:whom_to_ask", args=[need.pk])
    page = signed_in(people.carol).get(path).content.decode()
    assert "Bob" in page and "A volunteer" in page
    assert "Alice" not in page and "alice@" not in page
    assert "0 of 2 needs at once" in page
    assert signed_in(people.bob).get(path).status_code == 404


def test_a_dispatcher_asks_those_ticked(people: Any, signed_in: SignedIn) -> None:
    need = need_at()
    path = reverse("needs:whom_to_ask", args=[need.pk])
    client = signed_in(people.carol)
    tokens = [row.token for row in client.get(path).context["people"]]
    assert client.post(path, {"people": tokens[:2]}).status_code == 302
    assert Proposal.objects.count() == 2
    assert client.post(path, {"people": ["0" * 24]}).status_code == 400
    elsewhere = client.get(reverse("needs:whom_to_ask", args=[need_at().pk])).context["people"]
    assert not {row.token for row in elsewhere} & set(tokens)


def test_a_volunteer_reads_why_and_says_yes_after_the_rules(people: Any, signed_in: SignedIn) -> None:
    need = need_at(place_text="behind the station", text="a long story")
    [row] = proposals.propose(need, [people.alice], None)
    client = signed_in(people.alice)
    page = client.get("/proposals/").content.decode()
    assert "in the same area or next to it" in page
    assert "behind the station" not in page and "a long story" not in page
    path = reverse("needs:answer_proposal", args=[row.pk])
    assert client.post(path, {"answer": "yes"}, follow=True).redirect_chain[-1][0] == "/proposals/"
    assert not Commitment.objects.exists()
    answer = client.post(path, {"answer": "yes", "safe": "on"})
    assert answer["Location"] == reverse("needs:commitment", args=[Commitment.objects.get().pk])


def test_the_batch_is_shown_first_and_proposed_as_it_was_seen(people: Any, signed_in: SignedIn) -> None:
    for _each in range(3):
        need_at()
    client = signed_in(people.carol)
    page = client.get("/triage/ask/")
    assert "3 of 3" in page.content.decode()
    changed = client.post("/triage/ask/", {"seen": "something else"})
    assert "Something changed" in changed.content.decode()
    assert not Proposal.objects.exists()
    client.post("/triage/ask/", {"seen": page.context["seen"]})
    assert Proposal.objects.count() == 3
    assert "Nothing to propose" in client.get("/triage/ask/").content.decode()
    assert signed_in(people.alice).get("/triage/ask/").status_code == 404


def test_the_batch_keeps_to_a_territory(people: Any, signed_in: SignedIn) -> None:
    need_at()
    need_at((48.855, 2.340))
    page = signed_in(people.carol).get("/triage/ask/?area=sud")
    assert len(page.context["plan"].read.needs) == 1


def test_a_dispatcher_enters_what_their_association_can_do(people: Any, signed_in: SignedIn) -> None:
    client = signed_in(people.carol)
    data = {"food": "5", "tent": "0", "latitude": "48.866", "longitude": "2.350", "radius": "5000"}
    assert client.post("/capacities/", data)["Location"] == "/capacities/maraude-du-nord/"
    [row] = Capacity.objects.all()
    assert (row.kind, row.per_week, row.radius) == ("food", 5, 5000)
    client.post("/capacities/", {"radius": "5000"})
    assert not Capacity.objects.exists()
    assert client.get("/capacities/soupe-du-sud/").status_code == 404


def test_lists_take_as_many_queries_for_many_as_for_few(people: Any, signed_in: SignedIn) -> None:
    need = need_at()

    def queries(path: str, who: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert signed_in(who).get(path).status_code == 200
        return len(asked)

    whom = reverse("needs:whom_to_ask", args=[need.pk])
    proposals.propose(need_at(), [people.alice], None)
    before = [queries(whom, people.carol), queries("/proposals/", people.alice), queries("/triage/ask/", people.carol)]
    for number in range(12):
        offers(User.objects.create_user(f"more{number}@example.org"))
        need_at()
    offers(people.alice, most=9)
    proposals.propose_pairs([(each.pk, people.alice.pk) for each in Need.objects.all()[:6]], None)
    after = [queries(whom, people.carol), queries("/proposals/", people.alice), queries("/triage/ask/", people.carol)]
    assert after == before
