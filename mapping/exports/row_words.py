"""SQL that writes the columns of a row export in words, for CSV files that people read.

The words are those of the active language. Literals are quoted here, because COPY takes no parameters.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.formats import get_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from needs.enums import NeedState, Urgency
from needs.site_categories import site_list
from solidarity.lib.files.formula_injection import neutral, neutral_sql


def heads(columns: Sequence[str]) -> list[str]:
    """Return the heads of columns of a row export."""
    words = {
        "kind": _("kind of report"), "id": _("number of the report"), "at": _("date and hour"), "cell": _("cell (H3)"),
        "latitude": _("latitude"), "longitude": _("longitude"), "association": _("association"),
        "persons": _("people met"), "contacts": _("people helped"), "minutes": _("minutes of search"),
        "asked": _("asked for"), "given": _("given"), "urgency": _("urgency"), "state": _("state"),
    }  # fmt: skip
    return [words[column] for column in columns]


def kind_label(kind: str) -> str:
    return {
        "tour": pgettext("kind of report", "tour"),
        "encounter": pgettext("kind of report", "encounter"),
        "citizen_report": pgettext("kind of report", "citizen’s report"),
        "need": pgettext("kind of report", "need"),
        "aid": pgettext("kind of report", "help given"),
    }[kind]


def literal(text: str) -> str:
    """Return a text as an SQL literal, protected against formula injection."""
    return "'" + neutral(text).replace("'", "''") + "'"


def moment(expression: str) -> str:
    """Return SQL for a local time as the language writes it."""
    pattern = "DD/MM/YYYY HH24:MI" if get_language() == "fr" else "YYYY-MM-DD HH24:MI"
    return f"to_char({expression}, '{pattern}')"


def decimal(expression: str) -> str:
    """Return SQL for a number with the decimal sign of the language."""
    return f"replace(({expression})::text, '.', {literal(get_format('DECIMAL_SEPARATOR'))})"


def choice(column: str, expression: str) -> str:
    """Return SQL for the label of a choice; an unknown value stays as it is."""
    labels = {"urgency": _labels(Urgency.choices), "state": _labels(NeedState.choices)}.get(column, {})
    return _case(labels, expression)


def categories(array: str) -> str:
    """Return SQL for the labels of an array of categories."""
    return (
        f"(SELECT string_agg({_case(_labels(site_list.kind_choices()), 'u.word')}, ', ' ORDER BY u.place) "
        f"FROM unnest({array}) WITH ORDINALITY u(word, place))"
    )


def _labels(choices: Iterable[tuple[object, object]]) -> dict[str, str]:
    return {str(value): str(label) for value, label in choices}


def _case(labels: Mapping[str, str], expression: str) -> str:
    if not labels:
        return neutral_sql(expression)
    cases = " ".join(f"WHEN {literal(value)} THEN {literal(label)}" for value, label in labels.items())
    return f"CASE {expression} {cases} ELSE {neutral_sql(expression)} END"
