"""Danger words in free text: which of the twelve danger flags a text raises, in nine languages at once.

The same engine is in static/solidarity/danger/matcher.js. Both read static/solidarity/danger/rules/<language>.js;
a test compares them. After the rules, a trained model judges each sentence (``word_model``).

The rules of a language
-----------------------
After ``export default`` a rules file is JSON with a final semicolon. Keys, all optional except ``flags``:

``flags``
    Flag → list of patterns. One matching pattern raises the flag.
``groups``
    Name → words. ``@lips`` in a pattern stands for all words of the group ``lips``.
``short``
    Abbreviation → its full form. A single word (``"mnt": "maintenant"``) is read *in addition to* the abbreviation;
    several words (``"jsuis": "je suis"``) replace it. All languages share these, so leave out abbreviations that are
    words in another language.
``clitics``
    Prefixes that can be attached to any word, such as Arabic ``و ال``. A word is also read without its prefix.
``negation``
    ``{"words": "not no", "before": 2, "after": 0}``. A match is dropped when one of these words is up to ``before``
    words before it, inside it, or up to ``after`` words after it. This does not apply to patterns that contain such a
    word themselves ("respire pas"). People mix languages, so negations of two letters or more also cancel matches of
    the other languages' patterns.
``harmless``
    Patterns that are removed from the text first ("fire station"). They apply to texts in all languages.
``calm``
    Patterns that cancel the flags of their sentence, in all languages. They show that the danger is over, is being
    treated, or is a joke ("two years ago"). They do not affect words after a later turning word.
``turn``
    Turning words, such as "but" and "now". ``calm`` patterns before a turning word do not cancel flags after it.
``ordinary``
    Correct words that look like a misspelt danger word ("breading"). Words in the rules of any language are never
    treated as misspelt. ``harmless``, ``calm`` and ``negation`` match exact spellings only.

A pattern is words with spaces between them, such as ``lips|mouth .. blue``:

========  =========================================================================================
``a``     the word; if it has five letters or more, also with a typing error
``a!``    exactly the word, without typing errors
``a*``    a word that begins with a; if a has six letters or more, also with one typing error
``a|b``   a or b; both may be ``a*``, ``a!`` or ``@group``
``a?``    a, or nothing (``a|b?``: a or b or nothing); the first and the last word are never optional
``..``    up to 3 other words; ``..5`` up to 5 (at most 12)
``~``     the words left and right of it, in either order, up to 4 words apart; ``~6`` up to 6
========  =========================================================================================

You can write accents, capitals and doubled letters or leave them out: rules and texts are folded in the same way. Write
words without apostrophes: English ``isnt``, ``hes``, French ``s arrete``, ``n arrive``.

A comma takes up the distance of two words. No match extends past the end of a sentence (full stop, question mark,
colon, line break).
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator

from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.danger_words.rules import every_language
from solidarity.lib.danger_words.text_bits import Reading
from solidarity.lib.danger_words.word_model import LONGEST_SENTENCE, Hearing, judged
from solidarity.lib.danger_words.words import COMMA, END, words_of

log = logging.getLogger(__name__)

MOST_SENTENCES = 12
"""The model judges the sentences of texts up to this length. In longer texts only the rules count."""


def flags_of_texts(texts: Iterable[str]) -> frozenset[DangerFlag]:
    """Return the dangers that the texts mention; none if the matcher fails."""
    try:
        return flags_in("\n".join(text for text in texts if text))
    except Exception:  # the report must be stored even if the matcher fails
        log.exception("the danger matcher failed")
        return frozenset()


def flags_in(text: str) -> frozenset[DangerFlag]:
    """Return the danger flags that a text in any of the nine languages raises, in time linear in its length."""
    words = words_of(text)
    sentences = list(sentences_of(words))
    if len(sentences) > MOST_SENTENCES:
        return flags_by_rules(words)
    found: frozenset[DangerFlag] = frozenset()
    for sentence in sentences:
        if len(sentence) > LONGEST_SENTENCE:
            found |= flags_by_rules(sentence)
        else:
            found |= judged(sentence, hearing_of(sentence))
    return found


def sentences_of(words: list[str]) -> Iterator[list[str]]:
    """Yield the sentences that have a word, without their ends."""
    begin = 0
    for at, word in enumerate([*words, END]):
        if word == END:
            if any(each != COMMA for each in words[begin:at]):
                yield words[begin:at]
            begin = at + 1


def flags_by_rules(words: list[str]) -> frozenset[DangerFlag]:
    """Return the flags that the rules alone find in the words of a text."""
    rules = every_language()
    read = Reading(words, rules.vocabulary)
    _ignore(read)
    return frozenset(flag for flag, negation, pattern in read.possible(rules.flags) if read.ends_of(pattern, negation))


def hearing_of(sentence: list[str]) -> Hearing:
    """Return what the rules find in the words of a sentence, for the model."""
    rules = every_language()
    read = Reading(sentence, rules.vocabulary)
    possible = {id(entry): entry for entry in read.possible(rules.flags)}.values()
    matched = []
    near: Counter[DangerFlag] = Counter()
    negated = False
    for entry in possible:
        flag, negation, pattern = entry
        if read.ends_of(pattern):
            matched.append(entry)
            negated |= not read.ends_of(pattern, negation)
        else:
            near[flag] += 1
    calm, harmless = _ignore(read)
    hits = Counter(flag for flag, negation, pattern in matched if read.ends_of(pattern, negation))
    dropped = Counter(flag for flag, _negation, _pattern in matched if flag not in hits)
    return Hearing(hits, dropped, near, calm, harmless, negated)


def _ignore(read: Reading) -> tuple[bool, bool]:
    """Take harmless phrases and calm parts out of a text; return whether there were calm patterns and harmless ones."""
    rules = every_language()
    quiet = calm = 0
    for pattern in read.possible(rules.harmless):
        quiet |= read.words_of(pattern)
    for pattern in read.possible(rules.calm):
        calm |= read.ends_of(pattern)
    read.ignore(quiet | read.calmed_by(calm))
    return bool(calm), bool(quiet)
