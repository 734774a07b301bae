"""The page of one need in Chromium on a phone: short enough to decide from, and every right still has its place."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.base.dispatch_scope import sharing
from needs.enums import NeedState
from needs.help.commitments import taking
from needs.help.exact_places import help_offers
from needs.help.triage import calls, duplicates
from needs.models import Commitment, Need, NeedAssignment, NeedSharing, PlannedTour, Proposal, TourStop
from solidarity.lib import grid
from tests.browser_checks import look_of, no_sideways, serious, shot, unfold
from tests.needs.lending.lending_cases import base, give
from tests.needs.loans.loan_cases import item_of
from tests.needs.triage.triage_cases import GARE, reported
from tests.repetitions import again
from tests.support import Cast, City, Enter, dispatches
from volunteers.models import Profile, Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


def full_need(cast: Cast, state: str = NeedState.OPEN) -> Need:
    """A need with everything that its page can show: a contact, words, a call, gifts and things near it, a likely twin."""
    need = reported(
        kinds=["food", "blanket"], state=state, contact="06 12 34 56 78", persons=2,
        text="an old man without a blanket at the station", place_text="behind the third tree",
    )  # fmt: skip
    reported(kinds=["blanket"], text="old man at the station, no blanket", hours_ago=1.3, state=NeedState.OPEN)
    calls.log_call(need, cast.carol, "no_answer", note="voicemail is full", again_in=None)
    give(cast.edith, title="hot soup")
    item_of(cast.edith, category="sleeping_bag", name="Duvet")
    return need


def a_plan(cast: Cast) -> PlannedTour:
    start = timezone.now() + timedelta(hours=2)
    cells = [grid.cell_of(*GARE)]
    return PlannedTour.objects.create(association=cast.maraude, author=cast.bob, cells=cells, start=start, minutes=120)


def free_all_week(cast: Cast) -> None:
    """Let Alice offer her help near the need at any time."""
    base(cast.alice)
    own = Profile.objects.get(user=cast.alice)
    for weekday in range(7):
        Window.objects.create(profile=own, weekday=weekday, start="00:00", end="23:59")


def need_page(page: Page, live_server: LiveServer, need: Need) -> None:
    page.goto(f"{live_server.url}/triage/{need.pk}/")


@pytest.mark.parametrize("language", ["en", again("fr")])
@pytest.mark.parametrize("taken", [False, True], ids=["open", "taken"])
def test_a_dispatcher_decides_from_a_short_page_with_one_primary_button(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, language: str, *, taken: bool
) -> None:
    need = full_need(cast)
    if taken:
        taking.take(need, cast.alice)
    page = enter(browser, cast.carol, PHONE, locale=language)
    need_page(page, live_server, need)
    expect(page.locator("[data-lock=mine]")).to_be_visible()
    shot(page, f"need_{'taken' if taken else 'open'}-{language}")
    look = look_of(page)
    assert look.primary == 1
    assert look.fields <= 12
    assert look.buttons <= 10
    assert look.height <= 2000
    facts = page.locator("#said")
    expect(facts).to_contain_text("an old man without a blanket at the station")
    expect(facts).to_contain_text("behind the third tree")
    expect(page.locator("[data-holders]")).to_contain_text(
        "Alice" if taken else ("nobody" if language == "en" else "personne")
    )
    no_sideways(page)
    assert serious(page, axe) == []
    page.locator("main details").evaluate_all("all => all.forEach((each) => { each.open = true })")
    shot(page, f"need_{'taken' if taken else 'open'}_unfolded-{language}")
    no_sideways(page)
    assert serious(page, axe) == []


@pytest.mark.parametrize("who", ["alice", "bob", "greta"])
@pytest.mark.parametrize("taken", [False, True], ids=["open", "taken"])
def test_volunteers_members_and_newcomers_see_a_short_page_with_one_primary_button(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, who: str, *, taken: bool
) -> None:
    need = full_need(cast)
    user = getattr(cast, who)
    base(user)
    if taken:
        taking.take(need, cast.carol, kinds=["food"])
    page = enter(browser, user, PHONE)
    page.goto(f"{live_server.url}/open/{need.pk}/")
    page.locator("[data-points][data-ready]").wait_for()
    shot(page, f"open_need_{who}_{'taken' if taken else 'open'}")
    look = look_of(page)
    assert look.primary == 1
    assert look.fields <= 12
    assert look.buttons <= 10
    assert look.height <= 2000
    no_sideways(page)
    assert serious(page, axe) == []


def test_a_need_is_closed_with_one_choice_of_reason(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    need = reported(state=NeedState.OPEN)
    page = enter(browser, cast.carol, PHONE)
    need_page(page, live_server, need)
    close = page.locator("#close")
    choice = close.locator("select[name=outcome]")
    unfold(choice)
    assert close.locator("button").count() == 1
    close.locator("button").click()  # without a reason: an error beside the field, and the panel stays open
    expect(close.locator(".errorlist")).to_be_visible()
    choice.select_option("unmet:not_found")
    close.locator("textarea").fill("two crews looked")
    close.locator("button").click()
    expect(page.locator("#last")).to_contain_text("two crews looked")
    need.refresh_from_db()
    assert need.state == NeedState.UNMET
    choice = page.locator("#close select[name=outcome]")  # the same panel reopens it
    unfold(choice)
    choice.select_option("reopened:mistake")
    page.locator("#close button").click()
    expect(page.locator("button[value=open]")).to_be_visible()
    need.refresh_from_db()
    assert need.state == NeedState.REOPENED


def test_the_reason_duplicate_leads_to_the_comparison_and_words_say_what_is_alike(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    need = full_need(cast)
    page = enter(browser, cast.carol, PHONE)
    need_page(page, live_server, need)
    alike = page.locator(".triage-candidates li").first
    unfold(alike)
    expect(alike).to_contain_text("the same place")
    expect(alike).to_contain_text("18 minutes apart")
    expect(alike).to_contain_text(re.compile(r"both mention:\s+blanket, station"))
    expect(alike).not_to_contain_text("%")
    choice = page.locator("#close select[name=outcome]")
    unfold(choice)
    choice.select_option("duplicate:same_as")
    page.locator("#close button").click()
    expect(page.locator(".triage-pair section")).to_have_count(2)
    need.refresh_from_db()
    assert need.state == NeedState.OPEN


def test_a_dispatcher_gives_a_need_in_four_ways(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter
) -> None:
    need, plan = full_need(cast), a_plan(cast)
    free_all_week(cast)
    dispatches(cast.edith, city.sud)
    dispatches(cast.carol, city.nord)
    page = enter(browser, cast.carol, PHONE)

    # Exactly four ways, and no other card gives the need to somebody.
    need_page(page, live_server, need)
    give_to = page.locator("#give")
    expect(give_to.locator("[data-way]")).to_have_count(4)
    for other in ("#assigned", "#whom", "#sharing", "#held-by"):
        expect(page.locator(other)).to_have_count(0)

    # Ask: one form with one choice. A volunteer who fits, then an association.
    ask = give_to.locator("[data-way=ask]")
    unfold(ask.locator("select"))
    assert ask.locator("select").count() == ask.locator("button").count() == 1
    person = ask.locator("optgroup option[value^='person:']").first
    assert "Alice" not in (person.text_content() or "")
    ask.locator("select").select_option(person.get_attribute("value"))
    ask.locator("button").click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert Proposal.objects.get().volunteer == cast.alice
    unfold(ask.locator("select"))
    ask.locator("select").select_option(f"association:{cast.maraude.slug}")
    ask.locator("button").click()
    expect(page.locator("[data-holders]")).to_contain_text(cast.maraude.name)
    assert NeedAssignment.objects.get().association == cast.maraude
    unfold(ask.locator("button"))
    ask.locator("button").click()  # withdraws what waits
    expect(page.locator(".alert-success")).to_be_visible()
    assert NeedAssignment.objects.get().state == "withdrawn"

    # Hand over: to the dispatchers of another territory.
    need_page(page, live_server, need)
    hand = give_to.locator("[data-way=hand_over]")
    unfold(hand.locator("select[name=territory]"))
    hand.locator("select[name=territory]").select_option(city.sud.slug)
    hand.locator("button").click()
    expect(page.locator("[data-holders]")).to_contain_text(city.sud.name)
    assert NeedSharing.objects.get().territory == city.sud
    unfold(hand.locator("form[action*='/end/'] button"))
    hand.locator("form[action*='/end/'] button").click()
    expect(page.locator("[data-holders]")).not_to_contain_text(city.sud.name)

    # Stop of a tour.
    unfold(give_to.locator("[data-way=tour] button"))
    give_to.locator("[data-way=tour] button").click()
    page.wait_for_url(re.compile(f"/stops/{plan.pk}/"))
    expect(page.locator(".alert-success")).to_be_visible()
    assert TourStop.objects.get().need == need
    Commitment.objects.all().delete()

    # Take it yourself.
    mine = reported(state=NeedState.OPEN, kinds=["hygiene"])
    need_page(page, live_server, mine)
    take = give_to.locator("[data-way=take] a")
    unfold(take)
    take.click()
    page.locator("#take > summary").click()
    page.locator("#take [name=safe]").check()
    page.locator("#take button[type=submit]").click()
    expect(page.locator(".commit-now")).to_be_visible()
    assert Commitment.objects.get(need=mine).volunteer == cast.carol
    need_page(page, live_server, mine)
    unfold(hand.locator("a"))
    expect(hand.locator("a")).to_have_attribute("href", re.compile(r"/commitments/.*#hand-over"))


DOORS = {
    "call back": "form[action*='/contact/'] button",
    "show the place": "button[data-show-place]",
    "write": "a[href*='/conversations/']",
    "erase": "a[href$='/erase/']",
    "close": "#close button",
    "correct": "#correct form button.btn-primary",
    "log a call": "form[action*='/call/'] button",
    "see who fits": "a[href$='/ask/']",
    "share": "form[action*='/share/'] select[name=territory]",
    "compare": ".triage-candidates a",
    "gift": "form[action*='/giving/'] button",
    "things": "a[href*='/loans/'], a[href*='/lending/']",
    "history": ".triage-steps li",
    "guide": "a[href*='/guides/']",
}
"""Rights of a dispatcher on an open need → a control of each."""


@pytest.mark.parametrize("taken", [False, True], ids=["open", "taken"])
def test_every_right_of_a_dispatcher_can_still_be_used_from_the_page(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter, *, taken: bool
) -> None:
    need = full_need(cast)
    dispatches(cast.edith, city.sud)
    dispatches(cast.carol, city.nord)
    doors = dict(DOORS)
    help_offers.make(need, cast.greta, "I live next door")
    doors["allow an offer"] = "form[action*='/offers/'] button[value=yes]"
    doors["decline an offer"] = "form[action*='/offers/'] button[value=no]"
    merged = reported(kinds=["food"], hours_ago=2, state=NeedState.OPEN, text="the man has no food")
    duplicates.merge(need.pk, merged.pk, cast.carol)
    doors["undo a merge"] = "form[action*='/undo/'] button"
    doors["the other report"] = f".triage-others a[href*='{merged.pk}']"
    sharing.share(need, city.sud, 6, cast.carol)
    doors["end a sharing"] = "form[action*='/end/'] button"
    if taken:
        taking.take(need, cast.alice)
        doors["more places"] = "form[action*='/raise/'] button"
        doors["places seen"] = "a[href='/triage/places/']"
        for gone in ("gift", "see who fits"):  # nothing is left to ask for
            doors.pop(gone)
    page = enter(browser, cast.carol, DESK)
    need_page(page, live_server, need)
    for right, control in doors.items():
        found = page.locator(f"main :is({control})").first
        assert found.count(), right
        unfold(found)
    choice = page.locator("#close select[name=outcome]")
    offered = set(choice.locator("option").evaluate_all("all => all.map((each) => each.value.split(':')[0])")) - {""}
    expected = {"met", "unmet", "duplicate"} | (set() if taken else {"rejected", "expired"})
    assert offered == expected
