"""The danger-word matcher on the French and English corpus: recall, false alarms and time, compared with a keyword list.

For sentences that were not seen before, the reference is the rules without the trained model."""

import csv
import re
from functools import partial

from django.conf import settings

from solidarity.lib.danger_words.matcher import flags_in
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, in_turn, median
from solidarity.ops.danger_training import word_training

GOAL_RECALL = 0.95
GOAL_FALSE_ALARMS = 0.03
LONGEST = 20_000
"""Maximum number of characters of a text that the matcher reads."""
FEWEST = 1_000
"""A run with fewer sentences trains its models with a part of the corpus."""
_CORPUS = settings.ROOT / "tests" / "needs" / "danger" / "corpus"
_KEYWORDS = re.compile(
    r"respire (plus|pas)|inconscient|lèvres bleues|saigne|overdose|accouche|poitrine|hypothermie|frappe|suicid|"
    r"incendie|en feu|enfant seul|not breathing|unconscious|blue lips|lips are blue|bleeding|labou?r|chest pain|"
    r"hypothermia|beating|on fire|child alone",
    re.IGNORECASE,
)


def listed(text: str) -> bool:
    """Return whether the reference, a list of keywords, finds danger in a text."""
    return bool(_KEYWORDS.search(text))


def raised(text: str) -> bool:
    return bool(flags_in(text))


def sentences() -> list[tuple[str, bool]]:
    """Return the sentences of the corpus half ``report`` in French and English, each with a flag for danger."""
    found = []
    for language in ("en", "fr"):
        with (_CORPUS / f"{language}.csv").open(encoding="utf-8", newline="") as file:
            found += [(row["text"], bool(row["flag"])) for row in csv.DictReader(file) if row["half"] == "report"]
    return found


def measure(size: Size) -> list[Figure]:
    """Compare the matcher with the keyword list, and its time for a text of LONGEST characters with that for a short
    text."""
    every = sentences()
    dangers, harmless = [text for text, danger in every if danger], [text for text, danger in every if not danger]
    ours, plain = ([sum(map(judge, texts)) / len(texts) for texts in (dangers, harmless)] for judge in (raised, listed))
    figures = [
        figure("danger recall", ours[0], "", plain[0], f"≥ {GOAL_RECALL} itself"),
        figure("danger false alarms", ours[1], "", plain[1], f"≤ {GOAL_FALSE_ALARMS} itself"),
    ]
    corpus = word_training.sentences()
    for name, held in word_training.held_out(corpus[:: max(1, FEWEST // size.sentences)]).items():
        figures.append(figure(f"danger unseen, {name}", held.both[0], "", held.rules[0], "≥ 1", "recall; rules alone"))
        figures.append(
            figure(f"false alarms, {name}", held.both[1], "", held.rules[1], "≤ 1.01", "unseen; rules alone")
        )
    ticks: list[float] = []
    plain_ticks: list[float] = []
    for text, _danger in every[: size.sentences]:
        one, other = in_turn(partial(raised, text), partial(listed, text), 3, warm=1)
        ticks += one
        plain_ticks += other
    figures.append(figure("danger a sentence", 1e6 * median(ticks), "µs", 1e6 * median(plain_ticks), "≤ 10,000 µs"))
    text = " ".join(harmless)
    longest = (text * (LONGEST // len(text) + 1))[:LONGEST]
    whole, part = in_turn(partial(raised, longest), partial(raised, longest[: LONGEST // 10]), size.repeat(20, 3))
    figures.append(figure("danger 20,000 letters", 1e3 * median(whole), "ms", 1e3 * median(part), "≤ 12 times"))
    return figures
