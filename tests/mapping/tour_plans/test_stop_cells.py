"""Cells near the route of a tour that need a search, by what the reader may know."""

from datetime import timedelta

import numpy as np
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.plans.tour_plans import stop_cells
from mapping.plans.tour_plans.tonight import CellEstimates
from needs.models import PlannedTour, TourStop
from solidarity.lib import grid
from tests.needs.tour_stops.stop_cases import LAT, LNG
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Membership


def test_cells_with_most_people_not_seen_come_first_and_searched_ones_are_left_out() -> None:
    around = sorted(grid.with_neighbours(grid.cell_of(LAT, LNG)))
    mean = np.array([0.1, 3.0, 1.0, 2.0, 0.5, 5.0, 0.0])
    last = np.array([np.nan, np.nan, np.nan, np.nan, np.nan, 100.0, np.nan])
    swept = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0])
    seen = np.zeros(7)
    cells = CellEstimates(np.array(around), mean, last, swept, seen, 100.0, recent_days=14.0, counted=True)
    picks = stop_cells.chosen(cells, around)
    assert [pick.cell for pick in picks] == [around[each] for each in (1, 3, 2, 4)]
    assert picks[0].days is None
    assert [pick.cell for pick in stop_cells.chosen(cells, around[:2])] == [around[1], around[0]]


def test_a_suggested_cell_becomes_a_stop(cast: Cast, city: City, seen: Seen, signed_in: SignedIn) -> None:
    Membership.objects.create(user=cast.diane, association=cast.maraude)
    cell = grid.cell_of(48.866, 2.350)
    seen(hours_ago=500)
    fold.fold_outbox()
    start = timezone.now() + timedelta(hours=2)
    plan = PlannedTour.objects.create(association=cast.maraude, start=start, cells=[grid.neighbours(cell)[0]])
    diane = signed_in(cast.diane)
    found = diane.get(reverse("mapping:stop_cells", args=[plan.pk])).context["cells"]
    assert found, "a coordinator of the association reads live figures"
    chosen = found[0][0]
    diane.post(reverse("needs:add_stop", args=[plan.pk]), {"kind": "cell", "cell": chosen})
    assert grid.to_text(TourStop.objects.get().cell) == chosen
    again = diane.get(reverse("mapping:stop_cells", args=[plan.pk])).context["cells"]
    assert chosen not in [text for text, _name, _why in again]
    assert signed_in(cast.edith).get(reverse("mapping:stop_cells", args=[plan.pk])).status_code == 404
