"""Emergency numbers for people at work whose words tell of danger to life, and for forms that could not be stored."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from needs.reports.danger.emergency_numbers import lines_for_flags
from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.site.emergency_gate import Line


def lines_in(texts: Iterable[str]) -> tuple[Line, ...]:
    """Return the telephone lines for the dangers that texts mention; none without danger words."""
    flags = flags_of_texts(texts)
    return lines_for_flags(flags) if flags else ()


def show(request: HttpRequest, text: str) -> None:
    """Show the emergency numbers as a message on the next page, if a text has danger words."""
    lines = lines_in([text])
    if not lines:
        return
    links = format_html_join(" · ", '<a href="{}">{}</a>', ((line.address, line.number) for line in lines))
    before, _mark, after = (_("This sounds like danger to life. Call now: %(number)s.") % {"number": "|"}).partition(
        "|"
    )
    messages.error(request, format_html("{}{}{}", before, links, after))
