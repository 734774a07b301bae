"""Values of a row export in words, for CSV files that people read. The words are in the active language."""

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from needs.base.site_categories import site_list


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


def flag_label(value: bool) -> str:
    return str(_("yes") if value else _("no"))


def categories() -> dict[str, str]:
    """Return the labels of the categories."""
    return {str(key): str(label) for key, label in site_list.kind_choices()}
