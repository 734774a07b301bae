"""Template tags for alarms: numbers, and whether a speaker has reviewed the language of the page."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from needs.doors.language_reviews import reviews
from needs.enums import AlarmStep, ReporterAnswer
from needs.models import DangerAlarm
from needs.reports.danger import alarm_quotes, alarm_receipts, lane, shown_numbers
from needs.reports.danger.alarm_quotes import Quote
from needs.reports.danger.emergency_numbers import lines_for_flags
from solidarity.lib.site import emergency_gate
from solidarity.lib.site.emergency_gate import Line

register = template.Library()


@register.simple_tag
def language_is_reviewed() -> bool:
    """Return whether a speaker has reviewed the active language.

    Languages outside PUBLIC_LANGUAGES always pass, because speakers write them.
    """
    language = get_language() or settings.LANGUAGE_CODE
    return language not in dict(settings.PUBLIC_LANGUAGES) or reviews.is_reviewed(language)


@register.simple_tag
def any_emergency() -> tuple[Line, ...]:
    """Return the general emergency numbers."""
    return lines_for_flags(())


@register.simple_tag
def start_page_lines() -> tuple[Line, ...]:
    """Return the emergency numbers of the start page."""
    return emergency_gate.start_page_lines()


@register.simple_tag
def numbers_without_network() -> list[tuple[str, tuple[Line, ...]]]:
    """Return the numbers of each group of dangers."""
    return alarm_receipts.numbers_without_network()


@register.filter
def call_row(lines: tuple[Line, ...]) -> SafeString:
    """Return needs/danger/call_row.html for some numbers. It depends on nothing but what it shows, so each row is rendered
    once."""
    return _call_row(tuple((line.address, line.number, str(line.purpose), line.by_text) for line in lines))


@lru_cache(maxsize=1024)
def _call_row(shown: tuple[tuple[str, str, str, bool], ...]) -> SafeString:
    names = ("address", "number", "purpose", "by_text")
    lines = [dict(zip(names, line, strict=True)) for line in shown]
    return SafeString(render_to_string("needs/danger/call_row.html", {"lines": lines}))


@register.simple_tag
def lines_of_form(form: BaseForm) -> tuple[Line, ...]:
    """Return the numbers to call if a form was sent with errors and its words tell of danger; else none."""
    return shown_numbers.lines_in(map(str, form.data.values())) if form.is_bound and form.errors else ()


@register.simple_tag
def reporter_answers() -> list[tuple[str, str | Promise]]:
    """Return the answers that a reporter can give."""
    return [(each.value, each.label) for each in ReporterAnswer]


@register.simple_tag
def alarm_steps() -> list[tuple[str, str | Promise]]:
    """Return the steps that acknowledge an alarm."""
    return [(each.value, each.label) for each in AlarmStep]


@register.filter
def flag_labels(alarm: DangerAlarm) -> list[str]:
    """Return the flags of an alarm in words."""
    return lane.labels_of(alarm)


@register.simple_tag
def alarm_quotes_of(alarm: DangerAlarm) -> list[Quote]:
    """Return the words that came in about the need of an alarm, for a page of dispatchers who work on it."""
    return alarm_quotes.quotes_of([alarm.pk]).get(alarm.pk, [])[: alarm_quotes.MOST_SHOWN]
