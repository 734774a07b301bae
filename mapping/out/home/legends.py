"""The legend on pages that belong to no territory: it explains the statuses that the reader can meet."""

from solidarity.lib import cache
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access, people_counts

_KEY, _SECONDS = "legend-of-site", 300


def of_site() -> str:
    """Return the name of the legend of the public pages. It is cached for five minutes."""
    name: str = cache.get(_KEY, "")
    if not name:
        name = _name(people_counts.zones_by_source(Territory.objects.all()))
        cache.put(_KEY, name, _SECONDS)
    return name


def of_reader(viewer: Viewer) -> str:
    """Return the name of the legend of the territories that a viewer may open, or that of the site if they open none."""
    own = people_counts.zones_by_source(access.visible_territories(viewer))
    return _name(own) if own else of_site()


def _name(by_source: set[bool]) -> str:
    if by_source == {True, False}:
        return "both"
    return "searches" if by_source == {False} else "counts"
