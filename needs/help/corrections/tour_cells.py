"""Update of a tour's cells after one of its encounters was moved."""

from needs.base.records.time_per_cell import columns_of
from needs.models import Encounter, Tour, TourCell


def follow(encounter: Encounter, old: int | None) -> None:
    """Add the new cell of a moved encounter to its tour. Remove the old cell if only this encounter had added it.

    The new cell gets the minutes of the removed cell, because the team really spent this time in the new cell. These
    minutes belong to the last pass of the new cell, because nothing shows that the team came back. Save the encounter
    before the call.
    """
    if encounter.tour_id is None or encounter.cell is None or old is None:
        return
    tour = Tour.objects.select_for_update(of=("self",)).get(pk=encounter.tour_id)
    new, _made = TourCell.objects.get_or_create(tour=tour, cell=encounter.cell, defaults={"met_only": True})
    if Encounter.objects.live().filter(tour=tour, cell=old).exists():
        return
    left = TourCell.objects.filter(tour=tour, cell=old, met_only=True).first()
    if left is None:
        return
    if left.minutes is not None:
        passes = (left if new.minutes is None else new).passes
        if new.minutes is not None:
            passes = [*passes[:-1], passes[-1] + left.minutes]
        TourCell.objects.filter(pk=new.pk).update(**columns_of(passes))
    left.delete()
