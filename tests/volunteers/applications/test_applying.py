"""An association applies with a form; a coordinator answers; the first member is invited."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from needs.doors.retention import runner
from tests.support import Cast, City, SignedIn, TestResponse
from volunteers.enums import Duty, Role
from volunteers.models import (
    Application,
    Assignment,
    Association,
    AuditEntry,
    Invitation,
    Membership,
    Notification,
    User,
)
from volunteers.site.applications import applying

pytestmark = pytest.mark.django_db

APPLY = "/associations/apply/"
LIST = "/associations/applications/"
FORM = {
    "name": "Café du coin",
    "territory": "nord",
    "about": "Two tours a week with coffee and blankets.",
    "website": "https://cafe.example",
    "person": "Zoé",
    "email": "Zoe@cafe.example",
}


@pytest.fixture(autouse=True)
def _no_earlier_counts() -> None:
    cache.clear()


def send(client: Client | None = None, address: str = "203.0.113.7", **changes: str) -> TestResponse:
    return (client or Client()).post(APPLY, {**FORM, **changes}, REMOTE_ADDR=address)


def coordinator_of_sud(city: City) -> User:
    ines = User.objects.create_user("ines@example.org", "x", display_name="Ines")
    Assignment.objects.create(user=ines, territory=city.sud, duty=Duty.COORDINATOR, purpose="-")
    return ines


def answer_url(row: Application) -> str:
    return f"{LIST}{row.pk}/answer/"


def test_an_application_waits_for_the_coordinators_of_the_territory(cast: Cast) -> None:
    assert send()["Location"] == f"{APPLY}sent/"
    row = Application.objects.get()
    assert (row.name, row.territory.slug, row.email, row.accepted) == ("Café du coin", "nord", "zoe@cafe.example", None)
    told = set(Notification.objects.filter(key__startswith="applied:").values_list("user__display_name", flat=True))
    assert told == {"Diane", "Farid"}
    assert mail.outbox == []  # nothing goes to an address that nobody has confirmed


def test_accepting_creates_the_association_and_invites_its_first_dispatcher(
    cast: Cast, signed_in: SignedIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    send()
    row = Application.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(cast.diane).post(answer_url(row), {"answer": "accept", "word": "Welcome to the city"})
    made = Association.objects.get(name="Café du coin")
    assert (made.slug, made.about) == ("cafe-du-coin", FORM["about"])
    invited = Invitation.objects.get(association=made)
    assert (invited.email, invited.role) == ("zoe@cafe.example", Role.DISPATCHER)
    [message] = [each for each in mail.outbox if each.to == ["zoe@cafe.example"]]
    assert "/me/join/" in str(message.body)
    assert "Welcome to the city" in str(message.body)
    entry = AuditEntry.objects.get(verb="application_answered")
    assert (entry.actor, entry.scope, entry.details) == (cast.diane.key, "nord", {"accepted": True})


def test_declining_sends_the_word_and_creates_nothing(
    cast: Cast, signed_in: SignedIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    send()
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(cast.diane).post(
            answer_url(Application.objects.get()), {"answer": "decline", "word": "Ask the other"}
        )
    assert not Association.objects.filter(name="Café du coin").exists()
    assert not Invitation.objects.exists()
    [message] = [each for each in mail.outbox if each.to == ["zoe@cafe.example"]]
    assert "Ask the other" in str(message.body)


def test_the_answer_is_written_in_the_language_of_the_form(
    cast: Cast, signed_in: SignedIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    send(Client(headers={"accept-language": "fr"}))
    assert Application.objects.get().language == "fr"


def test_the_first_invitation_can_be_sent_again_until_somebody_joins(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    send()
    row = Application.objects.get()
    applying.answer(row.pk, cast.diane, accept=True)
    first = Invitation.objects.get()
    url = f"{LIST}{row.pk}/again/"
    assert signed_in(coordinator_of_sud(city)).post(url).status_code == 404
    diane = signed_in(cast.diane)
    assert url in diane.get(LIST).content.decode()
    assert diane.post(url).status_code == 302
    assert Invitation.objects.get().serial == first.serial + 1
    assert [each.to for each in mail.outbox] == [["zoe@cafe.example"]]
    row.refresh_from_db()
    assert row.association
    Membership.objects.create(user=cast.greta, association=row.association, role=Role.DISPATCHER)
    assert url not in diane.get(LIST).content.decode()
    assert diane.post(url).status_code == 404


def test_two_coordinators_answer_once(cast: Cast) -> None:
    send()
    row = Application.objects.get()
    assert applying.answer(row.pk, cast.diane, accept=True)
    assert applying.answer(row.pk, cast.farid, accept=False) is None
    assert Association.objects.filter(name="Café du coin").count() == 1


def test_nobody_else_reads_or_answers_applications(cast: Cast, city: City, signed_in: SignedIn) -> None:
    send()
    row = Application.objects.get()
    for user in (cast.alice, cast.bob, cast.carol, cast.greta):
        assert signed_in(user).get(LIST).status_code == 404
        assert signed_in(user).post(answer_url(row), {"answer": "accept"}).status_code == 404
    ines = signed_in(coordinator_of_sud(city))
    assert "Café du coin" not in ines.get(LIST).content.decode()
    assert ines.post(answer_url(row), {"answer": "accept"}).status_code == 404
    assert "/accounts/login/" in Client().post(answer_url(row), {"answer": "accept"})["Location"]
    row.refresh_from_db()
    assert row.accepted is None


def test_an_approval_needs_a_fresh_proof_of_identity_and_a_token_of_the_form(cast: Cast) -> None:
    send()
    row = Application.objects.get()
    stale = Client()
    stale.force_login(cast.diane)
    assert "reauthenticate" in stale.post(answer_url(row), {"answer": "accept"})["Location"]
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(cast.diane)
    assert forged.post(answer_url(row), {"answer": "accept"}).status_code == 403
    row.refresh_from_db()
    assert row.accepted is None


def test_an_application_cannot_bring_its_own_answer(cast: Cast) -> None:
    send(accepted="True", association=str(cast.maraude.pk), answered_by=str(cast.farid.pk), role="dispatcher")
    row = Application.objects.get()
    assert (row.accepted, row.association, row.answered_by) == (None, None, None)


def test_a_flood_from_one_network_ends_after_five(cast: Cast) -> None:
    codes = [send(email=f"a{n}@x.example", address=f"203.0.113.{n + 1}").status_code for n in range(8)]
    assert codes == [302] * 5 + [429] * 3
    assert Application.objects.count() == 5
    assert send(email="other@x.example", address="198.51.100.9").status_code == 302


def test_a_flood_from_many_networks_ends_and_sends_one_notification_a_day(cast: Cast) -> None:
    codes = [send(email=f"a{n}@x.example", address=f"10.{n}.0.1").status_code for n in range(applying.PER_DAY + 3)]
    assert codes[-3:] == [429] * 3
    assert Application.objects.count() == applying.PER_DAY
    assert Notification.objects.filter(user=cast.diane, key__startswith="applied:").count() == 1


def test_nothing_typed_is_lost_when_there_are_too_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "PER_DAY", 0)
    answer = send()
    assert answer.status_code == 429
    assert "Two tours a week" in answer.content.decode()
    assert "tomorrow" in answer.content.decode()


def test_a_second_application_with_the_same_address_looks_the_same_and_changes_nothing(cast: Cast) -> None:
    first, second = send(), send(name="Another name")
    assert first["Location"] == second["Location"]
    assert [row.name for row in Application.objects.all()] == ["Café du coin"]


def test_a_name_or_number_of_a_person_helped_is_noticed(cast: Cast) -> None:
    answer = send(about="We help Mme Dupont, 06 12 34 56 78, every Monday.")
    assert answer.status_code == 400
    assert not Application.objects.exists()


@pytest.mark.parametrize("field", ["name", "territory", "about", "person", "email"])
def test_each_missing_field_is_named_and_the_rest_stays(field: str, cast: Cast) -> None:
    page = Client().post(APPLY, {**FORM, field: ""}).content.decode()
    assert f'id="error_id_{field}"' in page or f'id="id_{field}_error"' in page
    kept = "about" if field != "about" else "person"
    assert FORM[kept] in page


def test_a_name_that_exists_is_shown_to_the_coordinator(cast: Cast, signed_in: SignedIn) -> None:
    send(name="maraude du NORD")
    assert "an association of this name already exists" in signed_in(cast.diane).get(LIST).content.decode()
    applying.answer(Application.objects.get().pk, cast.diane, accept=True)
    assert Association.objects.filter(slug="maraude-du-nord-2").exists()


def test_an_application_is_deleted_two_weeks_after_its_answer_and_after_four_without_one(cast: Cast) -> None:
    send()
    send(email="second@x.example")
    applying.answer(Application.objects.get(email="second@x.example").pk, cast.diane, accept=False)
    now = timezone.now()
    runner.run(now + timedelta(days=13))
    assert Application.objects.count() == 2
    runner.run(now + timedelta(days=15))
    assert [row.email for row in Application.objects.all()] == ["zoe@cafe.example"]
    runner.run(now + timedelta(days=29))
    assert not Application.objects.exists()
