"""The first hour in a real browser on a small phone: from "I want to help" to the first useful page."""

from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.conftest import PASSWORD, until
from tests.needs.matching.matching_cases import HERE, need_at
from tests.repetitions import again
from tests.support import City, Enter
from volunteers.models import Association, Profile, User

pytestmark = pytest.mark.browser

SMALL = {"width": 360, "height": 640}
MAIL = "newcomer@example.org"


class Walk:
    """A page that counts taps and typed characters."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.keys = 0

    def tap(self, what: Any) -> None:
        self.taps += 1
        what.click()

    def write(self, what: Any, text: str) -> None:
        self.taps += 1
        self.keys += len(text)
        what.fill(text)

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)


def small_targets(page: Page) -> list[str]:
    """Return what can be tapped in the content of the page and is lower or narrower than 48 px, without links in
    sentences."""
    page.wait_for_load_state()  # without its styles, everything is lower
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main :is(button, input, select, label.choice, a.btn)")]
          .filter((each) => each.type !== "hidden" && each.checkVisibility({ opacityProperty: false })
                            && !each.closest("label.choice, .form-check"))
          .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
          .filter(([, box]) => box.height && (box.height < 47.5 || box.width < 47.5))
          .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    )
    return found


def confirmation_link() -> str:
    [sent] = mail.outbox
    [link] = [word for word in sent.body.split() if "/accounts/confirm-email/" in word]
    return str("/" + link.split("/", 3)[3])


@pytest.fixture
def newcomer(transactional_db: None, browser: Browser, live_server: LiveServer, enter: Enter, city: City) -> Walk:
    """A visitor on a small phone, on the home page."""
    here = {"latitude": HERE[0], "longitude": HERE[1]}
    page = enter(browser, None, SMALL, geolocation=here, locale="en-GB")
    page.goto(live_server.url)
    return Walk(page)


def sign_up(walk: Walk, live_server: LiveServer) -> None:
    page = walk.page
    walk.tap(page.get_by_role("link", name="I want to help"))
    expect(page.locator("input[type=password]")).to_have_count(1)
    assert not small_targets(page)
    walk.write(page.get_by_label("E-mail address"), MAIL)
    walk.write(page.get_by_label("Password", exact=True), PASSWORD)
    walk.tap(walk.button("Create my account"))
    expect(page.get_by_text("Open the link in the message on this device")).to_be_visible()
    walk.taps += 1  # on the link in the mail
    page.goto(live_server.url + confirmation_link())


def test_from_i_want_to_help_to_the_first_useful_page(newcomer: Walk, live_server: LiveServer) -> None:
    walk, page = newcomer, newcomer.page
    need = need_at()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    sign_up(walk, live_server)

    # Signed in at once, on the first of three questions; the question and its answers are on the first screen.
    expect(page).to_have_url(live_server.url + "/welcome/where/")
    expect(page.get_by_text("1 of 3")).to_be_in_viewport()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert not small_targets(page)
    walk.tap(walk.button("Use my position"))
    expect(page.locator("[data-place][data-chosen]")).to_have_count(1)
    walk.tap(walk.button("Continue"))

    expect(page.get_by_text("2 of 3")).to_be_in_viewport()
    assert not small_targets(page)
    box = page.locator("[name=times][value='1-evening']")
    expect(box).to_be_in_viewport()
    walk.tap(box)
    walk.tap(walk.button("Continue"))

    expect(page.get_by_text("3 of 3")).to_be_in_viewport()
    assert not small_targets(page)
    walk.tap(page.locator("[name=kinds][value=food]"))
    walk.tap(page.locator("[name=languages][value=ar]"))
    walk.tap(walk.button("Continue"))

    expect(page.get_by_role("heading", name="With an association, or on your own?")).to_be_visible()
    assert not small_targets(page)
    walk.tap(page.get_by_role("link", name="Help on my own for now"))

    # The first useful page says what happens next, and the needs near the base are one tap away.
    card = page.locator("[data-card=card_next]")
    expect(card.get_by_role("heading", name="What happens next")).to_be_in_viewport()
    assert "question" not in card.inner_text()
    walk.tap(card.get_by_role("link", name="Needs near me"))
    expect(page.locator(f"a[href='{reverse('needs:open_need', args=[need.pk])}']").first).to_be_visible()

    profile = Profile.objects.get(user__email=MAIL)
    assert (profile.kinds, profile.languages, profile.windows.count()) == (["food"], ["ar"], 1)
    assert walk.taps == 14
    assert walk.keys == len(MAIL) + len(PASSWORD)
    assert not problems


@pytest.mark.parametrize("step", ["where", *map(again, ("when", "what", "together"))])
@pytest.mark.parametrize("size", [SMALL, again({"width": 1440, "height": 900})], ids=["phone", "desk"])
def test_the_questions_are_accessible_and_fit(
    transactional_db: None, browser: Browser, live_server: LiveServer, enter: Enter, city: City, axe: str, step: str,
    size: dict[str, int],
) -> None:  # fmt: skip
    Association.objects.create(name="Maraude du Nord", slug="maraude")
    user = User.objects.create_user("new@example.org", PASSWORD)
    page = enter(browser, user, size)
    page.goto(f"{live_server.url}/welcome/{step}/")
    page.evaluate(axe)
    broken = page.evaluate(
        "async () => (await axe.run({ runOnly: ['wcag2a', 'wcag2aa'] })).violations.map((v) => v.id)"
    )
    assert broken == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.repetition
def test_going_back_and_skipping_loses_nothing(
    transactional_db: None, browser: Browser, live_server: LiveServer, enter: Enter, city: City
) -> None:
    user = User.objects.create_user("new@example.org", PASSWORD)
    page = enter(browser, user, SMALL)
    page.goto(f"{live_server.url}/welcome/when/")
    page.locator("[name=times][value='6-night']").check(force=True)
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page).to_have_url(live_server.url + "/welcome/where/")
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.locator("[name=times][value='6-night']")).to_be_checked()
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page).to_have_url(live_server.url + "/welcome/what/")
    page.locator("[name=skills][value=cooking]").check(force=True)
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page).to_have_url(live_server.url + "/welcome/together/")
    profile = Profile.objects.get(user=user)
    assert (profile.base, profile.skills, profile.windows.count()) == (None, ["cooking"], 1)
    page.get_by_role("link", name="Help on my own for now").click()
    page.locator(".what-next").get_by_role("link", name="Answer 1 short question").click()
    expect(page).to_have_url(live_server.url + "/welcome/where/")


def test_another_browser_asks_for_a_tap_and_the_password(
    newcomer: Walk, browser: Browser, live_server: LiveServer, enter: Enter
) -> None:
    sign_up_page = newcomer.page
    newcomer.tap(sign_up_page.get_by_role("link", name="I want to help"))
    newcomer.write(sign_up_page.get_by_label("E-mail address"), MAIL)
    newcomer.write(sign_up_page.get_by_label("Password", exact=True), PASSWORD)
    newcomer.tap(newcomer.button("Create my account"))
    until(lambda: len(mail.outbox) == 1)
    other = enter(browser, None, SMALL, locale="en-GB")
    other.goto(live_server.url + confirmation_link())
    other.get_by_role("button", name="Yes, confirm it").click()
    other.locator("[name=login]").fill(MAIL)
    other.locator("[name=password]").fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other).to_have_url(live_server.url + "/welcome/where/")
