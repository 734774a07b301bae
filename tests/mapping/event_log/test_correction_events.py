"""Corrections in the event log: export and import, a newer log imported into an older copy, and conflicts."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import jsonschema
import numpy as np
import pytest
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.enums import ReportKind
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.models import Correction, Encounter, Need, Tour
from needs.reports import filing
from tests import filing_verbs
from tests.mapping.event_log.test_log_round_trip import forget_everything, schema, state_now, take, text_of
from tests.needs.triage.triage_cases import GARE, reported
from tests.support import Cast, City, without_times

__all__ = ["schema"]

ELSEWHERE, THIRD = (48.8702, 2.3610), (48.8555, 2.3402)
NEED, ENCOUNTER = ReportKind.NEED, ReportKind.ENCOUNTER

type Later = list[Callable[[], Any]]


def forget() -> None:
    forget_everything()
    Correction.objects.all().delete()


@pytest.fixture
def told(cast: Cast, city: City) -> tuple[list[str], list[str]]:
    """Two logs, from before and after seven corrections. The database has the state after the corrections."""
    at = timezone.now() - timedelta(hours=2)
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=at)
    walk = {"at": timezone.now(), "persons": 2, "tour": tour.id}
    on_tour = EncounterDraft(place=DraftPlace(*GARE), given=("food",), **walk)  # type: ignore[arg-type]
    alone = EncounterDraft(at=timezone.now(), place=DraftPlace(*GARE), persons=4, minutes=20.0, note="a tent")
    for draft in (on_tour, alone):
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    filing.close_tour(Tour.objects.get(), ended_at=timezone.now())
    words, wrong, away = reported(None, place_text="quai"), reported(GARE, persons=3, title="Eau"), reported(GARE)
    before = text_of()

    def correct(kind: ReportKind, report: uuid.UUID, **changes: Any) -> None:
        correcting.correct(kind, report, changes, By(cast.carol, "a slip"))

    correct(NEED, words.pk, place=DraftPlace(*GARE))
    correct(NEED, wrong.pk, persons=5, kinds=["water"], title="De l’eau")
    correct(NEED, wrong.pk, persons=6, place=DraftPlace(*ELSEWHERE))
    correct(NEED, wrong.pk, persons=3)  # back to the first value
    correct(NEED, away.pk, district=city.nord)
    correct(ENCOUNTER, on_tour.id, place=DraftPlace(*ELSEWHERE), persons=3)
    correct(ENCOUNTER, alone.id, minutes=40.0, note="two tents", place=DraftPlace(*THIRD))
    return before, text_of()


def without_points(lines: list[str]) -> list[dict[str, Any]]:
    """Return the events without exact places, because a correction event contains only the cell."""
    events = [json.loads(line) for line in lines]
    for event in events:
        event.pop("lat", None)
        event.pop("lng", None)
    return events


def test_an_export_on_an_empty_platform_gives_the_same_history_and_the_same_cells(
    told: tuple[list[str], list[str]],
) -> None:
    _before, after = told
    moment = timezone.now()
    expected = state_now(moment)
    forget()
    totals = take(after)
    assert totals.outcomes == {"accepted": len(after)} and totals.types["correction"] == 7
    assert text_of() == after
    assert np.abs(state_now(moment) - expected).max() < 1e-9
    assert take(after).outcomes == {"known": len(after)}


def test_an_older_copy_and_a_newer_log_converge_in_any_order(told: tuple[list[str], list[str]]) -> None:
    before, after = told
    moment = timezone.now()
    expected = state_now(moment)
    for lines in (after, after[::-1]):
        forget()
        take(before)
        assert take(lines).outcomes == {"accepted": 7, "known": len(after) - 7}
        assert without_points(text_of()) == without_points(after)
        assert np.abs(state_now(moment) - expected).max() < 1e-9
    # Importing the old log changes nothing on a platform that already has the corrections.
    assert take(before).outcomes == {"known": len(before)}


def test_the_three_corrections_of_one_need_converge_in_every_order(told: tuple[list[str], list[str]]) -> None:
    before, after = told
    twice = next(str(key) for key in Correction.objects.values_list("report", flat=True)
                 if Correction.objects.filter(report=key).count() == 3)  # fmt: skip
    three = [line for line in after if json.loads(line).get("report") == twice]
    for order in permutations(three):
        forget()
        take(before)
        assert take(order).outcomes == {"accepted": 3}
        need = Need.objects.get(pk=twice)
        assert (need.persons, need.kinds, need.title) == (3, ["water"], "De l’eau")


def test_a_report_that_was_corrected_differently_here_is_a_conflict_and_stays(
    cast: Cast, told: tuple[list[str], list[str]]
) -> None:
    before, after = told
    forget()
    take(before)
    alone = Encounter.objects.get(tour=None)
    correcting.correct(ENCOUNTER, alone.pk, {"minutes": 5.0}, By(cast.bob))
    totals = take(after)
    assert totals.outcomes["conflict"] == 1
    alone.refresh_from_db()
    assert (alone.minutes, alone.note) == (5.0, "a tent")


def test_a_correction_of_nothing_is_refused(cast: Cast) -> None:
    lost = {"type": "correction", "id": str(uuid.uuid4()), "kind": "need", "report": str(uuid.uuid4()),
            "at": timezone.now().isoformat(), "before": {"persons": 1}, "after": {"persons": 2}}  # fmt: skip
    assert take([lost]).reasons == {"no_such_report": 1}
    for wrong in (
        {"kind": "tour"},
        {"after": {"urgency": "now"}},
        {"after": {"author": 1}},
        {"after": {"persons": -1}},
    ):
        assert take([lost | wrong]).reasons == {"wrong_value": 1}


def test_the_exported_lines_are_valid_and_name_nobody_and_no_point(
    told: tuple[list[str], list[str]], schema: jsonschema.Draft202012Validator
) -> None:
    for line in told[1]:
        schema.validate(json.loads(line))
    corrections = [line for line in told[1] if '"type":"correction"' in line]
    assert len(corrections) == 7 and not any("carol" in line.lower() for line in corrections)
    assert not any("48." in without_times(line) for line in corrections)


def test_a_copy_whose_words_were_deleted_is_still_known(told: tuple[list[str], list[str]]) -> None:
    Correction.objects.update(words_before={}, words_after={}, reason="")
    assert take(told[1]).outcomes == {"known": len(told[1])}
