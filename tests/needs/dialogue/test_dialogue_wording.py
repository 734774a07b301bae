"""The automatic answers: short enough for a text message, with emergency numbers, and without anything secret."""

import pytest
from django.utils import timezone, translation

from needs.enums import Category
from needs.messages.channels.models import Correspondent, DialogueStep, InboundMessage
from needs.messages.dialogue import automatic_answers, dialogue_wording
from needs.messages.dialogue.dialogue_drafts import QUESTIONS
from needs.messages.dialogue.dialogue_turns import Command, command_of
from needs.messages.dialogue.message_words import LANGUAGES, of_language
from needs.messages.dialogue.text_length import WAIT_FOR_PARTS, is_basic, joined, may_go_on, parts, wait_until
from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.site import site_choices
from solidarity.lib.site.emergency_gate import COUNTRIES
from volunteers.people.notifications.content_policy import check_content

ONE_PART = ("en", "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_answer_fits_into_one_message_in_english_and_french_and_into_two_elsewhere(language: str) -> None:
    person = Correspondent(language=language)
    wordings = [
        dialogue_wording.filed, dialogue_wording.at_desk, dialogue_wording.added, dialogue_wording.stopped,
        dialogue_wording.started, dialogue_wording.info, dialogue_wording.no_report,
        *(lambda step=step: dialogue_wording.question(DialogueStep(step)) for step in QUESTIONS),
        lambda: dialogue_wording.filed([Category.SHELTER]),
        lambda: dialogue_wording.danger([DangerFlag.NOT_BREATHING]),
    ]  # fmt: skip
    for wording in wordings:
        text = automatic_answers.in_words(person, wording)
        check_content(text)
        assert parts(text) <= (1 if language in ONE_PART else 2), text
        assert language not in ONE_PART or is_basic(text), text


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("own", [{}, {"any": "+33 6 12 34 56 78", "medical": "+49 30 1234567"}])
def test_the_emergency_numbers_of_every_country_may_be_sent(country: str, own: dict[str, str]) -> None:
    site_choices.keep({"country": country, "numbers": own})
    try:
        for flag in DangerFlag:
            with translation.override("en"):
                text = dialogue_wording.danger([flag])
            check_content(text)
            assert any(number in text for number in ("112", "911", "999")), text
            assert parts(text) == 1
    finally:
        site_choices.forget()


def test_no_word_is_two_commands() -> None:
    for code in LANGUAGES:
        for name, entries in of_language(code).named("commands").items():
            for entry in entries:
                found = command_of(entry.said)
                assert found is not None and found[0] == Command(name), f"{code}: {entry.said}"


@pytest.mark.parametrize(
    "text", ["Stop il ne respire plus", "je veux un statut de réfugié", "", "2", "💡", "info " * 50]
)
def test_sentences_are_no_commands(text: str) -> None:
    assert command_of(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 81, 2),
        ("é" * 160, 1),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, number: int) -> None:
    assert parts(text) == number


def test_only_full_parts_may_go_on() -> None:
    assert [may_go_on(text) for text in ("a" * 153, "a" * 160, "م" * 67, "م" * 70)] == [True] * 4
    assert not any(may_go_on(text) for text in ("", "help", "a" * 100, "م" * 40))


def test_the_numbered_parts_of_a_long_message_are_put_together() -> None:
    now = timezone.now()
    rows = [
        InboundMessage(text=text, stored_at=now, reference="r1", part=number, parts=2)
        for number, text in enumerate(("un homme ne res", "pire plus"), 1)
    ]
    rows.append(InboundMessage(text="bonjour", stored_at=now))
    assert [whole.text for whole in joined(rows)] == ["un homme ne respire plus", "bonjour"]
    assert wait_until(rows[:1]) == now + WAIT_FOR_PARTS, "a part is missing"
    assert wait_until(rows[:2]) is None
