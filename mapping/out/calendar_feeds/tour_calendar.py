"""A feed, or one tour, as an iCalendar file (RFC 5545). The calendar contains only districts and times, no places,
names or notes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from icalendar import Calendar, Event

from mapping.enums import FeedScope
from mapping.models import CalendarFeed
from needs.models import PlannedTour
from volunteers.models import Territory

REFRESH = timedelta(hours=1)
MOST_DISTRICTS = 3  # maximum number of districts named in the title of a tour
_UTC = ZoneInfo("UTC")


def calendar_of(
    feed: CalendarFeed, tours: Sequence[tuple[PlannedTour, list[Territory]]], events: Sequence[Event] = ()
) -> bytes:
    """Return the calendar of a feed in the active language, with its local events. The same tours and events give the
    same bytes."""
    calendar = _empty()
    calendar.add("name", title_of(feed))
    calendar.add("x-wr-calname", title_of(feed))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for plan, districts in tours:
        page = "" if feed.scope == FeedScope.TERRITORY else _page(feed, plan)
        calendar.add_component(_event(plan, districts, page, plan.cancelled_at or plan.made_at))
    for event in events:
        calendar.add_component(event)
    if events:
        calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def calendar_of_seat(plan: PlannedTour, districts: list[Territory]) -> bytes:
    """Return one tour that a volunteer joined, in the active language. The time stamp is the present time, so that a
    file downloaded after a change replaces the earlier event."""
    calendar = _empty()
    calendar.add_component(_event(plan, districts, "mapping:seat", timezone.now()))
    return bytes(calendar.to_ical())


def _empty() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Solidarity//planned tours//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    return calendar


def title_of(feed: CalendarFeed) -> str:
    """Return the name of a feed's calendar."""
    if feed.association is not None:
        return _("Tours of %(name)s") % {"name": feed.association.name}
    if feed.territory is not None:
        return _("Tours in %(name)s") % {"name": feed.territory.name}
    return _("My tours")


def _event(plan: PlannedTour, districts: list[Territory], page: str, stamp: datetime) -> Event:
    """Return a tour as an event. page: name of the page where the reader finds it after a sign-in; "" for none."""
    event = Event()
    event.add("uid", f"{plan.pk}@{_host()}")
    event.add("summary", _summary(districts))
    event.add("dtstamp", stamp.astimezone(_UTC).replace(microsecond=0))
    event.add("dtstart", plan.start.astimezone(_UTC))
    event.add("dtend", (plan.start + timedelta(minutes=plan.minutes)).astimezone(_UTC))
    event.add("status", "CANCELLED" if plan.cancelled_at else "CONFIRMED")
    event.add("sequence", 1 if plan.cancelled_at else 0)
    event.add("class", "PRIVATE")
    if page and not plan.cancelled_at:
        event.add("url", settings.SITE_URL + reverse(page, args=[plan.pk]))
    return event


def _summary(districts: list[Territory]) -> str:
    if not districts:
        return pgettext("in a calendar", "Tour")
    names = ", ".join(each.name for each in districts[:MOST_DISTRICTS])
    return pgettext("in a calendar", "Tour – %(districts)s") % {"districts": names}


def _page(feed: CalendarFeed, plan: PlannedTour) -> str:
    """Return the name of the page where the owner finds the tour after a sign-in."""
    own = feed.scope == FeedScope.OWN and plan.author_id != feed.user_id
    return "mapping:seat" if own else "needs:plan"


def _host() -> str:
    return settings.SITE_URL.partition("://")[2].partition(":")[0] or "localhost"
