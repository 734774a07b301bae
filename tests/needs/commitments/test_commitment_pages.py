"""Pages of commitments: the page of one commitment, the lists, hand-overs."""

import re
import uuid

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from needs.help.commitments import taking
from needs.models import Commitment, HandOver
from tests.needs.commitments.commitment_pages import SAFE, SECRETS, ReportNeed, page_text, take_on_page
from tests.support import Cast, SignedIn


def test_lists_need_as_many_queries_for_forty_rows_as_for_four(
    alice: Client,
    cast: Cast,
    secret_need: ReportNeed,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    settings: Settings,
) -> None:
    settings.COMMITMENTS_PER_VOLUNTEER = 100
    counts = []
    for number in (3, 20):
        for _each in range(number):
            taking.take(secret_need(), cast.alice)
            secret_need()
        alice.get("/open/"), alice.get("/commitments/")
        for path, most in (("/open/", 17), ("/commitments/", 17)):
            with django_assert_max_num_queries(most) as caught:
                page_text(alice, path)
            counts.append(len(caught))
    assert counts[:2] == counts[2:]


def test_it_is_done_in_two_taps_without_javascript(alice: Client, secret_need: ReportNeed) -> None:
    own = secret_need()
    held = take_on_page(alice, own, kinds=["food", "blanket"])
    page = page_text(alice, reverse("needs:commitment", args=[held.pk]))
    assert page.count("checked") >= 2  # "done" sends the ticks that the page shows
    alice.post(reverse("needs:commitment_done", args=[held.pk]), {"kinds": ["food", "blanket"]})
    own.refresh_from_db()
    assert own.state == "met"


def test_the_timer_is_written_by_the_server(alice: Client, secret_need: ReportNeed) -> None:
    held = take_on_page(alice, secret_need())
    for path in ("/commitments/", reverse("needs:commitment", args=[held.pk])):
        assert re.search(r"3 h 59 min|4 h 00 min", page_text(alice, path))


def test_the_holder_hands_over_a_need_that_somebody_asked_for(
    alice: Client, cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    own = secret_need()
    held = take_on_page(alice, own)
    bob = signed_in(cast.bob)
    text = page_text(bob, f"/open/{own.pk}/")
    assert "Ask to take over" in text
    assert "Alice" not in text
    ask = reverse("needs:commitment_ask", args=[held.pk])
    bob.post(ask, {"ask-message": "I am next door"})
    assert not HandOver.objects.exists()  # the safety rules were not accepted
    bob.post(ask, {"ask-message": "I am next door", "ask-safe": "on"})
    hand = HandOver.objects.get()
    assert "I am next door" in page_text(alice, "/commitments/")
    assert bob.post(reverse("needs:hand_over", args=[hand.pk]), {"answer": "yes"}).status_code == 404
    alice.post(reverse("needs:hand_over", args=[hand.pk]), {"answer": "yes"})
    assert bob.get(reverse("needs:commitment_place", args=[Commitment.objects.active().get().pk])).status_code == 200


def test_an_offer_to_a_member_is_accepted_with_the_rules_of_safety(
    cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    bob, carol = signed_in(cast.bob), signed_in(cast.carol)
    held = take_on_page(bob, secret_need(), association="maraude-du-nord")
    bob.post(reverse("needs:commitment_offer", args=[held.pk]), {"to": str(cast.carol.key)})
    hand = HandOver.objects.get()
    accept = reverse("needs:hand_over", args=[hand.pk])
    carol.post(accept, {"answer": "yes"})
    assert Commitment.objects.active().get().volunteer == cast.bob
    carol.post(accept, {"answer": "yes", **SAFE})
    assert Commitment.objects.active().get().volunteer == cast.carol


def test_members_see_commitments_of_their_association_without_the_place(
    cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    bob = signed_in(cast.bob)
    take_on_page(bob, secret_need(), association="maraude-du-nord")
    text = page_text(signed_in(cast.carol), "/commitments/association/")
    assert "Bob" in text
    assert [secret for secret in SECRETS if secret in text] == []
    assert "Bob" not in page_text(signed_in(cast.edith), "/commitments/association/")
    assert signed_in(cast.alice).get("/commitments/association/").status_code == 404


def test_strangers_get_404_for_every_action_on_a_commitment(
    alice: Client, cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    held = take_on_page(alice, secret_need())
    names = ("done", "extend", "give_back", "offer", "feedback")
    paths = {name: reverse(f"needs:commitment_{name}", args=[held.pk]) for name in names}
    paths["message"] = reverse("needs:conversation_about", args=["commitment", held.pk])
    for name, path in paths.items():
        assert signed_in(cast.bob).post(path, {"kinds": ["food"]}).status_code == 404, name
        assert Client().post(path).status_code == 302, name
    assert alice.get(f"/commitments/{uuid.uuid4()}/").status_code == 404
    held.refresh_from_db()
    assert held.state == "active"
