"""Pages of corrections: the place panel, correcting a need or an encounter, and who may correct what."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from needs.base.custom_questions import question_sets
from needs.base.custom_questions.question_sets import QuestionDraft
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.base.records.declarations import DraftPlace
from needs.enums import NeedState, QuestionKind, ReportKind
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.models import Correction, Encounter, Need
from needs.reports import filing
from solidarity.lib import grid
from tests.needs.triage.conftest import carol as carol  # noqa: PLC0414 - a fixture
from tests.needs.triage.triage_cases import GARE, page_of, reported
from tests.support import Cast, City, Seen, SignedIn, TestResponse, dispatches

ELSEWHERE = (48.8702, 2.3610)
NORD, SUD = (48.866, 2.35), (48.855, 2.35)
NEED, ENCOUNTER = ReportKind.NEED, ReportKind.ENCOUNTER


def place_of(client: Client, need: Need, **sent: Any) -> TestResponse:
    data = {"seen": correcting.version_of(NEED, need.pk), "correction": uuid.uuid4(), **sent}
    return client.post(f"/triage/{need.pk}/place/", data)


def on_map(place: tuple[float, float] = GARE) -> dict[str, Any]:
    return {"where": "map", "latitude": place[0], "longitude": place[1]}


def need_form(need: Need, **changed: Any) -> dict[str, Any]:
    """Return the need's form as the page shows it, with changes."""
    return {
        "seen": correcting.version_of(NEED, need.pk), "correction": uuid.uuid4(), "kinds": need.kinds,
        "urgency": need.urgency, "persons": need.persons, "title": need.title, **changed,
    }  # fmt: skip


# --- the place of a need -------------------------------------------------------------------------------------------


def test_opening_a_need_without_a_place_asks_for_it(carol: Client) -> None:
    need = reported(None, place_text="under the bridge")
    answer = carol.post(f"/triage/{need.pk}/step/", {"state": "open", "seen": "new"})
    assert answer.headers["Location"].endswith("#place-title")
    need.refresh_from_db()
    assert need.state == NeedState.NEW
    page = page_of(carol, need)
    assert "under the bridge" in page and "no volunteer nearby sees it" in page and 'name="where"' in page


@pytest.mark.parametrize("answer", [on_map(), {"where": "district", "district": "nord"}, {"where": "unknown"}])
def test_each_answer_about_the_place_opens_the_need_in_one_step(carol: Client, answer: dict[str, Any]) -> None:
    need = reported(None, place_text="under the bridge")
    assert place_of(carol, need, then="open", **answer).status_code == 302
    need.refresh_from_db()
    assert (need.state, need.lacks_place) == (NeedState.OPEN, False)
    assert "look_up" not in page_of(carol, need) or "place-title" not in page_of(carol, need)


@pytest.mark.parametrize(
    ("sent", "words"),
    [({"where": "map"}, "Tap the place"), ({"where": "district"}, "Choose the district"), ({}, "required"),
     ({"where": "map", "latitude": 48.8}, "both latitude and longitude")],
)  # fmt: skip
def test_an_answer_without_its_place_says_what_is_missing(carol: Client, sent: dict[str, Any], words: str) -> None:
    need = reported(None, place_text="under the bridge")
    answer = place_of(carol, need, then="open", **sent)
    assert answer.status_code == 400 and words in answer.content.decode()
    assert Need.objects.get(pk=need.pk).lacks_place


def test_a_need_that_leaves_the_territory_leads_back_to_the_queue(cast: Cast, city: City, signed_in: SignedIn) -> None:
    dispatches(cast.carol, city.sud)
    dispatches(cast.edith, city.nord)
    need = reported(None, place_text="under the bridge")
    answer = place_of(signed_in(cast.carol), need, where="district", district="nord")
    assert answer.headers["Location"] == "/triage/"
    assert signed_in(cast.carol).get(f"/triage/{need.pk}/").status_code == 404
    assert "only the district is known: Nord" in page_of(signed_in(cast.edith), need)


def test_a_need_moved_to_another_desk_goes_there_as_new_and_unread(cast: Cast, city: City, signed_in: SignedIn) -> None:
    """Without this rule, a dispatcher could show a need to another desk's volunteers before anybody at that desk read
    it."""
    dispatches(cast.carol, city.sud)
    dispatches(cast.edith, city.nord)
    carol = signed_in(cast.carol)
    words = reported(None, place_text="under the bridge")
    place_of(carol, words, where="district", district="nord", then="open")
    placed = reported(SUD)
    assert carol.get(f"/triage/{placed.pk}/").status_code == 200
    transitions.move(placed.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, cast.carol.pk))
    carol.post(f"/triage/{placed.pk}/correct/", need_form(placed, **on_map(NORD)))
    for need in (words, placed):
        need.refresh_from_db()
        assert (need.state, need.first_opened_at) == (NeedState.NEW, None)
        assert carol.get(f"/triage/{need.pk}/").status_code == 404


def test_finished_needs_do_not_ask_for_a_place(carol: Client) -> None:
    need = reported(None, place_text="under the bridge")
    assert "Save and open to volunteers" in page_of(carol, need)
    transitions.move(need.pk, NeedState.REJECTED, Cause(Actor.DISPATCHER, reason="junk"))
    assert 'id="place-title"' not in page_of(carol, need)


def test_the_id_of_another_correction_is_refused(carol: Client) -> None:
    one, other = reported(GARE), reported(GARE)
    first = need_form(one, persons=3)
    assert carol.post(f"/triage/{one.pk}/correct/", first).status_code == 302
    again = carol.post(f"/triage/{other.pk}/correct/", need_form(other, persons=3, correction=first["correction"]))
    assert again.status_code == 400 and "belongs to another correction" in again.content.decode()


def test_the_reporter_reads_the_truth_about_the_place(cast: Cast, carol: Client, city: City) -> None:
    need = reported(None, place_text="under the bridge")
    link = f"/follow/{filing.follow_token(need.pk)}/?receipt"

    def said() -> str:
        return str(Client().get(link).content.decode())

    assert "first looks up the place" in said() and "volunteers and associations can see it" not in said()
    place_of(carol, need, then="open", where="unknown")
    assert "could not find the place" in said()
    correcting.correct(NEED, need.pk, {"district": city.nord}, By(cast.carol))
    assert "of the district can see it" in said()
    correcting.correct(NEED, need.pk, {"place": DraftPlace(*GARE)}, By(cast.carol))
    assert "volunteers and associations can see it and help" in said()


def test_a_need_of_a_district_is_listed_there_without_a_distance_and_nowhere_else(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    need = reported(None, place_text="under the bridge", state=NeedState.OPEN)
    alice = signed_in(cast.alice)
    assert f"/open/{need.pk}/" not in alice.get("/open/").content.decode()
    correcting.correct(NEED, need.pk, {"district": city.nord}, By(cast.carol))
    page = alice.get("/open/").content.decode()
    assert "somewhere in Nord" in page and "km" not in page.split("near-list")[-1].split("</ul>")[0]
    [row] = alice.get("/api/v1/open-needs/").json()["results"]
    assert (row["cell"], row["distance"], row["district"]) == (None, None, "Nord")
    correcting.correct(NEED, need.pk, {"district": city.sud}, By(cast.carol))
    assert alice.get("/api/v1/open-needs/").json()["results"] == []


# --- correcting a need ---------------------------------------------------------------------------------------------


def test_a_dispatcher_corrects_a_need_and_the_history_shows_old_and_new_and_who(carol: Client) -> None:
    need = reported(GARE, kinds=["tent", "food"], persons=2)
    sent = need_form(need, persons=4, kinds=["food", "water", "tent"], why="I called back")
    assert carol.post(f"/triage/{need.pk}/correct/", sent).status_code == 302
    need.refresh_from_db()
    assert (need.persons, need.kinds, need.cell) == (4, ["tent", "food", "water"], grid.cell_of(*GARE))
    page = page_of(carol, need)
    assert "<del>2</del> → <ins>4</ins>" in page and "Carol" in page and "I called back" in page


def test_a_correction_without_an_author_says_that_it_is_not_known(
    carol: Client, cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    """The author is unknown if the account was deleted or is on another platform."""
    need, filed, bob = reported(GARE, persons=2), seen(persons=3), signed_in(cast.bob)
    carol.post(f"/triage/{need.pk}/correct/", need_form(need, persons=4))
    bob.post(f"/encounters/{filed.id}/correct/", encounter_form(bob, filed.id, persons=5))
    assert Correction.objects.update(author=None) == 2
    for page in (page_of(carol, need), bob.get(f"/encounters/{filed.id}/").content.decode()):
        line = page.partition("<strong>Corrected</strong>")[2].partition("</li>")[0]
        assert "<span data-who>not known</span>" in line


def test_the_second_dispatcher_keeps_their_own_changes_and_gets_those_of_the_first(carol: Client, cast: Cast) -> None:
    need = reported(GARE, persons=2, urgency="soon")
    late = need_form(need, urgency="now", why="")
    carol.post(f"/triage/{need.pk}/correct/", need_form(need, persons=5))
    answer = carol.post(f"/triage/{need.pk}/correct/", late)
    page = answer.content.decode()
    assert (
        answer.status_code == 400 and "Somebody else corrected this" in page and "<del>2</del> → <ins>5</ins>" in page
    )
    form = answer.context["correction"].form
    assert (form["urgency"].value(), form["persons"].value(), form["seen"].value()) == ("now", 5, 1)
    again = need_form(need, urgency="now", persons=5, seen=1)
    assert carol.post(f"/triage/{need.pk}/correct/", again).status_code == 302
    need.refresh_from_db()
    assert (need.urgency, need.persons) == ("now", 5)


def test_names_in_the_title_need_a_tick(carol: Client) -> None:
    need = reported(GARE)
    sent = need_form(need, title="Call Jean Dupont 06 12 34 56 78")
    assert carol.post(f"/triage/{need.pk}/correct/", sent).status_code == 400
    assert carol.post(f"/triage/{need.pk}/correct/", sent | {"title_as_it_is": "on"}).status_code == 302


def test_saving_without_a_change_says_so(carol: Client) -> None:
    need = reported(GARE)
    answer = carol.post(f"/triage/{need.pk}/correct/", need_form(need))
    assert answer.status_code == 400 and "Nothing was changed" in answer.content.decode()


def test_dispatchers_of_other_territories_and_members_get_404(cast: Cast, city: City, signed_in: SignedIn) -> None:
    need = reported(GARE)  # in Nord
    dispatches(cast.edith, city.sud)
    for person in (cast.edith, cast.bob, cast.alice):
        for part in ("place", "correct"):
            assert signed_in(person).post(f"/triage/{need.pk}/{part}/", need_form(need)).status_code == 404
    assert Correction.objects.count() == 0


# --- correcting an encounter ---------------------------------------------------------------------------------------


def encounter_form(client: Client, report: uuid.UUID, **changed: Any) -> dict[str, Any]:
    """Return the prefilled form as a browser would send it, with changes."""
    form = client.get(f"/encounters/{report}/correct/").context["form"]
    with translation.override("en"):
        sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value is not None and value is not False and value != ""}
    sent["at"] = sent["at"].strftime("%Y-%m-%dT%H:%M")
    return sent | changed


def test_a_member_corrects_their_encounter_from_a_prefilled_form(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    filed = seen(persons=3, given=("food",), note="a tent", minutes=12.5, place_text="quay")
    bob = signed_in(cast.bob)
    sent = encounter_form(bob, filed.id)
    assert (sent["persons"], sent["note"], sent["latitude"], sent["minutes"]) == (3, "a tent", 48.866, 12)
    answer = bob.post(f"/encounters/{filed.id}/correct/", sent)
    assert answer.status_code == 400 and "Nothing was changed" in answer.content.decode()
    answer = bob.post(f"/encounters/{filed.id}/correct/", sent | {"persons": 5, "contacts": 2, "why": "miscounted"})
    assert answer.status_code == 302
    row, done = Encounter.objects.get(), Correction.objects.get()
    assert (row.persons, row.contacts, row.minutes, row.note) == (5, 2, 12.5, "a tent")
    assert (done.before, done.after, done.words_after) == (
        {"persons": 3, "contacts": 3}, {"persons": 5, "contacts": 2}, {},
    )  # fmt: skip
    page = bob.get(f"/encounters/{filed.id}/").content.decode()
    assert "<del>3</del> → <ins>5</ins>" in page and "Bob" in page and "miscounted" in page


def test_the_place_stays_if_its_point_is_deleted(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    filed = seen()
    Encounter.objects.update(point=None, fine_cell=None)
    bob = signed_in(cast.bob)
    sent = encounter_form(bob, filed.id, persons=9)
    assert "latitude" not in sent
    assert bob.post(f"/encounters/{filed.id}/correct/", sent).status_code == 302
    row = Encounter.objects.get()
    assert (row.persons, row.cell, row.point) == (9, grid.cell_of(48.866, 2.35), None)


def test_answers_to_custom_questions_are_corrected_in_the_version_that_was_asked(
    cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    label = {"en": "Dogs?", "fr": "Des chiens ?"}
    drafts = [QuestionDraft(QuestionKind.YES_NO, label), QuestionDraft(QuestionKind.TEXT, label)]
    asked = question_sets.edit(cast.maraude, drafts, after=0, author=cast.carol)
    assert asked is not None
    yes, words = asked.questions.all()
    filed = seen()
    Encounter.objects.update(question_set=asked, answers={yes.key: True}, answers_in_words={words.key: "two"})
    question_sets.edit(cast.maraude, drafts[:1], after=1, author=cast.carol)
    bob = signed_in(cast.bob)
    sent = encounter_form(bob, filed.id)
    name = f"q_{asked.pk}_"
    assert (sent[name + yes.key], sent[name + words.key]) == ("1", "two")
    bob.post(f"/encounters/{filed.id}/correct/", sent | {name + yes.key: "0"})
    row = Encounter.objects.get()
    assert (row.answers, row.answers_in_words, row.question_set) == ({yes.key: False}, {words.key: "two"}, asked)
    assert "Dogs? no" in bob.get(f"/encounters/{filed.id}/").content.decode()


def test_names_in_the_note_of_an_encounter_need_a_tick(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    filed, bob = seen(), signed_in(cast.bob)
    sent = encounter_form(bob, filed.id, note="Jean Dupont, 06 12 34 56 78")
    assert bob.post(f"/encounters/{filed.id}/correct/", sent).status_code == 400
    assert bob.post(f"/encounters/{filed.id}/correct/", sent | {"note_as_it_is": "on"}).status_code == 302


def test_only_the_author_and_dispatchers_of_the_association_for_72_hours(
    cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    filed = seen()
    path = f"/encounters/{filed.id}/correct/"
    for person, status in ((cast.bob, 200), (cast.carol, 200), (cast.edith, 404), (cast.alice, 404), (cast.farid, 404)):
        assert signed_in(person).get(path).status_code == status
    bob = signed_in(cast.bob)
    assert path in bob.get(f"/encounters/{filed.id}/").content.decode()
    Encounter.objects.update(filed_at=timezone.now() - timedelta(hours=73))
    assert bob.get(path).status_code == 404
    assert path not in bob.get(f"/encounters/{filed.id}/").content.decode()


def test_two_people_who_correct_one_encounter_lose_nothing(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    filed = seen(persons=3)
    bob, carol = signed_in(cast.bob), signed_in(cast.carol)
    hers, his = encounter_form(carol, filed.id, note="two dogs"), encounter_form(bob, filed.id, persons=4)
    assert bob.post(f"/encounters/{filed.id}/correct/", his).status_code == 302
    answer = carol.post(f"/encounters/{filed.id}/correct/", hers)
    assert answer.status_code == 409
    form = answer.context["form"]
    assert (form["persons"].value(), form["note"].value(), form["seen"].value()) == (4, "two dogs", 1)
    assert "<del>3</del> → <ins>4</ins>" in answer.content.decode()
