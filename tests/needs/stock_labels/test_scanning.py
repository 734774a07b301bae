"""Scans of labels: late, twice, in any order, and attacks with labels."""

import itertools
import json
import uuid

import pytest
from django.utils import timezone

from needs.models import Item, StockMove, Tour, WaitingScan
from needs.neighbours.lending import stock
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.stock_labels import item_labels, scanning
from needs.neighbours.stock_labels.scanning import Scan
from tests.needs.loans.loan_cases import item_of
from tests.support import Cast, SignedIn
from volunteers.models import Association, User
from volunteers.site.web_app import app_shell

pytestmark = pytest.mark.django_db


def stocked(association: Association, quantity: int = 10) -> Item:
    item = item_of(association, quantity, category="tent", name="Tente")
    item_labels.renew(item)
    return item


def tour_of(user: User, association: Association) -> Tour:
    return Tour.objects.create(association=association, author=user, at=timezone.now(), content_hash="-")


def scan(item: Item, tour: Tour, reason: str, quantity: int, id: uuid.UUID | None = None) -> Scan:
    return Scan(id or uuid.uuid4(), item.label or "", StockReason(reason), quantity, tour)


def send(client: object, user: User, **fields: str) -> dict[str, object]:
    """Send a scan as a phone does; return the result."""
    item = {"id": fields.pop("id", str(uuid.uuid4())), "kind": "stock-scan", "ago": 3600}
    item["body"] = json.dumps({"v": 1, "fields": fields})
    body = json.dumps({"account": app_shell.account_of(user), "items": [item]})
    answer = client.post("/queue/send/", body, content_type="application/json")  # type: ignore[attr-defined]
    [result] = answer.json()["results"]
    return dict(result)


def test_the_page_of_a_tour_leads_to_the_scanner_if_the_association_has_a_stock(
    cast: Cast, signed_in: SignedIn
) -> None:
    tour = tour_of(cast.bob, cast.maraude)
    stocked(cast.other)
    assert "/stock/scan/" not in signed_in(cast.bob).get(f"/tours/{tour.pk}/").content.decode()
    stocked(cast.maraude)
    assert "/stock/scan/" in signed_in(cast.bob).get(f"/tours/{tour.pk}/").content.decode()


def test_scans_of_several_phones_give_the_same_stock_in_any_order(cast: Cast) -> None:
    tour = tour_of(cast.bob, cast.maraude)
    for order in itertools.permutations([("out", 6), ("given", 2), ("back", 4)]):
        item = stocked(cast.maraude)
        for each in [scan(item, tour, *said) for said in order]:
            scanning.take(each, cast.bob)
            scanning.take(each, cast.bob)  # the answer was lost in the network
        item.refresh_from_db()
        level = stock.level_of(item)
        assert (level.total, level.out, level.left) == (8, 0, 8), order
        assert item.moves.count() == 3
    assert not WaitingScan.objects.exists()


def test_what_the_stock_cannot_take_waits_until_it_was_counted(cast: Cast, signed_in: SignedIn) -> None:
    item, tour = stocked(cast.maraude, 1), tour_of(cast.bob, cast.maraude)
    scanning.take(scan(item, tour, "out", 3), cast.bob)
    assert stock.level_of(item).out == 0
    assert "do not fit the count" in signed_in(cast.bob).get("/stock/maraude-du-nord/labels/").content.decode()
    stock.move(item.pk, 4, StockReason.ADDED, author=cast.bob)
    scanning.take(scan(item, tour, "out", 1), cast.bob)
    assert stock.level_of(item).out == 4


def test_a_scan_from_the_phone_queue_is_stored_once(cast: Cast, signed_in: SignedIn) -> None:
    item, tour = stocked(cast.maraude), tour_of(cast.bob, cast.maraude)
    fields = {
        "label": item_labels.grouped(item.label or "").lower(),
        "tour": str(tour.pk),
        "reason": "out",
        "quantity": "4",
    }
    key, client = str(uuid.uuid4()), signed_in(cast.bob)
    assert "id" in send(client, cast.bob, id=key, **fields)
    assert send(client, cast.bob, id=key, **fields).get("code") is None
    assert stock.level_of(item).out == 4
    assert send(client, cast.bob, id=key, **{**fields, "quantity": "9"})["code"] == "conflict"
    assert stock.level_of(item).out == 4


def test_the_label_of_another_association_looks_like_an_unknown_one(cast: Cast, signed_in: SignedIn) -> None:
    stocked(cast.maraude)
    theirs, tour = stocked(cast.other), tour_of(cast.bob, cast.maraude)
    fields = {"tour": str(tour.pk), "reason": "out", "quantity": "1"}
    answers = [
        send(signed_in(cast.bob), cast.bob, label=label, **fields) for label in (theirs.label or "", "2345678923")
    ]
    for answer in answers:
        del answer["id"], answer["received"]
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "invalid"
    assert not StockMove.objects.exists()
    # a person in both associations cannot move the stock of one with a tour of the other
    cast.bob.memberships.create(association=cast.other)
    assert scanning.take(scan(theirs, tour, "out", 1), cast.bob) is None


def test_strangers_and_tours_of_others_are_refused(cast: Cast, signed_in: SignedIn) -> None:
    item, tour = stocked(cast.maraude), tour_of(cast.bob, cast.maraude)
    fields = {"label": item.label or "", "reason": "given", "quantity": "5", "tour": str(tour.pk)}
    for person in (cast.edith, cast.greta, cast.alice):
        answer = send(signed_in(person), person, **fields)
        assert answer["code"] in ("invalid", "not_yours")
    assert not StockMove.objects.exists() and not WaitingScan.objects.exists()


def test_an_old_label_that_was_moved_or_copied_no_longer_works(cast: Cast, signed_in: SignedIn) -> None:
    item, tour = stocked(cast.maraude), tour_of(cast.bob, cast.maraude)
    old = item.label
    signed_in(cast.bob).post(f"/stock/maraude-du-nord/labels/{item.pk}/")
    item.refresh_from_db()
    assert item.label != old
    assert scanning.take(Scan(uuid.uuid4(), old or "", StockReason.OUT, 1, tour), cast.bob) is None
    assert signed_in(cast.edith).post(f"/stock/maraude-du-nord/labels/{item.pk}/").status_code == 404


def test_the_sheet_prints_random_codes_and_nothing_about_the_owner(cast: Cast, signed_in: SignedIn) -> None:
    item = item_of(cast.maraude, 3, name="Tente")
    client = signed_in(cast.bob)
    client.post("/stock/maraude-du-nord/labels/")
    item.refresh_from_db()
    assert item_labels.read(item.label or "") == item.label
    assert item_labels.grouped(item.label or "") in client.get("/stock/maraude-du-nord/labels/").content.decode()
    assert client.post("/stock/soupe-du-sud/labels/").status_code == 404


@pytest.mark.parametrize(
    "text", ["", "K7Q2", "http://example.org/K7Q29MXW4T", "O0O0O0O0O0", "K7Q29MXW4T1", "\x00", "é" * 10]
)
def test_what_is_no_label_is_told_apart_before_anything_is_looked_up(text: str) -> None:
    assert item_labels.read(text) == ""


def test_the_page_without_scripts_stores_a_scan_and_names_a_wrong_code(cast: Cast, signed_in: SignedIn) -> None:
    item, tour = stocked(cast.maraude), tour_of(cast.bob, cast.maraude)
    client = signed_in(cast.bob)
    form = {"id": str(uuid.uuid4()), "tour": str(tour.pk), "reason": "out", "quantity": "2", "label": item.label}
    assert client.post("/stock/scan/", form).status_code == 302
    client.post("/stock/scan/", form)
    assert stock.level_of(item).out == 2
    wrong = client.post("/stock/scan/", form | {"label": "nonsense"})
    assert wrong.status_code == 400 and "ten letters and digits" in wrong.content.decode()
