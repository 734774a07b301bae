"""A coordinator resets the lost second factor of a dispatcher."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.support import Cast, City, SignedIn, dispatches
from volunteers.enums import Duty
from volunteers.models import Assignment, AuditEntry, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles import second_factor
from volunteers.places.territories import factor_reset

pytestmark = pytest.mark.django_db


def with_factor(user: User) -> User:
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "x"})
    return user


def address(user: User) -> str:
    return f"/territories/duties/people/{user.key}/factor/"


@pytest.mark.parametrize(
    ("name", "needs"),
    [("alice", False), ("bob", False), ("greta", False), ("carol", True), ("diane", True), ("farid", True)],
)
def test_dispatchers_coordinators_and_administrators_need_a_second_factor(
    name: str, needs: bool, cast: Cast, settings: Settings
) -> None:
    settings.MFA_REQUIRED = True
    assert second_factor.may_work(getattr(cast, name)) is not needs


def test_a_dispatcher_of_a_territory_without_the_role_needs_one_too(
    cast: Cast, city: City, settings: Settings, signed_in: SignedIn
) -> None:
    settings.MFA_REQUIRED = True
    Assignment.objects.create(user=cast.bob, territory=city.nord, duty=Duty.DISPATCHER)
    answer = signed_in(cast.bob).get("/triage/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/2fa/"


def test_a_reset_removes_the_factor_ends_the_sessions_and_tells_the_person(
    cast: Cast, signed_in: SignedIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with_factor(cast.carol)
    client = Client()
    client.force_login(cast.carol)
    UserSession.objects.create(user=cast.carol, ip="127.0.0.1", session_key=client.session.session_key)
    diane = signed_in(cast.diane)
    assert "speak with the person" in diane.get(address(cast.carol)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert diane.post(address(cast.carol)).status_code == 302
    assert not Authenticator.objects.filter(user=cast.carol).exists()
    assert not UserSession.objects.filter(user=cast.carol).exists()
    entry = AuditEntry.objects.get(verb="factor_reset")
    assert (entry.actor, entry.details) == (cast.diane.key, {"factors": 2, "sessions": 1})
    [message] = mail.outbox
    assert message.to == [cast.carol.email]
    assert "/accounts/login/" in message.body


def test_a_reset_needs_a_fresh_proof_of_identity(cast: Cast) -> None:
    with_factor(cast.carol)
    diane = Client()
    diane.force_login(cast.diane)
    assert "reauthenticate" in diane.post(address(cast.carol))["Location"]
    assert Authenticator.objects.filter(user=cast.carol).exists()


def test_not_of_administrators_of_equals_of_others_or_of_oneself(cast: Cast, city: City, signed_in: SignedIn) -> None:
    ines = User.objects.create_user("ines@example.org", "x", display_name="Ines")
    Assignment.objects.create(user=ines, territory=city.sud, duty=Duty.COORDINATOR, purpose="-")
    dispatches(cast.carol, city.nord)
    for person in (cast.carol, cast.farid, cast.diane, ines):
        with_factor(person)
    equal = Assignment.objects.create(user=cast.edith, territory=city.root, duty=Duty.COORDINATOR, purpose="-")
    with_factor(cast.edith)
    assert factor_reset.may_reset(Viewer(cast.diane), ines)  # Ines coordinates a territory below
    for person in (cast.farid, cast.diane, cast.edith, cast.greta):
        assert signed_in(cast.diane).post(address(person)).status_code == 404
    assert signed_in(ines).post(address(cast.carol)).status_code == 404  # Carol dispatches in Nord
    assert signed_in(cast.bob).post(address(cast.carol)).status_code == 404
    assert Authenticator.objects.filter(type="totp").count() == 5
    assert equal.ended_at is None
    assert factor_reset.may_reset(Viewer(cast.farid), cast.edith)
    assert not factor_reset.may_reset(Viewer(cast.farid), cast.farid)
