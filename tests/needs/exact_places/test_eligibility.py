"""Who may take a need and see its exact place."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from needs.crises import crisis_events
from needs.crises.crisis_events import as_multipolygon
from needs.help.commitments import ending, hand_overs, taking
from needs.help.exact_places import help_offers
from needs.help.records.refusals import Refusal
from needs.models import Commitment, Crisis, HelpOffer, Need
from solidarity.lib.field_encryption import encrypt
from tests.conftest import square
from tests.needs.api_cases import TokenClient
from tests.needs.commitments.commitment_cases import refused
from tests.needs.crises.crisis_cases import opened
from tests.needs.crises.test_crisis_events import event_form
from tests.needs.exact_places.place_cases import HERE, look, needs
from tests.support import Cast, SignedIn
from volunteers.models import AuditEntry, Membership, NotificationSettings, Profile, User, Vouch
from volunteers.people.associations import membership
from volunteers.people.vouching import vouching


@pytest.fixture
def need(cast: Cast) -> Need:
    from volunteers.people.availability import offers

    offers.store(cast.greta, offers.Availability(base=HERE))
    return needs(1)[0]


def test_a_person_without_a_vouch_cannot_take_and_is_told_what_to_do(
    cast: Cast, need: Need, signed_in: SignedIn
) -> None:
    greta = signed_in(cast.greta)
    page = greta.get(f"/open/{need.pk}/").content.decode()
    assert "Offer to help" in page and "/me/vouches/" in page and "I take care of it" not in page
    answer = greta.post(f"/open/{need.pk}/", {"kinds": ["food"], "safe": "on"})
    assert answer.status_code == 409 and "Offer to help" in answer.content.decode()
    sent = TokenClient(cast.greta).send(f"open-needs/{need.pk}/take/", {"safe": True})
    assert (sent.status_code, sent.json()["code"]) == (409, "not_vouched")
    assert "Offer to help" in sent.json()["detail"]
    assert not Commitment.objects.exists()


@pytest.mark.parametrize("name", ["alice", "bob", "edith"])
def test_members_and_vouched_people_take_as_before(cast: Cast, need: Need, name: str) -> None:
    assert look(need, getattr(cast, name)).need == need


def test_the_end_of_a_vouch_opens_the_needs_again_and_closes_their_places(
    cast: Cast, need: Need, signed_in: SignedIn
) -> None:
    own = look(need, cast.alice)
    vouching.end(Vouch.objects.get(user=cast.alice), cast.carol)
    own.refresh_from_db()
    assert own.state == "withdrawn"
    assert signed_in(cast.alice).get(f"/commitments/{own.pk}/place/").status_code == 404
    assert refused(lambda: taking.take(need, cast.alice)).refusal is Refusal.NOT_VOUCHED


def test_a_second_association_keeps_the_places_open(cast: Cast, need: Need) -> None:
    Vouch.objects.create(user=cast.alice, association=cast.other, accepted=True, answered_at=timezone.now())
    own = look(need, cast.alice)
    vouching.end(Vouch.objects.get(user=cast.alice, association=cast.maraude), cast.carol)
    own.refresh_from_db()
    assert own.state == "active"


def test_a_former_member_sees_no_place_any_more(cast: Cast, need: Need) -> None:
    own = look(need, cast.bob)
    membership.leave(Membership.objects.get(user=cast.bob))
    own.refresh_from_db()
    assert own.state == "withdrawn"


def test_a_hand_over_to_somebody_without_a_vouch_is_refused(cast: Cast, need: Need) -> None:
    own = taking.take(need, cast.alice)
    assert refused(lambda: hand_overs.ask_holder(own.pk, cast.greta)).refusal is Refusal.NOT_VOUCHED


# --- offers of help --------------------------------------------------------------------------------------------------


def test_an_allowed_offer_opens_one_need_only(cast: Cast, need: Need, signed_in: SignedIn) -> None:
    greta, carol = signed_in(cast.greta), signed_in(cast.carol)
    sent = greta.post(f"/open/{need.pk}/offer/", {"text": "I have blankets", "safe": "on"})
    assert sent.status_code == 302
    offer = HelpOffer.objects.get()
    assert not Commitment.objects.exists()
    assert "I have blankets" in carol.get(f"/triage/{need.pk}/").content.decode()
    assert "48.8661" not in greta.get(f"/open/{need.pk}/").content.decode()
    assert carol.post(f"/triage/{need.pk}/offers/{offer.pk}/", {"answer": "yes"}).status_code == 302
    assert look(need, cast.greta).volunteer == cast.greta
    [other] = needs(1)
    assert refused(lambda: taking.take(other, cast.greta)).refusal is Refusal.NOT_VOUCHED
    assert {"offer_answered"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_a_declined_offer_opens_nothing_and_is_not_made_again(cast: Cast, need: Need) -> None:
    offer = help_offers.make(need, cast.greta)
    assert help_offers.answer(offer, allowed=False, by=cast.carol)
    assert not help_offers.answer(offer, allowed=True, by=cast.carol)
    assert refused(lambda: taking.take(need, cast.greta)).refusal is Refusal.NOT_VOUCHED
    assert refused(lambda: help_offers.make(need, cast.greta)).refusal is Refusal.OFFER_DECLINED


def test_offers_are_limited_and_can_be_withdrawn(cast: Cast, need: Need, settings: object) -> None:
    settings.OFFERS_PER_VOLUNTEER = 1  # type: ignore[attr-defined]
    offer = help_offers.make(need, cast.greta)
    assert refused(lambda: help_offers.make(need, cast.greta)).refusal is Refusal.OFFERED
    [other] = needs(1)
    assert refused(lambda: help_offers.make(other, cast.greta)).refusal is Refusal.TOO_MANY_OFFERS
    assert help_offers.withdraw(offer)
    assert help_offers.make(other, cast.greta)
    assert refused(lambda: help_offers.make(other, cast.alice)).refusal is Refusal.MAY_TAKE


def test_offers_travel_through_the_api(cast: Cast, need: Need) -> None:
    greta, carol = TokenClient(cast.greta), TokenClient(cast.carol)
    assert greta.send(f"open-needs/{need.pk}/offer/", {"text": "soup"}).status_code == 400
    made = greta.send(f"open-needs/{need.pk}/offer/", {"text": "soup", "safe": True})
    assert (made.status_code, made.json()["answer"]) == (201, "")
    [seen] = carol.ask(f"triage/needs/{need.pk}/offers/").json()
    assert (seen["text"], seen["name"]) == ("soup", "Greta")
    allowed = carol.send(f"triage/needs/{need.pk}/offers/{seen['id']}/answer/", {"allow": True})
    assert allowed.json()["answer"] == "allowed"
    assert carol.send(f"triage/needs/{need.pk}/offers/{seen['id']}/answer/", {"allow": True}).status_code == 409
    assert [each["answer"] for each in greta.ask("offers/").json()] == ["allowed"]
    assert greta.send(f"open-needs/{need.pk}/take/", {"safe": True}).status_code == 201


def test_a_stranger_reads_and_answers_no_offer(cast: Cast, need: Need, signed_in: SignedIn, client: Client) -> None:
    offer = help_offers.make(need, cast.greta)
    for who in (cast.greta, cast.alice, cast.bob, cast.edith, cast.diane):
        assert signed_in(who).post(f"/triage/{need.pk}/offers/{offer.pk}/", {"answer": "yes"}).status_code == 404
    assert signed_in(cast.alice).post(f"/offers/{offer.pk}/withdraw/").status_code == 404
    offer.refresh_from_db()
    assert offer.answer == ""


# --- a crisis --------------------------------------------------------------------------------------------------------


@pytest.fixture
def crisis(cast: Cast, need: Need) -> Crisis:
    """A running event around the need. Greta's number is confirmed."""
    made = opened(cast.diane, area=as_multipolygon(square(48.86, 2.34, 48.87, 2.36)), phone_is_enough=True)
    Need.objects.filter(pk=need.pk).update(crisis=made)
    NotificationSettings.objects.create(user=cast.greta, phone=encrypt("+33612345678"))
    return Crisis.objects.get(pk=made.pk)


def may(need: Need, user: User) -> bool:
    from needs.help.exact_places.eligibility import may_take

    return may_take(user, Need.objects.get(pk=need.pk))


def test_in_a_crisis_that_says_so_a_confirmed_number_is_enough(cast: Cast, need: Need, crisis: Crisis) -> None:
    assert look(need, cast.greta).volunteer == cast.greta


@pytest.mark.parametrize("lacks", ["decision", "number", "area", "time", "closed", "another need", "cell"])
def test_every_condition_of_a_crisis_counts(cast: Cast, need: Need, crisis: Crisis, lacks: str) -> None:
    assert may(need, cast.greta)
    events = Crisis.objects.filter(pk=crisis.pk)
    if lacks == "decision":
        crisis.agreements.update(phone_is_enough=False)
    elif lacks == "number":
        NotificationSettings.objects.update(phone=None)
    elif lacks == "area":
        events.update(area=square(48.80, 2.30, 48.81, 2.31))
    elif lacks == "time":
        events.update(ends_at=timezone.now() - timedelta(minutes=1))
    elif lacks == "closed":
        crisis_events.close(crisis)
    elif lacks == "cell":
        Need.objects.filter(pk=need.pk).update(cell=None)
    else:
        Need.objects.filter(pk=need.pk).update(crisis=None)
    assert not may(need, cast.greta)


def test_the_end_of_a_crisis_closes_the_place(cast: Cast, need: Need, crisis: Crisis, signed_in: SignedIn) -> None:
    own = look(need, cast.greta)
    crisis_events.close(crisis)
    answer = signed_in(cast.greta).get(f"/commitments/{own.pk}/place/")
    assert answer.status_code == 409 and "48.866" not in answer.content.decode()
    ending.withdraw(own.pk, cast.greta, "not_found")


def test_the_decision_of_a_crisis_is_on_the_form_and_logged(cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    assert 'name="phone_is_enough"' in diane.get("/map/crises/new/").content.decode()
    assert diane.post("/map/crises/new/", event_form()).status_code == 302
    crisis = Crisis.objects.get()
    assert set(crisis.agreements.values_list("territory__slug", "phone_is_enough")) == {("nord", False)}
    changed = diane.post(f"/map/crises/{crisis.slug}/change/", event_form(phone_is_enough="on"))
    assert changed.status_code == 302
    assert set(crisis.agreements.values_list("territory__slug", "phone_is_enough")) == {("nord", True)}
    logged = AuditEntry.objects.filter(verb__startswith="crisis").order_by("seq").values_list("verb", "details")
    assert list(logged) == [
        ("crisis_opened", {"number_is_enough": False}), ("crisis_changed", {"number_is_enough": True})
    ]  # fmt: skip


def test_the_own_base_is_needed_only_to_see_the_list(cast: Cast, need: Need) -> None:
    Profile.objects.filter(user=cast.greta).delete()
    assert TokenClient(cast.greta).ask("open-needs/").json()["count"] == 0
