"""In a real Chromium without network, a crew types the codes of labels; the stock changes once when the network is back."""

import pytest
from playwright.sync_api import expect

from needs.models import StockMove
from needs.neighbours.lending import stock
from solidarity.ops.bench.network_conditions import NetworkProxy
from tests.browser_checks import no_sideways, serious, shot
from tests.conftest import until
from tests.needs.phone_queue.phone_page import OpenPhone, set_offline
from tests.needs.stock_labels.test_scanning import stocked, tour_of
from tests.support import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_goes_out_is_scanned_without_network_and_undone_before_it_is_sent(
    cast: Cast, phone: OpenPhone, network: NetworkProxy, axe: str
) -> None:
    item = stocked(cast.maraude)
    tour_of(cast.bob, cast.maraude)
    page = phone(cast.bob, "/stock/scan/")
    set_offline(page, network)
    page.goto(f"{network.url}/stock/scan/")
    page.locator("[data-stock-scan][data-ready]").wait_for()
    for number in ("4", "2"):
        page.locator("[name=quantity]").fill(number)
        page.locator("[name=label]").fill((item.label or "").lower())
        page.get_by_role("button", name="Save").click()
        expect(page.locator("[data-stock-said]")).to_have_text(f"{number} × Tente")
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, "stock-scan-390")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("[data-stock-list] > li")).to_have_count(1)
    page.locator("[name=label]").fill("nonsense")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-stock-said]")).to_have_text("This is not a code of a label.")
    set_offline(page, network, False)
    until(lambda: StockMove.objects.filter(item=item).exists(), 40, "the scan did not arrive")
    assert stock.level_of(item).out == 4
    expect(page.locator("[data-stock-list] [data-state=acknowledged]")).to_be_visible()
