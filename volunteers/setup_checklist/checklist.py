"""The items of the checklist. A further item is a further entry in :func:`items`, with its own template."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from volunteers.accounts.viewer import Viewer
from volunteers.basemap import installed
from volunteers.models import Territory


@dataclass(frozen=True, slots=True)
class Item:
    """Something to set up. reason: why it matters, in one sentence. template: the state of the item and its form."""

    key: str
    title: str | Promise
    reason: str | Promise
    template: str
    is_done: Callable[[], bool]


ITEMS = (
    Item(
        "area",
        _("Your area"),
        _("Nothing can be drawn on the map until the site knows the borders of your city and its districts."),
        "volunteers/setup_checklist/area.html",
        lambda: Territory.objects.exists(),
    ),
    Item(
        "street_map",
        _("A street map"),
        _("Volunteers find their way by street names; without it, maps show only the borders of territories."),
        "volunteers/setup_checklist/street_map.html",
        lambda: bool(settings.BASEMAP_URL or installed.header()),
    ),
)


def may_set_up(viewer: Viewer) -> bool:
    """Whether a viewer sees the checklist: administrators, unless they view the site as somebody else."""
    return viewer.is_administrator and viewer.view_as is None


def open_items() -> list[Item]:
    """Return the items that are still to do."""
    return [item for item in ITEMS if not item.is_done()]
