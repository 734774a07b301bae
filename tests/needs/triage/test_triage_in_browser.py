"""A dispatcher's work in Chromium, in both languages: filter, open a need, locks, verify, merge, undo, call."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.enums import NeedState
from needs.models import Need, NeedLock
from tests.browser_checks import no_sideways, serious, shot, unfold
from tests.conftest import sign_in, until
from tests.needs.triage.triage_cases import reported
from tests.repetitions import again
from tests.support import Cast, Enter, dispatches

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
METRES_120 = (48.86708, 2.3500)

WORDS = {
    "en": {
        "on_it": "Carol is working on this need.", "taken": "Edith is working on this need.",
        "merged": "The two needs are merged", "undone": "undone",
        "alone": "Only their places match", "place": "Show the place",
    },
    "fr": {
        "on_it": "Carol travaille sur ce besoin.", "taken": "Edith travaille sur ce besoin.",
        "merged": "Les deux besoins sont fusionnés", "undone": "annulée",
        "alone": "Seul le lieu les rapproche", "place": "Voir le lieu",
    },
}  # fmt: skip


@pytest.mark.parametrize(("language", "size"), [("en", DESK), again("fr", PHONE)])
def test_from_the_filter_to_an_undone_merge_with_a_second_dispatcher_watching(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, language: str, size: dict[str, int]
) -> None:
    dispatches(cast.edith)
    need = reported(
        kinds=["blanket"], urgency="now", text="an old man without a blanket at the station", contact="06 12 34 56 78"
    )
    twin = reported(
        METRES_120, kinds=["blanket", "food"], text="old man at the station, no blanket", hours_ago=3,
        place_text="under the second bridge",
    )  # fmt: skip
    reported(kinds=["pet"])
    said, options = WORDS[language], {"locale": f"{language}-{language.upper()}"}
    name = f"{size['width']}-{language}"
    carol = enter(browser, cast.carol, size, **options)

    # The filter is in the URL.
    carol.goto(f"{live_server.url}/triage/")
    shot(carol, f"triage_queue-{name}")
    expect(carol.locator("[data-row]")).to_have_count(3)
    carol.locator("#filter > summary").click()
    carol.locator("#filter label", has=carol.locator("input[name=kinds][value=blanket]")).click()
    carol.locator("#filter form[method=get] button").click()
    carol.wait_for_url(re.compile("kinds=blanket"))
    expect(carol.locator("[data-row]")).to_have_count(2)
    shot(carol, f"triage_filtered-{name}")
    no_sideways(carol)
    assert serious(carol, axe) == []

    # Opening a need takes its lock. The second dispatcher sees the holder and a timer, and takes over with a click.
    carol.locator(f"#need-{need.pk} [data-row-link]").click()
    expect(carol.locator("[data-lock=mine] [data-until]")).to_have_text(re.compile(r"\((9|10):\d\d\)"))
    edith = enter(browser, cast.edith, size, **options)
    edith.goto(f"{live_server.url}/triage/{need.pk}/")
    expect(edith.locator("[data-lock=other]")).to_contain_text(said["on_it"])
    shot(edith, f"triage_lock-{name}")
    edith.locator("#lock button").click()
    expect(edith.locator("[data-lock=mine]")).to_be_visible()
    with carol.expect_request(re.compile(r"/lock/(\?|$)")) as renewal:
        carol.evaluate("() => htmx.trigger(document.querySelector('[data-leave]'), 'every')")  # as after a minute
    visit = carol.locator("[data-leave]").get_attribute("data-visit")
    assert visit and visit in (renewal.value.post_data or "")
    expect(carol.locator("[data-lock=other]")).to_contain_text(said["taken"])
    left = edith.locator("[data-leave]").get_attribute("data-visit")
    edith.goto(f"{live_server.url}/triage/ageing/")  # Carol's next renewal may take the lock as soon as it is free
    until(lambda: not NeedLock.objects.filter(holder=cast.edith).exists(), message="leaving did not give the lock back")
    sign_in(Client(), cast.edith).post(f"/triage/{need.pk}/lock/", {"visit": left})  # Edith's renewal arrives late
    assert not NeedLock.objects.filter(holder=cast.edith).exists()

    # Carol verifies the need and opens it to volunteers.
    with carol.expect_navigation():
        carol.locator(".triage-do button[value=verified]").click()
    expect(carol.locator(".triage-do button[value=open]")).to_be_visible()
    expect(carol.locator("[data-lock=mine]")).to_be_visible()
    with carol.expect_navigation():
        carol.locator(".triage-do button[value=open]").click()
    expect(carol.locator(".triage-do button[value=verified]")).to_have_count(0)
    need.refresh_from_db()
    assert need.state == NeedState.OPEN
    shot(carol, f"triage_need-{name}")
    no_sideways(carol)
    assert serious(carol, axe) == []

    # The list and the comparison say if needs are similar only because of their place.
    unlike = reported(kinds=["blanket"], text="hungry family with two children")
    carol.reload()
    candidate = carol.locator(".triage-candidates li", has=carol.locator(f"a[href*='{unlike.pk}']"))
    unfold(candidate)
    expect(candidate.locator(".triage-like__only")).to_contain_text(said["alone"])
    candidate.locator("a").click()
    expect(carol.locator(".triage-pair section")).to_have_count(2)
    expect(carol.locator(".triage-like__only")).to_contain_text(said["alone"])
    shot(carol, f"triage_alone-{name}")
    no_sideways(carol)
    carol.locator(".back-link").click()

    # The two needs are compared, merged, and separated again. The merged need shows the words and the place of both.
    likely = carol.locator(f".triage-candidates a[href*='{twin.pk}']")
    unfold(likely)
    likely.click()
    expect(carol.locator(".triage-pair section")).to_have_count(2)
    expect(carol.locator(".triage-like__only")).to_have_count(0)
    shot(carol, f"triage_compare-{name}")
    no_sideways(carol)
    assert serious(carol, axe) == []
    carol.locator(".triage-pair button").first.click()
    expect(carol.locator("html[data-keys] .messages")).to_contain_text(said["merged"])
    need.refresh_from_db()
    twin.refresh_from_db()
    assert (need.kinds, twin.state) == (["blanket", "food"], "duplicate")
    other = carol.locator(".triage-others")
    expect(other).to_contain_text("old man at the station, no blanket")
    expect(other).to_contain_text("under the second bridge")
    unfold(other.locator(".triage-others__one"))
    other.get_by_role("button", name=said["place"]).click()
    expect(other.locator("canvas")).to_be_visible()
    no_sideways(carol)
    assert serious(carol, axe) == []
    shot(carol, f"triage_merged-{name}")
    undo = carol.locator("#duplicates form[action*='/undo/'] button")
    unfold(undo)
    undo.click()
    expect(carol.locator(".messages")).to_contain_text(said["undone"])
    need.refresh_from_db()
    twin.refresh_from_db()
    assert (need.kinds, twin.state) == (["blanket"], "new")
    expect(other).to_have_count(0)
    assert "kinds=blanket" in carol.url

    # A call to the reporter, and the list of ageing needs.
    carol.locator("form[action*='/contact/'] button").click()
    expect(carol.get_by_text("06 12 34 56 78")).to_be_visible()
    shot(carol, f"triage_contact-{name}")
    no_sideways(carol)
    Need.objects.update(filed_at="2026-01-01T00:00Z")
    carol.goto(f"{live_server.url}/triage/ageing/")
    shot(carol, f"triage_ageing-{name}")
    no_sideways(carol)
    assert serious(carol, axe) == []


@pytest.mark.repetition
def test_all_steps_work_by_keyboard_and_not_while_typing(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    first, second = reported(hours_ago=2), reported(hours_ago=1, kinds=["tent"])
    page = enter(browser, cast.carol, DESK)
    page.goto(f"{live_server.url}/triage/")
    expect(page.locator("#bulk button[value=verify]")).to_be_disabled()
    keys = page.keyboard
    keys.press("j")
    expect(page.locator(f"#need-{first.pk} [data-row-link]")).to_be_focused()
    keys.press("x")
    keys.press("j")
    keys.press("x")
    expect(page.locator(f"#need-{second.pk} input[type=checkbox]")).to_be_checked()
    expect(page.locator("[data-count]")).to_contain_text("2")
    keys.press("x")
    keys.press("k")
    keys.press("?")
    expect(page.locator("#keys kbd").first).to_be_visible()
    keys.press("?")
    keys.press("/")
    expect(page.locator("#filter select").first).to_be_focused()
    page.locator("#filter > summary").focus()
    keys.press("j")
    keys.press("k")
    keys.press("v")
    until(lambda: Need.objects.filter(state="verified").exists(), 60, "v did not verify")
    assert Need.objects.get(state="verified") == first
    expect(page.locator("html[data-keys] .messages")).to_be_visible()
    keys.press("j")
    keys.press("o")
    until(lambda: Need.objects.filter(pk=first.pk, state="open").exists(), 60, "o did not open")
    expect(page.locator(f"html[data-keys]:not(:has(#need-{first.pk} [data-key=o]))")).to_have_count(1)
    keys.press("j")
    keys.press("j")
    keys.press("d")
    page.wait_for_url(re.compile(f"{second.pk}/#duplicates"))
    expect(page.locator("html[data-keys] #plain_text")).to_have_count(1)
    page.locator("#plain_text").evaluate("(box) => { box.closest('details').open = true; box.focus(); }")
    keys.press("v")
    expect(page.locator("#plain_text")).to_have_value("v")
    second.refresh_from_db()
    assert second.state == "new"


@pytest.mark.repetition
def test_dispatchers_can_do_everything_without_javascript(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    need, other = reported(), reported()
    page = enter(browser, cast.carol, PHONE, java_script_enabled=False)
    page.goto(f"{live_server.url}/triage/")
    page.locator(f"#need-{need.pk} input[type=checkbox]").check()
    with page.expect_navigation():
        page.locator("#bulk button[value=verify]").click()
    need.refresh_from_db()
    assert need.state == "verified"
    page.goto(f"{live_server.url}/triage/{need.pk}/duplicates/{other.pk}/")
    with page.expect_navigation():
        page.locator(".triage-pair button").first.click()
    other.refresh_from_db()
    assert other.state == "duplicate"
    unfold(page.locator("#duplicates form[action*='/undo/'] button"))
    with page.expect_navigation():
        page.locator("#duplicates form[action*='/undo/'] button").click()
    other.refresh_from_db()
    assert other.state == "new"
