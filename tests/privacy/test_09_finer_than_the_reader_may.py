"""Attack 9: read everything sent to a reader, attributes included, and look for places finer than the role allows."""

import functools
import re
from collections import Counter
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.test import Client
from django.urls import Resolver404, resolve

from mapping.map.pages import borders
from needs.models import CitizenReport, Encounter, Need
from solidarity.lib import grid
from tests.conftest import PASSWORD
from tests.privacy.addresses import routes
from tests.privacy.answers import Points, cells_in
from volunteers.enums import Duty
from volunteers.models import Assignment, Association, Membership, Notification, Profile, Territory, User
from volunteers.places.place_names import bearings

pytestmark = pytest.mark.xdist_group("privacy demonstration")  # the demonstration is stored once per module

FINEST = {"nobody": 8, "volunteer": 9, "member": 9, "coordinator": 10}  # H3 resolutions (docs/privacy.md)
LINK = re.compile(r'(?:href|src|action|hx-get|data-[a-z-]+)="(/[^"#]*)"')
PHONE = re.compile(r"(?<![\d-])(?:\+33|0)[67](?:[ .]?\d\d){4}(?![\d-])")
MADE_UP = {"styleguide/"}  # the page of interface components, only in demonstrations
PER_ROUTE, PAGES = 2, 70


@pytest.fixture
def readers(demo: None) -> dict[str, Client]:
    """Readers who have no data of their own here: they filed no report and took no need."""
    paris, district = Territory.objects.get(slug="paris"), Territory.objects.get(slug="paris-15")
    clients = {"nobody": Client()}
    for name in ("volunteer", "member", "coordinator"):
        user = User.objects.create_user(f"{name}@attack.example", PASSWORD, display_name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        clients[name] = Client()
        clients[name].force_login(user)
        if name == "volunteer":
            Assignment.objects.create(user=user, territory=district, duty=Duty.VOLUNTEER)
            cell = Need.objects.exclude(point=None)[0].cell
            assert cell is not None
            lat, lng = grid.centre(cell)
            Profile.objects.create(user=user, base=Point(lng, lat, srid=4326), radius=10_000)
        elif name == "member":
            own = Association.objects.create(slug="new-here", name="New here")
            Membership.objects.create(user=user, association=own)
        else:
            Assignment.objects.create(user=user, territory=paris, duty=Duty.COORDINATOR, purpose="the winter's tours")
    return clients


@functools.cache
def exact_points() -> Points:
    """Return exact points of reports and needs, except within ten metres of a point of a border, a well-known place or a
    water: these are public, and do not come from reports. They are read once, because no test of this module changes
    them."""
    found: list[Any] = []
    for model in (Encounter, CitizenReport, Need):
        found += model.objects.exclude(point=None).values_list("point", flat=True)
    points = Points((point.y, point.x) for point in found)
    for root in Territory.objects.filter(parent=None):
        points.known -= points.found_in(borders.borders_of(root).data.decode())
    points.known -= points.found_in(bearings.geojson().decode())
    return points


def read_everything(reader: Client) -> dict[str, str]:
    """Yield every reachable page with its content, at most a few per route."""
    waiting = ["/" + route.pattern for route in routes() if not route.names and route.pattern not in MADE_UP]
    seen: Counter[str] = Counter()
    pages: dict[str, str] = {}
    while waiting and len(pages) < PAGES:
        address = waiting.pop(0)
        try:
            route = resolve(address.split("?")[0]).route
        except Resolver404:
            continue
        if address in pages or seen[route] >= PER_ROUTE or "logout" in address:
            continue
        seen[route] += 1
        cache.clear()
        answer: Any = reader.get(address)
        if answer.status_code in (301, 302):
            waiting.insert(0, answer["Location"])
        if answer.status_code != 200 or "image" in answer.get("Content-Type", ""):
            continue
        body = answer.getvalue() if answer.streaming else answer.content
        pages[address] = f"{answer.headers}\n{body.decode('utf-8', 'replace')}"
        waiting += [
            link.replace("&amp;", "&") for link in LINK.findall(pages[address]) if not link.startswith("/static")
        ]
    return pages


@pytest.mark.parametrize("who", FINEST)
def test_no_page_holds_a_place_finer_than_its_readers(who: str, readers: dict[str, Client]) -> None:
    exact = exact_points()
    assert len(exact.known) > 100
    pages = read_everything(readers[who])
    assert len(pages) > (12 if who == "nobody" else 25)
    for address, text in pages.items():
        assert exact.found_in(text) == set(), address
        finer = {cell: resolution for cell, resolution in cells_in(text).items() if resolution > FINEST[who]}
        assert finer == {}, address
        assert PHONE.findall(text.split("<main", 1)[-1]) == [], address


def test_no_notification_holds_a_place_a_number_or_a_name(demo: None) -> None:
    names = set(User.objects.exclude(display_name="").values_list("display_name", flat=True))
    exact = exact_points()
    rows = Notification.objects.all()
    assert rows.count() >= 5
    for notification in rows:
        text = f"{notification.title} {notification.body} {notification.path}"
        assert re.findall(r"\d+\.\d{2,}", text) == []
        assert cells_in(text) == {}
        assert PHONE.findall(text) == []
        assert exact.found_in(text) == set()
        assert not names & set(re.findall(r"\w+", notification.title + " " + notification.body))
