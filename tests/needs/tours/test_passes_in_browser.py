"""The passes of a tour, as the phone finds them in Chromium."""

import random

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from needs.base.records.time_per_cell import passes_of
from tests.support import Cast, Enter

AGREE = """async (histories) => {
  const { passesOf } = await import('/static/solidarity/tours/tour-mode-time.js');
  return histories.map((stays) => passesOf([], stays, null, Infinity).map(({cell, minutes}) => [cell, minutes]));
}"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_phone_finds_the_same_passes_as_the_server(
    cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer
) -> None:
    dice = random.Random(3)
    histories = [
        [(dice.choice([1, 2, 3]), dice.choice([0.23, 0.71, 1.13, 1.9, 2.5, 8.0])) for _ in range(30)] for _ in range(60)
    ]
    timed = []
    for history in histories:
        clock = 0.0
        stays: list[dict[str, float]] = []
        for cell, minutes in history:
            stays.append({"cell": cell, "from": clock * 60e3, "to": (clock + minutes) * 60e3})
            clock += minutes
        timed.append(sorted(stays, key=lambda stay: stay["cell"]))  # in any order
    page = enter(browser, None, {"width": 390, "height": 844})
    page.goto(f"{live_server.url}/")
    for history, said in zip(histories, page.evaluate(AGREE, timed), strict=True):
        by_cell: dict[int, list[float]] = {}
        for at, minutes in said:
            by_cell.setdefault(at, []).append(minutes)
        expected = passes_of(history)
        assert by_cell.keys() == expected.keys()
        for cell, passes in expected.items():
            assert by_cell[cell] == pytest.approx(list(passes))
