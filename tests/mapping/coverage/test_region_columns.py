"""The region column of each table with cells: the H3 parent at resolution 5."""

from datetime import timedelta

import h3.api.basic_int as h3
from django.db.models import Model
from django.utils import timezone

from mapping.coverage.folding import fold, rebuild
from mapping.map.releases import release_filter
from mapping.models import CellState, CellTouch, Evidence, RetainedEvidence, Zone
from needs.base.records.declarations import NeedDraft
from needs.doors.retention import runner
from needs.models import CitizenReport, Encounter, Need, TourCell
from solidarity.lib.database.region import REGION_RESOLUTION
from tests import filing_verbs
from tests.mapping.coverage.test_fold import SPOTS
from tests.mapping.coverage.test_retained_evidence import filed
from tests.support import Cast


def region(cell: int) -> int:
    return int(h3.cell_to_parent(cell, REGION_RESOLUTION))


def check(model: type[Model], cell: str = "cell") -> None:
    rows = list(model._default_manager.values_list(cell, "region"))
    assert rows, model
    assert [stored for _cell, stored in rows] == [region(number) for number, _stored in rows], model


def check_zones() -> None:
    lowest: dict[object, int] = {}
    for key, cell in CellState.objects.order_by("-cell").values_list("zone", "cell"):
        lowest[key] = cell
    rows = list(Zone.objects.live().values_list("key", "region"))
    assert rows and all(stored == region(lowest[key]) for key, stored in rows)


def test_the_region_is_the_parent_of_the_cell_in_every_table(cast: Cast) -> None:
    now = timezone.now()
    check_zones()
    filed(cast, ("encounter", SPOTS[0], 2, 1, 20), now)
    filed(cast, ("tour", SPOTS[1], 1, 1, 20), now)
    for age in (1, 62, 62):
        filed(cast, ("citizen", SPOTS[0], 3, age, None), now)
    filed(cast, ("encounter", SPOTS[1], 2, 63, 20), now)
    check(CellTouch, "new_cell")
    fold.fold_outbox()
    check_zones()
    for model in (Encounter, CitizenReport, TourCell, Evidence, CellState):
        check(model)
    runner.run(now)
    check(RetainedEvidence)
    rebuild.recompute_all()
    check_zones()
    release_filter.publish_all(now)
    parents = {region(cell) for cell in CellState.objects.values_list("cell", flat=True)}
    released = Zone.objects.exclude(release=None)
    assert released.exists() and set(released.values_list("region", flat=True)) <= parents


def test_a_report_without_a_cell_has_no_region(cast: Cast) -> None:
    draft = NeedDraft(at=timezone.now() - timedelta(hours=1), place=None, place_text="a square", kinds=["food"])
    stored = filing_verbs.report_need(draft)
    assert Need.objects.get(pk=stored.id).region is None
