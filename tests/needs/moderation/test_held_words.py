"""Held words: what is held and what is not, no query per text, and who sees a held text."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.conversations.moderation import cases, held_words
from needs.conversations.moderation_desk import deciding
from needs.enums import NeedState
from needs.guide.places import place_notices
from needs.guide.places.place_kinds import NoticeKind
from needs.models import Conversation, HeldWord, Item, Message, ModerationCase, Need, NextCrewWord, PlaceNotice
from needs.neighbours.lending import item_changes, wishes
from needs.neighbours.lending.item_changes import ItemDraft
from needs.tours.next_crew_words import crew_words, word_writing
from solidarity.lib import grid
from tests import filing_verbs
from tests.needs.loans.loan_cases import place_at
from tests.needs.moderation.moderation_cases import HIDE, KEEP, hold, loan_of, said
from tests.support import Cast, City, SignedIn
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db
NORD = (48.8660, 2.3500)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Quel CRÉTIN !", True), ("quels crétins", False), ("cr3t1n", True), ("cre\u200btin", True), ("cretinerie", False),
        ("le roi des  cons", True), ("c r e t i n", False), ("сretin", False),  # spaces and look-alikes get past
    ],
)  # fmt: skip
def test_words_are_compared_without_case_accents_and_digits(cast: Cast, text: str, held: bool) -> None:
    hold("crétin", cast.diane)
    hold("roi des cons", cast.diane)
    assert held_words.holds(text) is held


def test_a_word_can_count_inside_others_and_in_one_language_alone(cast: Cast) -> None:
    hold("gift", cast.diane, "en", whole=False)
    assert held_words.holds("a nightgift", "en") and held_words.holds("nightgift")
    assert not held_words.holds("Gift", "fr")


def test_arabic_marks_make_no_difference(cast: Cast) -> None:
    hold("كلب", cast.diane)
    assert held_words.holds("يا كَلْب")


def test_a_text_costs_no_query(cast: Cast, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    hold("word", cast.diane)
    held_words.holds("first")
    with django_assert_num_queries(0):
        for _each in range(50):
            held_words.holds("a text without it")


def test_a_held_item_waits_and_its_author_knows(cast: Cast, signed_in: SignedIn) -> None:
    hold("idiot", cast.diane)
    cell = grid.cell_of(*NORD)
    item = item_changes.add(ItemDraft("stroller", "For no idiot", cell), cast.bob)
    assert not Item.objects.listed().exists()
    assert "A person reads it first" in signed_in(cast.bob).get(reverse("needs:item", args=[item.pk])).content.decode()
    assert signed_in(cast.alice).get(reverse("needs:item", args=[item.pk])).status_code == 404
    assert signed_in(cast.alice).get(reverse("needs:report_content", args=["item", item.pk])).status_code == 404
    deciding.decide(ModerationCase.objects.get(), cast.diane, KEEP)
    assert Item.objects.listed().exists()
    item_changes.change(item, ItemDraft("stroller", "For no idiot", cell), cast.bob)
    assert Item.objects.listed().exists()  # a moderator has read the same words
    item_changes.change(item, ItemDraft("stroller", "For no other idiot", cell), cast.bob)
    assert not Item.objects.listed().exists()


def test_a_held_wish_word_and_message_wait(cast: Cast, city: City) -> None:
    hold("idiot", cast.diane)
    end = timezone.now() + timedelta(days=3)
    wishes.make(cast.bob, "stroller", grid.cell_of(*NORD), end, text="Idiot proof")
    assert not wishes.near(cast.alice, grid.cell_of(*NORD))
    word = word_writing.write(cast.bob, city.nord, "What an idiot", timedelta(hours=5))
    assert crew_words.words_about(Viewer(cast.bob), [city.nord]).get() == word
    assert not crew_words.words_about(Viewer(cast.edith), [city.nord]).exists()
    message = said(loan_of(cast.greta, cast.alice), cast.alice, "You idiot")
    assert cases.hold_if_needed(ContentKind.MESSAGE, message.pk)
    assert Message.objects.get().held_at is not None
    deciding.decide(ModerationCase.objects.get(kind="message"), cast.diane, HIDE)
    assert (Message.objects.get().held_at, Message.objects.get().hidden_at is not None) == (None, True)
    assert NextCrewWord.objects.count() == 1


def test_what_protects_people_never_waits(cast: Cast) -> None:
    hold("idiot", cast.diane)
    end = timezone.now() + timedelta(days=1)
    place_notices.post(place_at(NORD), NoticeKind.CLOSED, "No idiot inside", end, cast.bob)
    assert PlaceNotice.objects.in_force(timezone.now()).exists()
    need = _need()
    assert not cases.hold_if_needed(ContentKind.NEED, need.pk)
    thread = Conversation.objects.create(need=need)
    message = Message.objects.create(conversation=thread, speaker="reporter", text="You idiot, come!")
    assert not cases.hold_if_needed(ContentKind.MESSAGE, message.pk)


def _need() -> Need:
    draft = NeedDraft(
        at=timezone.now(), place=DraftPlace(*NORD), kinds=["food"], urgency="soon", source="a" * 32, text="You idiot"
    )
    filing_verbs.report_need(draft, state=NeedState.OPEN)
    return Need.objects.get(pk=draft.id)


def test_coordinators_keep_the_list_and_try_a_sentence(cast: Cast, signed_in: SignedIn) -> None:
    page, client = reverse("needs:held_words"), signed_in(cast.diane)
    client.post(page, {"word": "Crétin", "language": "fr", "whole": "on"})
    twice = client.post(page, {"word": "cretin", "language": "fr", "whole": "on"})
    assert (twice.status_code, HeldWord.objects.count()) == (400, 1)
    held_words.forget()
    tried = client.post(reverse("needs:try_held_words"), {"text": "Un crétin"}).content.decode()
    assert "It would wait" in tried and "Un crétin" in tried
    assert signed_in(cast.carol).get(page).status_code == 404
    client.post(reverse("needs:remove_held_word", args=[HeldWord.objects.get().pk]))
    assert not HeldWord.objects.exists()
