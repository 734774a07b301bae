"""An encounter entered at night with one thumb: with “as last time”, and without a place. The place is added later."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from needs.models import Encounter, VoiceNote
from tests.conftest import until
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
HERE = {"latitude": 48.8660, "longitude": 2.3500}


def _locate(page: Page) -> None:
    page.get_by_role("button", name=re.compile("my position", re.I)).first.click()
    page.locator("[data-place][data-chosen]").wait_for()


def _save(page: Page) -> None:
    page.locator("form[data-queue=encounter] [type=submit]").click()


def test_an_encounter_waits_for_its_place_and_is_filed_at_its_true_time_once_that_is_said(
    browser: Browser, enter: Enter, live_server: LiveServer, cast: Cast
) -> None:
    page = enter(browser, cast.bob, PHONE, geolocation=HERE)
    page.goto(f"{live_server.url}/encounters/new/")
    assert page.locator("[data-last-time]").is_hidden()
    page.locator("label.choice:has(input[name=given][value=food])").click()
    for button in page.locator("[data-stepper] button").all():
        box = button.bounding_box()
        assert box is None or min(box["width"], box["height"]) >= 56
    before = timezone.now()
    page.locator("[data-place-later]").click()
    page.locator("[data-queue-lacks=place]").wait_for()
    after = timezone.now()
    expect(page.locator("[data-queue-lacks='']")).to_be_hidden()
    page.goto(f"{live_server.url}/encounters/")
    page.get_by_text("One encounter on this phone still needs a place.").wait_for()
    page.goto(f"{live_server.url}/queue/")
    page.locator("[data-state=place]").wait_for()
    assert not Encounter.objects.exists()

    page.locator("[data-part=correct]").click()
    page.locator("input[name=given][value=food]:checked").wait_for(state="attached")  # the draft is filled in
    expect(page.locator("input[name=given][value=food]")).to_be_checked()
    _locate(page)
    expect(page.locator("[data-place-later]")).to_be_hidden()
    _save(page)
    until(lambda: Encounter.objects.exists(), 60, "it was not sent once its place was known")
    filed = Encounter.objects.get()
    page.wait_for_url(f"**/encounters/{filed.pk}/")
    assert filed.given == ["food"]
    slack = timedelta(seconds=2)
    assert before - slack < filed.at < after + slack

    page.goto(f"{live_server.url}/encounters/new/")
    page.locator("[data-last-time]").click()
    assert page.locator("input[name=given]:checked").evaluate_all("boxes => boxes.map((box) => box.value)") == ["food"]
    kept = page.evaluate("JSON.stringify({...localStorage})")
    assert "48.86" not in kept


@pytest.fixture
def with_microphone(browser_type: Any, browser_type_launch_args: dict[str, Any]) -> Iterator[Any]:
    """Chromium with a microphone that beeps."""
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    options = browser_type_launch_args | {"args": [*browser_type_launch_args.get("args", []), *flags]}
    started = browser_type.launch(**options)
    yield started
    started.close()


LINK = "a.brand"


def _record(page: Page) -> None:
    """Record a voice note for more than a second. The limit is 60 seconds."""
    page.locator("[data-voice-record]").click()
    page.locator("[data-voice-state]", has_text=re.compile(r"Recording: 5[0-8] s")).wait_for()


def _try_to_leave(page: Page) -> None:
    """Follow a link. The browser asks first, and the test chooses to stay."""
    with page.expect_event("dialog") as asked:
        page.locator(LINK).click()
    assert asked.value.type == "beforeunload"
    expect(page).to_have_url(re.compile("/encounters/new/$"))


def test_a_voice_note_is_recorded_kept_from_loss_dropped_recorded_again_and_arrives_with_its_encounter(
    with_microphone: Any, enter: Enter, live_server: LiveServer, cast: Cast, tmp_path: Path, settings: Settings
) -> None:
    settings.MEDIA_ROOT = tmp_path
    page = enter(with_microphone, cast.bob, PHONE, geolocation=HERE)
    page.context.grant_permissions(["geolocation", "microphone"])
    page.goto(f"{live_server.url}/encounters/new/")
    page.on("dialog", lambda dialog: dialog.dismiss())
    _record(page)
    _try_to_leave(page)
    page.locator("[data-voice-stop]").click()
    page.locator("[data-voice-play]").wait_for()
    expect(page.locator("[data-draft-state]")).to_contain_text("Your recording is not saved yet")
    _try_to_leave(page)
    page.locator("[data-voice-play]").wait_for()  # after choosing to stay, the recording is still there
    page.locator("[data-voice-drop]").click()
    assert page.locator("input[name=voice]").evaluate("field => field.files.length") == 0
    page.locator(LINK).click()
    expect(page).not_to_have_url(re.compile("/encounters/new/$"))
    page.goto(f"{live_server.url}/encounters/new/")

    # Saving during the recording saves what was said until then.
    _locate(page)
    began = time.monotonic()
    _record(page)
    _save(page)
    page.wait_for_url("**/encounters/*-*/")
    lasted = time.monotonic() - began
    until(lambda: VoiceNote.objects.exists(), 60, "the voice note did not arrive")
    note = VoiceNote.objects.get()
    assert note.encounter == Encounter.objects.get()
    page.reload()
    page.locator("audio").wait_for()
    length = page.locator("audio").evaluate(
        "audio => new Promise((done) => { audio.onloadedmetadata = () => done(audio.duration); audio.preload = 'auto'; audio.load(); })"
    )
    assert 0.5 < length < lasted + 1
