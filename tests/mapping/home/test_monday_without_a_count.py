"""The Monday of a coordinator whose city has no count: no page shows a number of expected people, a chance, or a status
that needs a count."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold, rebuild
from mapping.map.releases import release_filter
from mapping.models import Zone
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from needs.enums import NeedState
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Territory

pytestmark = pytest.mark.django_db

NEEDS_A_COUNT = re.compile(
    r"people likely|expected|likely to be|unseen|(?<!no )chance(?! that help)|probab|threshold|\bunder-covered|\buncovered"
    r"|\bcovered|contradictory|share of the norm|\bP\b", re.I,
)  # fmt: skip


def words_of(page: str) -> str:
    """The text of a page's main part, without the names of pages that the reader may choose."""
    main = page[page.index("<main") : page.index("</main>")] if "<main" in page else page
    main = re.sub(r"<script.*?</script>|<nav.*?</nav>", " ", main, flags=re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def needing_a_count(client: Client, path: str) -> list[str]:
    """The places in a page that need a count, with the words around them."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    text = words_of(answer.content.decode())
    return [text[max(0, found.start() - 60) : found.end() + 60] for found in NEEDS_A_COUNT.finditer(text)]


@pytest.fixture(params=["searched", "fresh"])
def uncounted(request: pytest.FixtureRequest, city: City, cast: Cast, seen: Seen) -> City:
    """Ville without a count: with searches, needs and sightings, or before anybody searched."""
    Territory.objects.update(count_kind="")
    city.root.refresh_from_db()
    if request.param == "searched":
        seen(hours_ago=80, persons=5)
        seen(hours_ago=8, persons=0, minutes=240)
        reported(state=NeedState.OPEN, hours_ago=5)
    fold.fold_outbox()
    rebuild.recompute_all(rebuild=True)
    release_filter.publish_all()
    return city


def test_no_page_of_monday_needs_a_count(uncounted: City, cast: Cast, signed_in: SignedIn) -> None:
    client, day = signed_in(cast.diane), timezone.localdate()
    report = make_report(uncounted.root, Period(day - timedelta(days=14), day), cast.diane)
    paths = ["/", "/map/reports/", reverse("mapping:report", args=[report.pk])]
    names = ["map", "dashboard", "tonight", "suggest", "checks", "overrides", "distance", "territory_needs"]
    for slug in ("ville", "nord"):
        paths += [reverse(f"mapping:{name}", args=[slug]) for name in names]
    for zone in {row.status: row for row in Zone.objects.live().select_related("territory").order_by("pk")}.values():
        paths += [reverse(f"mapping:{name}", args=[zone.territory.slug, zone.key]) for name in ("zone", "why")]
    wrong = {path: found for path in paths if (found := needing_a_count(client, path))}
    wrong |= {
        path: found for path in [reverse("needs:new_plan")] if (found := needing_a_count(signed_in(cast.bob), path))
    }
    assert not wrong
