"""Names of the zones of a frozen report, in the reader's language."""

from typing import Any

from volunteers.place_names import cell_names
from volunteers.place_names.cell_names import CellName


def frozen_name(name: CellName) -> dict[str, Any]:
    """Return the parts of a name as JSON types, for the payload."""
    return {"streets": list(name.streets), "side": name.side}


def names_of(payload: dict[str, Any]) -> dict[str, str]:
    """Return the names of a report's zones by key, all different and as on the map. Zones of older reports, which lack
    a place, have the name of their territory."""
    zones = sorted(payload["zones"], key=lambda zone: str(zone["key"]))
    named = {
        zone["key"]: CellName(tuple(zone["place"]["streets"]), zone["territory"], zone["place"]["side"])
        for zone in zones
        if "place" in zone
    }
    return {zone["key"]: zone["territory"] for zone in zones} | cell_names.unique(named)
