"""Messages between coordinators and crews: who reads and writes them, and until when."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.conversations.moderation import contents
from needs.doors.retention import runner
from needs.models import Message, PlannedTour, Tour
from needs.reports import filing
from needs.tours import planning
from needs.tours.tour_seats import seats
from needs.tours.tour_seats.crew_thread import AboutTour
from tests import filing_verbs
from tests.mapping.home.evening import NORD, on_tour, planned
from tests.support import Cast, City, SignedIn
from volunteers.models import Assignment, Membership, Notification, User

pytestmark = pytest.mark.django_db
WORD = "The kitchen has forty soups left."


@pytest.fixture
def plan(city: City, cast: Cast) -> PlannedTour:
    """A plan of Maraude du Nord in Nord. Diane coordinates Nord."""
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    made = planned(city.nord, cast.maraude)
    PlannedTour.objects.filter(pk=made.pk).update(author=cast.bob)
    made.refresh_from_db()
    return made


def test_a_crew_reads_and_answers_on_its_plan_its_tour_and_in_tour_mode(
    plan: PlannedTour, cast: Cast, signed_in: SignedIn
) -> None:
    diane, bob = signed_in(cast.diane), signed_in(cast.bob)
    page = f"/crews/{plan.pk}/"
    diane.post(page, {"text": WORD})
    told = Notification.objects.get()
    assert (told.user, told.path) == (cast.bob, page)
    assert WORD not in f"{told.title} {told.body}"
    assert WORD in bob.get(f"/plans/{plan.pk}/").content.decode()
    tour = planning.start_planned(plan, author=cast.bob.pk, walkers=2)
    assert WORD in bob.get(f"/tours/{tour.pk}/").content.decode()
    counts = f"/tours/{tour.pk}/counts/"
    words = bob.get(counts).json()["words"]
    assert (words["texts"], words["address"]) == ([f"coordination, Diane: {WORD}"], page)
    assert "not read yet" in diane.get(page, headers={"accept-language": "en"}).content.decode()
    bob.post(f"{page}read/"), bob.post(f"{page}read/")
    assert bob.get(counts).json()["words"]["texts"] == []
    bob.post(f"/crews/{tour.pk}/", {"text": "We take them at ten."})  # the tour's id names the same crew
    text = html.unescape(diane.get(page, headers={"accept-language": "en"}).content.decode())
    assert "read by 1 person" in text and "We take them at ten." in text
    assert Notification.objects.filter(user=cast.diane, path=page).exists()
    filing.close_tour(Tour.objects.get(pk=tour.pk), ended_at=timezone.now(), cells=[])
    assert WORD not in diane.get(page).content.decode() + bob.get(page).content.decode()
    assert diane.post(page, {"text": "Too late"}).status_code == 409
    assert Message.objects.count() == 2
    Message.objects.update(at=timezone.now() - timedelta(days=15))
    runner.run()
    assert not Message.objects.exists()


def test_only_the_crew_and_coordinators_of_its_territory_read_and_write(
    plan: PlannedTour, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    writing.write(AboutTour(plan), Speaker.COORDINATION, cast.diane, WORD)
    for person in (cast.alice, cast.edith, cast.greta):
        client = signed_in(person)
        assert client.get(f"/crews/{plan.pk}/").status_code == 404
        assert client.post(f"/crews/{plan.pk}/", {"text": "hello"}).status_code == 404
    Assignment.objects.filter(user=cast.diane).update(territory=city.sud)
    assert signed_in(cast.diane).get(f"/crews/{plan.pk}/").status_code == 404
    assert Message.objects.count() == 1


def test_volunteers_with_a_seat_read_and_write_in_the_same_thread_by_first_name_and_role(
    plan: PlannedTour, cast: Cast, signed_in: SignedIn
) -> None:
    PlannedTour.objects.filter(pk=plan.pk).update(seats=1)
    alice, page = signed_in(cast.alice), f"/crews/{plan.pk}/"
    assert alice.get(page).status_code == 404
    seats.take_seat(plan.pk, cast.alice.pk)
    User.objects.filter(pk=cast.alice.pk).update(display_name="Alice Martin")
    User.objects.filter(pk=cast.bob.pk).update(display_name="bob@example.org")
    signed_in(cast.bob).post(page, {"text": WORD})
    seat = alice.get(f"/map/seats/{plan.pk}/").content.decode()
    assert WORD in seat and "Answer" in seat
    alice.post(page, {"text": "I bring tea."})
    assert not Message.objects.unread_by(cast.alice).exists()  # a person who answers has read the other messages
    shown = signed_in(cast.bob).get(f"/plans/{plan.pk}/").content.decode()
    assert "I bring tea." in shown and "A volunteer · Alice ·" in " ".join(shown.split())
    text = signed_in(cast.diane).get(page).content.decode()
    assert "I bring tea." in text and "Martin" not in text and "bob@example.org" not in text
    assert Notification.objects.filter(user=cast.bob, topic="tour").exists()
    assert Notification.objects.filter(user=cast.alice, topic="tour").count() == 1
    seats.give_back(plan.pk, cast.alice.pk)
    assert alice.get(page).status_code == alice.post(f"{page}read/").status_code == 404


def test_former_members_and_volunteers_on_the_waiting_list_do_not_read_the_thread(
    plan: PlannedTour, cast: Cast, signed_in: SignedIn
) -> None:
    seats.wait_for_seat(plan.pk, cast.alice.pk)  # no seats are offered
    assert signed_in(cast.alice).get(f"/crews/{plan.pk}/").status_code == 404
    bob = signed_in(cast.bob)
    assert bob.get(f"/crews/{plan.pk}/").status_code == 200
    Membership.objects.filter(user=cast.bob).update(left_at=timezone.now())
    assert bob.get(f"/crews/{plan.pk}/").status_code == 404


def test_telephone_numbers_floods_and_markup_do_not_reach_a_crew(
    plan: PlannedTour, cast: Cast, signed_in: SignedIn
) -> None:
    diane, page = signed_in(cast.diane), f"/crews/{plan.pk}/"
    assert diane.post(page, {"text": "Call 06 12 34 56 78", "text_as_it_is": "on"}).status_code == 400
    for _each in range(writing.MOST_AT_ONCE + 1):
        diane.post(page, {"text": "<b onclick=alert(1)>soup</b>"})
    assert Message.objects.count() == writing.MOST_AT_ONCE
    earlier = timezone.now() - writing.AT_ONCE
    for _each in range(AboutTour.most):
        Message.objects.update(at=earlier)
        diane.post(page, {"text": "<b onclick=alert(1)>soup</b>"})
    assert Message.objects.count() == AboutTour.most
    assert Notification.objects.filter(user=cast.bob, topic="tour").count() == AboutTour.most
    assert "<b onclick" not in signed_in(cast.bob).get(f"/plans/{plan.pk}/").content.decode()


def test_a_coordinator_writes_to_a_tour_without_a_plan_once_it_logged_something_in_the_territory(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    tour, diane = on_tour(cast.bob, cast.maraude), signed_in(cast.diane)
    assert diane.get(f"/crews/{tour.pk}/").status_code == 404
    draft = EncounterDraft(at=timezone.now(), place=DraftPlace(*NORD), persons=1, tour=tour.pk)
    filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    assert diane.post(f"/crews/{tour.pk}/", {"text": WORD}).status_code == 302
    assert f"/crews/{tour.pk}/" in diane.get("/map/t/nord/tonight/").content.decode()
    assert signed_in(cast.bob).get(f"/tours/{tour.pk}/counts/").json()["words"]["texts"] == [
        f"coordination, Diane: {WORD}"
    ]


def test_a_message_of_a_tour_that_was_taken_back_can_still_be_moderated_and_breaks_no_list(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    tour = on_tour(cast.bob, cast.maraude)
    draft = EncounterDraft(at=timezone.now(), place=DraftPlace(*NORD), persons=1, tour=tour.pk)
    filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    message = writing.write(AboutTour(tour), Speaker.CREW, cast.bob, WORD)
    usual = contents.find("message", str(message.pk))
    Tour.objects.filter(pk=tour.pk).update(retracted_at=timezone.now())
    found = contents.find("message", str(message.pk))
    assert usual and found and found.territory == usual.territory == city.nord
    page = signed_in(cast.bob).get(reverse("needs:conversations"))
    assert page.status_code == 200 and WORD not in page.content.decode()
