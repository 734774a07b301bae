"""Adding, changing, pausing and removing things on pages; their photos; undo."""

import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from needs.doors.retention import erasure
from needs.models import Item, ItemPhoto
from needs.neighbours.lending.item_changes import MOST_PHOTOS
from solidarity.lib import grid
from tests.needs.attachments.hostile_uploads import hostile, picture, with_metadata
from tests.needs.lending.lending_cases import NORD, lend, undo_last
from tests.support import Cast, SignedIn

FORM = {
    "category": "tent", "name": "tent for two", "condition": "worn", "quantity": "1", "about": "poles are new",
    "latitude": "48.866123", "longitude": "2.350345",
}  # fmt: skip


def test_a_thing_is_added_with_a_photo_and_only_its_cell_is_stored(cast: Cast, signed_in: SignedIn) -> None:
    photo = SimpleUploadedFile("a.jpg", with_metadata()["JPEG"], "image/jpeg")
    alice = signed_in(cast.alice)
    key = uuid.uuid4()
    answer = alice.post("/lending/items/new/", {**FORM, "id": key, "photo": photo}, follow=True)
    item = Item.objects.get()
    assert answer.status_code == 200 and item.pk == key and item.owner == cast.alice
    assert grid.resolution_of(item.cell) == 8
    stored = item.photos.get()
    served = signed_in(cast.bob).get(f"/lending/photos/{stored.pk}/")
    body = served.content
    assert body.startswith(b"\xff\xd8") and b"Exif" not in body and b"GPS" not in body
    assert alice.post("/lending/items/new/", {**FORM, "id": key}).status_code == 302
    assert Item.objects.count() == 1, "sent twice, stored once"


def test_what_is_wrong_is_named_beside_its_field_and_nothing_typed_is_lost(alice: Client) -> None:
    wrong = {**FORM, "quantity": "0", "name": "call 06 12 34 56 78", "latitude": "", "longitude": ""}
    answer = alice.post("/lending/items/new/", wrong)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert set(answer.context["form"].errors) == {"quantity", "name", "__all__"}
    assert "Say roughly where it is" in page and "poles are new" in page and "telephone number" in page
    assert not Item.objects.exists()


def test_hostile_photos_are_refused_and_the_thing_is_not_stored(cast: Cast, alice: Client) -> None:
    own = lend(cast.alice)
    for sent in hostile()[::6]:
        file = SimpleUploadedFile(sent.file, sent.data, sent.type)
        answer = alice.post("/lending/items/new/", {**FORM, "photo": file})
        assert answer.status_code == 400 and list(answer.context["form"].errors) == ["photo"], sent.name
        file.seek(0)
        again = alice.post(f"/lending/items/{own.pk}/photos/", {"photo": file})
        assert again.status_code == 400, sent.name
    assert Item.objects.count() == 1 and not ItemPhoto.objects.exists()


def test_an_item_has_at_most_four_photos_and_their_files_go_with_them(cast: Cast, alice: Client) -> None:
    own = lend(cast.alice)
    for _each in range(MOST_PHOTOS + 1):
        alice.post(f"/lending/items/{own.pk}/photos/", {"photo": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
    assert own.photos.count() == MOST_PHOTOS
    first = own.photos.all()[0]
    assert first.image.storage.exists(str(first.image.name))
    assert alice.post(f"/lending/photos/{first.pk}/remove/").status_code == 302
    assert own.photos.count() == MOST_PHOTOS - 1


def test_pausing_hides_and_removing_can_be_undone(cast: Cast, alice: Client, signed_in: SignedIn) -> None:
    own, bob = lend(cast.alice), signed_in(cast.bob)
    page = f"/lending/items/{own.pk}/"
    alice.post(f"{page}list/", {"listed": "0"})
    assert bob.get(page).status_code == 404
    alice.post(f"{page}list/", {"listed": "1"})
    assert bob.get(page).status_code == 200
    answer = alice.post(f"{page}remove/", follow=True)
    assert bob.get(page).status_code == 404
    undo_last(alice, answer.content.decode())
    assert bob.get(page).status_code == 200


def test_nobody_changes_the_things_of_others(cast: Cast, signed_in: SignedIn) -> None:
    own, stocked = lend(cast.bob), lend(cast.bob, association=cast.maraude)
    for client in (signed_in(cast.alice), signed_in(cast.edith)):
        for item in (own, stocked):
            page = f"/lending/items/{item.pk}/"
            assert client.get(page).status_code == 200
            for path in ("change/", "list/", "remove/", "photos/"):
                assert client.post(page + path, FORM).status_code == 404, path
            assert client.post(f"/lending/stock/items/{item.pk}/", {}).status_code == 404
    assert signed_in(cast.carol).get(f"/lending/items/{stocked.pk}/change/").status_code == 200


def test_an_erased_account_takes_its_things_with_it_and_the_stock_stays(cast: Cast) -> None:
    lend(cast.bob, place=NORD)
    stocked = lend(cast.bob, "stock", cast.maraude)
    erasure.erase_account(cast.bob)
    assert [item.pk for item in Item.objects.all()] == [stocked.pk]
    assert stocked.moves.get().author is None
