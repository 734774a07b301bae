"""Names of people in a text, as opposed to names of streets, stations and organisations. Pure functions.

A word is taken as a name if a phrase introduces it (“s'appelle …”, “named …”, “Mme …”), or if it is a known first name
that is not part of a street, station or saint. A capitalised word that is in no word list is taken as a name only if it
follows a word like “avec”, or if another such word stands next to it. The first word of a sentence does not count as
such a word.
"""

import re
from collections.abc import Iterator

from solidarity.lib.pii_check.vocabulary import Words, words

Span = tuple[int, int]
_TOKEN = re.compile(r"[A-Za-zÀ-ɏ]+(?:-[A-Za-zÀ-ɏ]+)*")
_ENDS = re.compile(r"[.!?:;\n\"(•]")
_NEAR = re.compile(r"[ '.,/-]{1,2}")  # the text between the words of a place name
_NUMBERED = re.compile(r"\d[ ,]{1,2}$")  # as in “12 Susan Road”
_SAINTS = frozenset({"saint", "sainte", "st", "ste", "san", "santa", "notre"})
_LOOK_BACK, _LOOK_AHEAD = 5, 3


class Token:
    """A word. first: whether it starts a sentence. gap: the text between the previous word and this one."""

    __slots__ = ("capital", "end", "first", "gap", "low", "parts", "start", "text")

    def __init__(self, text: str, start: int, end: int, first: bool, gap: str) -> None:
        self.text, self.start, self.end, self.first, self.gap = text, start, end, first, gap
        self.low = text.lower()
        self.capital = text[0].isupper()
        self.parts = self.low.split("-") if "-" in text else [self.low]


def names_in(plain: str) -> Iterator[Span]:
    """Yield the positions of names in a folded text that still has its capitals."""
    known = words()
    tokens = list(_tokens(plain))
    yield from _introduced(plain, tokens, known)
    shouted = len(tokens) > 2 and plain.isupper()
    for index, token in enumerate(tokens):
        if _is_name(tokens, index, known, shouted) and not _in_a_place(tokens, index, known):
            yield token.start, token.end


def _tokens(plain: str) -> Iterator[Token]:
    end = 0
    for match in _TOKEN.finditer(plain):
        gap = plain[end : match.start()]
        first = end == 0 or (gap != " " and bool(_ENDS.search(gap)))
        yield Token(match.group(), match.start(), match.end(), first, gap)
        end = match.end()


def _is_name(tokens: list[Token], index: int, known: Words, shouted: bool) -> bool:
    token = tokens[index]
    before = tokens[index - 1] if index else None
    if before is not None and _titled(before, token, known):
        return True
    if len(token.low) < 2 or _bears_saint(token):
        return False
    if not token.capital or shouted:
        return not known.names.isdisjoint(token.parts) and any(
            part in known.names and len(part) > 2 for part in token.parts
        )
    if token.low in known.not_names:
        return False
    if any(part in known.names for part in token.parts):
        return True
    if any(part in known.common for part in token.parts):
        return not (token.first and token.low in known.starters) or _capital_follows(tokens, index, known)
    return _unknown_pair(tokens, index, known) or _cued(before, token, known)


def _titled(before: Token, token: Token, known: Words) -> bool:
    """Return whether the word follows a title such as “Mme” or “M.”. Words in lower case need one of ``low_titles``."""
    if token.low in known.particles and token.text[0].isupper() and (before.low == "m" or before.low in known.titles):
        return True
    if len(token.low) < 2 or token.low in known.not_names or token.low in known.not_after_intro:
        return False
    if before.text in ("M", "Me", "Dr") and token.gap.startswith("."):
        return token.capital
    if before.low not in known.titles or token.gap not in (" ", ". "):
        return False
    return token.capital or (before.low in known.low_titles and len(token.low) > 2)


def _bears_saint(token: Token) -> bool:
    return token.parts[0] in _SAINTS and len(token.parts) > 1


def _capital_follows(tokens: list[Token], index: int, known: Words) -> bool:
    if index + 1 >= len(tokens):
        return False
    after = tokens[index + 1]
    return after.gap == " " and after.capital and after.low not in known.not_names


def _strange(token: Token, known: Words) -> bool:
    """Return whether a capitalised word is in none of the word lists."""
    return (
        token.capital
        and len(token.low) > 2
        and not any(
            part in group
            for part in (token.low, *token.parts)
            for group in (known.not_names, known.place_before, known.place_after, known.connectors)
        )
    )


def _unknown_pair(tokens: list[Token], index: int, known: Words) -> bool:
    token = tokens[index]
    if not _strange(token, known):
        return False
    neighbours = []
    if index + 1 < len(tokens) and tokens[index + 1].gap == " " and not token.first:
        neighbours.append(tokens[index + 1])
    if index and token.gap == " " and not tokens[index - 1].first:
        neighbours.append(tokens[index - 1])
    return any(_strange(other, known) and not (token.text.isupper() and other.text.isupper()) for other in neighbours)


def _cued(before: Token | None, token: Token, known: Words) -> bool:
    return before is not None and before.low in known.cues and token.gap == " " and _strange(token, known) and (
        not token.text.isupper()
    )  # fmt: skip


def _in_a_place(tokens: list[Token], index: int, known: Words) -> bool:
    """Return whether the word is part of the name of a street, a station or a building."""
    if _bears_saint(tokens[index]):
        return True
    if _NUMBERED.search(tokens[index].gap) or (index and _NUMBERED.search(tokens[index - 1].gap)):
        return tokens[index].capital
    for back in range(index - 1, max(index - 1 - _LOOK_BACK, -1), -1):
        if not _NEAR.fullmatch(tokens[back + 1].gap):
            break
        token = tokens[back]
        if any(part in known.place_before for part in (token.low, *token.parts)):
            return True
        if not (token.capital or token.low in known.connectors or token.low in known.names) or token.first:
            break
    for ahead in range(index + 1, min(index + 1 + _LOOK_AHEAD, len(tokens))):
        token = tokens[ahead]
        if token.gap not in (" ", "'", "-"):
            break
        if token.low in known.place_after and token.capital == tokens[index].capital:
            return True
        if not (token.capital or token.low in ("s", "and", "of", "the") or token.low in known.names):
            break
    return False


def _introduced(plain: str, tokens: list[Token], known: Words) -> Iterator[Span]:
    low = plain.lower()
    at = {token.start: index for index, token in enumerate(tokens)}
    for patterns, strict in ((known.intro, True), (known.weak_intro, False)):
        for pattern in patterns:
            for match in pattern.finditer(low):
                index = at.get(match.end())
                if index is not None and _can_be_one(tokens[index], known, strict):
                    if not strict and _in_a_place(tokens, index, known):
                        continue
                    yield tokens[index].start, tokens[index].end
    for pattern in known.capital_intro:
        for match in pattern.finditer(low):
            index = at.get(match.end())
            if index is not None and _strange(tokens[index], known):
                yield tokens[index].start, tokens[index].end


def _can_be_one(token: Token, known: Words, strict: bool) -> bool:
    if len(token.low) < 2 or token.low in known.not_after_intro or token.low in known.not_names:
        return False
    if any(part in known.names or part in known.common for part in token.parts):
        return token.capital or strict or any(part in known.names for part in token.parts)
    return strict and not any(part in known.place_before for part in token.parts)
