"""Invitations, roles and leaving: permissions, consequences, and what is never possible."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from needs.help.commitments import taking
from needs.models import NeedLock
from tests.conftest import PASSWORD, sign_in
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, SignedIn
from volunteers.enums import Role
from volunteers.models import AuditEntry, Invitation, Membership, User
from volunteers.people.api import authentication
from volunteers.people.associations import invitations
from volunteers.people.associations import membership as belonging
from volunteers.people.associations.membership import LastDispatcher
from volunteers.people.audit.verbs import Verb
from volunteers.people.tokens import tokens


def url(name: str, cast: Cast, *more: object) -> str:
    return reverse(f"volunteers:{name}", args=[cast.maraude.slug, *more])


def of(user: User, cast: Cast) -> Membership:
    return Membership.objects.current().get(user=user, association=cast.maraude)


@pytest.fixture
def carol(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.carol)


@pytest.fixture
def link(cast: Cast, carol: Client) -> str:
    """The link in Greta's invitation as a dispatcher."""
    sent = carol.post(url("invite", cast), {"email": "Greta@Example.org", "role": "dispatcher"})
    assert sent.status_code == 302
    return link_of(mail.outbox[-1])


def link_of(message: EmailMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/me/join/\S+)", str(message.body))
    assert found is not None
    return found[1]


def test_an_invitation_makes_a_member_with_its_role_once(cast: Cast, link: str, signed_in: SignedIn) -> None:
    assert mail.outbox[-1].to == ["greta@example.org"]
    assert "greta" not in link.lower()
    greta = signed_in(cast.greta)
    assert "invites you" in greta.get(link).content.decode()
    assert not Membership.objects.filter(user=cast.greta).exists()
    assert greta.post(link)["Location"] == url("members", cast)
    assert of(cast.greta, cast).role == Role.DISPATCHER
    assert greta.post(link).status_code == 404
    assert Invitation.objects.get().email == ""
    verbs = list(AuditEntry.objects.order_by("seq").values_list("verb", "actor"))
    assert verbs == [
        (Verb.MEMBER_INVITED, cast.carol.key),
        (Verb.MEMBER_JOINED, cast.greta.key),
        (Verb.DUTY_GIVEN, cast.carol.key),
    ]


def test_a_forwarded_link_does_not_work(cast: Cast, link: str, signed_in: SignedIn) -> None:
    alice = signed_in(cast.alice)
    page = alice.get(link).content.decode()
    assert "another address" in page
    assert "greta@example.org" not in page
    alice.post(link)
    assert not Membership.objects.filter(user=cast.alice).exists()
    EmailAddress.objects.filter(user=cast.greta).update(verified=False)
    signed_in(cast.greta).post(link)
    assert not Membership.objects.filter(user=cast.greta).exists()
    assert "Sign in" in Client().get(link).content.decode()


@pytest.mark.parametrize("how", ["made up", "changed", "withdrawn", "sent again", "over", "left since"])
def test_an_expired_used_or_replaced_link_is_not_found(
    cast: Cast, carol: Client, link: str, signed_in: SignedIn, how: str
) -> None:
    greta, row = signed_in(cast.greta), Invitation.objects.get()
    if how == "made up":
        link = reverse("volunteers:join", args=["no-such-token"])
    elif how == "changed":
        link = link[:-4] + "AAA/"
    elif how == "withdrawn":
        carol.post(url("revoke_invitation", cast, row.pk))
        assert Invitation.objects.get().email == ""
    elif how == "sent again":
        carol.post(url("invite_again", cast, row.pk))
        again = link_of(mail.outbox[-1])
    elif how == "over":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        greta.post(link)
        belonging.leave(of(cast.greta, cast))
    assert greta.get(link).status_code == 404
    assert greta.post(link).status_code == 404
    assert not Membership.objects.current().filter(user=cast.greta).exists()
    if how == "sent again":
        assert greta.post(again).status_code == 302


def test_members_are_not_invited_again_and_invitations_are_limited(
    cast: Cast, carol: Client, settings: Settings
) -> None:
    said = carol.post(url("invite", cast), {"email": "bob@example.org", "role": "member"})
    assert (said.status_code, mail.outbox) == (422, [])
    assert "already a member of the association" in said.content.decode()
    settings.INVITATIONS_PER_PERSON = settings.INVITATIONS_PER_ASSOCIATION = 2 * invitations.MOST_WAITING
    for number in range(invitations.MOST_WAITING):
        invitations.invite(cast.maraude, f"n{number}@example.org", "member", cast.carol)
    assert carol.post(url("invite", cast), {"email": "more@example.org", "role": "member"}).status_code == 422
    assert carol.post(url("invite", cast), {"email": "n1@example.org", "role": "member"}).status_code == 302


def test_inviting_and_roles_need_a_fresh_proof(cast: Cast) -> None:
    stale = sign_in(Client(), cast.carol, seconds_ago=601)
    for address, form in (
        (url("invite", cast), {"email": "x@example.org", "role": "member"}),
        (url("change_role", cast, of(cast.bob, cast).pk), {"role": "dispatcher"}),
        (url("remove_member", cast, of(cast.bob, cast).pk), {}),
    ):
        assert stale.post(address, form)["Location"].startswith("/accounts/reauthenticate/")
    assert not mail.outbox
    assert of(cast.bob, cast).role == Role.MEMBER


def test_members_see_names_and_dispatchers_addresses(cast: Cast, carol: Client, signed_in: SignedIn) -> None:
    seen = signed_in(cast.bob).get(url("members", cast)).content.decode()
    assert "Carol" in seen
    assert "carol@example.org" not in seen
    assert "Invite somebody" not in seen
    assert "bob@example.org" in carol.get(url("members", cast)).content.decode()


def test_the_last_dispatcher_cannot_leave(cast: Cast, carol: Client) -> None:
    own = of(cast.carol, cast)
    endings: tuple[Callable[[], object], ...] = (
        lambda: belonging.leave(own),
        lambda: belonging.remove(own, cast.carol),
        lambda: belonging.change_role(own, Role.MEMBER, cast.carol),
    )
    for ending in endings:
        with pytest.raises(LastDispatcher):
            ending()
    assert (
        "The last dispatcher cannot leave" in carol.post(url("leave_association", cast), follow=True).content.decode()
    )
    carol.post(url("change_role", cast, of(cast.bob, cast).pk), {"role": "dispatcher"})
    assert of(cast.bob, cast).role == Role.DISPATCHER
    assert carol.post(url("leave_association", cast))["Location"] == reverse("volunteers:me")
    assert not Membership.objects.current().filter(user=cast.carol).exists()
    assert carol.get(url("members", cast)).status_code == carol.get("/triage/").status_code == 404


def test_a_removed_member_loses_all_access(cast: Cast, carol: Client) -> None:
    browser = Client()
    browser.post(reverse("account_login"), {"login": cast.bob.email, "password": PASSWORD})
    assert UserSession.objects.filter(user=cast.bob).count() == 1
    _row, text = tokens.make(cast.bob, "app", writes=True, days=30)
    for_them = taking.take(reported(state="open"), cast.bob, association=cast.maraude)
    own = taking.take(reported(state="open"), cast.bob)
    NeedLock.objects.create(need=reported(), holder=cast.bob, expires_at=timezone.now() + timedelta(minutes=5))
    carol.post(url("remove_member", cast, of(cast.bob, cast).pk))
    assert browser.get("/me/")["Location"].startswith("/accounts/login/")
    assert authentication.find(text) is None
    for_them.refresh_from_db()
    own.refresh_from_db()
    assert (for_them.state, for_them.need.state) == ("withdrawn", "open")
    assert own.state == "withdrawn"  # nobody vouches for Bob any more, so he could not see the place of the need
    assert not NeedLock.objects.exists()
    entry = AuditEntry.objects.get(verb=Verb.MEMBER_REMOVED)
    assert (entry.actor, entry.details) == (cast.carol.key, {"tokens": 1})


def test_two_dispatchers_cannot_both_leave_at_the_same_time(transactional_db: None, cast: Cast) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    Membership.objects.filter(user=cast.bob).update(role=Role.DISPATCHER)

    def go(membership: Membership) -> bool:
        try:
            return belonging.leave(membership)
        except LastDispatcher:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, [of(cast.bob, cast), of(cast.carol, cast)])) == [False, True]
    assert Membership.objects.dispatching().filter(association=cast.maraude).count() == 1


# --- signing in too often -------------------------------------------------------------------------------------------


def test_too_many_wrong_passwords_are_blocked_with_an_explanation(cast: Cast) -> None:
    client, door = Client(), reverse("account_login")
    for _each in range(5):
        said = client.post(door, {"login": cast.alice.email, "password": "not it"})
        assert "or the password is wrong" in said.content.decode()
    said = client.post(door, {"login": cast.alice.email, "password": PASSWORD})
    assert "Too many attempts" in said.content.decode()
    assert "_auth_user_id" not in client.session
    other = Client(REMOTE_ADDR="203.0.113.9")
    assert "Too many attempts" in other.post(door, {"login": cast.alice.email, "password": PASSWORD}).content.decode()
    assert client.post(door, {"login": cast.bob.email, "password": PASSWORD}).status_code == 302


def test_attempts_on_many_accounts_are_blocked_by_address(cast: Cast) -> None:
    client, door = Client(), reverse("account_login")
    kinds = [
        client.post(door, {"login": f"n{number}@example.org", "password": "x"}).content.decode() for number in range(12)
    ]
    assert "Too many attempts" in kinds[-1]
    assert "Too many attempts" not in kinds[4]


def test_too_many_sign_ins_get_a_page_in_plain_words(cast: Cast) -> None:
    client, door = Client(), reverse("account_login")
    answers = [client.post(door, {}) for _each in range(31)]
    assert answers[-1].status_code == 429
    page = answers[-1].content.decode()
    assert "Too many attempts" in page
    assert 'href="/help/"' in page


def test_an_administrator_makes_a_member_the_dispatcher_of_an_association_that_lost_its_last_one(
    cast: Cast, signed_in: SignedIn
) -> None:
    farid, applications = signed_in(cast.farid), reverse("applications:applications")
    assert farid.get(url("members", cast)).status_code == 404
    assert url("members", cast) not in farid.get(applications).content.decode()
    User.objects.filter(pk=cast.carol.pk).update(is_active=False)
    assert url("members", cast) in farid.get(applications).content.decode()
    assert "Make a dispatcher" in farid.get(url("members", cast)).content.decode()
    assert farid.post(url("change_role", cast, of(cast.bob, cast).pk), {"role": "dispatcher"}).status_code == 302
    assert of(cast.bob, cast).role == Role.DISPATCHER
    assert farid.get(url("members", cast)).status_code == 404
    assert farid.post(url("change_role", cast, of(cast.bob, cast).pk), {"role": "member"}).status_code == 404


def test_a_coordinator_does_not_reach_an_association_without_dispatcher(cast: Cast, signed_in: SignedIn) -> None:
    User.objects.filter(pk=cast.carol.pk).update(is_active=False)
    diane = signed_in(cast.diane)
    assert diane.get(url("members", cast)).status_code == 404
    assert diane.post(url("invite", cast), {"email": "puppet@example.org", "role": "dispatcher"}).status_code == 404
