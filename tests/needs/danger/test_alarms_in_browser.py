"""A danger alarm in Chromium: report, emergency numbers, sound at the desk, answer, receipt; on phone and desktop."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.crises.crisis_events import PRESET
from needs.models import DangerAlarm, Need
from needs.reports.filing import follow_token
from solidarity.lib.danger_words.flags import DangerFlag
from tests.browser_checks import answer, no_sideways, send_answers, serious, shot
from tests.conftest import until
from tests.needs.crises.crisis_cases import opened
from tests.needs.danger.danger_cases import FRENCH, by_form, encounter_with
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, Enter
from volunteers.places.territories import duties

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, SMALL, DESK = {"width": 360, "height": 640}, {"width": 320, "height": 640}, {"width": 1440, "height": 900}
TEXT = "Il ne répond pas, lèvres bleues, inconscient"
BEEP = """
window.rings = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.rings += 1; return start.apply(this, when); };
"""


def test_from_the_report_to_the_answer_on_the_receipt(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    duties.go_on_duty(cast.carol)
    desk = enter(browser, cast.carol, DESK, locale="fr-FR")
    desk.add_init_script(BEEP)
    desk.goto(f"{live_server.url}/triage/")
    desk.locator("[data-alarm-sound]").click()
    expect(desk.locator("[data-alarm-sound]")).to_have_attribute("aria-pressed", "true")
    expect(desk.locator("[data-alarm-words]")).not_to_be_empty()

    page = enter(browser, None, PHONE, locale="fr-FR")
    page.goto(f"{live_server.url}/help/none/form/")
    answer(page, place_text="devant la gare", kinds="blanket", urgency="later", origin="citizen", text=TEXT)
    send_answers(page)
    expect(page.locator(".call--first")).to_have_attribute("href", "tel:15")
    no_sideways(page)
    assert Need.objects.count() == 1
    with page.expect_navigation():
        page.locator("[name=say][value=cannot_call]").click()
    expect(page.locator(".danger-banner")).to_be_visible()

    # This event makes the page ask for alarms now instead of in 15 seconds.
    desk.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(desk.locator("[data-alarm-watch]")).to_have_attribute("data-waiting", "")
    desk.wait_for_function("() => window.rings > 0")
    desk.locator("[data-alarm-reload]").click()
    row = desk.locator(".triage-row--alarm")
    expect(row).to_have_count(1)
    shot(desk, "danger_desk")
    row.locator("[name=step][value=called]").click()
    expect(desk.locator(".triage-row--alarm")).to_have_count(0)
    assert DangerAlarm.objects.get().step == "called"
    need = Need.objects.get()
    Need.objects.filter(pk=need.pk).update(filed_at=need.filed_at - timedelta(hours=22, minutes=20))
    small = enter(browser, cast.carol, PHONE, locale="fr-FR")
    for path, shown in (("/triage/", ".triage-row__alarm .tag"), (f"/triage/{need.pk}/", ".facts time")):
        small.goto(live_server.url + path)
        expect(small.locator(shown).first).to_be_visible()
        no_sideways(small)
    page.reload()
    expect(page.locator(".alert-success").first).to_be_visible()
    expect(page.locator(".danger-banner")).to_have_count(0)


def test_the_desk_hears_of_an_alarm_while_its_page_is_hidden(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    """The desk also hears of it after a loss of the network. The list on the page is updated only when somebody looks
    at it."""
    page = enter(browser, cast.carol, DESK)
    page.clock.install()
    page.goto(f"{live_server.url}/triage/")
    words, asked = page.locator("[data-alarm-words]"), list[str]()
    expect(words).to_have_text("No alarm is waiting.")
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/desk/alarms/state/", lambda route: route.abort())
    page.clock.run_for(16_000)
    expect(words).to_have_text(page.locator("[data-alarm-watch]").get_attribute("data-lost") or "")
    page.unroute("**/desk/alarms/state/")
    alarm = DangerAlarm.objects.create(need=reported(), source="words")
    page.clock.run_for(16_000)
    expect(page.locator("[data-alarm-watch]")).to_have_attribute("data-waiting", "")
    expect(page.locator("[data-alarm-reload]")).to_be_visible()
    DangerAlarm.objects.filter(pk=alarm.pk).update(acknowledged_at=timezone.now())
    page.clock.run_for(16_000)
    expect(page.locator("[data-alarm-reload]")).to_be_hidden()
    DangerAlarm.objects.filter(pk=alarm.pk).update(acknowledged_at=None)  # a new message opened it again
    page.clock.run_for(16_000)
    expect(page.locator("[data-alarm-reload]")).to_be_visible()
    assert not [each for each in asked if "/triage/changes/" in each]


def test_without_a_network_the_numbers_come_from_the_phone_and_the_answer_follows(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = enter(browser, None, PHONE, locale="fr-FR")
    page.goto(f"{live_server.url}/help/none/form/")
    said = "il y a le feu à la tente"
    answer(page, place_text="devant la gare", kinds="blanket", urgency="later", origin="citizen", text=said)
    expect(page.locator("[data-danger-typing]")).to_be_visible()  # the danger words are on the phone
    page.context.set_offline(True)
    send_answers(page)
    expect(page.locator("[data-danger-saved]")).to_be_visible()
    expect(page.locator("[data-danger-saved] [data-danger-lines=fire] a").first).to_have_attribute("href", "tel:18")
    expect(page.locator("[data-danger-saved] [data-danger-lines=medical]")).to_be_hidden()
    expect(page.locator("[data-shelter-saved]")).to_be_hidden()
    no_sideways(page)
    shot(page, "danger_offline")
    page.locator("[data-danger-answer=called]").click()
    expect(page.locator("[data-danger-answer=called]")).to_have_attribute("aria-pressed", "true")
    page.context.set_offline(False)
    page.goto(f"{live_server.url}/queue/")
    until(lambda: DangerAlarm.objects.filter(reporter_answer="called").exists(), message="the answer did not arrive")
    expect(page.locator("[data-id]")).to_have_count(0)


def test_without_a_network_who_needs_a_bed_sees_the_number_for_it(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = enter(browser, None, PHONE, locale="fr-FR")
    page.goto(f"{live_server.url}/help/none/form/")
    answer(page, place_text="devant la gare", kinds="shelter", urgency="now", origin="self", text="il fait nuit")
    page.context.set_offline(True)
    send_answers(page)
    bed = page.locator("[data-shelter-saved]")
    expect(bed.locator("a")).to_have_attribute("href", "tel:115")
    expect(bed.locator("a")).to_be_visible()
    expect(page.locator("[data-danger-saved]")).to_be_hidden()
    no_sideways(page)
    shot(page, "bed_offline")


def test_the_page_of_violence_is_left_quickly(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    path = f"/follow/{follow_token(by_form(Client(), FRENCH[DangerFlag.VIOLENCE]))}/"
    page = enter(browser, None, PHONE, locale="fr-FR")
    page.goto(f"{live_server.url}/about/")
    page.goto(live_server.url + path)
    expect(page).to_have_title("Information")
    page.locator("[data-quick-exit]").click()
    expect(page).to_have_url(f"{live_server.url}/")
    page.go_back()
    expect(page).to_have_url(f"{live_server.url}/about/")


@pytest.mark.parametrize(
    ("size", "locale", "scheme"),
    [
        (SMALL, "fr-FR", "light"),
        *(
            pytest.param(size, locale, scheme, marks=pytest.mark.repetition)
            for size in (PHONE, DESK)
            for locale in ("fr-FR", "en-GB", "ar")
            for scheme in ("light", "dark")
        ),
    ],
)
@pytest.mark.repetition
def test_pages_fit_and_can_be_read(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, size: dict[str, int], locale: str,
    scheme: str,
) -> None:  # fmt: skip
    crisis = opened(cast.diane, topics=PRESET)
    fire, violence = (
        f"/follow/{follow_token(by_form(Client(), FRENCH[flag]))}/" for flag in (DangerFlag.FIRE, DangerFlag.VIOLENCE)
    )
    _client, receipt = encounter_with(FRENCH[DangerFlag.UNCONSCIOUS], cast.bob)
    alarm = DangerAlarm.objects.get(need=None)
    pages = {
        "fire": (None, fire), "violence": (None, violence), "receipt": (None, f"{violence}?receipt=1"),
        "event": (None, f"/crisis/{crisis.slug}/"), "form": (None, "/help/none/form/"),
        "encounter": (cast.bob, receipt), "tour": (cast.bob, "/tours/tour-mode/"), "lane": (cast.carol, "/desk/alarms/"),
        "alarm": (cast.diane, f"/desk/alarms/{alarm.pk}/"), "triage": (cast.carol, "/triage/"),
        "need": (cast.carol, f"/triage/{DangerAlarm.objects.exclude(need=None)[0].need_id}/"),
    }  # fmt: skip
    for name, (person, path) in pages.items():
        page = enter(browser, person, size, locale=locale, color_scheme=scheme)
        page.goto(live_server.url + path)
        shot(page, f"danger_{name}_{size['width']}_{locale[:2]}_{scheme}")
        no_sideways(page)
        assert serious(page, axe) == [], name
        page.context.close()
