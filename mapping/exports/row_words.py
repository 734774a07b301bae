"""Columns of a row export in words, for CSV files that people read. The words are in the active language."""

from collections.abc import Sequence

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from needs.enums import NeedState, Urgency
from needs.site_categories import site_list


def heads(columns: Sequence[str]) -> list[str]:
    """Return the headings of the columns of a row export."""
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


def moment_format() -> str:
    """Return the format in which the language writes a local time."""
    return "%d/%m/%Y %H:%M" if get_language() == "fr" else "%Y-%m-%d %H:%M"


def choices(column: str) -> dict[str, str]:
    """Return the labels of the values of a choice."""
    return {str(key): str(label) for key, label in {"urgency": Urgency.choices, "state": NeedState.choices}[column]}


def categories() -> dict[str, str]:
    """Return the labels of the categories."""
    return {str(key): str(label) for key, label in site_list.kind_choices()}
