"""The place of a mapped row: two columns, one column, or an address that is looked up."""

from collections.abc import Mapping

from needs.base.records.declarations import DraftPlace
from needs.reports.importers.any_table.place_values import degrees_of, pair_of
from needs.reports.importers.row_outcomes import Findings, UnusableRow
from needs.reports.importers.row_places import Borders, place_of
from volunteers.places.place_names import search

MOST_LOOKED_UP = 50_000


class Locator:
    """Finds the places of rows. look_up: if True, look addresses up in the installed place names, each text only
    once."""

    def __init__(self, borders: Borders, *, look_up: bool) -> None:
        self._borders = borders
        self._look_up = look_up
        self._found: dict[str, DraftPlace | None] = {}

    def place_of(self, said: Mapping[str, str], address: str, findings: Findings) -> DraftPlace | None:
        """Return the place, or None if there is only an address in words. Raises UnusableRow if there is neither."""
        fault = UnusableRow("no_coordinates", "The row has no coordinates.")
        try:
            latitude, longitude = self._degrees(said)
            place, inside = place_of(repr(latitude), repr(longitude), self._borders, findings)
            if inside:
                return place
            fault = UnusableRow("outside_territory", "The point is outside the territory.")
        except UnusableRow as found:
            fault = found
        if not address:
            raise fault
        if self._look_up and (looked_up := self._searched(address)):
            findings.repair("address_found", "The place was looked up from the address. Check it.")
            return looked_up
        findings.repair(fault.reason.code, f"{fault.reason.sentence} The address text is kept.")
        return None

    def _degrees(self, said: Mapping[str, str]) -> tuple[float, float]:
        pair, latitude, longitude = (said.get(part, "").strip() for part in ("place", "latitude", "longitude"))
        if not (pair or latitude or longitude):
            raise UnusableRow("no_coordinates", "The row has no coordinates.")
        try:
            if latitude or longitude:
                return degrees_of(latitude), degrees_of(longitude)
            return pair_of(pair)
        except ValueError:
            raise UnusableRow("unreadable_coordinates", "The coordinates cannot be read.") from None

    def _searched(self, address: str) -> DraftPlace | None:
        """Return the first street, house number or landmark in the territory that the address means."""
        if address not in self._found and len(self._found) < MOST_LOOKED_UP:
            results = search.search(address, self._borders.bounds, 4)
            sure = (each for each in results if each.kind != "territory" and not each.perhaps)
            places = (DraftPlace(each.latitude, each.longitude) for each in sure)
            self._found[address] = next((place for place in places if self._borders.covers(place)), None)
        return self._found.get(address)
