"""The places of the list of open needs as HTML. What several lines share, such as the words for kinds, is rendered once
for a page."""

import uuid
from collections.abc import Sequence
from functools import cache

from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from needs.open_needs.near_places import NearPlace
from needs.open_needs.near_times import time_ago
from needs.open_needs.nearby import HowMany, Nearby, how_many
from solidarity.lib.site.filled_templates import FilledTemplate

_NO_NEED = uuid.UUID(int=0)


def of(places: Sequence[NearPlace]) -> list[SafeString]:
    """Return the HTML of each place with its needs, in the language of the page."""
    now = timezone.now()
    a_line = FilledTemplate("needs/open_needs/near_line.html", ("path", "kinds", "facts", "time"))
    kinds_page, facts_page = get_template("needs/reports/kinds.html"), get_template("needs/open_needs/near_facts.html")
    before, after = reverse("needs:open_need", args=[_NO_NEED]).split(str(_NO_NEED))

    @cache
    def kinds(names: tuple[str, ...]) -> SafeString:
        return SafeString(kinds_page.render({"kinds": names}))

    @cache
    def facts(urgency: str, number: HowMany) -> SafeString:
        return SafeString(facts_page.render({"urgency": urgency, "number": number.words}))

    @cache
    def a_place(numbered: bool, urgent: bool, with_area: bool, with_distance: bool) -> FilledTemplate:
        has = {"number": numbered, "name": True, "area": with_area, "far": with_distance}
        place = {gap: SafeString(f"{{{gap}}}") for gap, present in has.items() if present}
        return FilledTemplate("needs/open_needs/near_place.html", ("lines",), place=place | {"urgent": urgent})

    def line(need: Nearby) -> str:
        return a_line.fill(
            path=SafeString(f"{before}{need.id}{after}"),
            kinds=kinds(tuple(need.kinds)),
            facts=facts(need.urgency, how_many(need.persons)),
            time=time_ago(need.at, now) if need.at else SafeString(),
        )

    def place(each: NearPlace) -> SafeString:
        page = a_place(each.number is not None, each.urgent, bool(each.area), each.distance is not None)
        lines = SafeString("".join(map(line, each.needs)))
        return page.fill(number=each.number, name=each.name, area=each.area, far=each.far, lines=lines)

    return [place(each) for each in places]
