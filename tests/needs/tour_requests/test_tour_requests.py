"""Suggested tours: asking an association, its answer, and attacks on both."""

import html
import re
import uuid
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from mapping.plans.tour_plans.tonight import this_night
from needs.enums import RequestAnswer
from needs.models import PlannedTour, TourRequest
from needs.tours.tour_requests import request_answers, requesting
from needs.tours.tour_requests.requesting import MOST_A_DAY, RequestDraft
from solidarity.lib import grid
from tests.support import Cast, City, SignedIn, dispatches
from tests.together import together
from volunteers.enums import Duty
from volunteers.models import Assignment, AuditEntry, Cell, Notification, Territory, User

pytestmark = pytest.mark.django_db


def cells_of(territory: Territory, number: int = 3) -> list[int]:
    return list(Cell.objects.filter(territory=territory).order_by("cell").values_list("cell", flat=True)[:number])


def evening(hours: float = 5) -> datetime:
    return (timezone.now() + timedelta(hours=hours)).replace(second=0, microsecond=0)


def form(territory: Territory, **changes: str) -> dict[str, str]:
    return {
        "id": str(uuid.uuid4()), "association": "maraude-du-nord", "minutes": "90", "mode": "foot", "word": "Nobody went.",
        "start": f"{timezone.localtime(evening()):%Y-%m-%dT%H:%M}", "line": "",
        "cells": ",".join(grid.to_text(cell) for cell in cells_of(territory)), **changes,
    }  # fmt: skip


def ask(city: City, cast: Cast, hours: float = 5, word: str = "") -> TourRequest:
    draft = RequestDraft(evening(hours), 90, cells_of(city.nord), word=word)
    return requesting.ask(draft, city.nord, cast.maraude, cast.diane)


@pytest.fixture
def nord(city: City, cast: Cast) -> City:
    """Diane coordinates Nord, where Carol dispatches for Maraude du Nord; Edith dispatches in Sud for the other."""
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    return city


@pytest.fixture
def diane(nord: City, cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.diane)


def page_of(client: Client, address: str) -> str:
    return html.unescape(client.get(address, headers={"accept-language": "en"}).content.decode())


def test_a_suggestion_becomes_a_planned_tour_and_the_coordinator_reads_the_answer(
    diane: Client, nord: City, cast: Cast, signed_in: SignedIn
) -> None:
    data = form(nord.nord)
    address = f"/tour-requests/in/{nord.nord.slug}/"
    first, second = (diane.post(address, data)["Location"] for _each in range(2))
    row = TourRequest.objects.get()
    assert first == second == f"/tour-requests/{row.pk}/"
    assert set(Notification.objects.values_list("user", flat=True)) == {cast.carol.pk}
    carol = signed_in(cast.carol)
    assert first in page_of(carol, "/")
    assert "Nobody went." in page_of(carol, first)
    plan_page = carol.post(f"{first}answer/", {"answer": "accept", "reply": "Gladly."})["Location"]
    plan = PlannedTour.objects.get()
    assert plan_page == f"/plans/{plan.pk}/"
    assert (plan.association, plan.cells, plan.minutes, plan.start) == (cast.maraude, row.cells, 90, row.start)
    for page in (first, f"/map/t/{nord.nord.slug}/tonight/?date={this_night(row.start)}"):
        assert "Gladly." in page_of(diane, page)
    assert re.search(r"Maraude du Nord[^✓]*accepted", page_of(diane, "/"))
    assert Notification.objects.filter(user=cast.diane, path=first).exists()
    sent = " ".join(f"{each.title} {each.body} {each.path}" for each in Notification.objects.all())
    assert not re.search("Nord|Nobody went|Gladly|Carol|Diane", sent)
    assert list(AuditEntry.objects.filter(kind="tour_request").values_list("verb", flat=True).order_by("seq")) == [
        "tour_suggested", "suggestion_answered",
    ]  # fmt: skip


def test_an_association_can_change_the_hours_and_the_cells(nord: City, cast: Cast, signed_in: SignedIn) -> None:
    row = ask(nord, cast)
    carol, page = signed_in(cast.carol), f"/tour-requests/{row.pk}/change/"
    fewer = grid.to_text(row.cells[0])
    assert fewer in page_of(carol, page)
    later = timezone.localtime(row.start + timedelta(hours=1))
    data = {
        "id": str(uuid.uuid4()), "association": "maraude-du-nord", "start": f"{later:%Y-%m-%dT%H:%M}", "minutes": "60",
        "mode": "bicycle", "seats": "2", "line": "", "cells": fewer, "note": "", "reply": "One hour later.",
    }  # fmt: skip
    assert carol.post(page, {**data, "reply": "Call Fatou on 06 12 34 56 78"}).status_code == 400
    assert carol.post(page, data).status_code == 302
    row.refresh_from_db()
    plan = PlannedTour.objects.get()
    assert (row.answer, row.reply, row.plan) == (RequestAnswer.CHANGED, "One hour later.", plan)
    assert (plan.start, plan.minutes, plan.cells) == (later, 60, row.cells[:1])


def test_words_of_both_sides_are_shown_as_text(nord: City, cast: Cast, signed_in: SignedIn) -> None:
    row = ask(nord, cast, word="<script>alert(1)</script>")
    carol = signed_in(cast.carol)
    carol.post(f"/tour-requests/{row.pk}/answer/", {"answer": "decline", "reply": "<img src=x onerror=alert(2)>"})
    for client in (carol, signed_in(cast.diane)):
        raw = client.get(f"/tour-requests/{row.pk}/").content.decode()
        assert "<script>alert" not in raw and "<img src=x" not in raw
        assert "&lt;img src=x onerror=alert(2)&gt;" in raw


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"association": "soupe-du-sud"}, "not one of the available choices"),
        ({"cells": ""}, "no cells"),
        ({"start": "2020-01-01T20:00"}, "in the past"),
        ({"start": "2999-01-01T20:00"}, "four weeks ahead"),
        ({"word": "Ask Fatou Diallo, 06 12 34 56 78"}, "could identify somebody"),
    ],
)
def test_an_association_elsewhere_or_an_impossible_tour_is_refused(
    diane: Client, nord: City, wrong: dict[str, str], cure: str
) -> None:
    data = form(nord.nord, **wrong)
    answer = diane.post(f"/tour-requests/in/{nord.nord.slug}/", data, headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert cure in html.unescape(answer.content.decode())
    assert not TourRequest.objects.exists()


def test_a_tour_outside_the_territory_cannot_be_suggested(diane: Client, nord: City) -> None:
    answer = diane.post(f"/tour-requests/in/{nord.nord.slug}/", form(nord.sud), headers={"accept-language": "en"})
    assert "outside the territory" in answer.content.decode()
    assert not TourRequest.objects.exists()


def test_nobody_floods_an_association(diane: Client, nord: City) -> None:
    address = f"/tour-requests/in/{nord.nord.slug}/"
    for _each in range(MOST_A_DAY):
        page = diane.post(address, form(nord.nord))["Location"]
        diane.post(f"{page}withdraw/")
    assert diane.post(address, form(nord.nord)).status_code == 400
    assert TourRequest.objects.count() == MOST_A_DAY


def test_only_dispatchers_of_the_association_answer_and_only_its_coordinators_read(
    nord: City, cast: Cast, signed_in: SignedIn
) -> None:
    row = ask(nord, cast)
    ines = User.objects.create_user("ines@example.org", "-", display_name="Ines")
    Assignment.objects.create(user=ines, territory=nord.sud, duty=Duty.COORDINATOR, purpose="-")
    for person in (cast.bob, cast.alice, cast.edith, ines):
        client = signed_in(person)
        assert client.get(f"/tour-requests/{row.pk}/").status_code == 404
        assert client.post(f"/tour-requests/{row.pk}/answer/", {"answer": "accept"}).status_code == 404
    assert signed_in(cast.diane).post(f"/tour-requests/{row.pk}/answer/", {"answer": "accept"}).status_code == 404
    assert signed_in(cast.carol).post(f"/tour-requests/{row.pk}/withdraw/").status_code == 404
    assert not PlannedTour.objects.exists()


def test_a_suggestion_expires_when_its_tour_would_start(nord: City, cast: Cast, signed_in: SignedIn) -> None:
    row = ask(nord, cast)
    TourRequest.objects.filter(pk=row.pk).update(start=timezone.now() - timedelta(minutes=1))
    carol = signed_in(cast.carol)
    carol.post(f"/tour-requests/{row.pk}/answer/", {"answer": "accept"})
    assert not PlannedTour.objects.exists()
    assert "expired without an answer" in page_of(carol, f"/tour-requests/{row.pk}/")


def test_a_declined_suggestion_can_be_answered_again_by_undo(nord: City, cast: Cast, signed_in: SignedIn) -> None:
    row = ask(nord, cast)
    carol = signed_in(cast.carol)
    page = carol.post(f"/tour-requests/{row.pk}/answer/", {"answer": "decline", "reply": "We are two."}, follow=True)
    offered = re.search(r'name="undo" value="([^"]+)"', page.content.decode())
    assert offered
    again = carol.post("/undo/", {"undo": html.unescape(offered[1])}, follow=True)
    assert "We are two." in again.content.decode()  # the form contains the note
    row.refresh_from_db()
    assert (row.answer, row.waits) == ("", True)
    assert not Notification.objects.filter(user=cast.diane).exists()
    assert "We are two." not in page_of(signed_in(cast.diane), f"/tour-requests/{row.pk}/")


@pytest.mark.django_db(transaction=True)
def test_of_many_answers_at_once_only_the_first_counts(nord: City, cast: Cast) -> None:
    row = ask(nord, cast)

    def answered(verb: str) -> str:
        try:
            return str(getattr(request_answers, verb)(row.pk, cast.carol).answer)
        except request_answers.TooLate:
            return "late"

    answers = together([partial(answered, verb) for verb in ("accept", "decline", "accept", "decline")])
    assert sorted(answer == "late" for answer in answers) == [False, True, True, True]
    row.refresh_from_db()
    assert row.answer in answers
    assert PlannedTour.objects.count() == (row.answer == "accepted")
