"""The log of the site: requests that are answered as faulty are one line, without a traceback."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest
from django.test import Client

from solidarity.lib.http.logged_paths import RoutesForPaths
from tests.support import Cast, SignedIn


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the console handler of the site writes."""
    [handler] = [
        each
        for each in logging.getLogger().handlers
        if isinstance(each, logging.StreamHandler) and any(isinstance(one, RoutesForPaths) for one in each.filters)
    ]
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before or sys.stderr)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_an_odd_date_is_one_line(cast: Cast, signed_in: SignedIn, log: io.StringIO, day: str) -> None:
    assert signed_in(cast.carol).get(f"/map/t/nord/tonight/?date={day}").status_code == 400
    assert "Bad Request" in log.getvalue() or "WARNING" in log.getvalue()
    assert "Traceback" not in log.getvalue()


def test_a_fault_of_the_site_keeps_its_traceback(log: io.StringIO, client: Client) -> None:
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        logging.getLogger("django.request").error("failed", exc_info=True, extra={"status_code": 500})
    assert "Traceback" in log.getvalue()
