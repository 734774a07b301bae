"""The items of the checklist. The state of each item is computed from the real state of the site.

To add an item, add an entry to :data:`ITEMS` and a template. Higher layers add their items with :func:`register`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.publisher import publisher
from volunteers.models import Assignment, Association, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.administrators import administrators
from volunteers.places.basemap import installed
from volunteers.places.territories import people_counts
from volunteers.site.site_details import saving


@dataclass(frozen=True, slots=True)
class Item:
    """Something to set up.

    reason: the reason why the item matters, in one sentence. template: the state of the item and its form or link.
    in_demo: False leaves the item out of a demonstration, which needs no mail or back-up.
    """

    key: str
    title: str | Promise
    reason: str | Promise
    template: str
    is_done: Callable[[], bool]
    in_demo: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """An item as it is now. later: True if an administrator took the item off the home page."""

    item: Item
    done: bool
    later: bool

    @property
    def is_open(self) -> bool:
        return not (self.done or self.later)


def _has_people() -> bool:
    """Whether somebody besides the administrators has a role."""
    members, on_duty = Membership.objects.current(), Assignment.objects.current()
    others = User.objects.filter(is_active=True, is_superuser=False)
    return others.filter(Q(pk__in=members.values("user")) | Q(pk__in=on_duty.values("user"))).exists()


ITEMS: list[Item] = [
    Item(
        "organisation",
        _("Who runs this site"),
        _("The law asks for a legal notice, and people want to know to whom they write."),
        "volunteers/setup_checklist/organisation.html",
        lambda: bool(publisher().name and publisher().email),
        in_demo=False,
    ),
    Item(
        "mail",
        _("Mails"),
        _("Without mails nobody can confirm an address, accept an invitation or get an alarm."),
        "volunteers/setup_checklist/mail.html",
        lambda: saving.details().mail_tested_at is not None,
        in_demo=False,
    ),
    Item(
        "area",
        _("Your area"),
        _("Nothing can be drawn on the map until the site knows the borders of your city and its districts."),
        "volunteers/setup_checklist/area.html",
        lambda: Territory.objects.exists(),
    ),
    Item(
        "count",
        _("A count of people"),
        _("Without a count, the map shows where teams searched, and never how many people are left without help."),
        "volunteers/setup_checklist/count.html",
        lambda: Territory.objects.exists() and not people_counts.to_count(Territory.objects.all()),
    ),
    Item(
        "street_map",
        _("A street map"),
        _("Volunteers find their way by street names; without it, maps show only the borders of territories."),
        "volunteers/setup_checklist/street_map.html",
        lambda: bool(settings.BASEMAP_URL or installed.header()),
    ),
    Item(
        "associations",
        _("Associations"),
        _("Tours and encounters belong to an association, and its dispatchers answer needs."),
        "volunteers/setup_checklist/associations.html",
        lambda: Association.objects.exists(),
    ),
    Item(
        "people",
        _("People"),
        _("A site works once somebody else can sign in and has a role."),
        "volunteers/setup_checklist/people.html",
        _has_people,
    ),
    Item(
        "administrators",
        _("A second administrator"),
        _("If the only administrator leaves, falls ill or loses the second factor, nobody can help the others."),
        "volunteers/setup_checklist/administrators.html",
        lambda: administrators.with_factor() >= 2,
        in_demo=False,
    ),
]


def register(*items: Item) -> None:
    """Append items of a higher layer. An item that is already there is not added again."""
    known = {item.key for item in ITEMS}
    ITEMS.extend(item for item in items if item.key not in known)


def may_set_up(viewer: Viewer) -> bool:
    """Whether a viewer sees the checklist: administrators, unless they view the site as somebody else."""
    return viewer.is_administrator and viewer.view_as is None


def states() -> list[State]:
    """Return all items as they are now."""
    later = set(saving.details().later)
    items = [item for item in ITEMS if item.in_demo or not settings.DEMO]
    return [State(item, item.is_done(), item.key in later) for item in items]


def open_items() -> list[Item]:
    """Return the items for the home page: to do, and not put off."""
    return [state.item for state in states() if state.is_open]
