"""Names of statuses, and the legend, for templates."""

from django import template
from django.template import Context

from mapping.coverage.cells.coverage_model import Model
from mapping.enums import STATUS_KEYS, Status
from mapping.map.wording import status_marks, status_words
from mapping.map.wording.status_words import LegendEntry
from mapping.out.home import legends
from mapping.out.zone_reports import report_charts

register = template.Library()


@register.filter
def status_word(key: str) -> str:
    """Return the name of the status with this key, in the reader's language; empty for an unknown key."""
    return status_words.status_in_general(key)


@register.simple_tag(takes_context=True)
def reader_statuses(context: Context) -> list[str]:
    """Return the keys of the statuses that the reader can meet, in the order of the legend, without “contradictory”."""
    statuses = status_words.LEGENDS[legends.of_reader(context["request"].viewer)]
    return [STATUS_KEYS[status] for status in statuses if status != Status.CONTRADICTORY]


@register.filter
def status_mark(key: str, label: str) -> str:
    """Return includes/status.html for a status. label: its name in a row of a list, which has few different ones, so each
    mark is rendered once; it depends on nothing else."""
    return status_marks.mark(key, label)


@register.filter
def status_letter(key: str) -> str:
    """Return the letter of a status, for print without colours."""
    return report_charts.letter_of(key)


@register.simple_tag
def status_legend(recent_days: int | str = "", legend: str = "") -> list[LegendEntry]:
    """Return the lines of a legend. Without a number of days, use the model's default. legend: its name; empty for the
    statuses of territories with a count."""
    return status_words.legend(int(recent_days or Model().recent_days), legend or "counts")
