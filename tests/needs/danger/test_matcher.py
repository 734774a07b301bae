"""The danger-word matcher: its recall, its false alarms, and the same results in the browser."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.danger_words.matcher import flags_in
from solidarity.lib.danger_words.rules import FOLDER, LANGUAGES, read
from solidarity.lib.danger_words.word_model import WEIGHTS
from tests.needs.danger.figures import cold_rows, figures, rows, table
from tests.repetitions import TEST_ALL

pytestmark = pytest.mark.xdist_group("danger words")  # each half of the corpus is read once

GOAL_RECALL, GOAL_FALSE_ALARMS, GOAL_MAIN = 0.95, 0.03, 0.9
REACHED_RECALL = {"es": 0.916}
"""Recall on the `report` half for languages that do not reach the goal yet. Only ever raise these values."""
REACHED_FALSE_ALARMS = {"ar": 0.042, "en": 0.056, "fr": 0.056, "prs": 0.042, "ro": 0.042}
"""Shares of false alarms, for the same half (one of 24 sentences is 0.042). Only ever lower these values."""
FITTED_MAIN, FITTED_FALSE_ALARMS = 0.98, {"fr": 0.043}
"""For the half `tune`; false alarms of the other languages: 0.01. The French rules never learnt from round 2."""
LARGEST = 360_000
"""Largest size of all rules and of the model, in bytes. They load when needed, not with the page."""
SECONDS = 0.5
CHARACTERS = 20_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_danger_raises_a_flag(language: str) -> None:
    assert figures(language, "report").recall >= REACHED_RECALL.get(language, GOAL_RECALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_harmless_look_alike_raises_none(language: str) -> None:
    assert figures(language, "report").false_alarms <= REACHED_FALSE_ALARMS.get(language, GOAL_FALSE_ALARMS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_half_that_rules_and_model_were_made_with_is_read_nearly_without_an_error(language: str) -> None:
    tune = figures(language, "tune")
    assert tune.main_recall >= FITTED_MAIN
    assert tune.false_alarms <= FITTED_FALSE_ALARMS.get(language, 0.01)


def test_all_languages_together_reach_the_goals() -> None:
    every = [figures(language, "report") for language in LANGUAGES]
    assert sum(each.raised for each in every) >= GOAL_RECALL * sum(each.dangers for each in every)
    assert sum(each.alarms for each in every) <= GOAL_FALSE_ALARMS * sum(each.harmless for each in every)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_main_flag_is_among_those_raised(language: str) -> None:
    assert figures(language, "report").main_recall >= GOAL_MAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_patterns_for_every_flag(language: str) -> None:
    assert set(read(language)["flags"]) == set(DangerFlag)


def test_the_documented_figures_are_those_of_the_rules() -> None:
    assert table() in (Path(settings.ROOT) / "docs" / "danger-words.md").read_text(encoding="utf-8")


def test_rules_and_model_stay_small() -> None:
    assert sum(path.stat().st_size for path in [*FOLDER.glob("*.js"), WEIGHTS]) <= LARGEST


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("he is not breathing", {"not_breathing"}),
        ("He is breathing fine.", set()),
        ("il respire plus", {"not_breathing"}),
        ("Il ne respire plus. Il y a deux ans, tout allait bien.", {"not_breathing"}),
        ("Il a fait une overdose il y a deux ans", set()),
        ("il y a deux ans il allait bien mais maintenant il ne respire plus", {"not_breathing"}),
        ("we sleep by the fire station", set()),
        ("we sleep by the fire station and our tent is on fire", {"fire"}),
        ("no fire here", set()),
        ("pas d'incendie ici", set()),
        ("she is uncoscious", {"unconscious"}),
        ("SHE IS UNCONSCIOUUUUS!!", {"unconscious"}),
        ("il est inconscient", {"unconscious"}),
        ("il n’est pas inconscient", set()),
        ("he can`t breathe", {"not_breathing"}),
        ("she o.d.'d in the toilet", {"overdose"}),
        ("elle est k.o. dans la rue", {"unconscious"}),
        ("two are fine but the one in the grey hat has blue lips", {"blue_lips"}),
        ("hat with a print of blue lips", set()),
        ("during the football match a player collapsed and does not wake up", {"unconscious"}),
        ("une chaleur étouffante", set()),
        ("explosion de joie", set()),
        ("he used too much heroin and does not move", {"overdose", "unconscious"}),
        ("he took too much meditation", set()),
        ("lo están atracando ahora mismo en el portal", {"violence"}),
        ("el barrio es atractivo y tranquilo para los niños", set()),
        ("Two of us need soup. " * 4 + "He is not breathing!", {"not_breathing"}),
        ("Two of us need soup. " * 30 + "He is not breathing!", {"not_breathing"}),
        ("we need soup and blankets " * 20 + "and he is not breathing", {"not_breathing"}),
        ("le sang ne s'arrête pas", {"bleeding"}),
        ("je viens d'être violée", {"violence"}),
        ("je viens d'être embauchée", set()),
        ("deux enfants sont seuls dans une voiture", {"child_alone"}),
        ("j'ai l'impression qu'on s'assoit sur ma poitrine", {"chest_pain"}),
        ("OD dans les toilettes de la gare", {"overdose"}),
        ("OD in the toilets of the station", {"overdose"}),
        ("it feels like someone sits on my chest", {"chest_pain"}),
        ("hello, i was just raped", {"violence"}),
        ("", set()),
        ("   ", set()),
    ],
)
def test_negation_time_harmless_phrases_and_typing_errors(text: str, flags: set[str]) -> None:
    assert flags_in(text) == flags


@pytest.mark.parametrize(
    "text",
    [
        " " * 100_000,
        "a" * 100_000,
        "not not isnt he he " * 6_000,
        "he. not. " * 10_000,
        "saigne saign pas " * 6_000,
        "bleedin bledin breathin " * 5_000,
        "ne respire ne respire pas ne " * 4_000,
        "".join(chr(97 + at * at % 26) + (" " if at % 9 == 0 else "") for at in range(100_000)),
        " ".join(f"s{at:06d}".translate(str.maketrans("0123456789", "aeioutrngl")) for at in range(15_000)),
        "👩‍🚒é" * 30_000,
        ("not breathing bleeding fire " * 13 + ". ") * 300,
        ". ".join(["abcdefghij" * 4 + f" he is not {at} breathing" for at in range(12)]),
        ". ".join(["x" * 1_600] * 12),
    ],
    ids=range(13),
)
def test_a_hostile_text_takes_no_longer(text: str) -> None:
    flags_in("")
    start = time.process_time()
    flags_in(text[:CHARACTERS])
    assert time.process_time() - start < SECONDS
    start = time.process_time()
    flags_in(text)
    assert time.process_time() - start < 2 * SECONDS


def test_the_browser_finds_the_same_flags_in_every_sentence(tmp_path: Path) -> None:
    every = 1 if TEST_ALL else 5
    texts = [row.text for language in LANGUAGES for row in rows(language)[::every]]
    texts += [row.text for _language, row in cold_rows()]
    texts += [
        "",
        "a" * 100,
        "👩‍🚒 on fire",
        "Il s’étouffe — vite…",
        "he can`t breathe",
        "she won`t wake up",
        "il est inconscient\nmais non",
        "x" * 19_990 + " on fire",
        "Two of us need soup. " * 30 + "He is not breathing!",
        "we need soup and blankets " * 20 + "and he is not breathing",
        "𝔥e 𐐀𐐀𐐀 is not breathing 👩‍🚒",
    ]
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "danger").symlink_to(FOLDER.parent)
    script = tmp_path / "flags.js"
    script.write_text(
        "import { readFileSync } from 'node:fs';\n"
        "const { flagsIn } = await import('./danger/matcher.js');\n"
        "const texts = JSON.parse(readFileSync(0, 'utf8'));\n"
        "console.log(JSON.stringify(texts.map((text) => [...flagsIn(text)].sort())));\n"
    )
    answer = subprocess.run(
        ["node", "--preserve-symlinks", str(script)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = dict(zip(texts, json.loads(answer.stdout), strict=True))
    ours = {text: sorted(flags_in(text)) for text in texts}
    differ = [number for number, text in enumerate(texts) if theirs[text] != ours[text]]
    assert differ == []
