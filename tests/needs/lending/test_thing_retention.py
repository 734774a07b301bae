"""Deletion of things, wishes and offers that are over, and the copy of one's own data."""

import io
import zipfile
from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from needs.base.retention_rules import registry
from needs.doors.retention import own_data
from needs.models import Item, ItemPhoto, Loan, Offer, StockMove, Wish
from needs.neighbours.lending import item_changes, wishes
from tests.needs.attachments.hostile_uploads import picture
from tests.needs.lending.lending_cases import give, lend
from tests.support import Cast


def test_what_is_over_is_deleted_and_what_is_lent_stays_until_it_is_back(cast: Cast) -> None:
    kept, gone, lent = lend(cast.alice, "kept"), lend(cast.alice, "gone"), lend(cast.bob, "lent")
    stocked = lend(cast.bob, "stock", cast.maraude)
    Loan.objects.create(item=lent, borrower=cast.alice, period=("2026-01-01", "2026-01-09"), state="late")
    for item in (gone, lent):
        item_changes.remove(item)
    wishes.make(cast.alice, "tent", kept.cell, timezone.now() + timedelta(days=2))
    give(cast.alice)
    rule = next(each for each in registry.rules() if each.name == "things")
    assert rule.carry_out(timezone.now()) == 0
    later = timezone.now() + timedelta(days=20)
    assert rule.count(later) == rule.carry_out(later) == 3
    assert {item.name for item in Item.objects.all()} == {"kept", "lent", "stock"}
    assert not Wish.objects.exists() and not Offer.objects.exists()
    assert rule.carry_out(timezone.now() + timedelta(days=70)) == 1
    assert StockMove.objects.get(item=stocked).author is None


def test_a_copy_of_one_s_own_data_has_things_with_photos_and_nothing_of_others(cast: Cast) -> None:
    own = lend(cast.alice, "my bag")
    lend(cast.bob, "somebody else's bag")
    photo = ItemPhoto(item=own)
    photo.image.save("a.jpg", ContentFile(picture()))
    with zipfile.ZipFile(io.BytesIO(own_data.account_file(cast.alice).read())) as archive:
        text = archive.read("data.json").decode()
        assert f"photos/{photo.pk}.jpg" in archive.namelist()
    assert "my bag" in text and "somebody else" not in text
