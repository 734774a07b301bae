"""What the categories of a table mean: "your categories → our kinds", with a guess for each."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import Category
from needs.reports.importers.any_table import column_words as words
from needs.reports.importers.table_reader import Row
from needs.reports.importers.ushahidi2 import KINDS

GUESS, DELIVERED, NO_KIND = "", "delivered", "no_kind"
MEANINGS: dict[str, str | Promise] = {
    **dict(Category.choices),
    DELIVERED: _("help that was given"),
    NO_KIND: _("no kind of help: leave it out"),
}
"""What a person can choose for a category, with the labels."""
LABEL_PARTS = ("kinds", "given")
_CODE = re.compile(r"\s*(\d{1,2})\s*([a-z]?)\s*[.)]", re.IGNORECASE)


def key_of(label: str) -> str:
    """Return the text by which a category is recognised in the association's next files."""
    return words.plain(label)[:60].strip()


def labels_of(text: str) -> list[str]:
    """Return the categories in a cell."""
    return [part for part in (piece.strip() for piece in re.split(r"[,;\n]+", text)) if part]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one or several categories mean. delivered: whether they say that help was brought. unknown: the categories
    that mean nothing to us."""

    kinds: list[Category] = field(default_factory=list)
    delivered: bool = False
    unknown: list[str] = field(default_factory=list)


def guess(label: str) -> Reading:
    """Return what a category means by its words, or by its code in the lists of Ushahidi."""
    kinds = words.kinds_in(label)
    code = _CODE.match(label)
    if not kinds and code:
        known = KINDS.get(code[1] + code[2].lower()) or KINDS.get(code[1])
        kinds = [known] if known and known != Category.OTHER and not words.is_security(label) else []
    delivered = words.names_delivered(label)
    if not kinds and words.is_other(label):
        kinds = [Category.OTHER]
    return Reading(kinds, delivered, [] if kinds or delivered else [label])


def read(text: str, meanings: Mapping[str, str]) -> Reading:
    """Return what the categories in a cell mean, the main kind first. meanings: what a person chose for categories."""
    kinds: dict[Category, None] = {}
    delivered, unknown = False, []
    for label in labels_of(text):
        chosen = meanings.get(key_of(label), GUESS)
        if chosen in Category.values:
            kinds[Category(chosen)] = None
            continue
        if chosen == NO_KIND:
            continue
        guessed = guess(label)
        kinds |= dict.fromkeys(guessed.kinds)
        delivered = delivered or guessed.delivered or chosen == DELIVERED
        unknown += guessed.unknown if chosen == GUESS else []
    if len(kinds) > 1:
        kinds.pop(Category.OTHER, None)
    return Reading(list(kinds), delivered, unknown)


def counted(rows: Iterable[Row], columns: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return key → (category as it is first written, number of rows) for the columns with categories, the most frequent
    first."""
    written: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    columns = list(columns)
    for row in rows:
        keys: dict[str, str] = {}
        for column in columns:
            keys |= {key_of(label): label for label in labels_of((row.values or {}).get(column, ""))}
        keys.pop("", None)
        numbers.update(keys.keys())
        for key, label in keys.items():
            written.setdefault(key, label)
    return {key: (written[key], number) for key, number in numbers.most_common()}
