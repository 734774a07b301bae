"""Pages of what people give, and the offers near a need."""

from datetime import timedelta

from django.utils import timezone

from needs.models import Offer, OfferRequest
from needs.neighbours.giving import offer_requests
from tests.needs.commitments.commitment_cases import ReportNeed
from tests.needs.lending.lending_cases import base, give
from tests.support import Cast, City, SignedIn, dispatches


def test_something_is_offered_found_asked_for_and_agreed(cast: Cast, signed_in: SignedIn) -> None:
    edith, alice = signed_in(cast.edith), signed_in(cast.alice)
    until = timezone.localtime() + timedelta(hours=6)
    form = {
        "kind": "meal", "category": "food", "title": "30 meals at 20:00", "quantity": "30",
        "starts_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "expires_at": f"{until:%Y-%m-%dT%H:%M}",
        "about": "vegetarian", "latitude": "48.866", "longitude": "2.35",
    }  # fmt: skip
    assert edith.post("/giving/new/", form).status_code == 302
    offer = Offer.objects.get()
    base(cast.alice)
    page = alice.get("/giving/").content.decode()
    assert "30 meals at 20:00" in page and "under 1 km" in page and cast.edith.display_name not in page
    assert alice.post(f"/giving/{offer.pk}/ask/", {"quantity": "31"}).status_code == 409
    assert alice.post(f"/giving/{offer.pk}/ask/", {"quantity": "3", "message": "at eight"}).status_code == 302
    row = OfferRequest.objects.get()
    asked = edith.get(f"/giving/{offer.pk}/").content.decode()
    assert "at eight" in asked and cast.alice.display_name not in asked
    assert edith.post(f"/giving/requests/{row.pk}/agree/", {"reply": ""}).status_code == 400
    assert edith.post(f"/giving/requests/{row.pk}/agree/", {"reply": "at the day centre"}).status_code == 302
    mine = alice.get("/giving/mine/").content.decode()
    assert "at the day centre" in mine and f"({cast.edith.display_name.split()[0]})" in mine
    assert cast.alice.display_name.split()[0] in edith.get(f"/giving/{offer.pk}/").content.decode()


def test_what_is_wrong_with_an_offer_is_named_and_nothing_typed_is_lost(cast: Cast, signed_in: SignedIn) -> None:
    late = timezone.localtime() - timedelta(hours=1)
    form = {
        "kind": "meal", "category": "food", "title": "soup", "quantity": "3", "starts_at": f"{late:%Y-%m-%dT%H:%M}",
        "expires_at": f"{late:%Y-%m-%dT%H:%M}", "about": "ask karim@example.org", "latitude": "48.866", "longitude": "2.35",
    }  # fmt: skip
    answer = signed_in(cast.bob).post("/giving/new/", form)
    page = answer.content.decode()
    assert answer.status_code == 400 and set(answer.context["form"].errors) == {"expires_at", "about"}
    assert "This time has passed" in page and 'value="soup"' in page
    assert not Offer.objects.exists()


def test_strangers_neither_read_nor_answer_requests(cast: Cast, signed_in: SignedIn) -> None:
    offer = give(cast.edith)
    row = offer_requests.ask(offer.pk, cast.alice, 1, message="a message")
    bob = signed_in(cast.bob)
    assert "a message" not in bob.get(f"/giving/{offer.pk}/").content.decode()
    for path in (
        f"{offer.pk}/close/",
        *(f"requests/{row.pk}/{verb}/" for verb in ("agree", "decline", "give", "cancel")),
    ):
        assert bob.post(f"/giving/{path}", {"reply": "x"}).status_code == 404, path
    Offer.objects.filter(pk=offer.pk).update(closed_at=timezone.now())
    assert bob.get(f"/giving/{offer.pk}/").status_code == 404
    assert signed_in(cast.alice).get(f"/giving/{offer.pk}/").status_code == 200, "who asked still sees it"


def test_offers_near_a_need_are_shown_where_it_is_worked_on_and_one_tap_asks(
    cast: Cast, city: City, report_need: ReportNeed, signed_in: SignedIn
) -> None:
    need = report_need(kinds=["food"])
    offer = give(cast.edith, title="hot soup")
    give(cast.edith, title="warm coats", category="clothes")
    give(cast.edith, title="soup far away", place=(49.2, 2.35))
    dispatches(cast.carol, city.nord)
    carol, alice = signed_in(cast.carol), signed_in(cast.alice)
    for client, path in ((carol, f"/triage/{need.pk}/"), (alice, f"/open/{need.pk}/")):
        page = client.get(path).content.decode()
        assert "hot soup" in page and "under 1 km" in page, path
        assert "warm coats" not in page and "soup far away" not in page
    answer = carol.post(f"/giving/{offer.pk}/ask/", {"quantity": "1", "need": str(need.pk)})
    assert answer.status_code == 302
    assert OfferRequest.objects.get().need == need
    shown = signed_in(cast.edith).get(f"/giving/{offer.pk}/").content.decode()
    assert "It is for somebody in need." in shown and str(need.pk) not in shown


def test_nobody_asks_for_a_need_that_they_may_not_take(
    cast: Cast, report_need: ReportNeed, signed_in: SignedIn
) -> None:
    need, offer = report_need(kinds=["food"]), give(cast.edith)
    hidden = report_need(kinds=["food"], state="new")
    greta, alice = signed_in(cast.greta), signed_in(cast.alice)
    assert "hot meals" not in greta.get(f"/open/{need.pk}/").content.decode()
    assert greta.post(f"/giving/{offer.pk}/ask/", {"quantity": "1", "need": str(need.pk)}).status_code == 404
    assert alice.post(f"/giving/{offer.pk}/ask/", {"quantity": "1", "need": str(hidden.pk)}).status_code == 404
    assert not OfferRequest.objects.exists()
