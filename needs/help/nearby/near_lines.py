"""The places of the list of open needs as HTML. What several lines share, such as the words for kinds, is rendered once."""

import uuid
from collections.abc import Sequence
from functools import cache

from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from needs.help.nearby.near_places import NearPlace
from needs.help.nearby.near_times import time_ago
from needs.help.nearby.nearby import HowMany, Nearby, how_many
from solidarity.lib.site.filled_templates import FilledTemplate, FixedTemplate

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
