"""The cells of a tour after one of its encounters was moved."""

from needs.models import Encounter, Tour, TourCell


def follow(encounter: Encounter, old: int | None) -> None:
    """Add the cell of a moved encounter to its tour, and remove the old one if only this encounter had added it.

    The minutes of the old cell go with it: the team spent them in the new one. The caller has saved the encounter.
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
        new.minutes = (new.minutes or 0.0) + left.minutes
        new.save(update_fields=["minutes"])
    left.delete()
