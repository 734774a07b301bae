"""Fixtures of the tests of needs: a network that can fail, and a phone behind it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from solidarity.ops.bench.network_conditions import NetworkProxy, network_proxy
from tests.conftest import until
from tests.needs.phone_queue.phone_page import HERE, PHONE, READY, OpenPhone, pages_cached
from tests.support import Enter
from volunteers.models import User


@pytest.fixture
def network(live_server: LiveServer) -> Iterator[NetworkProxy]:
    """A proxy in front of the live server: down, slow, or losing requests and answers."""
    with network_proxy(live_server.url) as proxy:
        yield proxy


@pytest.fixture
def phone(browser: Browser, enter: Enter, network: NetworkProxy) -> OpenPhone:
    """Open a page on somebody's phone."""

    def open_phone(user: User | None, path: str = "/", **options: str) -> Page:
        page = enter(browser, user, PHONE, geolocation=HERE, service_workers="allow", **options)
        page.goto(f"{network.url}{path}")
        page.wait_for_function(READY)
        until(lambda: pages_cached(page), 60, "the pages were not cached")
        return page

    return open_phone
