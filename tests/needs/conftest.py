"""Fixtures of the tests of needs: a network that can fail."""

from collections.abc import Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

from solidarity.ops.bench.network_conditions import NetworkProxy, network_proxy


@pytest.fixture
def network(live_server: LiveServer) -> Iterator[NetworkProxy]:
    """A proxy in front of the live server: down, slow, or losing requests and answers."""
    with network_proxy(live_server.url) as proxy:
        yield proxy
