"""Handing a need over with a link, and attacks on it."""

import threading
import uuid

import pytest
from django.core import signing
from django.db import connection
from django.urls import reverse

from needs.enums import CallResult
from needs.help.commitments import ending, exact_place, hand_overs, taking
from needs.help.records.refusals import Refusal, Refused
from needs.help.triage import calls
from needs.models import Commitment, CommitmentPart, PlaceView
from tests.needs.commitments.commitment_cases import ReportNeed, refused, set_expired
from tests.support import Cast, SignedIn
from volunteers.models import Notification, User

NOBODY = "Only people whom an association knows"


@pytest.fixture
def held(cast: Cast, report_need: ReportNeed) -> Commitment:
    """Alice holds a need and has made a link."""
    return hand_overs.make_link(taking.take(report_need(), cast.alice).pk, cast.alice)


@pytest.fixture
def stranger(cast: Cast, django_user_model: type[User]) -> User:
    """Somebody with a confirmed address for whom nobody vouches."""
    from allauth.account.models import EmailAddress

    user = django_user_model.objects.create_user("stranger@example.org", "a long password")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def address(own: Commitment) -> str:
    return reverse("needs:hand_over_link", args=[hand_overs.token_of(own)])


def test_another_volunteer_takes_over_with_the_link(cast: Cast, signed_in: SignedIn, held: Commitment) -> None:
    client, path = signed_in(cast.greta), address(held)
    assert "I take care of it" in client.get(path).content.decode()
    assert client.post(path, {}).status_code == 400
    assert not Commitment.objects.of(cast.greta).exists()
    answer = client.post(path, {"safe": "on"})
    new = Commitment.objects.of(cast.greta).get()
    assert answer["Location"] == reverse("needs:commitment", args=[new.pk])
    held.refresh_from_db()
    assert (held.state, held.link, new.parts.filter(held=True).count()) == ("handed", None, 3)
    assert Notification.objects.filter(user=cast.alice, title="Hand-over accepted").exists()
    assert client.get(path).status_code == 404


def test_the_place_closes_for_the_giver_at_once_and_opens_for_the_taker_only_after_the_yes(
    cast: Cast, held: Commitment
) -> None:
    exact_place.reveal_place(held.pk, cast.alice)
    with pytest.raises(Commitment.DoesNotExist):
        exact_place.reveal_place(held.pk, cast.greta)
    new = hand_overs.accept_link(hand_overs.token_of(held), cast.greta)
    with pytest.raises(Commitment.DoesNotExist):
        exact_place.reveal_place(held.pk, cast.alice)
    assert exact_place.reveal_place(new.pk, cast.greta).exact
    assert PlaceView.objects.filter(user=cast.greta).count() == 1


def test_the_page_of_the_link_shows_no_place(cast: Cast, signed_in: SignedIn, held: Commitment) -> None:
    page = signed_in(cast.greta).get(address(held)).content.decode()
    need = held.need
    assert need.point is not None
    for secret in (str(need.point.y)[:6], str(need.point.x)[:5], need.place_text or "no words", need.text or "no text"):
        assert secret not in page


def test_a_place_taken_over_counts_in_the_budget(cast: Cast, held: Commitment, settings: object) -> None:
    settings.PLACES_PER_DAY = 0  # type: ignore[attr-defined]
    new = hand_overs.accept_link(hand_overs.token_of(held), cast.greta)
    assert refused(lambda: exact_place.reveal_place(new.pk, cast.greta)).refusal is Refusal.BUDGET


def test_a_person_for_whom_nobody_vouches_learns_nothing_and_takes_nothing(
    cast: Cast, signed_in: SignedIn, held: Commitment, stranger: User
) -> None:
    client, path = signed_in(stranger), address(held)
    page = client.get(path).content.decode()
    assert NOBODY in page
    for part in held.parts.all():
        assert part.get_kind_display() not in page.split("<main")[1].split("</main>")[0]
    assert NOBODY in client.post(path, {"safe": "on"}).content.decode()
    assert refused(lambda: hand_overs.accept_link(hand_overs.token_of(held), stranger)).refusal is Refusal.NOT_VOUCHED
    assert Commitment.objects.active().get() == held


def test_tokens_cannot_be_guessed_or_made_from_the_database(cast: Cast, signed_in: SignedIn, held: Commitment) -> None:
    client = signed_in(cast.greta)
    assert held.link is not None
    forged = [
        held.link.hex, str(held.link), str(held.pk), signing.dumps(held.link.hex), signing.dumps(held.pk.hex, salt="x"),
        signing.dumps(7, salt=hand_overs.SALT), signing.dumps("x" * 40, salt=hand_overs.SALT),
        hand_overs.token_of(held) + "x",
    ]  # fmt: skip
    for token in forged:
        assert client.get(reverse("needs:hand_over_link", args=[token])).status_code == 404, token
        assert client.post(reverse("needs:hand_over_link", args=[token]), {"safe": "on"}).status_code == 404, token


def test_a_link_works_once_and_only_the_last_one(cast: Cast, held: Commitment) -> None:
    first = hand_overs.token_of(held)
    again = hand_overs.make_link(held.pk, cast.alice)
    assert refused(lambda: hand_overs.accept_link(first, cast.greta)).refusal is Refusal.OVER
    last = hand_overs.token_of(again)
    hand_overs.accept_link(last, cast.greta)
    assert refused(lambda: hand_overs.accept_link(last, cast.bob)).refusal is Refusal.OVER


@pytest.mark.parametrize("ended", ["withdrawn", "given back", "expired", "done"])
def test_a_link_ends_with_the_commitment(cast: Cast, held: Commitment, ended: str) -> None:
    token = hand_overs.token_of(held)
    if ended == "withdrawn":
        hand_overs.withdraw_link(held.pk, cast.alice)
    elif ended == "given back":
        ending.withdraw(held.pk, cast.alice, "other")
    elif ended == "expired":
        set_expired(held)
    else:
        ending.mark_done(held.pk, cast.alice)
    assert hand_overs.find_by_link(token) is None
    assert refused(lambda: hand_overs.accept_link(token, cast.greta)).refusal is Refusal.OVER


def test_only_the_holder_makes_and_withdraws_a_link(cast: Cast, signed_in: SignedIn, held: Commitment) -> None:
    for verb in (hand_overs.make_link, hand_overs.withdraw_link):
        assert refused(lambda verb=verb: verb(held.pk, cast.greta)).refusal is Refusal.OVER  # type: ignore[misc]
    assert signed_in(cast.greta).post(reverse("needs:commitment_link", args=[held.pk])).status_code == 404
    assert refused(lambda: hand_overs.accept_link(hand_overs.token_of(held), cast.alice)).refusal is Refusal.OWN


def test_a_link_respects_the_limit_of_the_taker(cast: Cast, report_need: ReportNeed, held: Commitment) -> None:
    for _each in range(3):
        taking.take(report_need(), cast.greta)
    assert refused(lambda: hand_overs.accept_link(hand_overs.token_of(held), cast.greta)).refusal is Refusal.FULL
    assert Commitment.objects.active().filter(pk=held.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_use_the_link_at_once_one_wins(cast: Cast, report_need: ReportNeed) -> None:
    held = hand_overs.make_link(taking.take(report_need(), cast.alice).pk, cast.alice)
    token, gate, outcomes = hand_overs.token_of(held), threading.Barrier(2), []

    def run(user: User) -> None:
        gate.wait()
        try:
            hand_overs.accept_link(token, user)
            outcomes.append("won")
        except Refused as caught:
            outcomes.append(caught.refusal.name)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(user,)) for user in (cast.greta, cast.bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == [Refusal.OVER.name, "won"]
    assert CommitmentPart.objects.filter(held=True).count() == 3


def test_a_volunteer_cannot_name_or_look_for_a_recipient(
    cast: Cast, signed_in: SignedIn, report_need: ReportNeed
) -> None:
    held = taking.take(report_need(), cast.alice)
    client = signed_in(cast.alice)
    page = client.get(reverse("needs:commitment", args=[held.pk])).content.decode()
    for other in (cast.bob, cast.carol, cast.edith, cast.greta):
        assert str(other) not in page and other.email not in page and str(other.key) not in page
    path = reverse("needs:commitment_offer", args=[held.pk])
    for guess in (str(cast.greta.key), cast.greta.email, str(cast.greta.pk), str(uuid.uuid4())):
        answer = client.post(path, {"to": guess})
        assert answer.status_code == 400
        assert "Greta" not in answer.content.decode()
    assert not held.hand_overs.exists()


def test_two_accomplices_cannot_pass_a_need_to_each_other_endlessly(
    cast: Cast, signed_in: SignedIn, held: Commitment
) -> None:
    def pass_on(own: Commitment, to: User) -> Commitment:
        return hand_overs.accept_link(hand_overs.token_of(hand_overs.make_link(own.pk, own.volunteer)), to)

    back = pass_on(pass_on(held, cast.greta), cast.alice)
    told = Notification.objects.filter(title="A need was handed over twice")
    assert {each.user for each in told} == {cast.carol} and str(held.need_id) in told[0].path
    for attack in (
        lambda: hand_overs.make_link(back.pk, cast.alice),
        lambda: hand_overs.ask_holder(back.pk, cast.greta),
        lambda: hand_overs.ask_holder(back.pk, cast.bob),
    ):
        assert refused(attack).refusal is Refusal.PASSED_ON
    page = signed_in(cast.alice).get(reverse("needs:commitment", args=[back.pk])).content.decode()
    assert "already handed over twice" in page and "Hand it over" not in page and "Give it back" in page

    ending.withdraw(back.pk, cast.alice, "too_far")  # giving it back to an accomplice does not start a new chain
    again = taking.take(held.need, cast.greta)
    assert refused(lambda: pass_on(again, cast.alice)).refusal is Refusal.PASSED_ON

    calls.log_call(held.need, cast.carol, CallResult.REACHED)
    assert pass_on(again, cast.bob).volunteer == cast.bob


def test_a_link_or_an_offer_made_before_the_last_hand_over_cannot_make_one_more(
    cast: Cast, report_need: ReportNeed
) -> None:
    need = report_need()
    one = hand_overs.make_link(taking.take(need, cast.alice, kinds=["food"]).pk, cast.alice)
    two = taking.take(need, cast.bob, kinds=["blanket"], association=cast.maraude)
    offered = hand_overs.offer(two.pk, cast.bob, cast.carol)
    for to in (cast.greta, cast.alice):
        one = hand_overs.accept_link(hand_overs.token_of(one), to)
        if to == cast.greta:
            one = hand_overs.make_link(one.pk, to)
    assert refused(lambda: hand_overs.answer(offered.pk, cast.carol, accepted=True)).refusal is Refusal.PASSED_ON
    assert hand_overs.answer(offered.pk, cast.carol, accepted=False).answer == "declined"


def test_a_member_cannot_flood_others_with_offers(cast: Cast, report_need: ReportNeed) -> None:
    needs = [taking.take(report_need(), cast.bob, association=cast.maraude) for _each in range(7)]
    for own in needs[:5]:
        hand_overs.offer(own.pk, cast.bob, cast.carol)
    assert refused(lambda: hand_overs.offer(needs[5].pk, cast.bob, cast.carol)).refusal is Refusal.TOO_MANY_HAND_OVERS
    assert refused(lambda: hand_overs.offer(needs[0].pk, cast.bob, cast.carol)).refusal is Refusal.ASKED_BEFORE
    sent = Notification.objects.filter(user=cast.carol, title="A hand-over needs your answer")
    assert sent.count() == 5


def test_nobody_is_asked_again_after_a_no(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice)
    hand_overs.answer(hand_overs.ask_holder(held.pk, cast.greta).pk, cast.alice, accepted=False)
    assert refused(lambda: hand_overs.ask_holder(held.pk, cast.greta)).refusal is Refusal.HAND_OVER_DECLINED


def test_a_partial_delivery_says_what_is_open_again(cast: Cast, signed_in: SignedIn, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice, kinds=["food", "blanket"])
    path = reverse("needs:commitment_done", args=[held.pk])
    page = signed_in(cast.alice).post(path, {"kinds": ["food"]}, follow=True).content.decode()
    assert "Open again for others: blanket. Please tell us how it went." in page
    assert page.count("Open again for others: blanket.") == 2
    taking.take(held.need, cast.greta, kinds=["blanket"])
    page = signed_in(cast.alice).get(reverse("needs:commitment", args=[held.pk])).content.decode()
    assert "Open again" not in page


def test_one_number_limits_what_a_volunteer_takes_and_is_asked(
    cast: Cast, signed_in: SignedIn, report_need: ReportNeed
) -> None:
    from volunteers.models import Profile

    Profile.objects.create(user=cast.alice, most=2)
    held = [taking.take(report_need(), cast.alice) for _each in range(2)]
    assert refused(lambda: taking.take(report_need(), cast.alice)).refusal is Refusal.FULL
    for page in ("needs:commitments", "needs:proposals"):
        assert (
            "You take care of 2 of at most 2 needs at once."
            in signed_in(cast.alice).get(reverse(page)).content.decode()
        )
    Profile.objects.filter(user=cast.alice).update(most=9)
    taking.take(report_need(), cast.alice)
    assert refused(lambda: taking.take(report_need(), cast.alice)).refusal is Refusal.FULL
    assert "3 of at most 3" in signed_in(cast.alice).get(reverse("needs:commitments")).content.decode()
    assert len(held) == 2
