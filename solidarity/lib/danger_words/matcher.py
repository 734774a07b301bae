"""Danger words in free text: which of the twelve danger flags a text raises, in nine languages at once.

The same engine is in static/solidarity/danger/matcher.js. Both read static/solidarity/danger/rules/<language>.js;
a test compares them.

The rules of a language
-----------------------
After ``export default`` a rules file is JSON with a final semicolon. Keys, all optional but ``flags``:

``flags``
    Flag → list of patterns. One matching pattern raises the flag.
``groups``
    Name → words. ``@lips`` in a pattern stands for all words of the group ``lips``.
``short``
    Shorthand → what it stands for. One word (``"mnt": "maintenant"``) is read *besides* what was written; several words
    (``"jsuis": "je suis"``) replace it. All languages share these, so do not list a word that another language has.
``clitics``
    Beginnings that may be glued to a word, such as Arabic ``و ال``. A word is also read without each of them.
``negation``
    ``{"words": "not no", "before": 2, "after": 0}``. A match is dropped when one of these words is up to ``before``
    words before it, inside it, or up to ``after`` words after it. A pattern that contains one of these words itself
    ("respire pas") is never dropped that way. People mix languages, so the words of two letters or more also count in
    the patterns of the other languages.
``harmless``
    Patterns that are taken out of the text first ("fire station"), for all languages.
``calm``
    Patterns that cancel the flags of their sentence, for all languages: the past, the treated, the joke ("two years
    ago"). They do not reach over a later turning word.
``turn``
    Turning words: what comes after "but" or "now" is not cancelled by what is before it.
``ordinary``
    Words that are no typing error of a danger word, though they look like one ("breading"). Words in the rules of any
    language are never taken for an error; nor are words read with an error in ``harmless``, ``calm`` and ``negation``.

A pattern is words with spaces between them, such as ``lips|mouth .. blue``:

========  =========================================================================================
``a``     the word, or, from five letters on, the word with a typing error
``a!``    exactly the word, without typing errors
``a*``    a word that begins with a (from six letters on: also with one typing error)
``a|b``   a or b; both may be ``a*``, ``a!`` or ``@group``
``a?``    a, or nothing (``a|b?``: a or b or nothing); the first and the last word are never optional
``..``    up to 3 other words; ``..5`` up to 5 (at most 12)
``~``     what is left and what is right of it, in either order, up to 4 words apart; ``~6`` up to 6
========  =========================================================================================

Write words as you like: accents, capitals and doubled letters are folded in the rules as in the text. Write apostrophes
as in a text without them: English ``isnt``, ``hes``, French ``s arrete``, ``n arrive``.

A comma counts as two words; nothing crosses the end of a sentence (full stop, question mark, colon, line break).
"""

from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.danger_words.rules import every_language
from solidarity.lib.danger_words.text_bits import Reading


def flags_in(text: str) -> frozenset[DangerFlag]:
    """Return the danger flags that a text in any of the nine languages raises; takes time linear in its length."""
    rules = every_language()
    read = Reading(text, rules.vocabulary)
    if not read.any_atom:
        return frozenset()
    quiet = 0
    for language in rules.languages:
        for pattern in language.harmless:
            quiet |= read.words_of(pattern)
    calm = 0
    for language in rules.languages:
        for pattern in language.calm:
            calm |= read.ends_of(pattern)
    read.unusable = quiet | read.calmed_by(calm)
    return frozenset(
        flag
        for language in rules.languages
        for flag, patterns in language.flags
        if any(read.ends_of(pattern, language.negation) for pattern in patterns)
    )
