"""The verb that corrects a report: the row, its history, its evidence, and the consequences of a correction."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from mapping.coverage.folding import fold, reconciliation
from mapping.models import Evidence, MonthlyNeed
from mapping.plans.recurring_needs import monthly_counts
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.enums import AlarmStep, NeedState, ReportKind
from needs.help.commitments import taking
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.help.corrections.correction_refusals import CorrectionRefused, Outdated
from needs.help.saved_searches import alerts
from needs.models import Correction, DangerAlarm, Encounter, Tour, TourCell
from needs.reports import filing
from solidarity.lib import grid
from solidarity.lib.database.idempotent_insert import InsertResult
from tests import filing_verbs
from tests.mapping.coverage.test_fold import difference_of
from tests.needs.triage.triage_cases import GARE, reported
from tests.support import Cast, City, Seen
from volunteers.models import AuditEntry, Notification

ELSEWHERE = (48.8702, 2.3610)
NEED, ENCOUNTER = ReportKind.NEED, ReportKind.ENCOUNTER


def correct(kind: ReportKind, report: Any, cast: Cast, /, seen: int | None = None, **changes: Any) -> Correction:
    author = cast.carol if kind == NEED else cast.bob
    return correcting.correct(kind, report, changes, By(author), seen=seen)


def cells(*places: tuple[float, float]) -> list[int]:
    return [grid.cell_of(*place) for place in places]


def evidence() -> dict[int, tuple[float, float]]:
    fold.fold_outbox()
    return {row.cell: (row.persons, row.contacts) for row in Evidence.objects.all()}


def test_a_need_in_words_gets_a_place_and_becomes_evidence(cast: Cast) -> None:
    need = reported(None, place_text="under the bridge")
    assert evidence() == {}
    done = correct(NEED, need.pk, cast, place=DraftPlace(*GARE))
    need.refresh_from_db()
    [here] = cells(GARE)
    assert need.point is not None and (need.cell, need.lacks_place) == (here, False)
    assert (done.before, done.after) == ({"cell": None}, {"cell": grid.to_text(here)})
    assert evidence() == {here: (1, 0)}
    assert difference_of(reconciliation.reconcile()) < 1e-9


def test_a_corrected_place_moves_the_evidence_exactly(cast: Cast) -> None:
    need = reported(GARE)
    assert list(evidence()) == cells(GARE)
    correct(NEED, need.pk, cast, place=DraftPlace(*ELSEWHERE))
    assert list(evidence()) == cells(ELSEWHERE)
    assert difference_of(reconciliation.reconcile()) < 1e-9


def test_the_history_has_only_the_changed_values_and_never_a_point(cast: Cast) -> None:
    need = reported(GARE, persons=2, title="Food")
    done = correct(NEED, need.pk, cast, persons=3, urgency="soon", kinds=["food", "water"], title="Bread")
    assert done.before == {"persons": 2, "kinds": ["food"]} and done.after == {"persons": 3, "kinds": ["food", "water"]}
    assert (done.words_before, done.words_after) == ({"title": "Food"}, {"title": "Bread"})
    moved = correct(NEED, need.pk, cast, place=DraftPlace(GARE[0] + 1e-5, GARE[1]))
    assert moved.before == moved.after == {"cell": grid.to_text(cells(GARE)[0])}
    assert "48.86" not in str([moved.before, moved.after])
    entry = AuditEntry.objects.filter(verb="corrected").latest("seq")
    assert (entry.actor, entry.details) == (cast.carol.key, {"values": 1})


def test_only_the_district_is_known_gives_no_evidence_and_takes_the_point_away(cast: Cast, city: City) -> None:
    need = reported(GARE)
    evidence()
    correct(NEED, need.pk, cast, district=city.nord)
    need.refresh_from_db()
    assert (need.cell, need.point, need.fine_cell, need.district) == (None, None, None, city.nord)
    assert evidence() == {}
    correct(NEED, need.pk, cast, place_unknown=True)
    need.refresh_from_db()
    assert (need.district, need.place_unknown, need.lacks_place) == (None, True, False)
    correct(NEED, need.pk, cast, place=DraftPlace(*GARE))
    need.refresh_from_db()
    assert (need.place_unknown, need.cell) == (False, cells(GARE)[0])


def test_an_encounter_is_corrected_and_a_phone_that_sends_it_again_still_gets_the_same_answer(cast: Cast) -> None:
    draft = EncounterDraft(at=timezone.now(), place=DraftPlace(*GARE), persons=3, given=("food",))
    filed = filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    assert evidence() == {cells(GARE)[0]: (3, 3)}
    correct(ENCOUNTER, draft.id, cast, persons=5, contacts=1, place=DraftPlace(*ELSEWHERE), note="two tents")
    assert evidence() == {cells(ELSEWHERE)[0]: (5, 1)}
    again = filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    assert (again.stored, again.content_hash) == (InsertResult.SAME, filed.content_hash)
    assert Encounter.objects.get().persons == 5


def walked(cast: Cast, *places: tuple[float, float]) -> tuple[Tour, list[uuid.UUID]]:
    """Store an open tour with an encounter at each place."""
    at = timezone.now() - timedelta(hours=1)
    filed = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=at)
    drafts = [EncounterDraft(at=timezone.now(), place=DraftPlace(*place), persons=2, tour=filed.id) for place in places]
    for draft in drafts:
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    return Tour.objects.get(pk=filed.id), [draft.id for draft in drafts]


def cells_of(tour: Tour) -> dict[int, float | None]:
    return dict(tour.cells.values_list("cell", "minutes"))


def test_the_cell_of_a_tour_goes_with_the_encounter_that_had_added_it(cast: Cast) -> None:
    tour, [one] = walked(cast, GARE)
    correct(ENCOUNTER, one, cast, place=DraftPlace(*ELSEWHERE))
    assert cells_of(tour) == dict.fromkeys(cells(ELSEWHERE))
    assert evidence() == {cells(ELSEWHERE)[0]: (2, 0)}
    assert difference_of(reconciliation.reconcile()) < 1e-9


def test_the_cell_of_a_tour_stays_while_somebody_else_was_met_or_walked_there(cast: Cast) -> None:
    tour, [one, _two] = walked(cast, GARE, GARE)
    correct(ENCOUNTER, one, cast, place=DraftPlace(*ELSEWHERE))
    assert set(cells_of(tour)) == {*cells(GARE), *cells(ELSEWHERE)}
    other, [three] = walked(cast, GARE)
    filing.close_tour(other, ended_at=timezone.now(), cells=cells(GARE))
    correct(ENCOUNTER, three, cast, place=DraftPlace(*ELSEWHERE))
    assert set(cells_of(other)) == {*cells(GARE), *cells(ELSEWHERE)}


def test_the_minutes_of_a_tour_go_with_the_encounter(cast: Cast) -> None:
    tour, [one] = walked(cast, GARE)
    filing.close_tour(tour, ended_at=tour.at + timedelta(minutes=60), cells=cells((48.858, 2.34)))
    before = sum(minutes or 0 for minutes in cells_of(tour).values())
    correct(ENCOUNTER, one, cast, place=DraftPlace(*ELSEWHERE))
    after = cells_of(tour)
    assert set(after) == {*cells(ELSEWHERE), *cells((48.858, 2.34))}
    assert np.isclose(sum(minutes or 0 for minutes in after.values()), before)
    assert TourCell.objects.get(tour=tour, cell=cells(ELSEWHERE)[0]).met_only


def test_the_passes_of_a_tour_go_with_the_encounter_but_nobody_came_back_where_the_team_had_been(cast: Cast) -> None:
    tour, [one] = walked(cast, GARE)
    TourCell.objects.filter(tour=tour).update(minutes=30, pass_minutes=[20, 10])
    correct(ENCOUNTER, one, cast, place=DraftPlace(*ELSEWHERE))
    assert [row.passes for row in tour.cells.all()] == [[20, 10]]
    TourCell.objects.create(tour=tour, cell=cells(GARE)[0], minutes=25, pass_minutes=[15, 10])
    correct(ENCOUNTER, one, cast, place=DraftPlace(*GARE))
    assert [(row.minutes, row.passes) for row in tour.cells.all()] == [(55, [15, 40])]
    assert difference_of(reconciliation.reconcile()) < 1e-9


def test_the_second_person_is_told_and_overwrites_nothing(cast: Cast) -> None:
    need = reported(GARE, persons=1)
    correct(NEED, need.pk, cast, seen=0, persons=4)
    with pytest.raises(Outdated):
        correct(NEED, need.pk, cast, seen=0, persons=9)
    need.refresh_from_db()
    assert need.persons == 4 and Correction.objects.count() == 1
    correct(NEED, need.pk, cast, seen=1, persons=9)
    values = {"persons": 9}
    assert correcting.as_of(NEED, need.pk, values, 1) == {"persons": 4}
    assert correcting.as_of(NEED, need.pk, values, 0) == {"persons": 1}


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_have_one_winner(cast: Cast) -> None:
    need = reported(GARE)

    def attempt(persons: int) -> str:
        try:
            correct(NEED, need.pk, cast, seen=0, persons=persons)
            return "done"
        except Outdated:
            return "outdated"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, (5, 6))) == ["done", "outdated"]
    assert Correction.objects.count() == 1


def test_the_same_correction_sent_twice_is_stored_once(cast: Cast) -> None:
    need, by = reported(GARE), By(cast.carol, id=uuid.uuid4())
    for _time in range(2):
        correcting.correct(NEED, need.pk, {"persons": 7}, by, seen=0)
    assert Correction.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"), [({"kinds": []}, "kinds"), ({"persons": 1}, ""), ({"kinds": ["water"]}, "kinds")]
)
def test_a_correction_that_does_not_fit_names_the_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    need = reported(GARE, state=NeedState.OPEN)
    taking.take(need, cast.bob)
    with pytest.raises(CorrectionRefused) as refused:
        correct(NEED, need.pk, cast, **changes)
    assert refused.value.field == field
    assert Correction.objects.count() == 0


def test_nobody_was_helped_who_was_not_met(cast: Cast, seen: Seen) -> None:
    filed = seen(persons=3, contacts=3)
    with pytest.raises(CorrectionRefused) as refused:
        correct(ENCOUNTER, filed.id, cast, persons=1)
    assert refused.value.field == "contacts"


def test_a_retracted_report_cannot_be_corrected(cast: Cast, seen: Seen) -> None:
    filed = seen()
    filing.retract(ENCOUNTER, filed.id, author=cast.bob.pk)
    with pytest.raises(Encounter.DoesNotExist):
        correct(ENCOUNTER, filed.id, cast, persons=1)


def test_danger_words_in_new_words_raise_the_alarm_and_open_an_old_one(cast: Cast, seen: Seen) -> None:
    filed = seen(note="quiet")
    correct(ENCOUNTER, filed.id, cast, note="he is unconscious")
    alarm = DangerAlarm.objects.get(encounter=filed.id)
    from needs.reports.danger import alarms

    alarms.acknowledge(alarm.pk, AlarmStep.CALLED, cast.carol)
    correct(ENCOUNTER, filed.id, cast, note="he is unconscious, still")
    alarm.refresh_from_db()
    assert alarm.acknowledged_at is not None
    correct(ENCOUNTER, filed.id, cast, note="there is a fire")
    alarm.refresh_from_db()
    assert alarm.acknowledged_at is None and len(alarm.flags) == 2


def test_whoever_takes_care_of_the_need_is_told_without_a_place(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    need = reported(GARE, state=NeedState.OPEN)
    taking.take(need, cast.bob)
    with django_capture_on_commit_callbacks(execute=True):
        correct(NEED, need.pk, cast, place=DraftPlace(*ELSEWHERE))
    told = Notification.objects.filter(user=cast.bob).latest("pk")
    assert "corrected" in told.title and "48." not in told.title + told.body


def test_corrections_cannot_flood_whoever_takes_care_of_the_need(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    need = reported(GARE, state=NeedState.OPEN, persons=1)
    taking.take(need, cast.bob)
    news = Notification.objects.filter(user=cast.bob, key__startswith="commitment:corrected:")
    for persons in range(2, 7):
        correct(NEED, need.pk, cast, persons=persons, title=f"for {persons}")
    assert not news.exists(), "the number of people and the title change nothing for the way there"
    start = timezone.now().replace(minute=0, second=1)
    for minutes in range(0, 60, 10):
        monkeypatch.setattr(timezone, "now", lambda at=start + timedelta(minutes=minutes): at)
        correct(NEED, need.pk, cast, urgency="now" if minutes % 20 else "later")
    assert news.count() == 1
    monkeypatch.setattr(timezone, "now", lambda: start + timedelta(hours=1))
    correct(NEED, need.pk, cast, place=DraftPlace(*ELSEWHERE))
    assert news.count() == 2


def test_a_need_that_gets_its_place_is_announced_as_a_new_one(cast: Cast) -> None:
    from needs.base.need_filters.need_filters import SearchQuery
    from needs.models import SavedSearch

    need = reported(None, hours_ago=30, place_text="somewhere", state=NeedState.OPEN)
    search = alerts.save_alert(cast.alice, alerts.Wanted("here", SearchQuery(), alerts.circle(*GARE, 900)))
    since = search.alerted_until
    assert since is not None
    until = timezone.now() + timedelta(minutes=1)
    assert alerts.matches(search, since, until, dispatches=False) == []
    correct(NEED, need.pk, cast, place=DraftPlace(*GARE))
    assert alerts.matches(SavedSearch.objects.get(), since, until, dispatches=False) == [need.pk]


def test_monthly_counts_follow_in_open_and_in_closed_months(cast: Cast) -> None:
    old = timezone.now() - timedelta(days=settings.REPORT_DAYS - 1)
    hours = (timezone.now() - old.replace(day=1)) / timedelta(hours=1)
    need = reported(GARE, hours_ago=hours, kinds=["food", "tent"])
    moment = need.at + timedelta(days=2)
    monthly_counts.count_months(now=moment)
    assert set(MonthlyNeed.objects.values_list("kind", "count")) == {("food", 1), ("tent", 1)}
    correct(NEED, need.pk, cast, kinds=["food", "water"])
    assert set(MonthlyNeed.objects.values_list("kind", "count")) == {("food", 1)}
    monthly_counts.count_months(now=moment)
    assert set(MonthlyNeed.objects.values_list("kind", "count")) == {("food", 1), ("water", 1)}
    correct(NEED, need.pk, cast, place=DraftPlace(48.853, 2.333))
    assert MonthlyNeed.objects.count() == 0
