"""Export and import of the event log, in any order: nothing is lost or stored twice, and the cells are the same."""

import io
import json
import random
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h3
import jsonschema
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.coverage.cells import cell_states, stored_states
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.models import CellState, CellTouch, Evidence, Override, evidence_day
from mapping.out.event_log.log_export import Scope, export
from mapping.out.event_log.log_import import Totals, ingest, lines_of
from needs.base.records.declarations import AidDraft, DraftPlace, EncounterDraft, NeedDraft, PresenceDraft
from needs.enums import ReportKind
from needs.models import Aid, CitizenReport, Encounter, Need, NeedStep, Retraction, Tour, TourCell
from needs.reports import filing
from tests import filing_verbs
from tests.mapping.coverage.test_fold import difference_of
from tests.repetitions import examples
from tests.support import Cast, City, Seen
from volunteers.models import Association

ROOT = Path(__file__).resolve().parents[3]
START = datetime(2026, 1, 5, 18, tzinfo=UTC)
CELLS = sorted({h3.latlng_to_cell(48.851 + i * 0.0023, 2.331 + j * 0.0037, 9) for i in range(11) for j in range(11)})
MODELS = (Retraction, Override, Aid, CitizenReport, NeedStep, Need, Encounter, TourCell, Tour)


def text_of(scope: Scope = Scope()) -> list[str]:  # noqa: B008 - frozen
    file = io.BytesIO()
    counts = export(file, scope)
    lines = file.getvalue().decode().splitlines()
    assert sum(counts.values()) == len(lines)
    return lines


def take(events: Iterable[dict[str, Any] | str], **options: Any) -> Totals:
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return ingest([line.encode() + b"\n" for line in lines], **options)


def forget_everything() -> None:
    for model in MODELS:
        model._default_manager.all().delete()
    CellTouch.objects.all().delete()


def state_now(moment: datetime) -> Any:
    return numbers_of(rebuild.compute(moment, ledger_only=True)[0])


def numbers_of(found: cell_states.CellStates) -> Any:
    assert found.posterior is not None
    return np.column_stack([found.a, found.x, found.xt, found.s, found.ac, found.posterior.chance])


def event(kind: str, number: int, /, **values: Any) -> dict[str, Any]:
    moment = {} if kind == "tour" else {"at": START.isoformat()}
    return {"type": kind, "id": str(uuid.UUID(int=number)), **moment, **values}


def small_history() -> list[dict[str, Any]]:
    """Store one event of each type, with everything that such an event can have."""
    walk = {
        "association": "maraude-du-nord",
        "start": START.isoformat(),
        "end": (START + timedelta(hours=2)).isoformat(),
    }
    cells = [{"cell": CELLS[0], "minutes": 31.7}, {"cell": CELLS[1], "minutes": None},
             {"cell": CELLS[5], "minutes": 20.1 + 7.3, "passes": [20.1, 7.3]}]  # fmt: skip
    line = [[2.3311, 48.8512], [2.3412345678901, 48.861]]
    return [
        event("tour", 1, **walk, mode="bicycle", walkers=3, cells=cells, line=line),
        event("encounter", 2, association="maraude-du-nord", tour=str(uuid.UUID(int=1)), cell=CELLS[0], persons=4, contacts=3,
              asked=["tent", "food"], given=["food"], note="deux « tentes »\n\tprès du \\pont", note_pinned=True, consent=True),
        event("encounter", 3, association="soupe-du-sud", lat=48.8661234567, lng=2.35, persons=2, minutes=12.5, place_text="quai"),
        event("need", 4, encounter=str(uuid.UUID(int=2)), association="maraude-du-nord", cell=CELLS[0], kinds=["tent"],
              origin="encounter"),
        event("need", 5, lat=48.86, lng=2.36, kinds=["water", "food"], urgency="now", persons=5, title="Eau", text="Il faut\nde l'eau",
              source="s1", with_account=True, reference="77", state="verified", state_at=START.isoformat(),
              steps=[{"state": "new", "at": START.isoformat(), "by_reporter": True},
                     {"state": "verified", "at": (START + timedelta(hours=1)).isoformat(), "by_reporter": False}]),
        event("need", 6, place_text="somewhere"),
        event("aid", 7, association="soupe-du-sud", need=str(uuid.UUID(int=5)), cell=CELLS[2], contacts=9, given=["water"]),
        event("citizen_report", 8, cell=CELLS[3], source="s2", persons=2, text="tents"),
        event("override", 9, association="maraude-du-nord", cell=CELLS[4], persons=0, hours=0.5, status="covered", reason="empty",
              expires_at=(START + timedelta(days=7)).isoformat()),
        event("citizen_report", 10, cell=CELLS[3], source="s3"),
        event("retraction", 11, kind="citizen_report", report=str(uuid.UUID(int=10)), reason="mistake"),
    ]  # fmt: skip


@pytest.fixture
def schema() -> jsonschema.Draft202012Validator:
    document = json.loads((ROOT / "docs" / "event-log.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


# --- every field, every type ---------------------------------------------------------------------------------------


def test_every_field_survives_the_way_out_and_in(cast: Cast) -> None:
    assert take(small_history()).outcomes == {"accepted": 11}
    written = text_of()
    forget_everything()
    assert take(written).outcomes == {"accepted": 11}
    assert text_of() == written
    by_id = {event["id"]: event for event in map(json.loads, written)}
    for given_event in small_history():
        stored = by_id[given_event["id"]]
        for name, value in given_event.items():
            if name in ("at", "start", "end", "state_at", "expires_at"):
                assert datetime.fromisoformat(stored[name]) == datetime.fromisoformat(value)
            elif name != "steps":
                assert stored[name] == value, name


def test_every_exported_line_is_valid_under_the_schema_and_names_nobody(
    cast: Cast, schema: jsonschema.Draft202012Validator
) -> None:
    take(small_history())
    filed_by_hand(cast)
    lines = text_of()
    assert {json.loads(line)["type"] for line in lines} == {event["type"] for event in small_history()}
    for line in lines:
        schema.validate(json.loads(line))
        assert "bob" not in line.lower() and "06 12 34" not in line


def test_the_schema_refuses_what_the_importer_refuses(cast: Cast, schema: jsonschema.Draft202012Validator) -> None:
    for wrong in (
        event("encounter", 1, association="a", cell=None),
        event("encounter", 1, association="a", lat=48.0),
        event("encounter", 1, association="a", cell=CELLS[0], persons=-1),
        event("need", 1, kinds=["gold"]),
        event("tour", 1, association="a"),
        event("tour", 1, association="a", start=START.isoformat(), cells=[{"cell": CELLS[0], "passes": []}]),
        event("tour", 1, association="a", start=START.isoformat(), cells=[{"cell": CELLS[0], "passes": [5] * 501}]),
        event("tour", 1, association="a", start=START.isoformat(), cells=[{"cell": CELLS[0], "passes": [5, -5]}]),
        event("walk", 1),
    ):
        assert not schema.is_valid(wrong)
        assert take([wrong]).outcomes == {"refused": 1}
    for good in small_history():
        schema.validate(good)


def test_minutes_that_are_not_the_sum_of_the_passes_are_refused_and_a_cell_listed_twice_is_one_pass(
    cast: Cast,
) -> None:
    def tour(number: int, *cells: dict[str, Any]) -> dict[str, Any]:
        return event("tour", number, association="a", start=START.isoformat(), cells=list(cells))

    assert take([tour(1, {"cell": CELLS[0], "minutes": 30, "passes": [10, 10]})]).outcomes == {"refused": 1}
    good = [
        tour(2, {"cell": CELLS[0], "passes": [10, 10]}),
        tour(3, {"cell": CELLS[0], "minutes": 10, "passes": [10]}),
        tour(4, {"cell": CELLS[0], "minutes": 20.5, "passes": [0.5, 20]}),
        tour(5, {"cell": CELLS[0], "passes": [10, 10]}, {"cell": CELLS[0], "minutes": 5}),
    ]
    assert take(good).outcomes == {"accepted": 4}
    stored = TourCell.objects.order_by("tour_id").values_list("minutes", "pass_minutes")
    assert list(stored) == [(20, [10, 10]), (10, None), (20.5, None), (25, None)]
    assert take(good).outcomes == {"known": 4}
    assert take(text_of()).outcomes == {"known": 4}


def test_the_page_names_every_field_of_every_type() -> None:
    from mapping.out.event_log.event_types import FIELDS

    page = (ROOT / "docs" / "event-log.md").read_text(encoding="utf-8")
    document = json.loads((ROOT / "docs" / "event-log.schema.json").read_text(encoding="utf-8"))
    for kind, fields in FIELDS.items():
        assert set(document["$defs"][kind]["properties"]) == {"type", *fields}
        section = page.split(f"## `{kind}`")[1].split("\n## ")[0]
        common = page.split("## `tour`")[0]
        for name in fields:
            assert f"`{name}`" in section or f"`{name}`" in common, (kind, name)


def test_the_example_of_the_page_can_be_taken_in(cast: Cast) -> None:
    page = (ROOT / "docs" / "event-log.md").read_text(encoding="utf-8")
    example = page.split("```json\n")[1].split("```")[0].strip().splitlines()
    assert take(example).outcomes == {"accepted": 4}
    assert Tour.objects.get().cells.count() == 2


# --- idempotence -----------------------------------------------------------------------------------------------------


def test_the_same_events_twice_change_nothing(cast: Cast) -> None:
    take(small_history())
    before = text_of()
    touches = CellTouch.objects.count()
    assert take([*small_history(), *before]).outcomes == {"known": 22}
    assert text_of() == before
    assert CellTouch.objects.count() == touches


def test_other_content_under_a_known_id_is_a_conflict_and_changes_nothing(cast: Cast) -> None:
    take(small_history())
    before = text_of()
    told: list[Any] = []
    changes: list[dict[str, Any]] = [
        {"walkers": 9}, {"persons": 9}, {"minutes": 1}, {"kinds": ["pet"]}, {"urgency": "later"}, {"persons": 7},
        {"contacts": 1}, {"source": "x"}, {"reason": "?"}, {"text": "?"}, {"reason": "?"},
    ]  # fmt: skip
    changed = [{**each, **change} for each, change in zip(small_history(), changes, strict=True)]
    totals = take(changed, listener=lambda *what: told.append(what))
    assert totals.outcomes == {"conflict": 11}
    assert [what[0] for what in told] and "walkers" in told[0][3]
    assert text_of() == before


def test_one_id_twice_in_a_file_counts_once(cast: Cast) -> None:
    one = event("citizen_report", 1, cell=CELLS[0], source="s")
    assert take([one, one, {**one, "source": "t"}]).outcomes == {"accepted": 1, "known": 1, "conflict": 1}
    assert CitizenReport.objects.get().source == "s"


def test_an_event_whose_exact_place_was_forgotten_is_still_known(cast: Cast, seen: Seen) -> None:
    seen(place_text="quai", note="x")
    written = text_of()
    Encounter.objects.update(point=None, place_text="", fine_cell=None)
    assert take(written).outcomes == {"known": 1}
    assert Encounter.objects.get().point is None


def test_a_phone_that_sends_again_after_a_move_is_told_known(cast: Cast) -> None:
    draft = PresenceDraft(at=START, place=DraftPlace(48.866, 2.35), source="s")
    filing.report_presence(draft)
    written = text_of()
    forget_everything()
    take(written)
    assert filing.report_presence(draft).stored.value == "same"


# --- any order -----------------------------------------------------------------------------------------------------


def test_events_may_come_before_those_they_refer_to(cast: Cast) -> None:
    take(small_history())
    moment = START + timedelta(days=3)
    straight, expected = text_of(), state_now(moment)
    for seed in range(4):
        forget_everything()
        shuffled = random.Random(seed).sample(straight, len(straight))
        assert take(shuffled if seed else straight[::-1]).outcomes == {"accepted": 11}
        assert np.abs(state_now(moment) - expected).max() < 1e-9
        assert text_of() == straight


def test_references_to_nothing_are_refused_with_a_reason_or_dropped_when_nothing_hangs_on_them(cast: Cast) -> None:
    nothing = str(uuid.UUID(int=99))
    totals = take(
        [
            event("encounter", 1, association="a", tour=nothing, cell=CELLS[0]),
            event("need", 2, encounter=str(uuid.UUID(int=1)), cell=CELLS[0]),
            event("retraction", 3, kind="tour", report=nothing),
            event("aid", 4, need=nothing, cell=CELLS[0]),
        ]
    )
    assert totals.outcomes == {"refused": 3, "accepted": 1}
    assert set(totals.reasons) == {"no_such_tour", "no_such_encounter", "no_such_report", "need_not_there"}
    assert Aid.objects.get().need_id is None
    assert take([event("aid", 4, need=nothing, cell=CELLS[0])]).outcomes == {"known": 1}


def test_a_second_retraction_of_a_report_adds_nothing(cast: Cast) -> None:
    take(small_history())
    again = event("retraction", 12, kind="citizen_report", report=str(uuid.UUID(int=10)))
    totals = take([again, again])
    assert totals.outcomes == {"known": 2} and Retraction.objects.count() == 1


# --- authors and content ---------------------------------------------------------------------------------------------


def test_an_association_that_is_not_there_is_entered_or_refused_when_strict(cast: Cast) -> None:
    one = event("encounter", 1, association="les-autres", cell=CELLS[0])
    assert take([one], strict=True).reasons == {"unknown_association": 1}
    assert not Association.objects.filter(slug="les-autres").exists()
    assert take([one]).associations == ["les-autres"]
    assert Association.objects.get(slug="les-autres").name == "les-autres"


def test_events_without_an_association_get_the_one_given(cast: Cast) -> None:
    events = [event("encounter", 1, cell=CELLS[0]), event("aid", 2, cell=CELLS[0]), event("need", 3)]
    assert take(events[:1]).reasons == {"no_association": 1}
    assert take(events, association="soupe-du-sud").outcomes == {"accepted": 3}
    assert Encounter.objects.get().association == cast.other and Aid.objects.get().association == cast.other
    assert Need.objects.get().association is None


def test_a_dry_run_gives_the_totals_and_stores_nothing(cast: Cast) -> None:
    assert take(small_history(), dry_run=True).outcomes == {"accepted": 11}
    assert text_of() == [] and not CellTouch.objects.exists()


def test_bad_lines_are_refused_and_counted_and_the_others_taken(cast: Cast) -> None:
    file = io.BytesIO()
    good = [json.dumps(each).encode() for each in small_history()]
    file.write(b"\xef\xbb\xbf" + b"\r\n".join([good[0], b"", b"{broken", b"\xff\xfe", *good[1:]]))
    file.seek(0)
    told: list[Any] = []
    totals = ingest(lines_of(file), listener=lambda *what: told.append(what))
    assert totals.outcomes == {"accepted": 11, "refused": 2} and totals.events == 13
    assert [what[0] for what in told] == [3, 4]


def test_a_line_beyond_all_measure_is_refused_without_reading_it_whole(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mapping.out.event_log import log_import as module

    monkeypatch.setattr(module, "LONGEST_LINE", 2000)
    file = io.BytesIO(b'{"type": "' + b"x" * 9000 + b'"}\n' + json.dumps(small_history()[0]).encode() + b"\n")
    assert ingest(lines_of(file)).outcomes == {"refused": 1, "accepted": 1}


def test_a_row_the_database_refuses_does_not_take_its_batch_with_it(cast: Cast) -> None:
    lone = json.dumps(event("citizen_report", 50, source="\ud800", cell=CELLS[0]))
    totals = take([lone, *small_history()])
    assert totals.outcomes == {"accepted": 11, "refused": 1}
    assert totals.reasons["not_stored"] == 1


# --- selection -------------------------------------------------------------------------------------------------------


def types_and_ids(lines: list[str]) -> set[int]:
    return {uuid.UUID(json.loads(line)["id"]).int for line in lines}


def test_what_belongs_together_is_written_together(cast: Cast) -> None:
    take(small_history())
    mine = Scope(association=cast.maraude.pk)
    assert types_and_ids(text_of(mine)) == {1, 2, 4, 9}
    assert types_and_ids(text_of(Scope(association=cast.other.pk))) == {3, 7}
    assert types_and_ids(text_of(Scope(start=START + timedelta(minutes=1)))) == set()
    assert types_and_ids(text_of(Scope(start=START, end=START + timedelta(minutes=1)))) == set(range(1, 12))
    late = event("encounter", 20, association="maraude-du-nord", tour=str(uuid.UUID(int=1)), cell=CELLS[7])
    late["at"] = (START + timedelta(hours=1)).isoformat()
    take([late])
    assert 20 in types_and_ids(text_of(Scope(end=START + timedelta(minutes=1))))


def test_a_territory_writes_what_lies_in_it_and_its_retractions(cast: Cast, city: City) -> None:
    events = [
        event("citizen_report", 1, lat=48.873, lng=2.34, source="north"),
        event("citizen_report", 2, lat=48.852, lng=2.34, source="south"),
        event("retraction", 3, kind="citizen_report", report=str(uuid.UUID(int=1))),
        event("retraction", 4, kind="citizen_report", report=str(uuid.UUID(int=2))),
        event("tour", 5, association="a", start=START.isoformat(),
              cells=[{"cell": h3.latlng_to_cell(lat, 2.34, 9), "minutes": 5} for lat in (48.873, 48.852)]),
        event("encounter", 6, association="a", tour=str(uuid.UUID(int=5)), lat=48.852, lng=2.34),
        event("need", 7),
    ]  # fmt: skip
    take(events)
    assert types_and_ids(text_of(Scope(territory=city.nord))) == {1, 3, 5, 6}
    assert types_and_ids(text_of(Scope(territory=city.sud))) == {2, 4, 5, 6}
    assert types_and_ids(text_of(Scope(territory=city.root))) == {1, 2, 3, 4, 5, 6}


# --- the same cells ------------------------------------------------------------------------------------------------


def filed_by_hand(cast: Cast) -> None:
    """Store a history through the verbs that pages use."""
    now = timezone.now().replace(microsecond=123456) - timedelta(seconds=1)  # never ahead of the clock
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=now - timedelta(hours=30))
    inside = DraftPlace(48.866, 2.35)
    for persons in (2, 0, 3):
        filing_verbs.log_encounter(
            EncounterDraft(at=now - timedelta(hours=29), place=inside, persons=persons, given=["food"], tour=tour.id),
            association=cast.maraude.pk, author=cast.bob.pk,
        )  # fmt: skip
    filing.close_tour(
        Tour.objects.get(pk=tour.id), ended_at=now - timedelta(hours=28), line=[(2.345, 48.865), (2.355, 48.868)]
    )
    filing_verbs.report_need(
        NeedDraft(at=now - timedelta(hours=5), place=DraftPlace(48.86, 2.36), kinds=["water"], source="s",
                         contact="06 12 34 56 78"),
    )  # fmt: skip
    filing_verbs.report_need(NeedDraft(at=now, place=DraftPlace(48.861, 2.36), kinds=["pet"], source="t"), held=True)
    seen = filing.report_presence(PresenceDraft(at=now - timedelta(hours=3), place=inside, source="u"))
    filing.retract(ReportKind.CITIZEN_REPORT, seen.id, author=None)
    filing.log_aid(AidDraft(at=now, place=inside, contacts=4), association=None, author=None)


def test_a_history_filed_on_pages_gives_the_same_state_after_a_move(cast: Cast) -> None:
    filed_by_hand(cast)
    fold.fold_outbox()
    rebuild.recompute_all()
    before, written = stored_states.load("true", []), text_of()
    assert before.a.sum() > 1 and before.s.sum() > 1 and before.ac.sum() > 0
    forget_everything()
    rebuild.recompute_all(rebuild=True)
    assert CellState.objects.filter(a__gt=0).count() == 0
    assert take(written).outcomes == {"accepted": len(written)}
    fold.fold_outbox()
    after, params_of = stored_states.load("true", []), cell_states.territory_params_of()
    assert reconciliation.largest_difference(before, after, params_of, evidence_day(timezone.now())) < 1e-9
    assert (before.status == after.status).all()
    assert text_of() == written


cells = st.sampled_from(CELLS[:12])
moments = st.integers(0, 40 * 24 * 60).map(lambda minutes: (START + timedelta(minutes=minutes)).isoformat())
minutes_spent = st.none() | st.floats(0, 300, allow_nan=False)
owners = st.sampled_from(["a", "b"])
counts = st.integers(0, 6)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Generate a few events of all types, some repeated, some retracted, in any order."""
    events: list[dict[str, Any]] = []
    number = iter(range(1, 1000))
    for _tour in range(draw(st.integers(0, 3))):
        walked = draw(st.lists(st.tuples(cells, minutes_spent), max_size=4))
        passes = draw(st.lists(st.floats(0, 90, allow_nan=False), max_size=5))
        again = [{"cell": draw(cells), "passes": passes}] if passes else []
        start = draw(moments)
        tour = event("tour", next(number), association=draw(owners), start=start,
                     cells=[{"cell": cell, "minutes": spent} for cell, spent in walked] + again)  # fmt: skip
        events.append(tour)
        for _met in range(draw(st.integers(0, 2))):
            met = event("encounter", next(number), association="a", tour=tour["id"], cell=draw(cells), persons=draw(counts),
                        contacts=draw(counts))  # fmt: skip
            events.append(met | {"at": draw(moments)})
    for kind in draw(
        st.lists(st.sampled_from(["encounter", "aid", "citizen_report", "need", "override"]), max_size=10)
    ):
        more: dict[str, Any] = {"at": draw(moments), "cell": draw(cells)}
        if kind == "encounter":
            more |= {"association": draw(owners), "persons": draw(counts), "minutes": draw(minutes_spent)}
        elif kind == "aid":
            more |= {"contacts": draw(counts)}
        elif kind == "override":
            more |= {"association": "a", "persons": draw(counts), "status": "covered", "expires_at": draw(moments)}
        else:
            more |= {"source": draw(st.sampled_from("stu")), "with_account": draw(st.booleans())}
        events.append(event(kind, next(number), **more))
    back = draw(st.lists(st.sampled_from(events), max_size=3, unique_by=lambda each: each["id"])) if events else []
    events += [event("retraction", next(number), kind=each["type"], report=each["id"]) for each in back]
    twice = draw(st.lists(st.sampled_from(events), max_size=3)) if events else []
    return draw(st.permutations(events + twice))


@given(history=histories(), late=st.integers(0, 60))
@settings(
    max_examples=examples(25), deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_any_history_gives_the_same_cells_on_the_next_platform(city: City, history: list[Any], late: int) -> None:
    with transaction.atomic():
        distinct = len({each["id"] for each in history})
        assert take(history).outcomes == +Counter(accepted=distinct, known=len(history) - distinct)
        moment = START + timedelta(days=late)
        one, written = state_now(moment), text_of()
        rebuild.recompute_all(moment, rebuild=True)
        assert np.abs(numbers_of(stored_states.load("true", [])) - one).max() < 1e-9
        forget_everything()
        assert take(reversed(written)).outcomes == +Counter(accepted=distinct)
        assert np.abs(state_now(moment) - one).max() < 1e-9
        assert text_of() == written
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("start", "minutes"), [("1970-01-01T00:00:00Z", 30), (START.isoformat(), 5e-324), (START.isoformat(), 100_000)]
)
def test_a_report_of_long_ago_or_of_no_or_endless_time_stops_no_recompute(
    cast: Cast, start: str, minutes: float
) -> None:
    tour = event("tour", 1, association="a", start=start, cells=[{"cell": CELLS[0], "minutes": minutes}])
    visit = event("encounter", 2, association="a", cell=CELLS[1], persons=3, contacts=3, minutes=minutes) | {
        "at": start
    }
    assert take([tour, visit, event("aid", 3, cell=CELLS[0], contacts=2) | {"at": start}]).outcomes == {"accepted": 3}
    fold.fold_outbox()
    assert difference_of(reconciliation.reconcile()) < 1e-9
    assert np.isfinite(state_now(timezone.now())).all()


# --- the commands --------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_commands_write_a_file_and_take_it_in(cast: Cast, tmp_path: Path) -> None:
    take(small_history())
    path, ledger = tmp_path / "events.jsonl", tmp_path / "ledger.csv"
    assert run("export_events", "-o", str(path))[1].startswith("11 events: 1 tour, 2 encounter, 3 need")
    assert run("export_events")[0] == path.read_text(encoding="utf-8")
    assert len(run("export_events", "--association", "soupe-du-sud")[0].splitlines()) == 2
    assert (
        len(run("export_events", "--territory", "ville", "--from", "2026-01-05", "--to", "2026-01-06")[0].splitlines())
        == 10
    )
    forget_everything()
    with path.open("a", encoding="utf-8") as file:
        file.write("{}\n")
    said, warned = run("import_events", str(path), "--ledger", str(ledger))
    assert said.startswith("12 events = 11 accepted + 0 known + 0 conflict + 1 refused.")
    assert "line 12: refused, unknown_type" in warned
    assert "12,refused,unknown_type" in ledger.read_text()
    assert not CellTouch.objects.exists()
    assert difference_of(reconciliation.reconcile()) < 1e-9
    assert Evidence.objects.count() == 9  # the tour has a row for each of its four passes


def test_the_commands_say_what_is_wrong(cast: Cast, tmp_path: Path) -> None:
    for arguments, message in (
        (["export_events", "--from", "yesterday"], "ISO 8601"),
        (["export_events", "--territory", "nowhere"], "no territory 'nowhere'"),
        (["export_events", "--association", "nobody"], "no association 'nobody'"),
        (["export_events", "-o", str(tmp_path / "no" / "where")], "cannot be written"),
        (["import_events", str(tmp_path / "absent")], "No such file"),
        (["import_events", str(tmp_path / "absent"), "--association", "a b"], "short name"),
        (["import_events", str(tmp_path / "absent"), "--strict", "--association", "nobody"], "no association"),
    ):
        with pytest.raises(CommandError, match=message):
            run(*arguments)
