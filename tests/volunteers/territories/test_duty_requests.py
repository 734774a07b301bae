"""The page of duties: requests, answers, duties for several people, and who may do each of these."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import Settings

from tests.support import Cast, City, SignedIn, dispatches
from volunteers.enums import Audience, Duty, Level, Role
from volunteers.models import Assignment, AuditEntry, DutyRequest, Membership, Notification, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations import invitations, membership
from volunteers.places.territories import duties, duty_requests

pytestmark = pytest.mark.django_db
PAGE = "/territories/duties/"


def held(user: User) -> set[tuple[str, str]]:
    return set(user.assignments.current().values_list("duty", "territory__slug"))


def ask(client: Client, duty: str = "dispatcher", territory: str = "nord", text: str = "", **more: str) -> Any:
    return client.post(f"{PAGE}ask/", {"duty": duty, "territory": territory, "text": text, **more})


def test_a_member_asks_a_coordinator_accepts_with_one_tap(cast: Cast, city: City, signed_in: SignedIn) -> None:
    assert ask(signed_in(cast.bob), text="I know the north well").status_code == 302
    asked = DutyRequest.objects.get()
    assert set(Notification.objects.values_list("user__display_name", flat=True)) == {"Diane", "Farid"}
    diane = signed_in(cast.diane)
    assert "I know the north well" in diane.get(PAGE).content.decode()
    diane.post(f"{PAGE}requests/{asked.pk}/", {"answer": "accept"})
    assert held(cast.bob) == {("dispatcher", "nord")}
    assert Notification.objects.filter(user=cast.bob, key=f"duty:answered:{asked.pk}").exists()
    assert {"duty_given", "request_answered"} <= set(AuditEntry.objects.values_list("verb", flat=True))
    assert diane.post(f"{PAGE}requests/{asked.pk}/", {"answer": "accept"}).status_code == 404  # answered before


def test_a_declined_request_gives_nothing_and_can_be_repeated(cast: Cast, city: City, signed_in: SignedIn) -> None:
    bob, diane = signed_in(cast.bob), signed_in(cast.diane)
    ask(bob)
    assert ask(bob).status_code == 400  # the first request still waits
    diane.post(f"{PAGE}requests/{DutyRequest.objects.get().pk}/", {"answer": "decline"})
    assert held(cast.bob) == set()
    assert ask(bob).status_code == 302


def test_two_answers_at_once_count_once(cast: Cast, city: City) -> None:
    asked = duty_requests.ask(cast.bob, city.nord, Duty.DISPATCHER, "")
    assert duty_requests.answer(asked.pk, cast.diane, accept=False) is not None
    assert duty_requests.answer(asked.pk, cast.farid, accept=True) is None
    assert held(cast.bob) == set()


def test_only_members_of_an_association_dispatch(cast: Cast, city: City, signed_in: SignedIn) -> None:
    assert ask(signed_in(cast.greta)).status_code == 400
    assert ask(signed_in(cast.greta), duty="volunteer").status_code == 302
    given = duty_requests.give([cast.greta, cast.bob], city.nord, Duty.DISPATCHER, cast.diane)
    assert (given.changed, given.refused) == (1, (cast.greta,))


def test_a_name_in_the_words_is_held_back_by_the_check(cast: Cast, city: City, signed_in: SignedIn) -> None:
    answer = ask(signed_in(cast.bob), text="call me, 06 12 34 56 78")
    assert answer.status_code == 400
    assert not DutyRequest.objects.exists()


def test_several_people_get_and_lose_a_duty_at_once(cast: Cast, city: City, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    body = {"people": [str(cast.bob.key), str(cast.edith.key)], "territory": "nord", "duty": "dispatcher"}
    assert diane.post(PAGE, {**body, "action": "give"}).status_code == 302
    assert held(cast.bob) == held(cast.edith) == {("dispatcher", "nord")}
    diane.post(PAGE, {**body, "action": "end"})
    assert held(cast.bob) == held(cast.edith) == set()
    assert diane.post(PAGE, {**body, "people": [], "action": "give"}).status_code == 400


def test_a_duty_is_given_until_a_last_day_which_can_change(cast: Cast, city: City, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    today = timezone.localdate()
    form = {"people": [cast.bob.key], "territory": "nord", "duty": "volunteer", "action": "give"}
    for day in (today - timedelta(days=1), today + timedelta(days=4000)):
        page = diane.post(PAGE, form | {"until": day.isoformat()})
        assert page.status_code == 400 and "within ten years" in page.content.decode()
    assert held(cast.bob) == set()
    for day in (today, today + timedelta(days=30)):
        assert diane.post(PAGE, form | {"until": day.isoformat()}).status_code == 302
        until = cast.bob.assignments.current().get().until
        assert until is not None and timezone.localtime(until).date() == day
        for page in (diane.get(PAGE), signed_in(cast.bob).get("/me/")):
            assert f"until {date_format(day)}" in " ".join(page.content.decode().split())
    diane.post(PAGE, form)
    assert cast.bob.assignments.current().get().until is None


def test_one_duty_ends_with_its_button(cast: Cast, city: City, signed_in: SignedIn) -> None:
    row = duties.assign(cast.bob, city.nord, Duty.DISPATCHER, None)
    assert signed_in(cast.diane).post(f"{PAGE}{row.pk}/end/").status_code == 302
    assert held(cast.bob) == set()


@pytest.fixture
def ines(cast: Cast, city: City) -> User:
    """A coordinator of Sud only."""
    ines = User.objects.create_user("ines@example.org", "x", display_name="Ines")
    Assignment.objects.create(user=ines, territory=city.sud, duty=Duty.COORDINATOR, purpose="coordination")
    return ines


def test_a_coordinator_acts_in_their_territories_only(cast: Cast, city: City, ines: User, signed_in: SignedIn) -> None:
    asked = duty_requests.ask(cast.bob, city.nord, Duty.DISPATCHER, "a text for Nord")
    row = duties.assign(cast.edith, city.nord, Duty.DISPATCHER, None)
    client = signed_in(ines)
    page = client.get(PAGE).content.decode()
    assert "a text for Nord" not in page
    assert client.post(f"{PAGE}requests/{asked.pk}/", {"answer": "accept"}).status_code == 404
    assert client.post(f"{PAGE}{row.pk}/end/").status_code == 404
    body = {"people": [str(cast.bob.key)], "territory": "nord", "duty": "dispatcher", "action": "give"}
    assert client.post(PAGE, body).status_code == 400
    assert client.post(PAGE, {**body, "territory": "sud"}).status_code == 302
    assert held(cast.bob) == {("dispatcher", "sud")}


def test_coordinators_are_given_from_above_with_a_purpose(
    cast: Cast, city: City, ines: User, signed_in: SignedIn
) -> None:
    body = {"people": [str(cast.bob.key)], "duty": "coordinator", "action": "give", "purpose": "winter tours"}
    assert signed_in(ines).post(PAGE, {**body, "territory": "sud"}).status_code == 400  # Sud is Ines's own level
    diane = signed_in(cast.diane)
    assert diane.post(PAGE, {**body, "territory": "sud", "purpose": ""}).status_code == 400
    assert diane.post(PAGE, {**body, "territory": "ville"}).status_code == 400  # Diane only coordinates Ville
    assert diane.post(PAGE, {**body, "territory": "sud"}).status_code == 302
    assert signed_in(cast.farid).post(PAGE, {**body, "territory": "ville"}).status_code == 302
    assert held(cast.bob) == {("coordinator", "sud"), ("coordinator", "ville")}
    own = Assignment.objects.get(user=ines)
    assert signed_in(ines).post(f"{PAGE}{own.pk}/end/").status_code == 404


def test_a_request_to_coordinate_needs_a_purpose(cast: Cast, city: City, signed_in: SignedIn) -> None:
    asked = duty_requests.ask(cast.bob, city.sud, Duty.COORDINATOR, "")
    diane = signed_in(cast.diane)
    diane.post(f"{PAGE}requests/{asked.pk}/", {"answer": "accept", "purpose": " "})
    assert held(cast.bob) == set()
    diane.post(f"{PAGE}requests/{asked.pk}/", {"answer": "accept", "purpose": "winter tours"})
    assert Assignment.objects.get(user=cast.bob).purpose == "winter tours"


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "greta"])
def test_others_do_not_find_the_page(name: str, cast: Cast, signed_in: SignedIn) -> None:
    assert signed_in(getattr(cast, name)).get(PAGE).status_code == 404
    assert Viewer(getattr(cast, name)).view_as is None


def test_a_coordinator_who_views_as_somebody_else_sees_no_duties(cast: Cast) -> None:
    viewer = Viewer(cast.diane, Audience.VOLUNTEER)
    assert not duty_requests.waiting_for(viewer).exists()
    assert not duty_requests.assignments_for(viewer).exists()


def test_who_is_on_duty_now_is_on_the_page(cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    assert "Nobody is on duty" in diane.get(PAGE).content.decode()
    duties.go_on_duty(cast.carol)
    assert "Nobody is on duty" not in diane.get(PAGE).content.decode()


def test_the_whole_address_finds_an_account_without_an_association(cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    assert str(cast.greta.key) not in diane.get(PAGE).content.decode()
    assert str(cast.greta.key) not in diane.get(f"{PAGE}?q=greta").content.decode()
    assert str(cast.greta.key) in diane.get(f"{PAGE}?q=Greta@example.org").content.decode()


# --- roles in associations -----------------------------------------------------------------------------------------


def test_on_a_site_with_one_root_a_new_dispatcher_can_work_at_once(cast: Cast, city: City, signed_in: SignedIn) -> None:
    row = Membership.objects.get(user=cast.bob)
    membership.change_role(row, Role.DISPATCHER, cast.carol)
    assert held(cast.bob) == {("dispatcher", "ville")}
    assert signed_in(cast.bob).get("/triage/").status_code == 200
    duties.go_on_duty(cast.bob)
    membership.change_role(Membership.objects.get(pk=row.pk), Role.MEMBER, cast.carol)
    assert held(cast.bob) == set()
    assert signed_in(cast.bob).get("/triage/").status_code == 404
    assert duties.shift_of(cast.bob) is None


def test_somebody_invited_as_a_dispatcher_can_work_at_once(cast: Cast, city: City) -> None:
    row = invitations.invite(cast.maraude, cast.greta.email, Role.DISPATCHER, cast.carol)
    invitations.accept(invitations.token_of(row), cast.greta)
    assert held(cast.greta) == {("dispatcher", "ville")}


def test_on_a_larger_site_a_coordinator_decides(cast: Cast, city: City) -> None:
    Territory.objects.create(slug="other", name="Other", level=Level.CITY, polygon=city.root.polygon)
    membership.change_role(Membership.objects.get(user=cast.bob), Role.DISPATCHER, cast.carol)
    assert held(cast.bob) == set()


def test_who_leaves_the_association_loses_the_duty(cast: Cast, city: City) -> None:
    dispatches(cast.bob, association=cast.maraude)
    membership.remove(Membership.objects.get(user=cast.bob), cast.carol)
    assert held(cast.bob) == set()


def test_a_member_keeps_the_duty_until_they_belong_to_no_association(cast: Cast, city: City) -> None:
    duties.assign(cast.bob, city.nord, Duty.DISPATCHER, cast.diane)
    second = Membership.objects.create(user=cast.bob, association=cast.other)
    membership.leave(second)
    assert held(cast.bob) == {("dispatcher", "nord")}
    membership.leave(Membership.objects.current().get(user=cast.bob))
    assert held(cast.bob) == set()


def test_the_first_territory_of_a_site_goes_to_its_dispatchers(cast: Cast, city: City) -> None:
    Assignment.objects.dispatching().delete()
    duties.staff_new_root(city.root)
    assert held(cast.carol) == {("dispatcher", "ville")}


def test_the_administration_gives_the_duty_with_the_role(
    cast: Cast, city: City, signed_in: SignedIn, settings: Settings
) -> None:
    settings.DJANGO_ADMIN = True
    row = Membership.objects.get(user=cast.bob)
    carols = Membership.objects.get(user=cast.carol)
    body = {
        "name": cast.maraude.name, "slug": cast.maraude.slug, "website": "",
        "memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "2",
        "memberships-0-id": str(row.pk), "memberships-0-association": str(cast.maraude.pk),
        "memberships-0-user": str(cast.bob.pk), "memberships-0-role": "dispatcher", "memberships-0-left_at_0": "",
        "memberships-0-left_at_1": "",
        "memberships-1-id": str(carols.pk), "memberships-1-association": str(cast.maraude.pk),
        "memberships-1-user": str(cast.carol.pk), "memberships-1-role": "dispatcher", "memberships-1-left_at_0": "",
        "memberships-1-left_at_1": "",
    }  # fmt: skip
    answer = signed_in(cast.farid).post(f"/admin/volunteers/association/{cast.maraude.pk}/change/", body)
    assert answer.status_code == 302
    assert held(cast.bob) == {("dispatcher", "ville")}
