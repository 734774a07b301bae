"""Words to the next crew: where they are shown, who reads and writes them, how they end, and attacks on them."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from needs.doors.retention import runner
from needs.models import NextCrewWord, WordSeen
from needs.reports import filing
from needs.tours.next_crew_words import word_writing
from solidarity.lib.http import undo_offers
from tests.mapping.home.evening import cells_of, on_tour, planned
from tests.needs.phone_queue.queue_cases import item, one
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.models import Assignment, AuditEntry, Membership, Territory, User
from volunteers.people.audit.verbs import Verb
from volunteers.site.people import blocking

pytestmark = pytest.mark.django_db
TEXT = "The gate at the canal is locked after ten."


def written(by: User, territory: Territory, text: str = TEXT) -> NextCrewWord:
    return word_writing.write(by, territory, text, timedelta(hours=48))


def test_a_word_from_the_end_of_a_tour_is_shown_when_the_next_one_starts_and_tonight_until_it_expires(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    plan, bob, carol = planned(city.nord, cast.maraude), signed_in(cast.bob), signed_in(cast.carol)
    before = on_tour(cast.bob, cast.maraude)
    filing.close_tour(before, ended_at=timezone.now(), cells=cells_of(city.nord))
    assert "/words/new/?in=nord" in bob.get(f"/tours/{before.pk}/").content.decode()
    form = bob.get("/words/new/?in=nord")
    assert 'value="nord" selected' in form.content.decode()
    sent = {"territory": "nord", "text": TEXT, "hours": "24", "id": str(uuid.uuid4())}
    assert bob.post("/words/new/", sent)["Location"] == "/words/in/nord/"
    bob.post("/words/new/", sent)  # the browser sends it twice
    word = NextCrewWord.objects.get()
    assert (word.territory, word.association, word.expires_at - word.at) == (city.nord, cast.maraude, timedelta(days=1))
    now = on_tour(cast.bob, cast.maraude)
    pages = ("/tours/start/", f"/plans/{plan.pk}/", f"/tours/{now.pk}/", "/tours/tour-mode/", "/map/t/nord/tonight/")
    for page in (*pages, "/map/t/ville/tonight/"):
        assert TEXT in carol.get(page).content.decode(), page
    carol.post(f"/words/{word.pk}/read/", {"next": pages[0]}), carol.post(f"/words/{word.pk}/read/")
    assert WordSeen.objects.get().user == cast.carol
    assert "read by 1 person" in bob.get(pages[0]).content.decode()
    NextCrewWord.objects.update(at=timezone.now() - timedelta(days=3), expires_at=timezone.now() - timedelta(minutes=1))
    for page in pages:
        assert TEXT not in bob.get(page).content.decode(), page
    assert bob.post(f"/words/{word.pk}/read/").status_code == 404
    runner.run()
    assert not NextCrewWord.objects.exists()


def test_a_phone_sends_a_word_later_and_a_refused_one_names_the_cure(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    bob = signed_in(cast.bob)
    sent = item("next-word", {"territory": "nord", "text": TEXT, "hours": "48"}, ago=3600 * 10)
    assert [one(bob, cast.bob, sent)["status"] for _each in range(2)] == [201, 200]
    word = NextCrewWord.objects.get()
    assert timezone.now() - word.at > timedelta(hours=9)
    assert word.expires_at - word.at == timedelta(hours=48)
    wrong = one(bob, cast.bob, item("next-word", {"territory": "nord", "text": "Call 06 12 34 56 78", "hours": "48"}))
    assert wrong["status"] == 400 and "telephone" in str(wrong["errors"])
    alice = signed_in(cast.alice)
    outside = one(alice, cast.alice, item("next-word", {"territory": "nord", "text": TEXT}))
    assert outside["status"] == 400
    assert NextCrewWord.objects.count() == 1


def test_volunteers_strangers_former_and_blocked_members_read_and_write_no_words(
    city: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    word, bob = written(cast.carol, city.nord), signed_in(cast.bob)
    addresses = ("/words/in/nord/", "/words/new/", f"/words/{word.pk}/read/", f"/words/{word.pk}/take-back/")
    assert bob.get(addresses[0]).status_code == 200
    Membership.objects.filter(user=cast.bob).update(left_at=timezone.now())
    for browser in (bob, signed_in(cast.alice), signed_in(cast.greta)):
        assert [browser.get(address).status_code for address in addresses[:2]] == [404, 404]
        assert [browser.post(address, {"territory": "nord", "text": "x"}).status_code for address in addresses[1:]] == [
            404
        ] * 3
    edith = signed_in(cast.edith)
    blocking.block(cast.edith, cast.farid)
    assert edith.get(addresses[0]).status_code == client.get(addresses[0]).status_code == 302
    assert NextCrewWord.objects.get().taken_back_at is None


def test_a_dispatcher_without_an_association_reads_the_words_of_their_territories_only(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    Assignment.objects.create(user=cast.greta, territory=city.nord, duty="dispatcher")
    written(cast.bob, city.nord), written(cast.bob, city.sud, "South"), written(cast.bob, city.root, "Everywhere")
    greta = signed_in(cast.greta)
    text = greta.get("/words/in/nord/").content.decode()
    assert TEXT in text and "South" not in text and "Everywhere" not in text
    assert greta.get("/words/in/sud/").status_code == 404
    assert greta.post("/words/new/", {"territory": "sud", "text": "x"}).status_code == 400
    greta.post("/words/new/", {"territory": "nord", "text": "Soup is left.", "hours": "12"})
    assert "coordination" in greta.get("/words/in/nord/").content.decode()


def test_its_author_or_a_coordinator_takes_a_word_back_with_undo(city: City, cast: Cast, signed_in: SignedIn) -> None:
    dispatches(cast.carol, city.nord)
    word, carol, diane = written(cast.bob, city.nord), signed_in(cast.carol), signed_in(cast.diane)
    assert carol.post(f"/words/{word.pk}/take-back/").status_code == 404
    page = diane.post(f"/words/{word.pk}/take-back/", follow=True)
    assert TEXT not in page.content.decode()
    assert AuditEntry.objects.filter(verb=Verb.WORD_TAKEN_BACK, actor=cast.diane.key).exists()
    [offer] = [undo_offers.offer_in(message) for message in page.context["messages"]]
    assert offer is not None
    assert TEXT in diane.post(offer.path, {"undo": offer.token}, follow=True).content.decode()
    assert TEXT not in signed_in(cast.bob).post(f"/words/{word.pk}/take-back/", follow=True).content.decode()
    assert not AuditEntry.objects.filter(verb=Verb.WORD_TAKEN_BACK, actor=cast.bob.key).exists()


def test_floods_markup_foreign_numbers_and_other_sites_come_to_nothing(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    theirs, bob = written(cast.edith, city.nord), signed_in(cast.bob)
    for number in range(word_writing.MOST_PER_DAY + 2):
        bob.post("/words/new/", {"territory": "nord", "text": f"<b onclick=alert({number})>soup</b>", "hours": "12"})
    assert NextCrewWord.objects.filter(author=cast.bob).count() == word_writing.MOST_PER_DAY
    assert "<b onclick" not in bob.get("/words/in/nord/").content.decode()
    NextCrewWord.objects.filter(author=cast.bob).delete()
    bob.post("/words/new/", {"territory": "nord", "text": "Mine", "hours": "12", "id": str(theirs.pk)})
    theirs.refresh_from_db()
    assert (theirs.text, theirs.author) == (TEXT, cast.edith)
    assert NextCrewWord.objects.get(author=cast.bob).text == "Mine"
    answer = bob.post(f"/words/{theirs.pk}/read/", {"next": "//evil.example/"})
    assert answer["Location"] == "/words/in/nord/"
