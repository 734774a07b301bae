"""The dispatchers' page of one need: its steps and their reasons."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor
from needs.enums import NeedState
from needs.help.triage.need_steps import Primary, steps_of
from needs.models import Need, NeedAssignment
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
    """The states that the page offers, as buttons or with a reason to choose."""
    return {*re.findall(r'name="state" value="(\w+)"', page), *(state for state, _reason in reasons(page))}


def reasons(page: str) -> set[tuple[str, str]]:
    return set(re.findall(r'<option value="(\w+):(\w+)">', page))


@pytest.mark.parametrize("state", [state for state in NeedState if state != NeedState.DUPLICATE])
def test_the_page_offers_exactly_the_steps_of_the_table(carol: Client, state: NeedState) -> None:
    need = reported(state=state)
    ways = {way.value for way in transitions.possible_states(state, Actor.DISPATCHER)} - {"duplicate"}
    page = page_of(carol, need)
    assert buttons(page) - {"duplicate"} == ways
    assert reasons(page) == {
        (after, reason) for after in ways for reason in transitions.REASONS.get(NeedState(after), ())
    }


def test_one_choice_closes_and_reopens_a_need(carol: Client) -> None:
    need = reported(state=NeedState.OPEN)
    carol.post(f"/triage/{need.pk}/step/", {"seen": "open", "outcome": "unmet:not_found", "text": "looked twice"})
    need.refresh_from_db()
    step = need.steps.order_by("at").last()
    assert step is not None
    assert (need.state, step.reason, step.text) == ("unmet", "not_found", "looked twice")
    carol.post(f"/triage/{need.pk}/step/", {"seen": "unmet", "outcome": "reopened:mistake"})
    need.refresh_from_db()
    assert need.state == "reopened"


@pytest.mark.parametrize(
    "outcome", ["", "met", "met:", "met:junk", "open:", "committed:helped", "rejected:junk;--", "nonsense"]
)
def test_an_outcome_that_the_form_does_not_offer_changes_nothing_and_keeps_the_comment(
    carol: Client, outcome: str
) -> None:
    need = reported(state=NeedState.OPEN)
    answer = carol.post(f"/triage/{need.pk}/step/", {"seen": "open", "outcome": outcome, "text": "looks odd"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "looks odd" in page and "Choose a reason" in page
    need.refresh_from_db()
    assert need.state == "open"


def test_the_reason_duplicate_merges_nothing_and_leads_to_the_comparison(carol: Client) -> None:
    need = reported(state=NeedState.OPEN)
    alone = carol.post(f"/triage/{need.pk}/step/", {"seen": "open", "outcome": "duplicate:same_as"})
    assert alone["Location"].endswith(f"/triage/{need.pk}/#duplicates")
    twin = reported(state=NeedState.OPEN)
    answer = carol.post(f"/triage/{need.pk}/step/", {"seen": "open", "outcome": "duplicate:same_as"})
    assert answer["Location"] == f"/triage/{need.pk}/duplicates/{twin.pk}/"
    reported(state=NeedState.OPEN)
    several = carol.post(f"/triage/{need.pk}/step/", {"seen": "open", "outcome": "duplicate:same_as"})
    assert several["Location"].endswith("/#duplicates")
    need.refresh_from_db()
    assert need.state == "open"


@pytest.mark.parametrize(
    ("state", "primary"),
    [("new", Primary.STEP), ("verified", Primary.STEP), ("reopened", Primary.STEP), ("held", Primary.STEP),
     ("open", Primary.GIVE), ("partly_met", Primary.GIVE), ("committed", Primary.CLOSE), ("met", Primary.CLOSE),
     ("duplicate", None)],
)  # fmt: skip
def test_one_step_stands_out_in_each_state(state: str, primary: Primary | None) -> None:
    assert steps_of(state, lacks_place=False, twins=False).primary is primary
    if state == "new":
        assert steps_of(state, lacks_place=True, twins=False).primary is Primary.PLACE


def test_choosing_whom_to_ask_reaches_only_those_whom_the_page_offers(
    cast: Cast, carol: Client, signed_in: Callable[[User], Client]
) -> None:
    need, hidden = reported(state=NeedState.OPEN), reported(state=NeedState.HELD)
    for to in ("", "person:", "person:0000", "association:nobody", "group:nonsense", "association", "x" * 300):
        answer = carol.post(f"/triage/{need.pk}/ask/", {"to": to}, follow=True)
        assert "Nobody was asked" in answer.content.decode(), to
    assert (
        "moderator"
        in carol.post(f"/triage/{hidden.pk}/ask/", {"to": "association:maraude-du-nord"}, follow=True).content.decode()
    )
    assert (
        signed_in(cast.alice).post(f"/triage/{need.pk}/ask/", {"to": "association:maraude-du-nord"}).status_code == 404
    )
    assert not NeedAssignment.objects.exists()
    away = carol.post(f"/triage/{need.pk}/ask/", {"to": "association:maraude-du-nord", "back": "https://evil.example/"})
    assert away["Location"] == f"/triage/{need.pk}/"
    assert NeedAssignment.objects.get().association == cast.maraude


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
