"""The effects of a stop's outcome: on the need, the encounter, the evidence and the reporter; replays, forgeries and
undo."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.cells import cell_states, stored_states
from mapping.coverage.folding import fold, reconciliation
from mapping.enums import Status
from mapping.models import CellState, Zone, evidence_day
from needs.enums import ReportKind, StopOutcome
from needs.help.commitments import ending, taking
from needs.models import Aid, Commitment, Encounter, Need, Tour, TourCell, TourStop
from needs.reports import filing
from needs.reports.need_wording import plain_steps
from needs.tours.tour_stops import stop_offers, stop_outcomes, stop_presenter
from needs.tours.tour_stops.stop_outcomes import AlreadySaid
from solidarity.lib import grid
from tests.needs.phone_queue.queue_cases import item, one
from tests.needs.tour_stops.stop_cases import a_need, a_plan, cell_at, on_tour, record, said, trip_of
from tests.support import Cast, SignedIn
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db


def _state(need: Need) -> str:
    return Need.objects.get(pk=need.pk).state


def _told(need: Need) -> str:
    """The last sentence that the reporter reads."""
    return str(plain_steps(Need.objects.get(pk=need.pk).steps.order_by("at", "pk"))[-1].words)


def test_what_was_given_becomes_an_encounter_and_fulfils_the_need_or_a_part(cast: Cast) -> None:
    whole, part = a_need(persons=2), a_need(1, kinds=["food", "blanket"])
    tour, [first, second] = on_tour(cast, whole, part)
    record(tour, first, StopOutcome.HELPED, cast.bob)
    record(tour, second, StopOutcome.HELPED, cast.bob, given=["blanket"])
    assert (_state(whole), _state(part)) == ("met", "partly_met")
    assert Need.objects.get(pk=part.pk).met_kinds == ["blanket"]
    met = Encounter.objects.get(cell=whole.cell)
    assert (met.tour, met.persons, met.contacts, met.given) == (tour, 2, 2, ["food"])
    assert met.point is not None
    assert (met.point.y, met.point.x) == pytest.approx(_middle(whole))
    assert not Aid.objects.exists(), "the help counts once"
    assert not Commitment.objects.active().exists()
    assert set(tour.cells.values_list("cell", flat=True)) == {whole.cell, part.cell}


def _middle(need: Need) -> tuple[float, float]:
    assert need.cell is not None
    return grid.centre(need.cell)


def test_a_stop_follows_its_need_when_a_dispatcher_corrects_the_place(cast: Cast) -> None:
    need = a_need(0)
    tour, [stop] = on_tour(cast, need)
    Need.objects.filter(pk=need.pk).update(cell=cell_at(2))
    assert stop_presenter.stops_of(trip_of(cast.bob, tour)).cells == [cell_at(2)]
    record(tour, stop, StopOutcome.NOT_FOUND, cast.bob)
    assert set(tour.cells.values_list("cell", flat=True)) == {cell_at(2)}


def test_a_retracted_tour_gives_its_needs_back(cast: Cast) -> None:
    need = a_need()
    tour, _stops = on_tour(cast, need)
    filing.retract(ReportKind.TOUR, tour.pk, author=cast.bob.pk)
    assert _state(need) == "open"


def test_something_else_given_leaves_the_need_open(cast: Cast) -> None:
    need = a_need()
    tour, [stop] = on_tour(cast, need)
    record(tour, stop, StopOutcome.HELPED, cast.bob, given=["hygiene"])
    assert _state(need) == "open"
    assert Encounter.objects.get().given == ["hygiene"]


def test_the_reporter_reads_what_happened_in_plain_words(cast: Cast) -> None:
    missed, refused, late = a_need(), a_need(1), a_need(2)
    tour, [first, second, _third] = on_tour(cast, missed, refused, late)
    record(tour, first, StopOutcome.NOT_FOUND, cast.bob)
    record(tour, second, StopOutcome.REFUSED, cast.bob)
    filing.close_tour(tour, ended_at=timezone.now())
    assert _told(missed) == "Somebody went there and found nobody. Others can still help."
    assert _told(refused) == "Somebody went there. The person did not want help then. Others can still help."
    assert _told(late) == "The team had no time left for it. It is offered first to the next team."
    assert [_state(need) for need in (missed, refused, late)] == ["open"] * 3
    assert [(each.persons, each.contacts) for each in Encounter.objects.all()] == [(1, 0)]


def test_the_next_crew_is_offered_first_what_was_left_undone_but_leaves_who_refused_in_peace(cast: Cast) -> None:
    missed, refused, late = a_need(0), a_need(1), a_need(3)
    tour, [first, second, _third] = on_tour(cast, missed, refused, late)
    record(tour, first, StopOutcome.NOT_FOUND, cast.bob)
    record(tour, second, StopOutcome.REFUSED, cast.bob)
    filing.close_tour(tour, ended_at=timezone.now())
    next_crew = stop_offers.offers_for(Viewer(cast.carol), trip_of(cast.carol, a_plan(cast)))
    assert [each.need for each in next_crew] == [late.pk, missed.pk]
    assert next_crew[0].undone


def test_a_commitment_that_ran_out_is_offered_first_too(cast: Cast) -> None:
    need = a_need(3)
    _tour, [stop] = on_tour(cast, need)
    near = a_need(0)
    Commitment.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert ending.expire() == 1
    offers = stop_offers.offers_for(Viewer(cast.carol), trip_of(cast.carol, a_plan(cast)))
    assert [each.need for each in offers] == [need.pk, near.pk]
    assert not stop_presenter.stops_of(trip_of(cast.bob, stop.plan)).ahead[0].held  # type: ignore[arg-type]


def test_two_crews_that_found_nobody_suggest_another_hour(cast: Cast, signed_in: SignedIn) -> None:
    need = a_need()
    for crew in range(2):
        assert stop_presenter.for_need(need.pk) == ""
        tour, [stop] = on_tour(cast, need)
        at = timezone.now().replace(hour=19 + crew, minute=30)
        record(tour, stop, StopOutcome.NOT_FOUND, cast.bob, at=at)
        filing.close_tour(tour, ended_at=timezone.now())
    assert "Try another hour" in stop_presenter.for_need(need.pk)
    [row] = stop_presenter.offer_rows(Viewer(cast.bob), trip_of(cast.bob, a_plan(cast)))
    assert "Try another hour" in row.hints[-1]
    page = signed_in(cast.carol).get(reverse("needs:triage_need", args=[need.pk]))
    assert "Try another hour" in page.content.decode()


def test_a_need_that_was_not_found_does_not_make_its_cell_covered(cast: Cast) -> None:
    """Two tours search a cell for an hour and meet nobody. Without the need the cell is covered; with it, it is not."""
    need, other = a_need(0), cell_at(2)
    start = timezone.now() - timedelta(hours=2, minutes=5)
    for _night in range(2):
        tour, [stop] = on_tour(cast, need)
        Tour.objects.filter(pk=tour.pk).update(at=start)
        record(tour, stop, StopOutcome.NOT_FOUND, cast.bob)
        tour.refresh_from_db()
        assert need.cell is not None
        filing.close_tour(tour, ended_at=timezone.now(), cells={need.cell: 60.0, other: 60.0})
    fold.fold_outbox()
    assert need.cell is not None
    statuses = _statuses()
    assert statuses[other] == Status.COVERED
    assert statuses[need.cell] != Status.COVERED
    found = stored_states.load("true", [])
    found.aged(cell_states.territory_params_of(), evidence_day(timezone.now()))
    searched = dict(zip(found.cell.tolist(), found.xt.tolist(), strict=True))
    assert searched[need.cell] == pytest.approx(searched[other]), "the visit counts as search effort"
    difference = reconciliation.reconcile().difference
    assert difference is not None and difference < 1e-9


def _statuses() -> dict[int, int]:
    zones = {zone.key: zone.status for zone in Zone.objects.live()}
    cells = CellState.objects.values_list("cell", "zone")
    return {cell: zones[zone] for cell, zone in cells if zone is not None}


# --- the phone -----------------------------------------------------------------------------------------------------


def _sent(tour: Tour, stop: TourStop, outcome: str, **fields: object) -> dict[str, object]:
    return item("stop-outcome", {"stop": str(stop.pk), "outcome": outcome, **fields}, parent=str(tour.pk))


def test_a_replay_changes_nothing_and_another_content_is_refused(cast: Cast, signed_in: SignedIn) -> None:
    tour, [stop, other] = on_tour(cast, a_need(), a_need(1))
    bob, thing = signed_in(cast.bob), _sent(tour, stop, "helped")
    assert [one(bob, cast.bob, thing)["status"] for _ in range(2)] == [201, 200]
    assert str(Encounter.objects.get().pk) == thing["id"]
    forged = {**_sent(tour, other, "helped"), "id": thing["id"]}
    assert one(bob, cast.bob, forged)["status"] == 409
    assert one(bob, cast.bob, _sent(tour, stop, "refused"))["status"] == 409
    assert TourStop.objects.get(pk=stop.pk).outcome == "helped"
    assert Encounter.objects.count() == 1


def test_nobody_can_say_what_came_of_another_tour_s_need(cast: Cast, signed_in: SignedIn) -> None:
    need = a_need()
    tour, [stop] = on_tour(cast, need)
    mine, [_own] = on_tour(cast, a_need(1), user=cast.carol)
    edith, bob = signed_in(cast.edith), signed_in(cast.bob)
    assert one(edith, cast.edith, _sent(tour, stop, "helped"))["status"] == 404
    assert one(bob, cast.bob, _sent(mine, stop, "helped"))["status"] == 404
    assert one(bob, cast.bob, item("stop-outcome", {"stop": str(stop.pk), "outcome": "helped"}))["status"] == 404
    assert one(bob, cast.bob, _sent(tour, stop, "visited"))["status"] == 400
    unknown = item("stop-outcome", {"stop": str(uuid.uuid4()), "outcome": "helped"}, parent=str(tour.pk))
    assert one(bob, cast.bob, unknown)["status"] == 404
    page = reverse("needs:stop_outcome", args=[mine.pk])
    assert signed_in(cast.carol).post(page, {"stop": str(stop.pk), "outcome": "helped"}).status_code == 404
    assert _state(need) == "committed"
    assert not Encounter.objects.exists()


def test_an_outcome_that_arrives_after_the_tour_still_counts(cast: Cast, signed_in: SignedIn) -> None:
    free, taken = a_need(), a_need(1)
    tour, [first, second] = on_tour(cast, free, taken)
    filing.close_tour(tour, ended_at=timezone.now())
    taking.take(taken, cast.alice)
    bob = signed_in(cast.bob)
    for stop in (first, second):
        assert one(bob, cast.bob, _sent(tour, stop, "helped", some="1", given=["food"]))["status"] == 201
    assert _state(free) == "met"
    assert _state(taken) == "committed", "Alice still holds it"
    assert Encounter.objects.count() == 2


def test_a_partial_gift_without_a_kind_is_refused_with_a_reason(cast: Cast, signed_in: SignedIn) -> None:
    tour, [stop] = on_tour(cast, a_need())
    result = one(signed_in(cast.bob), cast.bob, _sent(tour, stop, "helped", some="1"))
    assert result["status"] == 400
    assert "Say what you gave" in str(result["errors"])


# --- undo ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["helped", "not_found", "refused", "postponed"])
def test_an_outcome_can_be_undone_on_the_page(cast: Cast, signed_in: SignedIn, outcome: str) -> None:
    need = a_need(kinds=["food", "blanket"])
    tour, [stop] = on_tour(cast, need)
    bob = signed_in(cast.bob)
    page = reverse("needs:stop_outcome", args=[tour.pk])
    answer = bob.post(page, {"stop": str(stop.pk), "outcome": outcome}, follow=True)
    assert TourStop.objects.get().outcome == outcome
    offer = answer.content.decode().split('name="undo" value="')[1].split('"')[0]
    signed_in(cast.carol).post(reverse("needs:undo"), {"undo": offer})
    assert TourStop.objects.get().outcome == outcome, "only the person who said it can undo it"
    bob.post(reverse("needs:undo"), {"undo": offer})
    stop.refresh_from_db()
    assert (stop.outcome, _state(need)) == ("", "committed")
    assert Need.objects.get().met_kinds == []
    assert not Encounter.objects.live().exists()
    assert not TourCell.objects.filter(tour=tour).exists()
    assert Commitment.objects.running(timezone.now()).get() == stop.commitment


def test_undo_is_refused_once_others_hold_the_need(cast: Cast) -> None:
    need = a_need()
    tour, [stop] = on_tour(cast, need)
    done = record(tour, stop, StopOutcome.NOT_FOUND, cast.bob)
    taking.take(need, cast.alice)
    assert done.outcome_at is not None
    assert not stop_outcomes.undo(done, cast.bob, done.outcome_at.isoformat())
    assert TourStop.objects.get().outcome == "not_found"
    with pytest.raises(AlreadySaid):
        stop_outcomes.record(tour, stop.pk, said(StopOutcome.HELPED), cast.bob)
