"""Vouching: who asks, who answers, and what each of them reads."""

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from tests.support import Cast, SignedIn
from volunteers.models import AuditEntry, Membership, Notification, User, Vouch
from volunteers.people.audit.verbs import Verb
from volunteers.people.vouching import vouching
from volunteers.people.vouching.vouching import VouchRefusal, VouchRefused


def why(user: User, cast: Cast) -> VouchRefusal | None:
    try:
        vouching.ask(user, cast.maraude)
    except VouchRefused as refused:
        assert refused.words
        return refused.why
    return None


def test_a_volunteer_asks_and_a_dispatcher_accepts_and_ends(cast: Cast, signed_in: SignedIn) -> None:
    greta, carol = signed_in(cast.greta), signed_in(cast.carol)
    assert "/me/vouches/" in greta.get("/me/").content.decode()
    sent = greta.post("/me/vouches/", {"association": cast.maraude.slug, "text": "two tours in November"})
    assert sent.status_code == 302
    [told] = Notification.objects.filter(user=cast.carol)
    assert told.topic == "desk" and "Greta" not in told.title + told.body
    vouch = Vouch.objects.get(user=cast.greta)
    page = carol.get(f"/me/associations/{cast.maraude.slug}/").content.decode()
    assert "two tours in November" in page and cast.greta.email in page
    assert not vouching.is_vouched(cast.greta)
    carol.post(f"/me/associations/{cast.maraude.slug}/vouches/{vouch.pk}/answer/", {"answer": "yes"})
    assert vouching.is_vouched(cast.greta)
    assert "vouches for you" in greta.get("/me/vouches/").content.decode()
    carol.post(f"/me/associations/{cast.maraude.slug}/vouches/{vouch.pk}/end/")
    assert not vouching.is_vouched(cast.greta)
    verbs = AuditEntry.objects.filter(verb__startswith="vouch").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == [Verb.VOUCHED, Verb.VOUCH_ENDED]


def test_members_and_strangers_neither_read_nor_answer_requests(cast: Cast, signed_in: SignedIn) -> None:
    vouch = vouching.ask(cast.greta, cast.maraude, "hello")
    address = f"/me/associations/{cast.maraude.slug}/"
    assert "hello" not in signed_in(cast.bob).get(address).content.decode()
    hugo = User.objects.create_user("hugo@example.org", None)
    Membership.objects.create(user=hugo, association=cast.other, role="dispatcher")
    for who in (cast.bob, cast.alice, cast.greta, cast.edith, cast.farid, hugo):
        for path in (f"{address}vouches/{vouch.pk}/answer/", f"{address}vouches/{vouch.pk}/end/"):
            assert signed_in(who).post(path, {"answer": "yes"}).status_code == 404
    own = f"/me/associations/{cast.other.slug}/vouches/{vouch.pk}/answer/"
    assert signed_in(hugo).post(own, {"answer": "yes"}).status_code == 404
    assert signed_in(cast.alice).post(f"/me/vouches/{vouch.pk}/withdraw/").status_code == 404
    assert not vouching.is_vouched(cast.greta)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("bob", VouchRefusal.MEMBER), ("alice", VouchRefusal.ASKED), ("edith", None), ("greta", None)],
)
def test_only_what_makes_sense_can_be_asked(cast: Cast, name: str, expected: VouchRefusal | None) -> None:
    assert why(getattr(cast, name), cast) is expected


def test_a_person_without_a_confirmed_address_cannot_ask(cast: Cast) -> None:
    EmailAddress.objects.filter(user=cast.greta).update(verified=False)
    assert why(cast.greta, cast) is VouchRefusal.UNVERIFIED


def test_a_declined_person_asks_again_only_after_a_week(cast: Cast) -> None:
    vouch = vouching.ask(cast.greta, cast.maraude)
    assert vouching.answer(vouch, accepted=False, by=cast.carol)
    assert not vouching.answer(vouch, accepted=True, by=cast.carol)
    assert why(cast.greta, cast) is VouchRefusal.DECLINED
    Vouch.objects.filter(pk=vouch.pk).update(answered_at=timezone.now() - vouching.ASK_AGAIN_AFTER)
    assert why(cast.greta, cast) is None


def test_a_request_can_be_withdrawn_until_it_is_answered(cast: Cast, signed_in: SignedIn) -> None:
    vouch = vouching.ask(cast.greta, cast.maraude)
    assert signed_in(cast.greta).post(f"/me/vouches/{vouch.pk}/withdraw/").status_code == 302
    assert not Vouch.objects.filter(user=cast.greta).exists()
    assert not vouching.answer(vouch, accepted=True, by=cast.carol)
