"""The exact place of a need: shown only to the holder, only during the commitment; every access is logged."""

import logging

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.help.commitments import ending, hand_overs
from needs.help.exact_places import budget
from needs.models import Commitment, Need
from tests.needs.commitments.commitment_pages import SECRETS, ReportNeed, page_text, take_on_page
from tests.support import Cast, SignedIn
from volunteers.models import AuditEntry
from volunteers.people.audit.recording import digest_of
from volunteers.people.audit.verbs import Verb
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow


def test_only_the_holder_sees_the_exact_place_and_only_while_they_hold_it(
    alice: Client, cast: Cast, secret_need: ReportNeed, signed_in: SignedIn, client: Client
) -> None:
    own = secret_need()
    for path in ("/", "/open/", f"/open/{own.pk}/", "/commitments/", "/map/t/nord/"):
        text = page_text(alice, path)
        assert [secret for secret in SECRETS if secret in text] == [], path
    held = take_on_page(alice, own)
    place = reverse("needs:commitment_place", args=[held.pk])
    text = page_text(alice, place)
    assert [secret for secret in SECRETS if secret in text] == list(SECRETS[:4])
    for other in (cast.bob, cast.carol, cast.diane, cast.farid, cast.greta):
        assert signed_in(other).get(place).status_code == 404
        assert signed_in(other).get(reverse("needs:commitment", args=[held.pk])).status_code == 404
    assert client.get(place).status_code == 302
    ending.mark_done(held.pk, cast.alice)
    assert alice.get(place).status_code == 404
    text = page_text(alice, reverse("needs:commitment", args=[held.pk]))
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("end", ["give-back", "lapse", "unticked clock", "handed over", "solved"])
def test_after_any_end_the_place_is_not_shown(alice: Client, cast: Cast, secret_need: ReportNeed, end: str) -> None:
    from needs.help.triage.reporter_answers import report_solved

    own = secret_need()
    held = take_on_page(alice, own)
    place = reverse("needs:commitment_place", args=[held.pk])
    assert alice.get(place).status_code == 200
    if end == "give-back":
        alice.post(reverse("needs:commitment_give_back", args=[held.pk]), {"reason": "too_far"})
    elif end == "handed over":
        hand = hand_overs.ask_holder(held.pk, cast.greta)
        alice.post(reverse("needs:hand_over", args=[hand.pk]), {"answer": "yes"})
    elif end == "solved":
        report_solved(own.pk)
    else:
        Commitment.objects.update(expires_at=timezone.now())
        if end == "lapse":
            ending.expire()
    assert alice.get(place).status_code == 404


def test_every_access_to_a_place_is_logged_without_the_place(
    alice: Client, cast: Cast, secret_need: ReportNeed, caplog: pytest.LogCaptureFixture
) -> None:
    held = take_on_page(alice, secret_need())
    with caplog.at_level(logging.INFO):
        for _each in range(2):
            alice.get(reverse("needs:commitment_place", args=[held.pk]))
    looks = AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN, object=digest_of("need", held.need_id))
    assert [look.actor for look in looks] == [cast.alice.key] * 2
    assert not any(secret in str(look.details) for look in looks for secret in SECRETS)
    assert not any(secret in record.getMessage() for record in caplog.records for secret in SECRETS)


def name_the_place() -> None:
    """Store a street and a house number where the secret need is."""
    number = NameRow("h", PlaceKind.HOUSE_NUMBER, "Rue Secrète", 48.86612, 2.35034, "", "12", "s")
    name_storing.replace("test", [NameRow("s", PlaceKind.STREET, "Rue Secrète", 48.86612, 2.35034), number])


def test_the_holder_sees_the_street_and_ways_to_go_there_and_nobody_else_does(
    alice: Client, cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    name_the_place()
    own = secret_need()
    held = take_on_page(alice, own)
    before = budget.budget_of(cast.alice)
    for path in ("/", "/open/", "/commitments/", reverse("needs:commitment", args=[held.pk]), "/map/t/nord/zones/"):
        text = page_text(alice, path)
        assert "Secrète" not in text and "geo:" not in text, path
    assert budget.budget_of(cast.alice) == before
    text = page_text(alice, reverse("needs:commitment_place", args=[held.pk]))
    assert "near 12 rue Secrète" in text
    assert 'href="geo:48.86612,2.3503' in text
    assert "Before you go" in text
    assert budget.budget_of(cast.alice) != before  # the name of an exact place is treated like the place
    assert signed_in(cast.bob).get(reverse("needs:commitment_place", args=[held.pk])).status_code == 404


def test_where_only_the_cell_is_left_the_name_is_the_cell_s(alice: Client, secret_need: ReportNeed) -> None:
    name_the_place()
    held = take_on_page(alice, secret_need())
    Need.objects.update(point=None)
    text = page_text(alice, reverse("needs:commitment_place", args=[held.pk]))
    assert "Nord" in text
    assert "Secrète" not in text and "geo:" not in text
