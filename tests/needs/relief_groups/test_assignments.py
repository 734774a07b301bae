"""Assigning needs: the desk, the answer of the group, what it reports, time, and attacks."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Point
from django.utils import timezone

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState, OutcomeReason
from needs.help.assignments import answering, assignment_clock, group_members
from needs.help.assignments.assign_refusals import AssignRefusal, AssignRefused
from needs.help.commitments import ending
from needs.help.records.refusals import Refused
from needs.models import AssignmentState, Commitment, Crisis, NeedAssignment, PlaceView, ReliefGroup
from tests.needs.crises.crisis_cases import opened
from tests.needs.relief_groups.relief_cases import FileNeed, assigned, page
from tests.support import Cast, City, SignedIn, without_times
from volunteers.models import Membership, Notification, Profile, Vouch

pytestmark = pytest.mark.django_db


def test_an_accepted_need_is_a_commitment_of_the_person_who_accepts(
    cast: Cast, group: ReliefGroup, file_need: FileNeed, signed_in: SignedIn
) -> None:
    need = file_need()
    carol, alice = signed_in(cast.carol), signed_in(cast.alice)
    desk = f"/triage/{need.pk}/"
    assert "Boats" in page(carol, desk)
    sent = carol.post("/relief/assign/", {"need": str(need.pk), "to": f"group:{group.pk}", "back": desk})
    assert sent["Location"] == desk
    own = NeedAssignment.objects.get()
    need.refresh_from_db()
    assert (own.state, need.state) == (AssignmentState.WAITING, NeedState.NEW)
    assert set(Notification.objects.exclude(key__startswith="crisis-").values_list("user", flat=True)) == {
        cast.alice.pk
    }
    shown = page(alice, "/relief/")
    assert "Boats" in shown
    assert "red tent" not in shown
    assert "bakery" not in shown
    assert "48.86" not in without_times(shown)
    answer = alice.post(f"/relief/{own.pk}/answer/", {"answer": "accept"})
    held = Commitment.objects.get()
    assert answer["Location"] == f"/commitments/{held.pk}/"
    own.refresh_from_db()
    need.refresh_from_db()
    assert (own.state, own.commitment, need.state) == (AssignmentState.ACCEPTED, held, NeedState.COMMITTED)
    assert (held.volunteer, held.association) == (cast.alice, None)
    assert "Boats" in page(carol, desk)


def test_an_association_accepts_in_its_own_name(cast: Cast, file_need: FileNeed) -> None:
    own = assigned(file_need("open"), cast.maraude, cast.carol)
    told = Notification.objects.exclude(key__startswith="crisis-").values_list("user", flat=True)
    assert set(told) == {cast.carol.pk}, "its dispatchers answer"
    held = answering.accept(own.pk, cast.bob)
    assert (held.volunteer, held.association) == (cast.bob, cast.maraude)


@pytest.mark.parametrize(
    ("outcome", "state", "after"),
    [
        ("met", AssignmentState.DONE, NeedState.MET),
        ("partly", AssignmentState.DONE, NeedState.PARTLY_MET),
        ("by_others", AssignmentState.DONE, NeedState.MET),
        ("not_found", AssignmentState.RETURNED, NeedState.OPEN),
        ("refused", AssignmentState.RETURNED, NeedState.OPEN),
    ],
)
def test_what_a_group_reports_moves_the_need(
    outcome: str, state: str, after: str, cast: Cast, group: ReliefGroup, file_need: FileNeed, signed_in: SignedIn
) -> None:
    need = file_need()
    own = assigned(need, group, cast.carol)
    answering.accept(own.pk, cast.alice)
    sent = {"outcome": outcome, "kinds": ["food"] if outcome == "partly" else [], "word": "the water is falling"}
    assert signed_in(cast.bob).post(f"/relief/{own.pk}/report/", sent).status_code == 302
    own.refresh_from_db()
    need.refresh_from_db()
    assert (own.state, need.state, own.word) == (state, after, "the water is falling")
    assert Notification.objects.filter(user=cast.carol, path=f"/relief/{own.pk}/").exists()
    desk = page(signed_in(cast.carol), f"/relief/{own.pk}/")
    assert "the water is falling" in desk


def test_a_wrong_report_keeps_what_was_typed(
    cast: Cast, group: ReliefGroup, file_need: FileNeed, signed_in: SignedIn
) -> None:
    own = assigned(file_need(), group, cast.carol)
    answering.accept(own.pk, cast.alice)
    response = signed_in(cast.alice).post(f"/relief/{own.pk}/report/", {"outcome": "partly", "word": "half a bag"})
    assert response.status_code == 400
    assert "half a bag" in response.content.decode()


def test_declined_needs_a_coded_reason_of_those_whom_the_desk_asks(
    cast: Cast, group: ReliefGroup, file_need: FileNeed, signed_in: SignedIn
) -> None:
    own = assigned(file_need(), group, cast.carol)
    assert signed_in(cast.bob).post(f"/relief/{own.pk}/answer/", {"reason": "too_far"}).status_code == 404
    alice = signed_in(cast.alice)
    alice.post(f"/relief/{own.pk}/answer/", {"reason": "<b>"})
    own.refresh_from_db()
    assert own.state == AssignmentState.WAITING
    alice.post(f"/relief/{own.pk}/answer/", {"reason": "too_far"})
    own.refresh_from_db()
    assert (own.state, own.reason) == (AssignmentState.DECLINED, OutcomeReason.TOO_FAR)
    assert assigned(own.need, cast.maraude, cast.carol), "the desk can ask somebody else"


def test_without_an_answer_the_group_is_reminded_once_and_the_need_returns_to_the_queue(
    cast: Cast, group: ReliefGroup, file_need: FileNeed
) -> None:
    own = assigned(file_need(urgency="soon"), group, cast.carol)
    now, time = own.at, assignment_clock.ANSWER_WITHIN["soon"]  # type: ignore[index]
    assert assignment_clock.run(now + time / 3) == {"reminded": 0, "returned": 0, "settled": 0}
    assert assignment_clock.run(now + time / 2)["reminded"] == 1
    assert assignment_clock.run(now + time * 0.9)["reminded"] == 0
    assert assignment_clock.run(now + time)["returned"] == 1
    own.refresh_from_db()
    assert own.state == AssignmentState.EXPIRED
    told = Notification.objects.values_list("key", flat=True)
    assert {f"assignment:reminder:{own.pk}", f"assignment:expired:{own.pk}"} <= set(told)
    with pytest.raises(AssignRefused):
        answering.accept(own.pk, cast.alice)


def test_assignments_follow_their_need_and_their_commitment(
    cast: Cast, group: ReliefGroup, file_need: FileNeed
) -> None:
    waiting, given_back, expired = (assigned(file_need(), group, cast.carol) for _each in range(3))
    transitions.move(waiting.need_id, NeedState.UNMET, Cause(Actor.DISPATCHER, cast.carol.pk, "nobody_free"))
    held = answering.accept(given_back.pk, cast.alice)
    ending.withdraw(held.pk, cast.alice, "unsafe")
    late = answering.accept(expired.pk, cast.bob)
    Commitment.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    ending.expire()
    rows = [NeedAssignment.objects.get(pk=each.pk) for each in (waiting, given_back, expired)]
    assert [(row.state, row.reason) for row in rows] == [
        (AssignmentState.WITHDRAWN, "nobody_free"), (AssignmentState.RETURNED, "unsafe"),
        (AssignmentState.RETURNED, "lapsed"),
    ]  # fmt: skip


def test_many_needs_are_assigned_at_once_and_those_that_cannot_be_say_why(
    cast: Cast, group: ReliefGroup, file_need: FileNeed, signed_in: SignedIn
) -> None:
    good, held, twice = file_need(), file_need("held"), file_need()
    assigned(twice, cast.maraude, cast.carol)
    chosen = [f"{each.pk}:{each.state}" for each in (good, held, twice)]
    carol = signed_in(cast.carol)
    assert "Assign the selected ones" in page(carol, "/triage/")
    data = {"need": chosen, "to": f"group:{group.pk}", "back": "//evil.example/"}
    response = carol.post("/relief/assign/", data)
    assert response["Location"] == "/crises/", "only pages of this site"
    shown = page(carol, "/crises/")
    assert "1 need is assigned to Boats." in shown
    assert "A moderator has to accept this report first." in shown
    assert "It is already assigned." in shown


def test_a_coordinator_assigns_from_the_list_of_the_event(
    cast: Cast, crisis: Crisis, group: ReliefGroup, file_need: FileNeed, signed_in: SignedIn
) -> None:
    need, diane = file_need(), signed_in(cast.diane)
    address = f"/crises/{crisis.slug}/"
    assert f'form="assign" value="{need.pk}"' in page(diane, address)
    diane.post("/relief/assign/", {"need": [str(need.pk)], "to": f"group:{group.pk}", "back": address})
    assert "1 need is assigned to Boats." in page(diane, address)


# --- attacks ---------------------------------------------------------------------------------------------------------


def test_attack_a_dispatcher_elsewhere_and_a_stranger_cannot_assign_read_or_withdraw(
    cast: Cast, group: ReliefGroup, file_need: FileNeed, signed_in: SignedIn
) -> None:
    need, other = file_need(), file_need()
    own = assigned(other, group, cast.carol)
    edith, greta = signed_in(cast.edith), signed_in(cast.greta)
    edith.post("/relief/assign/", {"need": [str(need.pk)], "to": f"group:{group.pk}"})
    assert not NeedAssignment.objects.filter(need=need).exists()
    assert greta.post("/relief/assign/", {"need": [str(need.pk)], "to": f"group:{group.pk}"}).status_code == 404
    for client in (edith, greta):
        assert client.get(f"/relief/{own.pk}/").status_code == 404
        assert client.post(f"/relief/{own.pk}/withdraw/").status_code == 404
        assert client.post(f"/relief/{own.pk}/answer/", {"answer": "accept"}).status_code == 404
        assert client.post(f"/relief/{own.pk}/report/", {"outcome": "met"}).status_code == 404
        assert "Boats" not in page(client, "/relief/")


def test_attack_a_group_of_another_event_gets_no_need(
    cast: Cast, crisis: Crisis, group: ReliefGroup, file_need: FileNeed
) -> None:
    elsewhere = group_members.make_group(opened(cast.diane, "Crue"), "Tents", cast.diane)
    elsewhere.members.create(user=cast.greta, lead=True)
    with pytest.raises(AssignRefused) as refused:
        assigned(file_need(), elsewhere, cast.carol)
    assert refused.value.refusal is AssignRefusal.OTHER_EVENT


def test_attack_harvest_accepting_opens_no_place_without_a_vouch_and_none_beyond_the_limits(
    cast: Cast, group: ReliefGroup, file_need: FileNeed, settings: object
) -> None:
    rows = [assigned(file_need(), group, cast.carol) for _each in range(5)]
    taken = 0
    for row in rows:
        try:
            answering.accept(row.pk, cast.alice)
            taken += 1
        except Refused:
            pass
    assert taken == 3, "the limit of needs at once applies to assigned needs too"
    assert not PlaceView.objects.exists(), "accepting shows no place"
    Vouch.objects.filter(user=cast.alice).update(ended_at=timezone.now())
    waiting = next(row for row in rows if NeedAssignment.objects.get(pk=row.pk).state == "waiting")
    with pytest.raises(NeedAssignment.DoesNotExist):
        answering.accept(waiting.pk, cast.alice)
    assert not NeedAssignment.objects.for_user(cast.alice).exists()
    Membership.objects.filter(user=cast.bob).update(left_at=timezone.now())
    assert not NeedAssignment.objects.for_user(cast.bob).exists()


def test_attack_two_accept_at_once_and_one_live_assignment_per_need(
    cast: Cast, group: ReliefGroup, file_need: FileNeed
) -> None:
    need = file_need()
    own = assigned(need, group, cast.carol)
    with pytest.raises(AssignRefused) as refused:
        assigned(need, cast.maraude, cast.carol)
    assert refused.value.refusal is AssignRefusal.ASSIGNED
    answering.accept(own.pk, cast.alice)
    with pytest.raises(AssignRefused):
        answering.accept(own.pk, cast.bob)
    assert Commitment.objects.count() == 1


def test_coordinators_choose_people_who_are_vouched_for_and_the_drawn_area_tells_nothing_about_homes(
    cast: Cast, city: City, crisis: Crisis, signed_in: SignedIn
) -> None:
    group = group_members.make_group(crisis, "Boats", cast.diane)
    for person in (cast.alice, cast.greta):
        Profile.objects.update_or_create(user=person, defaults={"base": Point(2.345, 48.868, srid=4326)})
    everybody = group_members.candidates(group)
    assert cast.alice in everybody
    assert cast.greta not in everybody, "nobody vouches for Greta"
    tiny = MultiPolygon(Point(2.351, 48.866).buffer(0.001), srid=4326)
    Crisis.objects.filter(pk=crisis.pk).update(area=tiny)
    again = group_members.candidates(ReliefGroup.objects.select_related("crisis").get(pk=group.pk))
    assert again == everybody
    diane, address = signed_in(cast.diane), f"/map/crises/{crisis.slug}/groups/"
    assert str(cast.alice) in page(diane, address)
    change = f"{address}{group.pk}/"
    diane.post(change, {"action": "add", "add": str(cast.greta.key)})
    assert not group.members.exists()
    diane.post(change, {"action": "add", "add": str(cast.alice.key)})
    assert group.members.get().lead
    assert signed_in(cast.carol).get(address).status_code == 404
    assert signed_in(cast.edith).post(change, {"action": "close"}).status_code == 404
    need_address = f"/map/crises/{opened(cast.diane, 'Crue').slug}/groups/{group.pk}/"
    assert diane.post(need_address, {"action": "close"}).status_code == 404


def test_a_closed_group_leaves_nothing_waiting(cast: Cast, group: ReliefGroup, file_need: FileNeed) -> None:
    own = assigned(file_need(), group, cast.carol)
    group_members.close(group, cast.diane)
    own.refresh_from_db()
    assert own.state == AssignmentState.WITHDRAWN
    assert not NeedAssignment.objects.for_user(cast.alice).exists()
