"""The three questions, the card "What happens next", and what it never tells."""

import re
from datetime import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.neighbours.welcome import first_steps
from needs.neighbours.welcome.first_steps import Step
from solidarity.lib import grid
from tests.conftest import PASSWORD
from tests.needs.matching.matching_cases import HERE, need_at
from tests.needs.vouched import vouch_for
from tests.support import Cast, City, SignedIn
from volunteers.enums import Duty
from volunteers.models import DutyRequest, Profile, User, Vouch
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations import invitations
from volunteers.people.availability import offers
from volunteers.people.availability.offers import Availability, Weekly
from volunteers.people.vouching import vouching


@pytest.fixture
def newcomer(city: City) -> User:
    """Somebody who has just confirmed their address."""
    user = User.objects.create_user("new@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def client_of(newcomer: User, signed_in: SignedIn) -> Client:
    return signed_in(newcomer)


def answer(client: Client, step: str, way: str = "next", **data: Any) -> Any:
    return client.post(reverse("needs:welcome_step", args=[step]), {**data, "way": way})


def main_of(client: Client, path: str) -> str:
    return client.get(path).content.decode().split("<main")[1].split("</main>")[0]


def test_each_answer_is_stored_by_itself(newcomer: User, client_of: Client) -> None:
    asked = answer(client_of, "where", latitude=str(HERE[0]), longitude=str(HERE[1]))
    assert asked["Location"] == "/welcome/when/"
    assert answer(client_of, "when", times=["1-evening", "6-night"])["Location"] == "/welcome/what/"
    done = answer(client_of, "what", kinds=["food"], skills=["driving"], languages=["ar", "fr"])
    assert done["Location"] == "/welcome/together/"
    own = Profile.objects.get(user=newcomer)
    assert own.base is not None
    assert (own.base.y, own.base.x) == pytest.approx(grid.snap(*HERE))
    assert [(w.weekday, w.start, w.end) for w in own.windows.all()] == [
        (1, time(18), time(22)), (6, time(22), time(2)),
    ]  # fmt: skip
    assert (own.kinds, own.skills, own.languages) == (["food"], ["driving"], ["ar", "fr"])


def test_the_exact_point_is_never_stored(newcomer: User, client_of: Client) -> None:
    answer(client_of, "where", latitude="48.8661234", longitude="2.3502345")
    own = Profile.objects.get(user=newcomer)
    assert own.base is not None
    assert (own.base.y, own.base.x) != (48.8661234, 2.3502345)
    assert "48.8661234" not in main_of(client_of, "/welcome/where/")


def test_a_district_is_enough_and_wins_over_the_stored_point(newcomer: User, client_of: Client, city: City) -> None:
    answer(client_of, "where", area="sud")
    first = Profile.objects.get(user=newcomer).base
    assert first is not None and city.sud.polygon.covers(first)
    stored = {"latitude": f"{first.y:.5f}", "longitude": f"{first.x:.5f}"}
    answer(client_of, "where", area="nord", **stored)
    second = Profile.objects.get(user=newcomer).base
    assert second is not None and city.nord.polygon.covers(second)
    answer(client_of, "where", area="sud", latitude=str(HERE[0]), longitude=str(HERE[1]))
    third = Profile.objects.get(user=newcomer).base
    assert third is not None and (third.y, third.x) == pytest.approx(grid.snap(*HERE))


@pytest.mark.parametrize(
    ("step", "data", "words"),
    [
        ("where", {}, "Choose a place or a district. You can also skip this question."),
        ("where", {"latitude": "48.8"}, "A place needs both latitude and longitude."),
        ("where", {"latitude": "95", "longitude": "2"}, "less than or equal to 90"),
        ("where", {"area": "no-such-place"}, "no-such-place is not one of the available choices"),
        ("when", {}, "Tick at least one time. You can also skip this question."),
        ("when", {"times": ["9-evening"]}, "9-evening is not one of the available choices"),
        ("what", {"kinds": ["gold"]}, "gold is not one of the available choices"),
    ],
)
def test_a_wrong_answer_names_the_cure_and_stores_nothing(
    newcomer: User, client_of: Client, step: str, data: dict[str, Any], words: str
) -> None:
    page = answer(client_of, step, **data)
    assert page.status_code == 400
    assert words in page.content.decode()
    assert not Profile.objects.filter(user=newcomer).exists()


def test_skip_and_back_keep_what_was_entered(newcomer: User, client_of: Client) -> None:
    assert answer(client_of, "when", "back", times=["0-morning"])["Location"] == "/welcome/where/"
    assert answer(client_of, "where", "skip")["Location"] == "/welcome/when/"
    assert "checked" in client_of.get("/welcome/when/").content.decode()
    assert answer(client_of, "what", "skip", skills=["cooking"])["Location"] == "/welcome/together/"
    own = Profile.objects.get(user=newcomer)
    assert (own.base, own.skills, own.windows.count()) == (None, ["cooking"], 1)
    assert answer(client_of, "where", "back")["Location"] == "/"
    page = answer(client_of, "where", "back", latitude="48.8")
    assert page.status_code == 400 and 'value="48.8"' in page.content.decode()


def test_the_questions_start_where_something_is_missing(newcomer: User, client_of: Client) -> None:
    assert client_of.get("/welcome/")["Location"] == "/welcome/where/"
    answer(client_of, "where", area="nord")
    answer(client_of, "what", languages=["ar"])
    assert client_of.get("/welcome/")["Location"] == "/welcome/when/"
    answer(client_of, "when", times=["0-morning"])
    assert client_of.get("/welcome/")["Location"] == "/welcome/together/"


def test_exact_hours_stay_and_win_over_an_overlapping_box(newcomer: User, client_of: Client) -> None:
    exact = Weekly(1, time(20), time(23, 30))
    offers.store(newcomer, Availability(radius=500, most=1, paused_until=timezone.now(), weekly=(exact,)))
    answer(client_of, "when", times=["1-evening", "1-morning"])
    own = Profile.objects.get(user=newcomer)
    assert [(w.weekday, w.start) for w in own.windows.all()] == [(1, time(8)), (1, time(20))]
    assert (own.radius, own.most) == (500, 1) and own.paused_until is not None


def test_the_stored_offer_of_somebody_else_is_untouched(
    cast: Cast, newcomer: User, client_of: Client, signed_in: SignedIn
) -> None:
    offers.store(cast.alice, Availability(base=HERE, skills=("care",)))
    answer(client_of, "what", skills=["driving"], user=str(cast.alice.pk))
    assert Profile.objects.get(user=cast.alice).skills == ["care"]


def test_an_association_is_asked_from_the_last_page(cast: Cast, newcomer: User, client_of: Client) -> None:
    page = client_of.post("/welcome/together/", {"association": cast.maraude.slug, "text": "two tours"})
    assert page["Location"] == "/"
    assert Vouch.objects.waiting().get().user == newcomer
    refused = client_of.post("/welcome/together/", {"association": "", "text": "I know them"})
    assert refused.status_code == 400
    assert "I know them" in refused.content.decode()


# --- what happens next ---------------------------------------------------------------------------------------------


def test_the_card_tells_who_decides_and_what_to_do_now(cast: Cast, newcomer: User, client_of: Client) -> None:
    card = main_of(client_of, "/")
    for words in ("What happens next", "Answer 3 short\nquestions", "Ask an association", "Ask for a territory"):
        assert words.replace("\n", " ") in " ".join(card.split())
    for path in ("needs:open_needs", "mapping:seats", "mapping:public", "volunteers:ask_vouch"):
        assert reverse(path) in card
    answer(client_of, "where", area="nord")
    assert "Ask to see the map of Nord" in main_of(client_of, "/")
    client_of.post(reverse("territories:ask"), {"territory": "nord", "duty": "volunteer"})
    assert DutyRequest.objects.get(user=newcomer).duty == Duty.VOLUNTEER
    assert "You have asked; we notify you." in main_of(client_of, "/")
    vouching.ask(newcomer, cast.maraude)
    assert "It decides whether it vouches for you. You have asked" in main_of(client_of, "/")
    vouch_for(newcomer, cast.other)
    assert "You can take needs and see their exact place." in main_of(client_of, "/")


def test_the_card_goes_when_somebody_has_a_territory_or_an_association(cast: Cast) -> None:
    for user in (cast.alice, cast.bob, cast.carol, cast.diane, cast.farid):
        assert first_steps.what_next(Viewer(user)) is None
    assert first_steps.what_next(Viewer(cast.greta)) is not None


def test_an_invitation_waits_for_the_invited_address_and_for_nobody_else(
    cast: Cast, newcomer: User, client_of: Client, signed_in: SignedIn
) -> None:
    invited = invitations.invite(cast.maraude, "New@Example.org", "member", cast.carol)
    for path in ("/", "/welcome/together/"):
        page = main_of(client_of, path)
        assert f"{cast.maraude.name} invites you" in page, path
        assert "invites you" not in main_of(signed_in(cast.greta), path), path
    found = re.search(r'href="(/me/join/[^"]+)"', page)
    assert found is not None
    EmailAddress.objects.filter(user=newcomer).update(verified=False)
    assert "invites you" not in main_of(client_of, "/welcome/together/")
    EmailAddress.objects.filter(user=newcomer).update(verified=True)
    assert client_of.post(found[1])["Location"] == reverse("volunteers:members", args=[cast.maraude.slug])
    assert "invites you" not in main_of(client_of, "/welcome/together/")
    assert signed_in(cast.greta).post(found[1]).status_code == 404
    assert invited.email == "new@example.org"


def test_no_page_that_a_newcomer_can_open_is_empty(client_of: Client) -> None:
    """Every page in the navigation of a fresh account has a next step in its content."""
    pages = [
        "/", "/open/", "/proposals/", "/commitments/", "/map/seats/", "/map/public/", "/encounters/", "/alerts/",
        "/me/", "/me/offer/", "/me/notifications/", "/me/vouches/", reverse("territories:ask"), "/welcome/where/",
        "/welcome/when/", "/welcome/what/", "/welcome/together/",
    ]  # fmt: skip
    for path in pages:
        answer = client_of.get(path, follow=True)
        assert answer.status_code == 200, path
        content = answer.content.decode().split("<main")[1].split("</main>")[0]
        assert "btn" in content, path
        assert "no territory yet" not in content, path
    assert client_of.get("/map/")["Location"] == "/map/public/"
    assert client_of.get("/map/tonight/")["Location"] == "/map/seats/"


def test_steps_know_their_neighbours() -> None:
    assert [(step.before, step.number, step.after) for step in Step] == [
        (None, 1, Step.WHEN), (Step.WHERE, 2, Step.WHAT), (Step.WHEN, 3, None),
    ]  # fmt: skip


def test_a_newcomer_sees_needs_by_cell_and_only_offers_help(newcomer: User, client_of: Client, cast: Cast) -> None:
    need = need_at(place_text="behind the station", text="a long story")
    answer(client_of, "where", latitude=str(HERE[0]), longitude=str(HERE[1]))
    page = client_of.get(reverse("needs:open_need", args=[need.pk])).content.decode()
    assert "Offer to help" in page and "I take care of it" not in page
    assert "behind the station" not in page and "a long story" not in page
