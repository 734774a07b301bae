"""Candidates for a need, from the database: order, reasons, constraints."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from needs.enums import Answer, Category, Urgency
from needs.help.matching import batch, candidates, proposals
from needs.models import Commitment, Need, Proposal
from needs.tours import planning
from needs.tours.planning import PlanDraft
from needs.tours.tour_seats import seats
from solidarity.lib import grid
from solidarity.lib.grid import snap
from tests.needs.matching.matching_cases import HERE, asked_about, need_at, offers
from tests.support import Cast
from volunteers.enums import Skill
from volunteers.models import Profile, User
from volunteers.people.availability.offers import Weekly


def test_candidates_are_found_nearest_first_with_reasons(people: Cast) -> None:
    pairs = candidates.volunteers_for_need(need_at(), timezone.now())
    assert {pair.user for pair in pairs[:2]} == {people.alice.pk, people.greta.pk}
    assert pairs[2].user == people.edith.pk
    centre, base = Point(*snap(*HERE)[::-1]), Point(*snap(HERE[0] + 0.01, HERE[1])[::-1])
    assert pairs[2].distance == pytest.approx(
        grid.distance_m(grid.cell_of(centre.y, centre.x), grid.cell_of(base.y, base.x)), rel=0.01
    )
    assert [reason.code for reason in pairs[2].reasons] == ["distance", "free", "load"]


def test_one_need_is_matched_with_few_prepared_statements(people: Cast) -> None:
    need = need_at()
    for _ in range(2):  # the first round prepares the statements on this connection
        with CaptureQueriesContext(connection) as ran:
            pairs = candidates.volunteers_for_need(need, timezone.now())
    assert pairs
    # The queries read: held kinds and calls; two rings of candidates; windows, seats and blocks of the candidates
    # found.
    assert len(ran.captured_queries) <= 7
    assert all(query["sql"].startswith("EXECUTE") for query in ran.captured_queries)


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
def test_people_excluded_by_a_constraint_are_not_candidates(people: Cast, change: dict[str, object]) -> None:
    edith, place = people.edith, (HERE[0] + 0.01, HERE[1])
    need = need_at(urgency=Urgency.SOON)
    assert edith.pk in asked_about(need)
    values = {name: value for name, value in change.items() if not name.startswith("_")}
    start = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    local = timezone.localtime(start)
    if values.get("weekly") == "tomorrow":
        later = (local + timedelta(hours=1)).time()
        values["weekly"] = (Weekly(local.weekday(), local.time(), later),)
    offers(edith, place, **values)
    if "_seat" in change:
        draft = PlanDraft(start=start - timedelta(minutes=30), minutes=120, cells=[grid.cell_of(*HERE)], seats=1)
        plan = planning.make_plan(draft, association=people.maraude.pk, author=None)
        assert edith.pk in asked_about(need)
        seats.take_seat(plan.pk, edith.pk)
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


def test_health_needs_are_proposed_only_to_people_with_the_skill(people: Cast) -> None:
    need = need_at(kinds=[Category.HEALTH])
    assert asked_about(need) == []
    offers(people.edith, (HERE[0] + 0.01, HERE[1]), skills=(Skill.CARE,), languages=("ar",))
    [pair] = candidates.volunteers_for_need(need, timezone.now())
    assert pair.user == people.edith.pk
    assert {"skills", "languages"} <= {reason.code for reason in pair.reasons}


def test_people_far_away_with_a_large_radius_are_found(cast: Cast) -> None:
    offers(cast.alice, (HERE[0] + 0.08, HERE[1]), radius=10_000)  # 8.9 km
    offers(cast.greta, (HERE[0] + 0.08, HERE[1]), radius=5000)
    assert asked_about(need_at()) == [cast.alice.pk]
    mine = candidates.needs_for_volunteer(Profile.objects.get(user=cast.alice), timezone.now())
    assert len(mine) == 1
    assert candidates.needs_for_volunteer(Profile.objects.get(user=cast.greta), timezone.now()) == []


def test_kinds_that_are_met_or_held_are_not_proposed(people: Cast) -> None:
    need = need_at(kinds=[Category.FOOD, Category.HEALTH], met_kinds=[Category.FOOD])
    assert asked_about(need) == []
