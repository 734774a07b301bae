"""The dispatchers' page of one need: its steps and their reasons."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor
from needs.enums import NeedState
from needs.models import Need
from needs.reports import filing
from tests.needs.triage.triage_cases import page_of, reported
from tests.support import Cast
from volunteers.models import AuditEntry, User
from volunteers.people.audit.recording import digest_of
from volunteers.people.audit.verbs import Verb
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow


def buttons(page: str) -> set[str]:
    return set(re.findall(r'name="state" value="(\w+)"', page))


@pytest.mark.parametrize("state", [state for state in NeedState if state != NeedState.DUPLICATE])
def test_the_page_offers_exactly_the_steps_of_the_table(carol: Client, state: NeedState) -> None:
    need = reported(state=state)
    ways = {way.value for way in transitions.possible_states(state, Actor.DISPATCHER)} - {"duplicate"}
    assert buttons(page_of(carol, need)) - {"duplicate"} == ways


def test_a_step_is_stored_with_reason_comment_and_author(cast: Cast, carol: Client) -> None:
    need = reported()
    answer = carol.post(
        f"/triage/{need.pk}/step/",
        {"seen": "new", "state": "unmet", "reason": "unreachable", "text": "three calls, no answer"}, follow=True,
    )  # fmt: skip
    need.refresh_from_db()
    assert need.state == "unmet"
    page = answer.content.decode()
    assert "three calls, no answer" in page and "Carol" in page and "The reporter could not be reached" in page


def test_a_step_without_reason_shows_the_form_with_its_comment(carol: Client) -> None:
    need = reported()
    answer = carol.post(f"/triage/{need.pk}/step/", {"seen": "new", "state": "rejected", "text": "looks odd"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "looks odd" in page and "errorlist" in page
    need.refresh_from_db()
    assert need.state == "new"


@pytest.mark.parametrize("state", ["committed", "duplicate", "nonsense", ""])
def test_a_step_that_no_button_offers_is_refused(carol: Client, state: str) -> None:
    need = reported(state=NeedState.OPEN)
    answer = carol.post(f"/triage/{need.pk}/step/", {"seen": "open", "state": state}, follow=True)
    assert answer.status_code in (200, 400)
    need.refresh_from_db()
    assert need.state == "open"


def test_comments_of_dispatchers_are_not_shown_to_the_reporter(carol: Client, client: Client) -> None:
    need = reported()
    carol.post(f"/triage/{need.pk}/step/", {"seen": "new", "state": "verified", "text": "sounded drunk"})
    page = client.get(f"/follow/{filing.follow_token(need.pk)}/").content.decode()
    assert "A dispatcher checked it." in page
    assert "drunk" not in page and "Carol" not in page


@pytest.mark.parametrize("door", ["step/", "call/", "place/", "correct/", "duplicates/{other}/"])
def test_invalid_forms_and_comparisons_are_no_way_around_the_limit_of_exact_places(
    carol: Client, settings: Settings, door: str
) -> None:
    need, other = reported(place_text="behind the blue container"), reported()
    path = f"/triage/{need.pk}/{door.format(other=other.pk)}"
    ask = carol.get if "other" in door else carol.post
    settings.API_RATES = {**settings.API_RATES, "account": "2/min"}
    answers = [ask(path, {"state": "rejected", "seen": "new", "kinds": "nonsense"}) for _each in range(4)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, True, True]
    assert "blue container" in answers[0].content.decode()
    assert "blue container" not in answers[3].content.decode()


def name_the_place() -> None:
    """Store a street and a house number at the place of the reported needs."""
    number = NameRow("h", PlaceKind.HOUSE_NUMBER, "Rue de Crimée", 48.86605, 2.35004, "", "12", "s")
    name_storing.replace("test", [NameRow("s", PlaceKind.STREET, "Rue de Crimée", 48.86605, 2.35004), number])


def test_who_may_open_the_place_reads_its_street_and_this_is_logged(
    cast: Cast, carol: Client, signed_in: Callable[[User], Client]
) -> None:
    name_the_place()
    need = reported(place_text="behind the shop")
    page = page_of(carol, need)
    assert "behind the shop" in page and "Near 12 rue de Crimée" in page
    shown = AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN, object=digest_of("need", need.pk))
    assert [entry.actor for entry in shown] == [cast.carol.key]
    assert "Crimée" not in carol.get("/triage/").content.decode()  # lists name the cell only
    assert signed_in(cast.alice).get(f"/triage/{need.pk}/").status_code == 404


def test_where_only_the_cell_is_left_the_page_names_the_cell(carol: Client) -> None:
    name_the_place()
    need = reported()
    Need.objects.update(point=None)
    page = page_of(carol, need)
    assert "area only: " in page and "Nord" in page
    assert "12 rue de Crimée" not in page
