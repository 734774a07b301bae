"""Custom questions and their answers in the event log, and in the file of an association that leaves."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.utils import timezone

from mapping.out.event_log.event_schema import event_schema
from mapping.out.event_log.log_export import Scope, export
from mapping.out.event_log.log_import import Totals, ingest
from mapping.out.offboarding import departure
from needs.base.custom_questions import question_sets
from needs.base.custom_questions.question_sets import QuestionDraft
from needs.base.records.answers import Answers, check
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.models import Encounter, Question, QuestionSet
from tests import filing_verbs
from tests.support import Cast
from volunteers.models import Association

pytestmark = pytest.mark.django_db

SCHEMA_FILE = Path(__file__).resolve().parents[3] / "docs" / "event-log.schema.json"
DRAFTS = (
    QuestionDraft("yes_no", {"en": "A dog?", "fr": "Un chien ?"}),
    QuestionDraft(
        "choice",
        {"en": "Which language?", "fr": "Quelle langue ?"},
        {"en": ["French", "other"], "fr": ["français", "autre"]},
    ),
    QuestionDraft("text", {"en": "What next?", "fr": "Et ensuite ?"}),
)


@pytest.fixture
def answered(cast: Cast) -> QuestionSet:
    """The questions of an association, with one encounter that answers them and another that does not."""
    asked = question_sets.edit(cast.maraude, DRAFTS, after=0, author=cast.carol)
    assert asked is not None
    rows = list(asked.questions.all())
    given = dict(zip([row.key for row in rows], [True, 1, "blankets"], strict=True))
    for answers in (check(asked.pk, rows, given), Answers()):
        draft = EncounterDraft(at=timezone.now(), place=DraftPlace(48.866, 2.35), persons=2, answers=answers)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    return asked


def exported(scope: Scope = Scope()) -> list[str]:  # noqa: B008 - frozen
    file = io.BytesIO()
    export(file, scope)
    return file.getvalue().decode().splitlines()


def imported(lines: Iterable[str]) -> Totals:
    return ingest([line.encode() + b"\n" for line in lines])


def empty_the_database() -> None:
    for model in (Encounter, Question, QuestionSet):
        model._default_manager.all().delete()


def test_answers_survive_export_and_import_into_an_empty_database(answered: QuestionSet) -> None:
    lines = exported()
    before = Encounter.objects.exclude(question_set=None).get()
    empty_the_database()
    assert imported(reversed(lines)).outcomes == {"accepted": 3}
    assert exported() == lines
    after = Encounter.objects.get(pk=before.pk)
    assert (after.question_set_id, after.answers, after.answers_in_words) == (
        before.question_set_id,
        before.answers,
        before.answers_in_words,
    )
    assert question_sets.answers_shown(after) == [
        ("A dog?", "yes"),
        ("Which language?", "other"),
        ("What next?", "blankets"),
    ]


def test_importing_the_same_lines_again_changes_nothing(answered: QuestionSet) -> None:
    lines = exported()
    assert imported(lines).outcomes == {"known": 3}
    assert exported() == lines


def test_the_same_encounter_is_known_after_retention_has_deleted_answers_in_words(answered: QuestionSet) -> None:
    lines = exported()
    Encounter.objects.update(answers_in_words={})
    assert imported(lines).outcomes == {"known": 3}


def test_a_version_that_the_association_has_already_is_a_conflict_and_its_answers_are_dropped(
    answered: QuestionSet,
) -> None:
    lines = exported()
    empty_the_database()
    own = Association.objects.get(pk=answered.association_id)
    QuestionSet.objects.create(association=own, version=answered.version)
    totals = imported(lines)
    assert totals.outcomes == {"accepted": 2, "conflict": 1}
    assert totals.reasons == {"version_taken": 1, "question_set_not_there": 1}
    assert not Encounter.objects.exclude(answers={}).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"questions": [{"key": "a", "kind": "yes_no", "label": {"en": "A dog?"}}]},
        {"questions": [{"key": "a", "kind": "song", "label": {"en": "A", "fr": "A"}}]},
        {"questions": [{"key": "A b", "kind": "yes_no", "label": {"en": "A", "fr": "A"}}]},
        {"questions": [{"key": "a", "kind": "yes_no", "label": {"en": "A", "fr": "A"}}] * 2},
        {"questions": "none"},
        {"version": None},
    ],
)
def test_a_malformed_question_set_is_refused_by_import_and_schema(cast: Cast, change: dict[str, Any]) -> None:
    event = {"type": "question_set", "id": str(uuid.uuid4()), "association": "maraude-du-nord", "version": 1,
             "made_at": datetime(2026, 1, 5, tzinfo=UTC).isoformat(), "questions": []} | change  # fmt: skip
    assert imported([json.dumps(event)]).outcomes == {"refused": 1}
    if change.get("questions") != [{"key": "a", "kind": "yes_no", "label": {"en": "A", "fr": "A"}}] * 2:
        assert not jsonschema.Draft202012Validator(event_schema()).is_valid(event)


def test_every_line_is_valid_under_the_documented_schema(answered: QuestionSet) -> None:
    documented = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert documented == json.loads(json.dumps(event_schema())), "run manage.py export_events --schema"
    validator = jsonschema.Draft202012Validator(documented)
    for line in exported():
        validator.validate(json.loads(line))


def test_the_file_of_a_leaving_association_has_its_questions_and_answers(answered: QuestionSet, cast: Cast) -> None:
    file = io.BytesIO()
    departure._write(cast.maraude, file)
    with zipfile.ZipFile(file) as archive:
        events = [json.loads(line) for line in archive.read("events.jsonl").decode().splitlines()]
    assert [event["type"] for event in events] == ["question_set", "encounter", "encounter"]
    assert [question["label"]["fr"] for question in events[0]["questions"]] == [
        "Un chien ?",
        "Quelle langue ?",
        "Et ensuite ?",
    ]
    assert sorted(bool(event["answers"]) for event in events[1:]) == [False, True]


def test_a_period_has_the_question_sets_that_its_encounters_answer(answered: QuestionSet) -> None:
    later = exported(Scope(start=timezone.now().replace(year=2099)))
    assert later == []
    now = exported(Scope(start=timezone.now().replace(year=2000)))
    assert [json.loads(line)["type"] for line in now].count("question_set") == 1
