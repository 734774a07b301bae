"""A blocked account: nothing of it works, what it held goes back, and only the right people can block."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from needs.enums import CommitmentState, NeedState
from needs.help.commitments import taking
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, Need, NeedLock, PlannedTour, Seat
from tests.conftest import PASSWORD
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.enums import Duty, Medium, Role, Topic
from volunteers.models import Assignment, AuditEntry, Block, Membership, Notification, PushSubscription, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations import invitations
from volunteers.people.notifications import sending
from volunteers.people.tokens import tokens
from volunteers.places.territories import duties
from volunteers.site.people import blocking

pytestmark = pytest.mark.django_db


def url(user: User, step: str = "block") -> str:
    return f"/people/{user.key}/{step}/"


def sign_in_with_password(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def test_a_blocked_account_is_signed_out_everywhere_and_cannot_sign_in(cast: Cast, signed_in: SignedIn) -> None:
    alice = sign_in_with_password(cast.alice)
    assert alice.get("/me/").status_code == 200
    assert signed_in(cast.diane).post(url(cast.alice)).status_code == 302
    assert "/accounts/login/" in alice.get("/me/")["Location"]
    assert not UserSession.objects.filter(user=cast.alice).exists()
    refused = Client().post("/accounts/login/", {"login": cast.alice.email, "password": PASSWORD}, follow=True)
    assert "Your account is blocked" in refused.content.decode()
    assert "_auth_user_id" not in refused.client.session


def test_its_tokens_stop_for_good(cast: Cast) -> None:
    _row, text = tokens.make(cast.carol, "t", writes=True, days=30)
    client = Client(headers={"authorization": f"Bearer {text}"})
    assert client.get("/api/v1/me/").status_code == 200
    blocking.block(cast.carol, cast.farid)
    assert client.get("/api/v1/me/").status_code == 401
    blocking.unblock(cast.carol, cast.farid)
    assert client.get("/api/v1/me/").status_code == 401


def test_it_gets_no_push_and_no_waiting_message(cast: Cast) -> None:
    PushSubscription.objects.create(user=cast.alice, endpoint="https://push.example", endpoint_hash="h")
    waiting = Notification.objects.create(
        user=cast.alice, topic=Topic.COMMITMENT, medium=Medium.EMAIL, key="k", title="A need"
    )
    blocking.block(cast.alice, cast.diane)
    mail.outbox.clear()
    sending.send_waiting()
    assert not PushSubscription.objects.filter(user=cast.alice).exists()
    waiting.refresh_from_db()
    assert waiting.sent_at is None
    assert mail.outbox == []


def test_its_commitments_locks_seats_and_time_on_duty_go_back(cast: Cast) -> None:
    need = reported(state=NeedState.OPEN)
    own = taking.take(need, cast.carol)
    other = reported(state=NeedState.OPEN)
    theirs = taking.take(other, cast.carol, association=cast.maraude)
    locked = reported()
    until = timezone.now() + timedelta(minutes=5)
    NeedLock.objects.create(need=locked, holder=cast.carol, taken_at=timezone.now(), expires_at=until)
    plan = PlannedTour.objects.create(
        association=cast.maraude, author=cast.bob, start=timezone.now() + timedelta(hours=3), cells=[], seats=2
    )
    Seat.objects.create(plan=plan, volunteer=cast.carol)
    duties.go_on_duty(cast.carol)
    blocking.block(cast.carol, cast.farid)
    ended = Commitment.objects.filter(pk__in=[own.pk, theirs.pk]).values_list("state", flat=True)
    assert set(ended) == {CommitmentState.WITHDRAWN}
    states = Need.objects.filter(pk__in=[need.pk, other.pk]).values_list("state", flat=True)
    assert NeedState.COMMITTED not in states
    assert not NeedLock.objects.filter(holder=cast.carol).exists()
    assert not Seat.objects.filter(volunteer=cast.carol).exists()
    assert duties.shift_of(cast.carol) is None


def test_a_request_that_began_before_the_block_takes_nothing(cast: Cast) -> None:
    stale = User.objects.get(pk=cast.alice.pk)
    blocking.block(cast.alice, cast.diane)
    assert stale.is_active
    with pytest.raises(Refused) as refused:
        taking.take(reported(state=NeedState.OPEN), stale)
    assert refused.value.refusal is Refusal.UNVERIFIED


def test_its_invitations_no_longer_work(cast: Cast) -> None:
    token = invitations.token_of(
        invitations.invite(cast.maraude, "accomplice@example.org", Role.DISPATCHER, cast.carol)
    )
    blocking.block(cast.carol, cast.farid)
    assert invitations.find(token) is None


def test_the_person_is_told_whom_to_ask_and_the_log_notes_who_did_it(
    cast: Cast, signed_in: SignedIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(cast.diane).post(url(cast.alice))
    [message] = mail.outbox
    assert message.to == [cast.alice.email]
    entry = AuditEntry.objects.get(verb="account_blocked")
    assert (entry.actor, entry.scope) == (cast.diane.key, "nord")


def test_an_unblocked_person_signs_in_again_with_their_duties(cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    diane.post(url(cast.alice))
    assert "Unblock this account" in diane.get(f"/people/{cast.alice.key}/").content.decode()
    diane.post(url(cast.alice, "unblock"))
    assert sign_in_with_password(cast.alice).get("/me/").status_code == 200
    assert Assignment.objects.current().filter(user=cast.alice).exists()
    assert not Block.objects.exists()
    assert AuditEntry.objects.filter(verb="account_unblocked", actor=cast.diane.key).count() == 1


def test_blocking_needs_a_fresh_proof_of_identity(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.diane)
    assert "reauthenticate" in client.post(url(cast.alice))["Location"]
    assert User.objects.get(pk=cast.alice.pk).is_active


def test_a_coordinator_cannot_block_administrators_equals_themselves_or_people_with_duties_elsewhere(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    lena = User.objects.create_user("lena@example.org", "x", display_name="Lena")
    Assignment.objects.create(user=lena, territory=city.nord, duty=Duty.COORDINATOR, purpose="-")
    equal = User.objects.create_user("equal@example.org", "x", display_name="Equal")
    Assignment.objects.create(user=equal, territory=city.nord, duty=Duty.COORDINATOR, purpose="-")
    Assignment.objects.create(user=cast.alice, territory=city.sud, duty=Duty.VOLUNTEER)
    Membership.objects.create(user=cast.farid, association=cast.maraude)
    client = signed_in(lena)
    for person in (equal, lena, cast.alice, cast.farid, cast.diane, cast.carol):
        assert client.post(url(person)).status_code == 404, person
        assert client.get(url(person)).status_code == 404, person
    assert not User.objects.filter(is_active=False).exists()
    dispatches(cast.carol, city.nord)
    assert client.get(url(cast.carol)).status_code == 200


def test_a_coordinator_cannot_undo_the_block_of_an_administrator(cast: Cast, signed_in: SignedIn) -> None:
    blocking.block(cast.alice, cast.farid)
    client = signed_in(cast.diane)
    assert "Only an administrator can unblock it." in client.get(f"/people/{cast.alice.key}/").content.decode()
    assert client.post(url(cast.alice, "unblock")).status_code == 404
    assert not User.objects.get(pk=cast.alice.pk).is_active


def test_two_administrators_cannot_block_each_other(cast: Cast) -> None:
    second = User.objects.create_superuser("second@example.org", "x")
    assert not blocking.may_block(Viewer(second), second)
    assert blocking.block(cast.farid, second)
    assert not blocking.block(second, cast.farid)
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
