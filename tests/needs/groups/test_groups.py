"""Neighbourhood groups and requests to join: who sees whom, answers, leaving, limits, attacks."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from needs.doors.retention import own_data, runner
from needs.models import Group, GroupMember, JoinRequest
from needs.neighbours.groups import group_changes, group_membership, join_requests
from needs.neighbours.groups.join_requests import JoinRefusal, JoinRefused
from needs.neighbours.groups.models import GroupRole
from tests.conftest import PASSWORD
from tests.support import Cast, City, SignedIn
from volunteers.models import AuditEntry, Membership, Notification, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.vouching import vouching
from volunteers.site.people import blocking

pytestmark = pytest.mark.django_db


def founded(host: User, territory: Territory, **more: Any) -> Group:
    values = {"name": "Neighbours of the canal", "welcome": "We meet on Mondays.", "territory": territory, **more}
    return group_changes.found(Viewer(host), values)


def refusal(step: Callable[[], object]) -> JoinRefusal:
    with pytest.raises(JoinRefused) as refused:
        step()
    return refused.value.refusal


def named(email: str, name: str) -> User:
    """Return an account with a confirmed address and a name."""
    user = User.objects.create_user(email, PASSWORD, display_name=name)
    user.emailaddress_set.create(email=email, verified=True, primary=True)  # type: ignore[attr-defined]
    return user


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_request_is_answered_by_a_host_and_the_member_is_welcomed(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    group = founded(cast.bob, city.nord)
    alice, bob, here = signed_in(cast.alice), signed_in(cast.bob), f"/groups/{group.pk}/"
    assert "Neighbours of the canal" in page(alice, "/join/") and "We meet on Mondays" not in page(alice, here)
    assert alice.post(f"{here}join/", {"word": "I can cook"}).status_code == 302
    asked = JoinRequest.objects.get()
    assert Notification.objects.filter(user=cast.bob, title="Somebody asks to join").exists()
    assert "I can cook" in page(bob, "/join/requests/")
    bob.post(f"/join/requests/{asked.pk}/answer/", {"answer": "yes"})
    told = Notification.objects.get(user=cast.alice, title="Welcome to the group")
    assert told.path == here and "Bob" not in told.body
    text = page(alice, here)
    assert "We meet on Mondays" in text and "Bob" in text
    assert cast.alice in group_membership.members_of(group) and not group_membership.is_host(cast.alice, group)
    assert group_membership.is_host(cast.bob, group) and cast.carol not in group_membership.members_of(group)
    assert set(group_membership.members_of(group)) == {cast.alice, cast.bob}


def test_a_refusal_needs_a_reason_which_the_person_reads_and_lasts_a_month(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    group = founded(cast.bob, city.nord)
    asked = join_requests.join_group(group, cast.alice, "hello")
    bob, answer = signed_in(cast.bob), f"/join/requests/{asked.pk}/answer/"
    assert bob.post(answer, {"answer": "no"}).status_code == 400
    assert bob.post(answer, {"answer": "no", "reason": "full"}).status_code == 302
    assert "there is no room at the moment" in page(signed_in(cast.alice), "/join/")
    assert refusal(lambda: join_requests.join_group(group, cast.alice)) is JoinRefusal.DECLINED
    JoinRequest.objects.update(answered_at=timezone.now() - timedelta(days=31))
    assert join_requests.join_group(group, cast.alice).answer == ""


def test_only_people_whom_an_association_knows_join_at_once(cast: Cast, city: City, signed_in: SignedIn) -> None:
    group = founded(cast.bob, city.nord, asks_first=False)
    assert join_requests.join_group(group, cast.alice).answer == "accepted"
    stranger = named("lea@example.org", "Léa Petit")
    assert join_requests.join_group(group, stranger).answer == ""
    assert set(group_membership.members_of(group)) == {cast.alice, cast.bob}


def test_joining_a_group_never_gives_exact_places(cast: Cast, city: City) -> None:
    stranger = named("lea@example.org", "Léa Petit")
    group = founded(cast.bob, city.nord)
    join_requests.answer(join_requests.join_group(group, stranger), accepted=True, by=cast.bob)
    assert stranger in group_membership.members_of(group) and not vouching.is_vouched(stranger)


def test_an_association_accepts_with_a_fresh_proof_of_identity_and_makes_a_member(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    asked = join_requests.ask_association(cast.maraude, cast.alice, "I know Bob’s crew")
    for user in (cast.bob, cast.edith, cast.diane):
        assert signed_in(user).post(f"/join/requests/{asked.pk}/answer/", {"answer": "yes"}).status_code == 404
    assert not Membership.objects.filter(user=cast.alice).exists()
    signed_in(cast.carol).post(f"/join/requests/{asked.pk}/answer/", {"answer": "yes"})
    assert Membership.objects.current().get(user=cast.alice).role == "member"
    assert AuditEntry.objects.filter(verb="member_joined", details__asked=True).exists()
    assert refusal(lambda: join_requests.ask_association(cast.maraude, cast.alice)) is JoinRefusal.MEMBER


def test_members_see_first_names_and_roles_and_others_see_only_hosts(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    User.objects.filter(pk=cast.alice.pk).update(display_name="Alice Moreau")
    User.objects.filter(pk=cast.bob.pk).update(display_name="Bob Durand")
    group = founded(cast.bob, city.nord, asks_first=False)
    join_requests.join_group(group, cast.alice)
    here = f"/groups/{group.pk}/"
    join_requests.join_group(group, cast.carol)
    inside, outside = page(signed_in(cast.carol), here), page(signed_in(cast.edith), here)
    assert "Alice" in inside and "Bob" in inside
    assert "Alice" not in outside and "Bob" in outside and "3 members" in outside
    for text in (inside, outside):
        assert "Moreau" not in text and "Durand" not in text
        assert cast.alice.email not in text and cast.bob.email not in text
    assert page(signed_in(cast.diane), here).count("Alice") == 0  # a coordinator reads no list of members


def test_nobody_finds_groups_or_members_by_their_ids(cast: Cast, city: City, signed_in: SignedIn) -> None:
    group, other = founded(cast.bob, city.nord), founded(cast.edith, city.sud, name="Sud")
    row = GroupMember.objects.get(group=group)
    greta = signed_in(cast.greta)  # she has not entered where she helps
    assert greta.get(f"/groups/{group.pk}/").status_code == 404
    assert greta.post(f"/groups/{group.pk}/join/").status_code == 404
    assert "Neighbours of the canal" not in page(greta, "/join/")
    assert greta.get(f"/groups/{uuid.uuid4()}/").status_code == 404
    edith = signed_in(cast.edith)  # she hosts another group
    for step in ("role", "remove"):
        for where in (group, other):
            answer = edith.post(f"/groups/{where.pk}/members/{row.pk}/{step}/", {"role": "member", "reason": "other"})
            assert answer.status_code == 404
    assert edith.get(f"/groups/{group.pk}/change/").status_code == 404
    assert edith.post(f"/groups/{group.pk}/close/").status_code == 404
    asked = join_requests.join_group(group, cast.alice)
    assert edith.post(f"/join/requests/{asked.pk}/answer/", {"answer": "yes"}).status_code == 404
    assert edith.post(f"/join/requests/{asked.pk}/take-back/").status_code == 404
    group_changes.close(group, cast.bob)
    assert edith.get(f"/groups/{group.pk}/").status_code == 404


def test_nobody_walks_through_all_groups_to_collect_names(cast: Cast, city: City) -> None:
    groups = [
        Group.objects.create(name=f"Group {number}", territory=city.nord, asks_first=False) for number in range(7)
    ]
    for group in groups[:5]:
        join_requests.join_group(group, cast.alice)
        group_membership.leave(group, cast.alice)
    assert refusal(lambda: join_requests.join_group(groups[5], cast.alice)) is JoinRefusal.TOO_MANY
    asked = [join_requests.join_group(group, cast.carol) for group in groups[:2]]
    assert {each.answer for each in asked} == {"accepted"}
    Group.objects.update(asks_first=True)
    for group in groups[2:5]:
        join_requests.join_group(group, cast.edith)
    assert refusal(lambda: join_requests.join_group(groups[5], cast.edith)) is JoinRefusal.MANY_WAIT
    for row in JoinRequest.objects.filter(user=cast.edith):
        join_requests.take_back(row)
    join_requests.join_group(groups[5], cast.edith)
    join_requests.join_group(groups[6], cast.edith)
    assert refusal(lambda: join_requests.join_group(groups[0], cast.edith)) is JoinRefusal.TOO_MANY
    cast.greta.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]
    assert refusal(lambda: join_requests.join_group(groups[0], cast.greta)) is JoinRefusal.UNVERIFIED


def test_nothing_tells_which_groups_a_person_is_in(cast: Cast, city: City, signed_in: SignedIn) -> None:
    group = founded(cast.bob, city.nord, asks_first=False)
    join_requests.join_group(group, cast.alice)
    told = "".join(f"{each.title}{each.body}" for each in Notification.objects.all())
    assert "Alice" not in told and "canal" not in told
    entries = AuditEntry.objects.filter(verb="group_changed").values_list("details", flat=True)
    assert "Alice" not in str(list(entries)) and "canal" not in str(list(entries))
    for client in (signed_in(cast.edith), signed_in(cast.diane)):
        assert "Alice" not in page(client, "/join/")


def test_a_removed_member_reads_the_reason_and_cannot_come_back_at_once(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    group = founded(cast.bob, city.nord, asks_first=False)
    join_requests.join_group(group, cast.alice)
    member = GroupMember.objects.get(user=cast.alice)
    bob, remove = signed_in(cast.bob), f"/groups/{group.pk}/members/{member.pk}/remove/"
    bob.post(remove, {"reason": ""})
    assert cast.alice in group_membership.members_of(group)
    bob.post(remove, {"reason": "unsafe"})
    assert cast.alice not in group_membership.members_of(group)
    assert "somebody did not feel safe" in page(signed_in(cast.alice), "/join/")
    assert refusal(lambda: join_requests.join_group(group, cast.alice)) is JoinRefusal.DECLINED
    assert AuditEntry.objects.filter(verb="group_changed", details__reason="unsafe").exists()


def test_the_last_host_hands_over_or_the_coordinators_are_told(
    cast: Cast, city: City, signed_in: SignedIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    title = "A neighbourhood group has no host any more"
    group = founded(cast.bob, city.nord, asks_first=False)
    for user in (cast.alice, cast.edith):
        join_requests.join_group(group, user)
    assert "Who becomes host?" in page(signed_in(cast.bob), f"/groups/{group.pk}/")
    heir = GroupMember.objects.get(user=cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(cast.bob).post(f"/groups/{group.pk}/leave/", {"heir": str(heir.pk)})
    assert set(group_membership.hosts_of(group)) == {cast.alice}
    assert not Notification.objects.filter(title=title).exists()
    with django_capture_on_commit_callbacks(execute=True):
        blocking.block(cast.alice, cast.farid)  # blocking the account also removes it
    assert Notification.objects.filter(title=title, user=cast.diane).exists()
    diane = signed_in(cast.diane)
    assert signed_in(cast.edith).post(f"/groups/{group.pk}/look-after/").status_code == 404
    diane.post(f"/groups/{group.pk}/look-after/")
    assert set(group_membership.hosts_of(group)) == {cast.diane}
    with django_capture_on_commit_callbacks(execute=True):
        group_membership.leave(group, cast.edith)
        group_membership.leave(group, cast.diane)
    group.refresh_from_db()
    assert group.closed_at is not None  # nobody is left


def test_coordinators_and_known_people_found_groups_within_limits(cast: Cast, city: City, signed_in: SignedIn) -> None:
    said = {"name": "Canal", "about": "We walk", "welcome": "", "territory": "nord", "asks_first": "yes"}
    assert signed_in(cast.greta).get("/groups/new/").status_code == 404
    alice = signed_in(cast.alice)
    wrong = alice.post("/groups/new/", {**said, "about": "Call 06 12 34 56 78", "territory": ""})
    text = wrong.content.decode()
    assert wrong.status_code == 400 and "Choose a territory." in text and "06 12 34 56 78" in text
    assert "Leave out addresses" in text
    assert alice.post("/groups/new/", said).status_code == 302
    again = alice.post("/groups/new/", said)
    assert again.status_code == 400 and "Found the next one tomorrow" in again.content.decode()
    group = Group.objects.get()
    assert (
        alice.post(f"/groups/{group.pk}/change/", {**said, "name": "The canal", "asks_first": "no"}).status_code == 302
    )
    group.refresh_from_db()
    assert (group.name, group.asks_first, group.territory) == ("The canal", False, city.nord)
    signed_in(cast.diane).post(f"/groups/{group.pk}/close/")
    group.refresh_from_db()
    assert group.closed_at is not None and cast.alice not in group_membership.members_of(group)


def test_requests_expire_and_their_words_are_deleted(cast: Cast, city: City, signed_in: SignedIn) -> None:
    group = founded(cast.bob, city.nord)
    join_requests.join_group(group, cast.alice, "I can cook")
    assert own_data.of_account(cast.alice)["needs.JoinRequest"]["user"][0]["word"] == "I can cook"
    JoinRequest.objects.update(asked_at=timezone.now() - timedelta(days=15))
    assert "I can cook" not in page(signed_in(cast.bob), "/join/requests/")
    runner.run(timezone.now())
    assert JoinRequest.objects.get().word == ""
    assert join_requests.join_group(group, cast.alice).answer == ""  # the old request no longer blocks a new one
    runner.run(timezone.now() + timedelta(days=61))
    assert not JoinRequest.objects.exists() and GroupMember.objects.get().role == GroupRole.HOST


def test_the_page_join_has_few_queries(
    cast: Cast, city: City, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        group = Group.objects.create(name=f"Group {number}", territory=city.nord)
        GroupMember.objects.create(group=group, user=cast.bob)
    bob = signed_in(cast.bob)
    with django_assert_max_num_queries(30):
        assert bob.get("/join/").status_code == 200
