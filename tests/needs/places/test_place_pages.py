"""Pages of the guide: what everybody reads, and what members and dispatchers change."""

import json
import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.guide.places import place_entries, place_notices
from needs.guide.places.place_entries import By
from needs.guide.places.place_kinds import NoticeKind
from needs.models import Place, PlaceNotice
from tests.needs.places.place_cases import SUD, place_of, sent, values
from tests.support import Cast, City, SignedIn, TestResponse, dispatches
from volunteers.models import AuditEntry, Membership


def page(client: Client, name: str, *keys: Any) -> TestResponse:
    return client.get(reverse(f"needs:{name}", args=keys))


def text_of(client: Client, place: Place) -> str:
    return re.sub(r"\s+", " ", page(client, "place", place.pk).content.decode().replace("\xa0", " "))


def undo(client: Client, answer: TestResponse) -> TestResponse:
    """Send the undo that the page after an action offers."""
    shown = client.get(answer.headers["Location"]).content.decode()
    token = re.search(r'name="undo" value="([^"]+)"', shown)
    assert token is not None
    return client.post(reverse("needs:undo"), {"undo": token[1]}, follow=True)


# --- reading -------------------------------------------------------------------------------------------------------


def test_anybody_reads_a_place_with_its_hours_number_and_who_checked_it(cast: Cast) -> None:
    text = text_of(Client(), place_of(cast))
    assert "Halte du Nord" in text
    assert "12 rue du Pont" in text
    assert 'href="tel:0123456789"' in text
    assert 'href="geo:48.866000,2.350000"' in text
    assert '<th scope="row">Monday</th><td>09:00–18:00' in text
    assert "Last checked by Maraude du Nord" in text
    assert "Bob" not in text
    assert "Keep this entry right" not in text


def test_a_place_checked_by_a_dispatcher_names_no_person(cast: Cast) -> None:
    place = place_entries.add(values(), By(cast.carol))
    text = text_of(Client(), place)
    assert "Last checked by a dispatcher" in text
    assert "Carol" not in text


def test_a_notice_counts_more_than_the_hours_and_ends_by_itself(cast: Cast) -> None:
    place = place_of(cast, hours="24/7")
    now = timezone.now()
    notice = place_notices.post(place, NoticeKind.CLOSED, "works", now + timedelta(hours=2), cast.bob)
    assert "Closed for now" in text_of(Client(), place)
    PlaceNotice.objects.filter(pk=notice.pk).update(start=now - timedelta(hours=3), end=now - timedelta(minutes=1))
    text = text_of(Client(), place)
    assert "Open now" in text
    assert "works" not in text


# --- adding and changing -------------------------------------------------------------------------------------------


def test_a_member_adds_a_place_with_hours_by_weekday(cast: Cast, signed_in: SignedIn) -> None:
    answer = signed_in(cast.bob).post(reverse("needs:place_new"), sent(association=cast.maraude.pk))
    place = Place.objects.get()
    assert answer.headers["Location"] == reverse("needs:place", args=[place.pk])
    assert place.hours == "Mo 09:00-18:00"
    assert place.association == cast.maraude
    assert (place.checked_by, place.checked_as) == (cast.bob, cast.maraude)
    assert place.edits.get().step == "added"
    assert AuditEntry.objects.filter(verb="guide_changed", actor=cast.bob.key).count() == 1


def test_a_wrong_form_names_the_fields_and_loses_nothing_that_was_typed(cast: Cast, signed_in: SignedIn) -> None:
    typed = sent(association=cast.maraude.pk, name="", about="A calm house", **{"hours-d1a_from": "10:00"})
    answer = signed_in(cast.bob).post(reverse("needs:place_new"), typed | {"phone": "ring the bell"})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "Write the name by which people know the place." in text
    assert "This is not a telephone number." in text
    assert "Give both times, or neither." in text
    assert "A calm house" in text
    assert 'value="10:00"' in text
    assert not Place.objects.exists()


def test_a_member_cannot_add_a_place_in_the_name_of_another_association(cast: Cast, signed_in: SignedIn) -> None:
    for association in (cast.other.pk, ""):
        answer = signed_in(cast.bob).post(reverse("needs:place_new"), sent(association=association))
        assert answer.status_code == 400
    assert not Place.objects.exists()


def test_a_dispatcher_adds_places_in_their_own_territory_only(cast: Cast, city: City, signed_in: SignedIn) -> None:
    dispatches(cast.edith, city.nord, association=cast.other)
    client = signed_in(cast.edith)
    outside = client.post(reverse("needs:place_new"), sent(latitude=str(SUD[0])))
    assert "outside your territories" in outside.content.decode()
    assert client.post(reverse("needs:place_new"), sent()).status_code == 302
    assert Place.objects.get().checked_as is None


def test_two_people_who_edit_at_once_both_keep_their_changes(cast: Cast, signed_in: SignedIn) -> None:
    place = place_of(cast)
    seen = json.dumps(place_entries.values_of(place))
    first, second = signed_in(cast.bob), signed_in(cast.carol)
    hours = {
        f"hours-d{day}{part}": clock for day in range(5) for part, clock in (("a_from", "09:00"), ("a_until", "18:00"))
    }
    same = sent(association=cast.maraude.pk, languages=["fr", "ar"], seen=seen) | hours
    url = reverse("needs:place_edit", args=[place.pk])
    assert first.post(url, same | {"phone": "01 11 11 11 11"}).status_code == 302
    answer = second.post(url, same | {"about": "There is a garden."})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed this entry in the meantime" in text
    assert "01 11 11 11 11" in text
    assert "There is a garden." in text
    place.refresh_from_db()
    assert place.about == ""
    now_seen = json.dumps(place_entries.values_of(place))
    merged = same | {"about": "There is a garden.", "phone": "01 11 11 11 11", "seen": now_seen}
    assert second.post(url, merged).status_code == 302
    place.refresh_from_db()
    assert (place.phone, place.about) == ("01 11 11 11 11", "There is a garden.")
    assert [edit.step for edit in place.edits.all()] == ["changed", "changed", "added"]


def test_one_tap_says_that_everything_is_right(cast: Cast, signed_in: SignedIn) -> None:
    place = place_of(cast)
    Place.objects.update(checked_at=timezone.now() - timedelta(days=90), checked_as=None)
    signed_in(cast.carol).post(reverse("needs:place_check", args=[place.pk]))
    place.refresh_from_db()
    assert place.checked_at and timezone.now() - place.checked_at < timedelta(minutes=1)
    assert (place.checked_by, place.checked_as) == (cast.carol, cast.maraude)


def test_my_places_are_those_of_my_association_and_of_my_territories(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    north, south = place_of(cast, name="Halte du Nord"), place_of(cast, name="Halte du Sud", at=SUD, association=None)
    hidden = place_of(cast, name="Refuge", association=cast.maraude.pk, address_hidden=True)
    dispatches(cast.edith, city.sud, association=cast.other)
    seen = {
        user: {place for place in (north, south, hidden) if str(place.pk) in page(signed_in(user), "places_mine").content.decode()}
        for user in (cast.bob, cast.edith, cast.diane, cast.farid)
    }  # fmt: skip
    assert seen[cast.bob] == {north, hidden}
    assert seen[cast.edith] == {south}
    assert seen[cast.diane] == {north, south}
    assert seen[cast.farid] == {north, south, hidden}


def test_a_member_who_left_changes_nothing_any_more(cast: Cast, signed_in: SignedIn) -> None:
    place = place_of(cast)
    client = signed_in(cast.bob)
    Membership.objects.filter(user=cast.bob).update(left_at=timezone.now())
    assert page(client, "place_edit", place.pk).status_code == 404
    assert client.post(reverse("needs:place_close", args=[place.pk])).status_code == 404


# --- what can be undone --------------------------------------------------------------------------------------------


def test_a_place_closed_for_good_leaves_the_guide_and_can_come_back(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.bob)
    answer = client.post(reverse("needs:place_close", args=[place.pk]))
    assert page(Client(), "place", place.pk).status_code == 404
    assert "The place is in the guide again." in undo(client, answer).content.decode()
    assert page(Client(), "place", place.pk).status_code == 200
    assert [edit.step for edit in place.edits.all()] == ["reopened", "closed", "added"]


def test_a_notice_taken_back_by_mistake_comes_back(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.bob)
    end = timezone.localtime(timezone.now() + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    client.post(reverse("needs:place_notice", args=[place.pk]), {"kind": "full", "end": end})
    notice = PlaceNotice.objects.get()
    answer = client.post(reverse("needs:place_notice_end", args=[place.pk, notice.pk]))
    assert "Full for now" not in text_of(Client(), place)
    undo(client, answer)
    assert "Full for now" in text_of(Client(), place)


def test_somebody_else_cannot_undo_a_closing_with_the_offer_of_another_person(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.bob)
    shown = client.get(client.post(reverse("needs:place_close", args=[place.pk])).headers["Location"]).content.decode()
    token = re.search(r'name="undo" value="([^"]+)"', shown)
    assert token is not None
    signed_in(cast.carol).post(reverse("needs:undo"), {"undo": token[1]})
    place.refresh_from_db()
    assert place.closed_at is not None


# --- mistakes ------------------------------------------------------------------------------------------------------


def test_a_reader_without_an_account_reports_a_mistake_and_a_member_handles_it(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.carol)
    url = reverse("needs:place_mistake", args=[place.pk])
    assert Client().post(url, {"text": "It is closed on Mondays."}).status_code == 302
    mistake = place.mistakes.get()
    assert "It is closed on Mondays." in page(client, "places_mine").content.decode()
    assert "It is closed on Mondays." not in page(signed_in(cast.edith), "places_mine").content.decode()
    assert cast.carol.notifications.filter(topic="desk").count() == 1  # type: ignore[attr-defined]
    client.post(reverse("needs:place_mistake_done", args=[mistake.pk]))
    assert "It is closed on Mondays." not in page(client, "places_mine").content.decode()
    mistake.refresh_from_db()
    assert mistake.handled_by == cast.carol


def test_a_mistake_with_a_persons_number_is_asked_back(cast: Cast) -> None:
    place = place_of(cast)
    answer = Client().post(reverse("needs:place_mistake", args=[place.pk]), {"text": "Call Zoé on 06 12 34 56 78"})
    assert answer.status_code == 400
    assert not place.mistakes.exists()
