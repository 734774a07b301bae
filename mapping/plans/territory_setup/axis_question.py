"""The question whether longitude and latitude of uploaded borders are swapped. It is asked only if the file lies outside the
site's country and territories and would not with its axes swapped."""

from collections.abc import Sequence

from django.contrib.gis.geos import Polygon
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from solidarity.lib.border_files import swapped_axes
from solidarity.lib.border_files.border_reader import Feature
from solidarity.lib.border_files.swapped_axes import Reading, Readings
from solidarity.lib.site import site_choices
from volunteers.models import Territory
from volunteers.site.site_details import country_names


def readings_to_ask(features: Sequence[Feature]) -> Readings | None:
    """Return both readings of a file if they have to be asked for; None if the file is plausible as it is."""
    readings = swapped_axes.readings_of(features)
    if readings is None or _is_plausible(readings.as_written) or not _is_plausible(readings.swapped):
        return None
    return readings


def _is_plausible(reading: Reading) -> bool:
    box = Polygon.from_bbox(reading.box)
    box.srid = 4326
    return (
        swapped_axes.is_near(reading, site_choices.country())
        or Territory.objects.filter(polygon__intersects=box).exists()
    )


def country_name() -> str:
    """Return the name of the site's country in the reader's language."""
    code = site_choices.country()
    return dict(country_names.countries()).get(code, code)


def words(readings: Readings) -> str:
    """Return the question in one text, for a command."""
    return _(
        "Longitude and latitude of this file look swapped. As it is written, its areas lie around %(written)s, far from "
        "%(country)s and from your territories. With the two exchanged, they lie around %(swapped)s."
    ) % {"written": degrees(readings.as_written), "swapped": degrees(readings.swapped), "country": country_name()}


def degrees(reading: Reading) -> str:
    """Return a place in words, to a tenth of a degree."""
    north = _("%(degrees)s° north") if reading.latitude >= 0 else _("%(degrees)s° south")
    east = _("%(degrees)s° east") if reading.longitude >= 0 else _("%(degrees)s° west")
    return ", ".join(
        words % {"degrees": number_format(round(abs(value), 1), decimal_pos=1)}
        for words, value in ((north, reading.latitude), (east, reading.longitude))
    )
