"""No ranking of associations and no amounts of money (docs/product.md). Patterns search all texts for people.

Sample sentences test the patterns themselves.
"""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings

ROOT = Path(settings.ROOT)
APPS = ("solidarity", "volunteers", "needs", "mapping")

GETTEXT = {"", "gettext", "ngettext", "pgettext", "npgettext"}
# A sentence may name rankings or money shortly after one of these words.
NEVER = re.compile(
    r"\b(never|forbids?|interdisent|nobody|no|not|nor|without|jamais|aucune?|personne|pas|ni|sans)\b", re.I
)

MONEY = re.compile(
    r"€|£|¥|\b(?:EUR|USD|GBP|CHF)\b|\beuros?\b|\bdollars?\b|\b\d+ cents?\b|(?<!per )\bcents\b|(?<![\w{$-])\$\s?\d+(?:[.,]\d+)?(?![\w-])"
    r"|\bmoney\b|\bprices?\b|\bprix\b|\bbudgets? of money\b|\bco[sû]ts? (?:saved|avoided|per|évités?|par)\b|\bcoûts?\b"
    r"|\bmoney saved\b|\bsavings\b|\béconomies\b|\bargent\b|\bmonétaires?\b|\bdonations?\b",
    re.I,
)
RANKING = re.compile(
    r"\bleague\b|\bleader.?boards?\b|\brank(?:ed|ing|ings)?\b[^.]{0,40}\b(?:associations?|teams?|volunteers?)\b"
    r"|\b(?:associations?|teams?|volunteers?|équipes?|bénévoles?)\b[^.]{0,40}\b(?:rank(?:ed|ing|ings)?|classées?|classés?)\b"
    r"|\bclassements?\b|\bpalmar[eè]s\b|\bpodiums?\b|\bscore.?boards?\b"
    r"|\b(?:best|top|most active|worst|slowest)\s+(?:\d+\s+)?(?:associations?|teams?|volunteers?)\b"
    r"|\b(?:meilleure?s?|premières?)\s+(?:associations?|équipes?|bénévoles?)\b"
    r"|\b(?:associations?|équipes?|bénévoles?)\s+les? (?:plus|moins) (?:actives?|actifs?|efficaces?)\b",
    re.I,
)
# Associations ordered by a count, in ORM calls and in SQL.
BY_COUNT = re.compile(
    r"Association\.objects(?:(?!\n\n).)*?order_by\(\s*[\"']-?(?!name|slug|pk|id|joined|ended|started|membership)\w*"
    r"|values\(\s*[\"']association(?:__\w+|_id)?[\"'](?:(?!\n\n).)*?(?:annotate|Count|Sum)(?:(?!\n\n).)*?order_by"
    r"|GROUP BY[^;\"']*\bassociation\w*[^;]*?ORDER BY\s+(?:count|sum|avg)\b"
    r"|sorted\([^)\n]*associations?[^)\n]*key=lambda[^)\n]*(?:count|total|met|helped|contacts|tours|len)\b"
    r"|(?:ORDER BY|order_by\()[^;\n]*\bassociation__(?:tours|encounters|aid)\b",
    re.S,
)


def sentences(text: str) -> list[str]:
    """Split a text into sentences and table lines, without code."""
    plain = re.sub(r"```.*?```|`[^`]*`", " ", text, flags=re.S)
    return [part for part in re.split(r"(?<=[.!?:;])\s+|\n\s*\n|\n(?=[-|#*])", plain) if part.strip()]


def said(pattern: re.Pattern[str], text: str) -> list[str]:
    """Return the sentences that match a pattern without a negation shortly before."""
    return [
        part.strip()
        for part in sentences(text)
        if any(not NEVER.search(part[max(0, found.start() - 60) : found.end()]) for found in pattern.finditer(part))
    ]


def strings_of(path: Path) -> Iterator[str]:
    """Yield the texts for readers in a Python file: arguments of gettext functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name.strip("_").removesuffix("_lazy") in GETTEXT:
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def words_of_template(path: Path) -> str:
    """Return the text and comments of a template, without addresses and file names."""
    return re.sub(
        r"{%\s*(?:url|load|static|include|extends)[^%]*%}|(?:href|src|class|id)=\"[^\"]*\"", " ", path.read_text()
    )


def templates() -> list[Path]:
    return sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")])


def python_files() -> list[Path]:
    return sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def scripts() -> list[Path]:
    """Our own scripts, except the danger-word rules and their engine, which contain no texts for people."""
    own = (ROOT / "solidarity" / "static" / "solidarity").rglob("*.js")
    engine = {"matcher.js", "word-folding.js"}
    return sorted(path for path in own if path.parent.name != "rules" and path.name not in engine)


SERVER_COSTS = "docs/scale.md"
"""The only document with prices: what servers cost at each size. This is no money of people or associations."""


def documents() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@functools.cache
def texts_for_people() -> list[tuple[str, str]]:
    """Return (file, text) of all texts for people. Reading them takes longer than the search."""
    return list(read())


def read() -> Iterator[tuple[str, str]]:
    for path in templates():
        yield str(path.relative_to(ROOT)), words_of_template(path)
    for path in python_files():
        for text in strings_of(path):
            yield str(path.relative_to(ROOT)), text
    for path in scripts():
        for text in re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`", path.read_text()):
            yield str(path.relative_to(ROOT)), "".join(text)
    known = set()  # each catalogue has the same English sentences
    for path in sorted((ROOT / "locale").rglob("*.po")):
        for entry in polib.pofile(str(path)):
            for text in (entry.msgid, entry.msgstr, *entry.msgstr_plural.values()):
                if text not in known:
                    known.add(text)
                    yield str(path.relative_to(ROOT)), text
    for path in documents():
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


@pytest.mark.xdist_group("texts for people")
@pytest.mark.parametrize("pattern", [MONEY, RANKING], ids=["money", "ranking"])
def test_no_text_for_people_mentions_money_or_rankings(pattern: re.Pattern[str]) -> None:
    texts = [(where, text) for where, text in texts_for_people() if pattern is RANKING or where != SERVER_COSTS]
    assert len(texts) > 1000
    found = [(where, sentence) for where, text in texts for sentence in said(pattern, text)]
    assert found == []


def test_no_code_orders_associations_by_a_count() -> None:
    files = python_files()
    assert len(files) > 100
    found = [
        (str(path.relative_to(ROOT)), match[0][:200])
        for path in files
        for match in BY_COUNT.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_column_is_money() -> None:
    from django.apps import apps
    from django.db.models import DecimalField

    fields = [field for app in APPS if apps.is_installed(app) for model in apps.get_app_config(app).get_models()
              for field in model._meta.get_fields()]  # fmt: skip
    assert len(fields) > 100
    assert [str(field) for field in fields if isinstance(field, DecimalField)] == []
    assert [str(field) for field in fields if re.search(r"price|cost|amount|currency|euro", field.name)] == []


# --- the patterns can fail -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "This saved 120 € last month.", "Cost saved per person", "Worth 12 EUR", "about $ 30 a night", "some $5 of food",
        "Coûts évités", "Le coût d'une maraude", "prix moyen", "Make a donation", "money saved", "150 euros", "USD",
        "The platform never ranks. It saved 40 euros.",
    ],
)  # fmt: skip
def test_money_is_found(text: str) -> None:
    assert said(MONEY, text)


@pytest.mark.parametrize(
    "text",
    [
        "Never contacts made, never money saved.", "No money and no score that can be bought.", "Aucun prix, jamais.",
        "accounts by e-mail", "recent tours", "at 40 percent of the norm", "Le centre d'hébergement",
        "the worker costs little", "`$1` is the first argument", "$1-$2-$3", "${name}", "{{ price_of_nothing_rendered|safe }}"[:9],
    ],
)  # fmt: skip
def test_other_texts_do_not_count_as_money(text: str) -> None:
    assert said(MONEY, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ranking of associations", "Associations, ranked by contacts", "Top 10 associations", "the best teams",
        "League table", "Leaderboard", "Classement des associations", "Palmarès de l'hiver", "Les meilleures équipes",
        "Associations les plus actives", "most active volunteers", "Scoreboard",
    ],
)  # fmt: skip
def test_a_ranking_is_found(text: str) -> None:
    assert said(RANKING, text)


@pytest.mark.parametrize(
    "text",
    [
        "Nobody gets a score: not the people met, not volunteers, not associations.", "No ranking of associations anywhere.",
        "Cells are ranked by expected reports.", "Associations in alphabetical order", "sorted by territory",
    ],
)  # fmt: skip
def test_other_texts_do_not_count_as_a_ranking(text: str) -> None:
    assert said(RANKING, text) == []


@pytest.mark.parametrize(
    "code",
    [
        'Association.objects.annotate(n=Count("tours")).order_by("-n")',
        'Association.objects.filter(x=1).annotate(\n    met=Sum("encounters__persons")\n).order_by("met")',
        'Encounter.objects.values("association").annotate(n=Count("pk")).order_by("-n")',
        'Tour.objects.values("association__name").annotate(n=Sum("x")).order_by("n")',
        '"SELECT association_id, count(*) FROM needs_tour GROUP BY association_id ORDER BY count(*) DESC"',
        "sorted(associations, key=lambda one: one.contacts)",
        'Tour.objects.order_by("-association__tours")',
    ],
)
def test_an_order_of_associations_by_a_count_is_found(code: str) -> None:
    assert BY_COUNT.search(code)


@pytest.mark.parametrize(
    "code",
    [
        'Association.objects.order_by("name")',
        'Association.objects.filter(active=True).order_by("slug")\n\nTour.objects.order_by("-at")',
        'Tour.objects.select_related("association").order_by("-at")',
        "sorted(associations, key=lambda one: one.name)",
    ],
)
def test_an_order_by_name_or_time_is_allowed(code: str) -> None:
    assert BY_COUNT.search(code) is None
