"""The stock of an association: moves, the sheet, the file, the message when it runs low."""

import csv
import io
import uuid

import pytest
from django.utils import timezone

from needs.models import Item, StockMove, Tour
from needs.neighbours.lending import stock
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.lending_refusals import LendingRefusal, LendingRefused
from tests.needs.lending.lending_cases import lend
from tests.support import Cast, SignedIn
from tests.together import tried
from volunteers.enums import Topic
from volunteers.models import Notification


@pytest.fixture
def blankets(cast: Cast) -> Item:
    return lend(cast.bob, "blankets", cast.maraude, category="blanket", quantity=10)


@pytest.fixture
def tour(cast: Cast) -> Tour:
    return Tour.objects.create(association=cast.maraude, author=cast.bob, at=timezone.now())


def level(item: Item) -> tuple[int, int, int]:
    item.refresh_from_db()
    found = stock.level_of(item)
    return found.left, found.out, found.total


def test_what_goes_out_with_a_tour_comes_back_or_was_given(cast: Cast, blankets: Item, tour: Tour) -> None:
    stock.move(blankets.pk, -6, StockReason.OUT, tour=tour, author=cast.bob)
    assert level(blankets) == (4, 6, 10)
    stock.move(blankets.pk, -3, StockReason.GIVEN, tour=tour, author=cast.bob)
    assert level(blankets) == (4, 3, 7)
    stock.move(blankets.pk, 2, StockReason.BACK, tour=tour, author=cast.bob)
    stock.move(blankets.pk, -1, StockReason.LOST, tour=tour, author=cast.bob)
    assert level(blankets) == (6, 0, 6)
    for reason, quantity in ((StockReason.BACK, 1), (StockReason.GIVEN, -1)):
        with pytest.raises(LendingRefused) as caught:
            stock.move(blankets.pk, quantity, reason, tour=tour, author=cast.bob)
        assert caught.value.refusal is LendingRefusal.NOT_ON_TOUR
    Tour.objects.filter(pk=tour.pk).delete()
    assert level(blankets) == (6, 0, 6), "the sheet still adds up when the tour is erased"


def test_a_move_sent_twice_counts_once_and_its_id_takes_no_other_values(cast: Cast, blankets: Item) -> None:
    key = uuid.uuid4()
    for _each in range(2):
        stock.move(blankets.pk, -2, StockReason.GIVEN, author=cast.bob, id=key)
    assert level(blankets) == (8, 0, 8)
    with pytest.raises(LendingRefused) as caught:
        stock.move(blankets.pk, -3, StockReason.GIVEN, author=cast.bob, id=key)
    assert caught.value.refusal is LendingRefusal.OTHER_MOVE


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [(0, StockReason.ADDED), (1, StockReason.OUT), (-1, StockReason.BACK), (-1, StockReason.ADDED)],
)
def test_the_sign_has_to_fit_the_reason(cast: Cast, blankets: Item, quantity: int, reason: StockReason) -> None:
    with pytest.raises(LendingRefused) as caught:
        stock.move(blankets.pk, quantity, reason, author=cast.bob)
    assert caught.value.refusal is LendingRefusal.SIGN
    assert level(blankets) == (10, 0, 10)


def test_a_person_s_things_have_no_stock(cast: Cast) -> None:
    own = lend(cast.bob)
    with pytest.raises(LendingRefused) as caught:
        stock.move(own.pk, 1, StockReason.ADDED, author=cast.bob)
    assert caught.value.refusal is LendingRefusal.NO_STOCK


def test_a_count_says_how_many_are_in_the_store_now(cast: Cast, blankets: Item) -> None:
    stock.move(blankets.pk, -4, StockReason.OUT, author=cast.bob)
    stock.change(blankets, 5, "counted", author=cast.bob)
    assert level(blankets) == (5, 4, 9)
    assert stock.change(blankets, 5, "counted", author=cast.bob) is None


@pytest.mark.django_db(transaction=True)
def test_of_twelve_people_who_take_three_of_ten_at_once_three_get_them(cast: Cast) -> None:
    item = lend(cast.bob, "blankets", cast.maraude, quantity=10)
    outcomes = tried([lambda: stock.move(item.pk, -3, StockReason.OUT, author=cast.bob)] * 12, LendingRefused)
    assert sum(isinstance(each, StockMove) for each in outcomes) == 3
    refused = [each for each in outcomes if isinstance(each, LendingRefused)]
    assert [each.refusal for each in refused] == [LendingRefusal.NOT_ENOUGH] * 9
    assert level(item) == (1, 9, 10)


def test_those_who_dispatch_hear_once_when_fewer_than_the_minimum_are_left(cast: Cast, blankets: Item) -> None:
    Item.objects.filter(pk=blankets.pk).update(minimum=8)
    for _each in range(3):
        stock.move(blankets.pk, -1, StockReason.GIVEN, author=cast.bob)
    stock.move(blankets.pk, -1, StockReason.GIVEN, author=cast.bob)
    told = Notification.objects.filter(topic=Topic.LENDING)
    assert {row.user_id for row in told} == {cast.carol.pk}
    assert len({row.key for row in told}) == 1
    assert "blankets" not in told[0].title + told[0].body


def test_changing_the_number_of_a_stocked_thing_is_a_count(cast: Cast, blankets: Item, signed_in: SignedIn) -> None:
    form = {
        "category": "blanket", "name": "wool blankets", "condition": "good", "quantity": "12", "about": "", "minimum": "4",
        "latitude": "48.866", "longitude": "2.35",
    }  # fmt: skip
    assert signed_in(cast.bob).post(f"/lending/items/{blankets.pk}/change/", form).status_code == 302
    assert level(blankets) == (12, 0, 12)
    assert [move.reason for move in blankets.moves.order_by("at")] == ["added", "counted"]
    assert blankets.name == "wool blankets" and blankets.minimum == 4


def test_the_sheet_and_its_file_are_for_members_and_hold_no_formula(cast: Cast, signed_in: SignedIn) -> None:
    lend(cast.bob, "=HYPERLINK(1)", cast.maraude, quantity=3, minimum=5)
    lend(cast.bob, "my own bag")
    bob = signed_in(cast.bob)
    page = bob.get(f"/lending/stock/{cast.maraude.slug}/").content.decode()
    assert "1 thing is running low" in page and "my own bag" not in page
    sheet = bob.get(f"/lending/stock/{cast.maraude.slug}/file/").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [(row["name"][0], row["total"], row["left"], row["low"]) for row in rows] == [("'", "3", "3", "yes")]
    for other in (cast.edith, cast.alice):
        client = signed_in(other)
        for path in ("", "file/"):
            assert client.get(f"/lending/stock/{cast.maraude.slug}/{path}").status_code == 404


def test_the_page_of_a_move_refuses_in_words_and_keeps_what_was_typed(
    cast: Cast, blankets: Item, tour: Tour, signed_in: SignedIn
) -> None:
    bob, path = signed_in(cast.bob), f"/lending/stock/items/{blankets.pk}/"
    refused = bob.post(path, {"reason": "out", "quantity": "11", "tour": tour.pk})
    assert refused.status_code == 409
    assert "There are not so many left" in refused.content.decode()
    assert 'value="11"' in refused.content.decode()
    assert bob.post(path, {"reason": "out", "quantity": "4", "tour": tour.pk}).status_code == 302
    assert level(blankets) == (6, 4, 10)
    assert signed_in(cast.edith).post(path, {"reason": "out", "quantity": "1"}).status_code == 404
