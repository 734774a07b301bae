"""A commitment in Chromium: a volunteer takes one part of a need and brings the help. The reporter says how it went."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.help.commitments import hand_overs, taking
from needs.help.reporter_messages.reporter_subjects import AboutCommitment
from needs.models import Commitment, Feedback, Need, PlaceView
from needs.reports import filing
from tests import filing_verbs
from tests.browser_checks import serious
from tests.repetitions import again
from tests.request_bodies import body_of
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
WORDS = {
    "en": {
        "near": "Needs near me", "take": "I take care of it", "see": "See the place", "done": "It is done",
        "yes": "Yes, this is done", "care": "Somebody takes care of it", "well": "It went well", "send": "^Send$",
        "thanks": "Thank you for telling us", "open": "still open", "blanket": "Blanket",
    },
    "fr": {
        "near": "Besoins près de moi", "take": "Je m’en occupe", "see": "Voir le lieu", "done": "C’est fait",
        "yes": "Oui, c’est fait", "care": "Quelqu’un s’en occupe", "well": "bien passé", "send": "^Envoyer$",
        "thanks": "Merci de nous l’avoir dit", "open": "encore ouvert", "blanket": "Couverture",
    },
}  # fmt: skip


@pytest.fixture
def need(cast: Cast) -> Need:
    draft = NeedDraft(
        at=timezone.now(), place=DraftPlace(48.866123, 2.350345), kinds=["food", "blanket"], urgency="now",
        place_text="behind the third tree",
    )  # fmt: skip
    filing_verbs.report_need(draft, state="open")
    return Need.objects.get()


def wide(page: Page) -> int:
    page.wait_for_load_state()
    return int(page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("language", [again("en"), "fr"])
def test_a_volunteer_meets_a_part_and_the_reporter_gives_feedback(
    browser: Browser, live_server: LiveServer, cast: Cast, need: Need, enter: Enter, language: str
) -> None:
    words = WORDS[language]
    page = enter(browser, cast.alice, PHONE, locale=f"{language}-{language.upper()}")
    page.goto(f"{live_server.url}/")
    page.get_by_role("link", name=words["near"]).first.click()
    page.locator("a.near").first.click()
    page.locator("[data-points][data-ready]").wait_for()
    assert "behind the third tree" not in page.content()
    page.locator("#take > summary").click()
    page.locator("label.choice", has_text=words["blanket"]).click()  # unticked: somebody else may bring it
    page.locator("[name=safe]").check()
    assert wide(page) <= 0
    page.get_by_role("button", name=words["take"]).click()
    page.get_by_role("link", name=words["see"]).click()
    page.get_by_text("behind the third tree").wait_for()
    page.locator("[data-points][data-ready] .map-dot").wait_for()
    place = page.url
    assert wide(page) <= 0

    reporter = enter(browser, None, PHONE, locale=f"{language}-{language.upper()}")
    follow = f"{live_server.url}/follow/{filing.follow_token(need.pk)}/"
    reporter.goto(follow)
    reporter.get_by_text(re.compile(words["care"])).first.wait_for()
    expect(reporter.get_by_text(words["open"])).to_have_count(1)
    assert wide(reporter) <= 0

    page.go_back()
    page.locator("summary", has_text=words["done"]).click()
    page.get_by_role("button", name=words["yes"]).click()
    page.locator("#feedback").wait_for()
    need.refresh_from_db()
    assert (need.state, need.met_kinds) == ("partly_met", ["food"])
    gone = page.goto(place)
    assert gone is not None and gone.status == 404

    reporter.reload()
    reporter.locator("label.choice", has_text=words["well"]).click()
    reporter.get_by_role("button", name=re.compile(words["send"])).click()
    reporter.get_by_text(re.compile(words["thanks"])).first.wait_for()
    assert Feedback.objects.get().went == "well"


def test_the_timer_ticks_on_the_page(
    browser: Browser, live_server: LiveServer, cast: Cast, need: Need, enter: Enter
) -> None:
    own = taking.take(need, cast.alice)
    page = enter(browser, cast.alice, PHONE)
    page.clock.install()
    page.goto(f"{live_server.url}/commitments/{own.pk}/")
    left = page.locator("[data-timer-left]").first
    expect(left).to_have_text(re.compile("^(3 h 59|4 h 00) min$"))
    page.clock.fast_forward("03:30:00")
    expect(left).to_have_text(re.compile("^(29|30) min$"))
    expect(page.locator("[data-timer-soon]")).to_have_count(1)


@pytest.mark.parametrize(("theme", "size"), [again("light", PHONE), again("dark", DESK)], ids=["light", "dark"])
def test_axe_finds_nothing_serious_on_pages_of_commitments(
    browser: Browser,
    live_server: LiveServer,
    cast: Cast,
    need: Need,
    enter: Enter,
    axe: str,
    theme: str,
    size: dict[str, int],
) -> None:
    own = taking.take(need, cast.bob, kinds=["food"], association=cast.maraude)
    hand_overs.ask_holder(own.pk, cast.alice)
    writing.write(AboutCommitment(own), Speaker.VOLUNTEER, cast.bob, "I come at eight")
    ended = Commitment.objects.create(
        need=need, volunteer=cast.bob, state="done", expires_at=timezone.now(), ended_at=timezone.now()
    )
    follow = f"/follow/{filing.follow_token(need.pk)}/"
    paths = {
        "alice": ["/open/", f"/open/{need.pk}/", "/commitments/"],
        "bob": [
            f"/commitments/{own.pk}/", f"/commitments/{own.pk}/place/", f"/commitments/{ended.pk}/", "/commitments/",
            "/commitments/association/", follow,
        ],
        "carol": ["/triage/?only=messages"],
    }  # fmt: skip
    found = []
    for who, own_paths in paths.items():
        page = enter(browser, getattr(cast, who), size, color_scheme=theme)
        for path in own_paths:
            answer = page.goto(f"{live_server.url}{path}")
            assert answer is not None and answer.status == 200, path
            page.locator("details").evaluate_all("all => all.forEach((each) => { each.open = !each.matches('.menu') })")
            found += [f"{path} {each}" for each in serious(page, axe)]
            assert wide(page) <= 0, path
    assert found == []


def test_the_way_on_foot_is_computed_on_the_device_and_the_position_is_not_sent(
    browser: Browser, live_server: LiveServer, cast: Cast, need: Need, enter: Enter
) -> None:
    own = taking.take(need, cast.alice)
    page = enter(browser, cast.alice, PHONE, geolocation={"latitude": 48.8571, "longitude": 2.350345})
    page.goto(f"{live_server.url}/commitments/{own.pk}/place/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url + body_of(request)))
    said = page.locator("[data-walking-said]")
    expect(said).to_be_empty()  # without a base and a position, no distance is shown
    page.locator("[data-walking-here]").click()
    expect(said).to_have_text("From where you are: about 1.3 km, 17 min on foot.")
    assert not [each for each in asked if "48.857" in each or "2.3503" in each]
    assert page.locator("[data-place-geo]").get_attribute("href") == "geo:48.86612,2.35035?z=18"


@pytest.mark.parametrize("away", [True, False])
def test_a_phone_that_cannot_have_been_there_says_only_that(
    browser: Browser, live_server: LiveServer, cast: Cast, need: Need, enter: Enter, away: bool
) -> None:
    own = taking.take(need, cast.alice)
    here = {"latitude": 48.9571 if away else 48.8661, "longitude": 2.350345}
    page = enter(browser, cast.alice, PHONE, geolocation=here, permissions=["geolocation"])
    page.goto(f"{live_server.url}/commitments/{own.pk}/place/")
    page.wait_for_function("() => Object.keys(sessionStorage).some((key) => key.startsWith('arrival:'))")
    kept = page.evaluate("() => JSON.stringify(sessionStorage)")
    assert "48.9" not in kept and "48.8" not in kept and "2.35" not in kept
    PlaceView.objects.update(at=timezone.now() - timedelta(minutes=2))
    page.goto(f"{live_server.url}/commitments/{own.pk}/")
    page.get_by_text("Give it back").first.click()
    page.locator("label.choice", has_text="Nobody was found").click()
    with page.expect_request(lambda request: request.url.endswith("/give-back/")) as sent:
        page.locator("[data-give-back] button[type=submit]").click()
    body = body_of(sent.value)
    assert ("near=no" in body) == away
    assert "48." not in body
    expect(page.get_by_role("heading", name="You gave it back")).to_be_visible()
    own.refresh_from_db()
    assert own.unvisited == away


def test_the_place_is_copied_as_one_line(
    browser: Browser, live_server: LiveServer, cast: Cast, need: Need, enter: Enter
) -> None:
    complaints: list[str] = []
    own = taking.take(need, cast.alice)
    page = enter(browser, cast.alice, PHONE, permissions=["clipboard-read", "clipboard-write"])
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/commitments/{own.pk}/place/")
    button = page.get_by_role("button", name="Copy the place")
    button.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "48.86612, 2.35035"
    assert complaints == []
