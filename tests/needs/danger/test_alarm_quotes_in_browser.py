"""From a message of danger on the reporter's page to its words beside the alarm on the desk's pages."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.help.commitments import taking
from needs.help.reporter_messages import reporter_writing
from needs.models import DangerAlarm, Need, RefusedMessage
from needs.reports.filing import follow_token
from tests.browser_checks import no_sideways, serious, shot
from tests.needs.danger.danger_cases import FRENCH
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1440, "height": 900}
WORDS = f"3e étage, code 4711 : {FRENCH['not_breathing']}"  # type: ignore[index]


def test_words_of_a_message_reach_the_lane_and_the_need_also_after_the_need_was_closed(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    need = reported(state="open", text="deux couvertures")
    page = enter(browser, None, PHONE, locale="fr-FR")
    page.goto(f"{live_server.url}/follow/{follow_token(need.pk)}/")
    page.locator("form[action$='/message/'] textarea").fill(WORDS)
    with page.expect_navigation():
        page.locator("form[action$='/message/'] button[type=submit]").click()
    expect(page.locator(".call--first")).to_have_attribute("href", "tel:15")

    desk = enter(browser, cast.carol, DESK, locale="fr-FR")
    desk.goto(f"{live_server.url}/desk/alarms/")
    quote = desk.locator(".danger-row .danger-quote")
    expect(quote).to_have_count(1)
    expect(quote.locator("blockquote")).to_have_text(WORDS)
    expect(quote.locator(".tag--danger")).to_have_count(1)
    desk.locator(".danger-row [name=step][value=called]").click()
    expect(desk.locator(".danger-row--waits")).to_have_count(0)

    Need.objects.filter(pk=need.pk).update(state="met")
    writing.keep_danger(need, Speaker.REPORTER, f"encore : {WORDS}")
    assert RefusedMessage.objects.count() == 1
    desk.goto(f"{live_server.url}/triage/{need.pk}/")
    expect(desk.locator(".danger-lane .danger-quote")).to_have_count(2)
    expect(desk.locator(".danger-quote blockquote").first).to_have_text(f"encore : {WORDS}")
    expect(desk.locator("#said ~ *").filter(has_text="4711")).to_have_count(0)


@pytest.mark.repetition
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_with_quotes_fit_and_can_be_read(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, size: dict[str, int], locale: str,
    scheme: str,
) -> None:  # fmt: skip
    need = reported(state="open", text="deux couvertures pour la nuit, devant la gare")
    own = taking.take(need.pk, cast.bob)
    reporter_writing.write_to_holders(need, WORDS)
    reporter_writing.write_to_desk(need, f"{'mot ' * 60}{FRENCH['fire']} {'très' * 20}")  # type: ignore[index]
    writing.keep_danger(need, Speaker.VOLUNTEER, WORDS)
    alarm = DangerAlarm.objects.get()
    pages = {
        "lane": (cast.carol, "/desk/alarms/"), "alarm": (cast.carol, f"/desk/alarms/{alarm.pk}/"),
        "need": (cast.carol, f"/triage/{need.pk}/"), "coordinator": (cast.diane, "/desk/alarms/"),
        "thread": (cast.bob, f"/conversations/commitment/{own.pk}/"),
        "follow": (None, f"/follow/{follow_token(need.pk)}/?receipt=1"),
    }  # fmt: skip
    for name, (person, path) in pages.items():
        page = enter(browser, person, size, locale=locale, color_scheme=scheme)
        page.goto(live_server.url + path)
        shot(page, f"quotes_{name}_{size['width']}_{locale[:2]}_{scheme}")
        no_sideways(page)
        assert serious(page, axe) == [], name
        page.context.close()
