"""Filing a report to an event: the public page, photos, limits, repeated and late reports."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from mapping.models import CellTouch
from needs.base.attachments import photos
from needs.crises import crisis_events
from needs.enums import NeedState
from needs.models import Crisis, Need, NeedPhoto
from needs.reports import intake
from tests.needs.attachments.test_photos import picture, with_position
from tests.needs.crises.crisis_cases import INSIDE, form_data, opened, report, upload
from tests.support import Cast
from volunteers.people.accounts.viewer import Viewer


def test_anyone_reports_without_an_account_and_gets_a_private_link(crisis: Crisis) -> None:
    answer = report(crisis, latitude=INSIDE[0], longitude=INSIDE[1])
    assert answer.status_code == 302
    assert answer["Location"].startswith("/follow/")
    need = Need.objects.get()
    assert (need.crisis, need.crisis_category, need.kinds) == (crisis, crisis.categories.all()[1], ["blanket"])
    assert (need.state, need.urgency, need.persons) == (NeedState.NEW, "now", 2)
    assert need.contact is not None
    assert b"06 12" not in bytes(need.contact)
    assert CellTouch.objects.filter(report=need.pk).exists()
    assert Client().get(answer["Location"]).status_code == 200


def test_emergency_numbers_precede_the_form_and_categories_are_in_the_readers_language(
    crisis: Crisis,
) -> None:
    page = Client().get(f"/crisis/{crisis.slug}/", headers={"accept-language": "fr"}).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert main.index('href="tel:112"') < main.index("<form")
    assert "Couvertures, vêtements chauds" in main
    assert "The town hall is open all night." in main
    english = Client().get(f"/crisis/{crisis.slug}/", headers={"accept-language": "en"}).content.decode()
    assert "Blankets, warm clothes" in english


def test_a_photo_is_re_encoded_before_it_is_stored(crisis: Crisis) -> None:
    assert report(crisis, photo=upload(with_position())).status_code == 302
    photo = NeedPhoto.objects.get()
    with photo.image.open("rb") as stored:
        data = stored.read()
    assert not dict(Image.open(io.BytesIO(data)).getexif())
    assert b"Telephone" not in data
    assert photo.image.name is not None
    assert photo.image.name.endswith(f"{photo.pk}.jpg")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: b"not a picture", "We cannot read this photo"),
        (lambda: picture("GIF"), "We cannot read this photo"),
        (lambda: picture("PNG", (10_000, 6_000)), "too big to open safely"),
        (lambda: picture(comment=b"<script>"), "another file is hidden in it"),
        (lambda: picture() + b"\0" * photos.MOST_BYTES, "larger than 5 MB"),
    ],
)
def test_a_refused_photo_gives_the_reason_and_keeps_the_entered_data(
    crisis: Crisis, made: Callable[[], bytes], words: str
) -> None:
    answer = report(crisis, photo=upload(made()))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    for kept in ("two people without a blanket", "under the bridge", "06 12 34 56 78"):
        assert kept in page
    assert not Need.objects.exists()
    again = {name: value for name, value in answer.context["form"].data.items() if name != "photo"}
    assert Client().post(f"/crisis/{crisis.slug}/", again).status_code == 302


def test_after_another_error_a_photo_must_be_chosen_again(crisis: Crisis) -> None:
    page = report(crisis, place_text="", photo=upload(picture())).content.decode()
    assert "Say where it is" in page
    assert "Please choose the photo again" in page


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"category": ""}, "Choose what it is"),
        ({"category": "999999"}, "Select a valid choice"),
        ({"place_text": ""}, "Say where it is"),
        ({"latitude": "48.8"}, "both latitude and longitude"),
        ({"urgency": ""}, "Say how urgent"),
    ],
)
def test_an_error_message_gives_the_remedy(crisis: Crisis, wrong: dict[str, Any], remedy: str) -> None:
    answer = report(crisis, **wrong)
    assert answer.status_code == 400
    assert remedy in answer.content.decode()


def test_a_report_sent_twice_is_stored_once_with_one_photo(crisis: Crisis) -> None:
    form = form_data(crisis)
    links = {
        Client().post(f"/crisis/{crisis.slug}/", {**form, "photo": upload(picture())})["Location"] for _time in range(2)
    }
    assert len(links) == 1
    assert (Need.objects.count(), NeedPhoto.objects.count()) == (1, 1)


def test_other_content_with_the_same_id_is_refused_and_adds_no_photo(crisis: Crisis) -> None:
    form = form_data(crisis)
    report(crisis, id=form["id"])
    assert report(crisis, id=form["id"], text="another", photo=upload(picture())).status_code == 409
    assert not NeedPhoto.objects.exists()


def test_reports_over_the_limit_wait_for_a_moderator_and_none_is_lost(crisis: Crisis, settings: Settings) -> None:
    settings.ANONYMOUS_PER_HOUR = 2
    client = Client()
    for _time in range(4):
        assert report(crisis, client).status_code == 302
    states = list(Need.objects.filter(crisis=crisis).order_by("filed_at").values_list("state", flat=True))
    assert states == ["new", "new", "held", "held"]
    assert intake.DEVICE_COOKIE in client.cookies


def test_the_page_of_a_closed_event_shows_where_else_to_report(crisis: Crisis) -> None:
    crisis_events.close(crisis)
    page = Client().get(f"/crisis/{crisis.slug}/").content.decode()
    assert "This event is over" in page
    assert 'href="/help/"' in page
    assert "<textarea" not in page


def test_a_report_sent_after_the_end_is_stored_as_a_need(crisis: Crisis) -> None:
    crisis_events.close(crisis)
    assert report(crisis, photo=upload(picture())).status_code == 302
    need = Need.objects.get()
    assert (need.crisis, need.crisis_category, need.kinds) == (None, None, ["blanket"])
    assert need.photos.count() == 1


def test_an_event_that_has_not_started_answers_404(cast: Cast) -> None:
    coming = opened(cast.diane, starts_at=timezone.now() + timedelta(hours=1))
    assert Client().get(f"/crisis/{coming.slug}/").status_code == 404
    assert Client().get("/crisis/nothing/").status_code == 404


def test_an_event_ends_on_time_and_can_be_reopened(cast: Cast) -> None:
    crisis = opened(cast.diane, ends_at=timezone.now() - timedelta(minutes=1))
    assert "This event is over" in Client().get(f"/crisis/{crisis.slug}/").content.decode()
    crisis_events.close(crisis)
    crisis_events.reopen(crisis, Viewer(cast.diane))
    assert report(crisis).status_code == 302
    assert Need.objects.get().crisis == crisis
