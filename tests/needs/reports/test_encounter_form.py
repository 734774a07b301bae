"""The encounter form, its confirmation page and retraction."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from mapping.models import CellTouch
from needs.models import Encounter, TourCell
from needs.reports import filing
from tests.support import Cast, City, Seen, SignedIn

URL = "/encounters/new/"
NOBODY = "/encounters/nobody/"


def typed(**changes: Any) -> dict[str, Any]:
    """Return the form data that a member typed."""
    values = {
        "id": str(uuid.uuid4()),
        "association": "maraude-du-nord",
        "tour": "",
        "latitude": "48.866000",
        "longitude": "2.350000",
        "place_text": "under the bridge",
        "when": "now",
        "at": "",
        "persons": "3",
        "asked": ["food", "blanket"],
        "given": ["food"],
        "contacts": "2",
        "minutes": "15",
        "note": "two are new here",
        "consent": "on",
    }
    return {**values, **changes}


@pytest.fixture
def bob(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.bob)


def test_a_member_files_an_encounter(bob: Client, cast: Cast) -> None:
    form = typed()
    response = bob.post(URL, form)
    assert response.status_code == 302
    assert response["Location"] == reverse("needs:encounter", args=[form["id"]])
    filed = Encounter.objects.get(pk=form["id"])
    assert (filed.association, filed.author) == (cast.maraude, cast.bob)
    assert (filed.persons, filed.contacts, filed.minutes) == (3, 2, 15)
    assert (filed.asked, filed.given) == (["food", "blanket"], ["food"])
    assert filed.place_text == "under the bridge"
    assert filed.consent
    assert abs(timezone.now() - filed.at) < timedelta(minutes=1)
    assert CellTouch.objects.filter(report=filed.pk).exists()
    assert "saved" in bob.get(response["Location"]).content.decode()


def test_the_form_is_for_members_only(client: Client, cast: Cast, signed_in: SignedIn) -> None:
    assert client.get(URL).status_code == 302
    assert "/accounts/login/" in client.get(URL)["Location"]
    for stranger in (cast.alice, cast.diane, cast.greta):
        assert signed_in(stranger).get(URL).status_code == 404
        assert signed_in(stranger).post(URL, typed()).status_code == 404
    assert not Encounter.objects.exists()


def test_a_member_cannot_file_for_another_association(bob: Client, cast: Cast) -> None:
    bob.post(URL, typed(association="soupe-du-sud"))
    assert not Encounter.objects.filter(association=cast.other).exists()


def test_the_same_form_sent_twice_is_one_report(bob: Client) -> None:
    form = typed()
    first, second = bob.post(URL, form), bob.post(URL, form)
    assert first["Location"] == second["Location"]
    assert Encounter.objects.count() == 1


def test_other_content_under_the_same_id_is_refused_and_can_be_sent_as_a_new_report(bob: Client) -> None:
    form = typed()
    bob.post(URL, form)
    response = bob.post(URL, typed(id=form["id"], persons="9", note="quite another story"))
    assert response.status_code == 409
    page = response.content.decode()
    assert "already sent under this number" in page
    assert "quite another story" in page
    assert form["id"] not in page
    again = response.context["form"].data
    assert bob.post(URL, again).status_code == 302
    assert sorted(Encounter.objects.values_list("persons", flat=True)) == [3, 9]


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"latitude": "", "longitude": ""}, "Words alone cannot be put on the map"),
        ({"latitude": "", "longitude": "", "place_text": ""}, "Say where"),
        ({"latitude": "48.866", "longitude": ""}, "both latitude and longitude"),
        ({"latitude": "148.866"}, "less than or equal to 90"),
        ({"persons": ""}, "required"),
        ({"persons": "three"}, "whole number"),
        ({"contacts": "4"}, "no more can have been helped"),
        ({"when": "earlier", "at": ""}, "Say on which day"),
        ({"when": "earlier", "at": "2999-01-01T10:00"}, "in the future"),
        ({"asked": ["gold"]}, "not one of the available choices"),
        ({"tour": str(uuid.uuid4())}, "not there any more"),
    ],
)
def test_an_error_names_its_cure_and_keeps_what_was_typed(bob: Client, wrong: dict[str, Any], cure: str) -> None:
    response = bob.post(URL, typed(**wrong))
    assert response.status_code == 400
    page = response.content.decode()
    assert cure in page
    assert "two are new here" in page
    assert 'value="food" class' in page or "checked" in page
    assert not Encounter.objects.exists()


def test_an_error_speaks_the_reader_s_language(bob: Client) -> None:
    page = bob.post(URL, typed(persons=""), headers={"Accept-Language": "fr"}).content.decode()
    assert "Ce champ est obligatoire" in page


def test_earlier_takes_the_given_moment(bob: Client) -> None:
    then = timezone.localtime() - timedelta(days=2)
    form = typed(when="earlier", at=f"{then:%Y-%m-%dT%H:%M}")
    assert bob.post(URL, form).status_code == 302
    assert Encounter.objects.get().at == then.replace(second=0, microsecond=0)


def test_a_report_older_than_sixty_days_is_kept_with_a_warning(bob: Client) -> None:
    then = timezone.localtime() - timedelta(days=61)
    response = bob.post(URL, typed(when="earlier", at=f"{then:%Y-%m-%dT%H:%M}"), follow=True)
    assert "more than 60 days ago" in response.content.decode()
    assert Encounter.objects.count() == 1


def test_helped_left_empty_means_all_when_something_was_given(bob: Client) -> None:
    bob.post(URL, typed(contacts=""))
    bob.post(URL, typed(contacts="", given=[]))
    assert sorted(Encounter.objects.values_list("contacts", flat=True)) == [0, 3]


def test_a_decimal_comma_is_as_good_as_a_point(bob: Client) -> None:
    assert bob.post(URL, typed(latitude="48,866", longitude="2,35")).status_code == 302


def test_the_open_tour_is_chosen_and_can_be_left(bob: Client, cast: Cast) -> None:
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now() - timedelta(hours=1))
    page = bob.get(URL)
    assert page.context["form"]["tour"].value() == str(tour.id)
    bob.post(URL, typed(tour=str(tour.id)))
    bob.post(URL, typed(tour=""))
    assert sorted(str(pk) for pk in Encounter.objects.values_list("tour", flat=True)) == sorted([str(tour.id), "None"])
    assert TourCell.objects.filter(tour=tour.id).count() == 1


def test_a_tour_of_another_association_is_refused(cast: Cast, signed_in: SignedIn, bob: Client) -> None:
    tour = filing.start_tour(association=cast.other.pk, author=cast.edith.pk, at=timezone.now())
    assert bob.post(URL, typed(tour=str(tour.id))).status_code == 400


def test_an_encounter_before_its_tour_is_refused(bob: Client, cast: Cast) -> None:
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now() - timedelta(hours=1))
    before = timezone.localtime() - timedelta(hours=3)
    response = bob.post(URL, typed(tour=str(tour.id), when="earlier", at=f"{before:%Y-%m-%dT%H:%M}"))
    assert response.status_code == 400
    assert "before the tour began" in response.content.decode()


def test_walked_here_saw_nobody_takes_one_post(bob: Client) -> None:
    sent = {"id": str(uuid.uuid4()), "association": "maraude-du-nord", "latitude": "48.866", "longitude": "2.35"}
    assert bob.post(NOBODY, sent).status_code == 302
    filed = Encounter.objects.get()
    assert (filed.persons, filed.contacts) == (0, 0)
    assert bob.post(NOBODY, sent).status_code == 302
    assert Encounter.objects.count() == 1


def test_saw_nobody_on_a_tour_returns_to_the_tour(bob: Client, cast: Cast) -> None:
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now() - timedelta(hours=1))
    sent = {"association": "maraude-du-nord", "latitude": "48.866", "longitude": "2.35", "tour": str(tour.id)}
    assert bob.post(NOBODY, sent)["Location"] == reverse("needs:tour", args=[tour.id])
    assert Encounter.objects.get().tour_id == tour.id


def test_saw_nobody_without_a_position_goes_on_in_the_form(bob: Client) -> None:
    response = bob.post(NOBODY, {"association": "maraude-du-nord"})
    assert response.status_code == 400
    assert "Tap the map where you looked" in response.content.decode()
    assert str(response.context["form"]["persons"].value()) == "0"
    assert not Encounter.objects.exists()


def test_saw_nobody_under_a_taken_id_is_refused(bob: Client) -> None:
    form = typed()
    bob.post(URL, form)
    sent = {"id": form["id"], "association": "maraude-du-nord", "latitude": "48.866", "longitude": "2.35"}
    assert bob.post(NOBODY, sent).status_code == 409
    assert Encounter.objects.get().persons == 3


def test_saw_nobody_is_for_members_only(cast: Cast, signed_in: SignedIn) -> None:
    assert signed_in(cast.alice).post(NOBODY, {"latitude": "48.866", "longitude": "2.35"}).status_code == 404


def test_the_receipt_is_for_the_association_only(seen: Seen, cast: Cast, signed_in: SignedIn) -> None:
    address = reverse("needs:encounter", args=[seen().id])
    assert signed_in(cast.bob).get(address).status_code == 200
    assert signed_in(cast.carol).get(address).status_code == 200
    for stranger in (cast.edith, cast.alice, cast.diane):
        assert signed_in(stranger).get(address).status_code == 404


def test_its_author_and_a_dispatcher_take_an_encounter_back_and_nobody_else(
    seen: Seen, cast: Cast, signed_in: SignedIn
) -> None:
    from volunteers.models import Membership

    first, second = seen().id, seen().id
    Membership.objects.create(user=cast.alice, association=cast.maraude)
    for stranger in (cast.edith, cast.diane, cast.alice):
        assert signed_in(stranger).post(reverse("needs:take_back", args=[first])).status_code == 404
    assert signed_in(cast.bob).post(reverse("needs:take_back", args=[first])).status_code == 302
    assert signed_in(cast.carol).post(reverse("needs:take_back", args=[second])).status_code == 302
    assert not Encounter.objects.live().exists()
    assert signed_in(cast.bob).post(reverse("needs:take_back", args=[first])).status_code == 404


def test_no_coordinate_stands_in_an_address(bob: Client) -> None:
    response = bob.post(URL, typed(), follow=True)
    assert all("48.8" not in address for address, _status in response.redirect_chain)


def test_the_form_asks_few_questions_of_the_database(
    bob: Client, cast: Cast, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(5):
        filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now())
    with django_assert_max_num_queries(8):
        bob.get(URL)


def test_an_encounter_that_is_looked_up_later_does_not_say_that_it_was_just_saved(bob: Client, cast: Cast) -> None:
    form = typed()
    address = bob.post(URL, form)["Location"]
    assert "Thank you" in bob.get(address).content.decode()
    Encounter.objects.filter(pk=form["id"]).update(filed_at=timezone.now() - timedelta(minutes=11))
    later = bob.get(address).content.decode()
    assert "The encounter is saved" not in later
    assert "Thank you" not in later
    assert "Encounter</h1>" in " ".join(later.split()).replace(" </h1>", "</h1>")
