"""The places of the list of open needs as HTML. What several lines share, such as the words for kinds, is rendered once."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from html import escape

from django.template.loader import get_template
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from needs.help.nearby.near_places import NearPlace
from needs.help.nearby.nearby import HowMany, Nearby, how_many
from solidarity.lib.site.filled_templates import FilledTemplate, FixedTemplate

_LONG = timedelta(days=1)


def time_ago(when: datetime, now: datetime) -> SafeString:
    """Return the HTML of includes/time.html."""
    language, age = get_language() or "", now - when
    if age < _LONG:
        said = _minutes_ago(max(int(age.total_seconds() // 60), 0), language)
    else:
        said = _("%(span)s ago") % {"span": timesince(when, now)}
    return SafeString(f"{_moment(when, language, timezone.get_current_timezone_name())}{escape(said)}</time>")


# Both depend on nothing but their arguments, so that what they keep is never stale and tells nothing about a reader.
@lru_cache(maxsize=4096)
def _moment(when: datetime, _language: str, _zone: str) -> str:
    here = timezone.localtime(when)
    title = escape(formats.date_format(here, "DATETIME_FORMAT"))
    return f'<time class="nowrap" datetime="{here.isoformat()}" title="{title}"\n  data-relative>'


@lru_cache(maxsize=4096)
def _minutes_ago(minutes: int, _language: str) -> str:
    if not minutes:
        return _("just now")
    now = timezone.now()
    return _("%(span)s ago") % {"span": timesince(now - timedelta(minutes=minutes), now)}


_NO_NEED = uuid.UUID(int=0)
_LINE = FilledTemplate("needs/open_needs/near_line.html", ("path", "kinds", "facts", "time"))


@cache
def _place(numbered: bool, urgent: bool, with_name: bool, with_area: bool, with_distance: bool) -> FilledTemplate:
    has = {"number": numbered, "name": with_name, "area": with_area, "far": with_distance}
    gaps = [gap for gap, present in has.items() if present]
    return FilledTemplate("needs/open_needs/near_place.html", (*gaps, "lines"), urgent=urgent)


@cache
def _facts(urgency: str, number: HowMany) -> FixedTemplate:
    return FixedTemplate("needs/open_needs/near_facts.html", urgency=urgency, number=number.words)


def of(places: Sequence[NearPlace]) -> list[SafeString]:
    """Return the HTML of each place with its needs, in the language of the page."""
    now, kinds_page = timezone.now(), get_template("needs/reports/kinds.html")
    before, after = reverse("needs:open_need", args=[_NO_NEED]).split(str(_NO_NEED))

    @cache
    def kinds(names: tuple[str, ...]) -> SafeString:  # only for this page: a site can change their names
        return SafeString(kinds_page.render({"kinds": names}))

    def line(need: Nearby) -> str:
        return _LINE.fill(
            path=SafeString(f"{before}{need.id}{after}"),
            kinds=kinds(tuple(need.kinds)),
            facts=_facts(need.urgency, how_many(need.persons)).html(),
            time=time_ago(need.at, now) if need.at else SafeString(),
        )

    def place(each: NearPlace) -> SafeString:
        page = _place(
            each.number is not None, each.urgent, bool(each.name), bool(each.area), each.distance is not None
        )  # fmt: skip
        lines = SafeString("".join(map(line, each.needs)))
        return page.fill(number=each.number, name=each.name, area=each.area, far=each.far, lines=lines)

    return [place(each) for each in places]
