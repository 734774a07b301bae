"""The printed map of a planned tour: its numbered cells on the streets of the installed street map."""

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe

from solidarity.lib import cell_geometry, grid
from volunteers.places.basemap import printed_map
from volunteers.places.basemap.printed_map import INK, PictureFrame

FONT = "Atkinson Hyperlegible, sans-serif"
MARGIN = 60.0  # margin around the cells in drawing units, so that the streets that lead to them are visible


def draw(cells: Sequence[int], title: str) -> SafeString:
    """Draw cells with numbers in their order; "" without a street map. title: alternative text."""
    if not cells:
        return mark_safe("")
    outlines = [cell_geometry.outline(cell) for cell in cells]
    frame = PictureFrame.around([corner for outline in outlines for corner in outline], 700.0, MARGIN)
    spots = [frame.at((lng, lat)) for lat, lng in map(grid.centre, cells)]
    streets = printed_map.draw(frame, [(x - 14, y - 12, x + 14, y + 12) for x, y in spots])
    if not streets:
        return mark_safe("")
    areas = "".join(
        f'<path d="{frame.path([outline])}" fill="#1c4a82" fill-opacity="0.12" stroke="#1c4a82" stroke-width="2"/>'
        for outline in outlines
    )
    numbers = "".join(
        f'<text x="{x:.0f}" y="{y + 6:.0f}" text-anchor="middle" font-family="{FONT}" font-size="18" font-weight="700" '
        f'fill="{INK}" stroke="{fill}" stroke-width="{width}" stroke-linejoin="round">{number}</text>'
        for number, (x, y) in enumerate(spots, start=1)
        for fill, width in (("#ffffff", 4), (INK, 0))
    )
    return mark_safe(
        f'<svg class="tour-sheet" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width:.0f} {frame.height:.0f}" '
        f'role="img" aria-label="{escape(title)}">{streets.ground}{areas}{streets.ways}{numbers}</svg>'
    )
