"""The content security policy in Chromium: no page violates its own."""

from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.support import Cast, Enter

LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""
WALKS = {
    "nobody": ("/", "/about/", "/help/", "/accounts/login/", "/accounts/signup/", "/api/docs/", "/accounts/password/reset/"),
    "carol": (
        "/", "/map/", "/map/t/nord/", "/map/zones/", "/open/", "/encounters/new/", "/tours/", "/plans/", "/triage/",
        "/triage/ageing/", "/commitments/", "/capacities/", "/alerts/new/", "/me/", "/me/notifications/", "/me/offer/",
        "/me/tokens/", "/accounts/2fa/", "/accounts/sessions/",
    ),
    "diane": (
        "/map/dashboard/", "/map/reports/", "/map/audit/", "/map/crises/new/", "/map/t/nord/parameters/",
        "/map/t/nord/cold/", "/map/tonight/", "/map/t/ville/recurring/",
    ),
    "farid": ("/people/administrators/", "/admin/", "/admin/volunteers/user/", "/accounts/2fa/totp/activate/"),
}  # fmt: skip


@pytest.mark.browser
@pytest.mark.xdist_group("headers")
@pytest.mark.django_db(transaction=True)
def test_no_page_breaks_its_own_content_policy(
    cast: Cast, live_server: LiveServer, browser: Browser, enter: Enter, settings: Settings
) -> None:
    settings.DJANGO_ADMIN = True
    broken: list[str] = []

    def heard(said: Any) -> None:
        if any(name in said.text for name in ("Content Security Policy", "Permissions policy", "Permissions-Policy")):
            broken.append(said.text)

    for who, paths in WALKS.items():
        page = enter(browser, getattr(cast, who, None), {"width": 1280, "height": 900})
        page.add_init_script(LISTEN)
        page.on("console", heard)
        for path in paths:
            answer = page.goto(live_server.url + path, wait_until="load")
            assert answer is not None and answer.status == 200, (who, path)
            page.evaluate(
                "new Promise((done) => requestIdleCallback(done, {timeout: 5000}))"
            )  # by then the browser has reported all violations
            broken += [f"{path}: {said}" for said in page.evaluate("window.violations")]
        # The test violates the policy on purpose, to show that the listener works.
        page.evaluate("document.body.setAttribute('style', 'color: red')")
        page.wait_for_function("() => window.violations.length > 0")
        assert len(page.evaluate("window.violations")) == 1, who
    assert [said for said in broken if "color: red" not in said and "inline style" not in said] == []
