"""The language of a message: first by its script, then by letters and words that only one language has. Pure."""

import unicodedata

from needs.messages.dialogue.message_words import hits, of_language, readable, words

_BY_SCRIPT = {
    "ETHIOPIC": ("ti",), "CYRILLIC": ("uk",), "ARABIC": ("ar", "prs", "ps"), "LATIN": ("fr", "en", "es", "ro"),
}  # fmt: skip
_TELLING = ("people", "self", "kinds.")
_SURE = 2
"""Points by which a language must be ahead of all others before the dialogue changes to it."""


def language_of(text: str, known: str = "") -> str:
    """Return the language that a message is written in; ``known`` if the message does not clearly show another one.

    known: the language of the person's earlier messages, or "".
    """
    shown = readable(text)
    script = _script_of(shown)
    if script is None:
        return known
    possible = _BY_SCRIPT[script]
    if len(possible) == 1:
        return possible[0]
    points = {code: _points(code, shown) for code in possible}
    best, second = sorted(points.values(), reverse=True)[:2]
    leader = max(possible, key=lambda code: (points[code], code == known))
    if known in possible:
        return leader if best >= points[known] + _SURE else known
    if script == "LATIN" and known:
        return leader if best >= second + _SURE else known
    if script == "LATIN":
        return leader if best > second else ""
    return leader  # the script excludes the language of the earlier messages


def _script_of(text: str) -> str | None:
    """Return the script of most letters. Place names stay in Latin letters, so it is enough if one third of the letters
    are in another script."""
    counts = dict.fromkeys(_BY_SCRIPT, 0)
    for sign in text:
        if sign.isalpha():
            name = unicodedata.name(sign, "").partition(" ")[0]
            if name in counts:
                counts[name] += 1
    other = max((script for script in counts if script != "LATIN"), key=counts.__getitem__)
    if counts[other] * 2 > counts["LATIN"]:
        return other
    return "LATIN" if counts["LATIN"] else None


def _points(code: str, text: str) -> int:
    """Return a language's score for a text: two points for each letter that only this language has, and one point for
    each frequent word and each word of its lists."""
    lists, said = of_language(code), words(text)
    known = [entry for name, entries in lists.lists.items() if name.startswith(_TELLING) for entry in entries]
    found = set(said) & lists.frequent
    found |= {hit.entry.said for hit in hits(known, said) if hit.entry.words[0] not in found}
    return len(found) + 2 * len(lists.letters & set(text.lower()))
