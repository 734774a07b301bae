"""Custom questions: edited in versions, answered with an encounter, deleted after their retention period."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from needs.base.custom_questions import question_sets
from needs.base.custom_questions.question_sets import QuestionDraft
from needs.base.records import answers
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.base.retention_rules import registry
from needs.models import Encounter, Question, QuestionSet
from tests import filing_verbs
from tests.needs.phone_queue.queue_cases import MET, item, one
from tests.needs.reports.test_encounter_form import typed
from tests.support import Cast, SignedIn

pytestmark = pytest.mark.django_db

PAGE = "/questions/maraude-du-nord/"
DRAFTS = (
    QuestionDraft("yes_no", {"en": "A dog?", "fr": "Un chien ?"}),
    QuestionDraft("number", {"en": "How many tents?", "fr": "Combien de tentes ?"}),
    QuestionDraft(
        "choice",
        {"en": "Which language?", "fr": "Quelle langue ?"},
        {"en": ["French", "other"], "fr": ["français", "autre"]},
    ),
    QuestionDraft("text", {"en": "What next?", "fr": "Et ensuite ?"}),
)


@pytest.fixture
def asked(cast: Cast) -> QuestionSet:
    made = question_sets.edit(cast.maraude, DRAFTS, after=0, author=cast.carol)
    assert made is not None
    return made


def keys(of: QuestionSet) -> dict[str, str]:
    """Return the name of the form field for each kind of question."""
    return {each.kind: f"q_{of.pk}_{each.key}" for each in of.questions.all()}


def rows(*questions: dict[str, Any], after: int = 0) -> dict[str, Any]:
    """Return the data that the editor sends."""
    sent: dict[str, Any] = {"after": after, "questions-TOTAL_FORMS": len(questions), "questions-INITIAL_FORMS": 0}
    for index, each in enumerate(questions):
        sent |= {f"questions-{index}-{name}": value for name, value in ({"kind": "yes_no"} | each).items()}
    return sent


def said(
    dog: str = "1", tents: str = "3", language: str = "1", words: str = "more blankets"
) -> tuple[str, str, str, str]:
    return dog, tents, language, words


def answered(of: QuestionSet, **changes: str) -> dict[str, str]:
    return dict(zip(keys(of).values(), said(**changes), strict=True))


def test_a_member_answers_and_the_receipt_tells_it_in_the_readers_language(
    asked: QuestionSet, cast: Cast, signed_in: SignedIn
) -> None:
    bob = signed_in(cast.bob)
    page = bob.get("/encounters/new/").content.decode()
    assert all(name in page for name in keys(asked).values())
    form = typed(**answered(asked))
    assert bob.post("/encounters/new/", form).status_code == 302
    filed = Encounter.objects.get()
    by_kind = {each.kind: each.key for each in asked.questions.all()}
    assert filed.question_set == asked
    assert filed.answers == {by_kind["yes_no"]: True, by_kind["number"]: 3, by_kind["choice"]: 1}
    assert filed.answers_in_words == {by_kind["text"]: "more blankets"}
    english = bob.get(f"/encounters/{filed.pk}/").content.decode()
    french = bob.get(f"/encounters/{filed.pk}/", headers={"Accept-Language": "fr"}).content.decode()
    assert "How many tents?" in english and "other" in english
    assert "Combien de tentes ?" in french and "autre" in french


def test_nothing_has_to_be_answered(asked: QuestionSet, cast: Cast, signed_in: SignedIn) -> None:
    assert signed_in(cast.bob).post("/encounters/new/", typed()).status_code == 302
    filed = Encounter.objects.get()
    assert (filed.question_set, filed.answers, filed.answers_in_words) == (None, {}, {})


@pytest.mark.parametrize(
    "wrong", [{"dog": "2"}, {"tents": "-1"}, {"tents": "10000"}, {"language": "2"}, {"words": "x" * 201}]
)
def test_an_answer_of_another_kind_is_refused(
    asked: QuestionSet, cast: Cast, signed_in: SignedIn, wrong: dict[str, str]
) -> None:
    assert signed_in(cast.bob).post("/encounters/new/", typed(**answered(asked, **wrong))).status_code == 400
    assert not Encounter.objects.exists()


def test_answers_in_words_are_guarded(asked: QuestionSet, cast: Cast, signed_in: SignedIn) -> None:
    bob, form = signed_in(cast.bob), typed(**answered(asked, words="call 06 12 34 56 78"))
    held = bob.post("/encounters/new/", form)
    assert held.status_code == 400
    tick = f"{keys(asked)['text']}_as_it_is"
    assert tick in held.content.decode()
    assert bob.post("/encounters/new/", form | {tick: "on"}).status_code == 302


def test_an_edit_is_a_new_version_and_a_phone_that_kept_the_old_one_is_read_under_it(
    asked: QuestionSet, cast: Cast, signed_in: SignedIn
) -> None:
    old = [each.key for each in asked.questions.all()]
    newer = question_sets.edit(
        cast.maraude,
        [QuestionDraft("yes_no", {"en": "A cat?", "fr": "Un chat ?"}, key=old[0])],
        after=1,
        author=cast.carol,
    )
    assert newer is not None
    assert newer.version == 2
    assert newer.questions.get().key == old[0]
    fields = MET | answered(asked, tents="7")
    assert one(signed_in(cast.bob), cast.bob, item("encounter", fields, ago=86_400))["status"] == 201
    filed = Encounter.objects.get()
    assert filed.question_set == asked
    assert ("How many tents?", "7") in question_sets.answers_shown(filed)
    page = signed_in(cast.bob).get("/encounters/new/").content.decode()
    assert str(newer.pk) in page and str(asked.pk) not in page


def test_questions_of_another_association_are_not_answered_here(cast: Cast, signed_in: SignedIn) -> None:
    foreign = question_sets.edit(cast.other, DRAFTS, after=0, author=cast.edith)
    assert foreign is not None
    assert signed_in(cast.bob).post("/encounters/new/", typed(**answered(foreign))).status_code == 302
    assert Encounter.objects.get().question_set is None


def test_a_dispatcher_edits_orders_and_drops_them_and_needs_both_languages(cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    half = carol.post(PAGE, rows({"label_en": "A dog?"}))
    assert half.status_code == 400
    assert "both languages" in half.content.decode()
    dog, cat = {"label_en": "A dog?", "label_fr": "Un chien ?"}, {"label_en": "A cat?", "label_fr": "Un chat ?"}
    assert carol.post(PAGE, rows(dog | {"order": 2}, cat | {"order": 1}, {})).status_code == 302
    first = question_sets.current(cast.maraude)
    assert first is not None
    assert [each.labels["en"] for each in first.questions.all()] == ["A cat?", "A dog?"]
    kept = {each.labels["en"]: each.key for each in first.questions.all()}
    same = rows(cat | {"key": kept["A cat?"]}, dog | {"key": kept["A dog?"]}, after=1)
    assert "Nothing was changed" in carol.post(PAGE, same, follow=True).content.decode()
    carol.post(PAGE, rows(cat | {"key": kept["A cat?"], "drop": "on"}, dog | {"key": kept["A dog?"]}, after=1))
    second = question_sets.current(cast.maraude)
    assert second is not None
    assert (second.version, second.questions.get().key) == (2, kept["A dog?"])


def test_two_who_edit_at_once_do_not_overwrite_each_other(asked: QuestionSet, cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.carol).post(PAGE, rows({"label_en": "A", "label_fr": "A"}, after=0), follow=True)
    assert "Somebody else has changed" in page.content.decode()
    assert question_sets.current(cast.maraude) == asked


def test_choices_stand_in_both_languages_and_no_more_than_ten_questions_are_asked(
    cast: Cast, signed_in: SignedIn
) -> None:
    carol = signed_in(cast.carol)
    one_too_few = {"label_en": "L", "label_fr": "L", "kind": "choice", "choices_en": "a\nb\nc", "choices_fr": "a\nb"}
    assert carol.post(PAGE, rows(one_too_few)).status_code == 400
    assert carol.post(PAGE, rows(one_too_few | {"choices_en": "a", "choices_fr": "a"})).status_code == 400
    eleven = [{"label_en": f"Q{n}", "label_fr": f"Q{n}"} for n in range(11)]
    assert carol.post(PAGE, rows(*eleven)).status_code == 400
    assert carol.post(PAGE, rows(*eleven[:10])).status_code == 302
    assert Question.objects.count() == 10


def test_members_who_do_not_dispatch_and_other_associations_cannot_edit(
    asked: QuestionSet, cast: Cast, signed_in: SignedIn
) -> None:
    for stranger in (cast.bob, cast.edith, cast.diane):
        client = signed_in(stranger)
        assert client.get(PAGE).status_code == 404
        assert client.post(PAGE, rows({"label_en": "A", "label_fr": "A"}, after=1)).status_code == 404
    assert question_sets.current(cast.maraude) == asked


def test_answers_in_words_are_deleted_after_the_notes_time_the_others_stay(asked: QuestionSet, cast: Cast) -> None:
    [*_others, text] = asked.questions.all()
    given = answers.check(asked.pk, asked.questions.all(), {_others[0].key: False, text.key: "tea"})
    draft = EncounterDraft(at=timezone.now(), place=DraftPlace(48.866, 2.35), persons=1, answers=given)
    filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    rule = next(each for each in registry.rules() if each.name == "words")
    for days, words in ((13, {text.key: "tea"}), (15, {})):
        Encounter.objects.update(filed_at=timezone.now() - timedelta(days=days))
        rule.carry_out(timezone.now())
        filed = Encounter.objects.get()
        assert (filed.answers, filed.answers_in_words) == ({_others[0].key: False}, words)


def test_the_api_lists_the_questions_and_checks_the_answers(
    asked: QuestionSet, cast: Cast, signed_in: SignedIn
) -> None:
    bob = signed_in(cast.bob)
    [listed] = bob.get("/api/v1/questions/").json()
    assert (listed["id"], listed["association"], listed["version"]) == (str(asked.pk), "maraude-du-nord", 1)
    by_kind = {each["kind"]: each["key"] for each in listed["questions"]}

    def send(**body: Any) -> Any:
        met = {"id": str(uuid.uuid4()), "latitude": 48.866, "longitude": 2.35, "persons": 2, **body}
        return bob.post("/api/v1/encounters/", json.dumps(met), content_type="application/json")

    good = send(answers={by_kind["yes_no"]: True, by_kind["choice"]: 0, by_kind["text"]: "call 06 12 34 56 78"})
    assert good.status_code == 201
    assert "telephone" in " ".join(good.json()["warnings"])
    wrong = send(
        answers={by_kind["number"]: True, by_kind["choice"]: 2, by_kind["yes_no"]: 1, by_kind["text"]: 4, "nosuch": 1}
    )
    assert wrong.status_code == 400
    assert set(wrong.json()["answers"]) == {*by_kind.values(), "nosuch"}
    assert send(answers={by_kind["number"]: 2}, question_set=str(uuid.uuid4())).status_code == 400
