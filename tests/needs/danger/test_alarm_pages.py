"""A report is stored before its pages are shown: emergency numbers, answers, receipt, and banners for people at
work."""

import uuid

import pytest
from django.test import Client

from needs.enums import AlarmStep
from needs.models import DangerAlarm
from needs.reports.danger import alarms
from needs.reports.filing import follow_token
from needs.reports.intake import DEVICE_COOKIE
from solidarity.lib.danger_words.flags import DangerFlag
from tests.conftest import sign_in
from tests.needs.crises.crisis_cases import opened
from tests.needs.danger.danger_cases import FRENCH, HARMLESS, by_form, encounter_with, filled_in
from tests.needs.phone_queue.queue_cases import item, one, send
from tests.support import Cast, SignedIn
from volunteers.places.territories import duties

FIRE, VIOLENCE = FRENCH[DangerFlag.FIRE], FRENCH[DangerFlag.VIOLENCE]


def filed(text: str, client: Client | None = None) -> tuple[Client, str, DangerAlarm]:
    """File a need; return the client, its follow-up path and its alarm."""
    sender = client or Client()
    need = by_form(sender, text)
    return sender, f"/follow/{follow_token(need)}/", DangerAlarm.objects.get(need=need)


def test_the_numbers_come_after_the_report_is_stored(cast: Cast) -> None:
    client, path, _alarm = filed(FIRE)
    page = client.get(path).content.decode()
    assert page.index('href="tel:18"') < page.index('href="tel:112"') < page.index('href="sms:114"')
    for answer in ("called", "cannot_call", "not_emergency"):
        assert f'value="{answer}"' in page
    assert "Your report is saved." in page


def test_nothing_comes_before_the_numbers_not_even_what_the_pii_check_says(cast: Cast) -> None:
    for query in ("", "?receipt=1"):
        client = Client()
        need = by_form(client, f"{FIRE}, Karim Dupont, 06 12 34 56 78", text_as_it_is="")
        page = client.get(f"/follow/{follow_token(need)}/{query}").content.decode()
        assert page.index('href="tel:18"') < page.index('class="messages"')
        assert page.count('class="messages"') == 1


def test_the_page_says_whether_somebody_is_on_duty(cast: Cast) -> None:
    client, path, _alarm = filed(FIRE)
    assert "Nobody is on duty" in client.get(path).content.decode()
    duties.go_on_duty(cast.carol)
    assert "We are telling the people on duty now." in client.get(path).content.decode()


@pytest.mark.parametrize("answer", ["called", "cannot_call", "not_emergency"])
def test_an_answer_leads_to_the_receipt_and_acknowledges_nothing(answer: str, cast: Cast) -> None:
    client, path, alarm = filed(FIRE)
    page = client.post(path, {"say": answer}, follow=True).content.decode()
    assert "We have your report" in page
    assert 'href="tel:18"' in page
    assert "Nobody is on duty" in page
    alarm.refresh_from_db()
    assert (alarm.reporter_answer, alarm.acknowledged_at) == (answer, None)


def test_the_receipt_says_what_was_done(cast: Cast) -> None:
    client, path, alarm = filed(FIRE)
    client.post(path, {"say": "called"})
    alarms.acknowledge(alarm.pk, AlarmStep.CALLED, cast.carol)
    page = client.get(path).content.decode()
    assert "Somebody read it and called the emergency services." in page
    assert "Carol" not in page
    assert "danger-banner" not in page


def test_once_somebody_answered_the_link_shows_the_receipt(cast: Cast) -> None:
    client, path, alarm = filed(FIRE)
    alarms.acknowledge(alarm.pk, AlarmStep.INFORMED, cast.carol)
    assert "We have your report" in client.get(path).content.decode()


def test_the_page_of_violence_has_a_neutral_title_and_a_quick_exit(cast: Cast) -> None:
    client, path, _alarm = filed(VIOLENCE)
    for page in (client.get(path).content.decode(), client.get(f"{path}?receipt=1").content.decode()):
        assert "<title>Information</title>" in page
        assert "data-quick-exit" in page
    assert "3919" in page
    assert "stay until help comes" not in client.get(path).content.decode()
    other, elsewhere, _fire = filed(FIRE)
    assert "data-quick-exit" not in other.get(elsewhere).content.decode()


def test_people_of_an_association_get_a_banner_and_never_a_full_page(cast: Cast, signed_in: SignedIn) -> None:
    client, path, _alarm = filed(FIRE, signed_in(cast.carol))
    page = client.get(path).content.decode()
    assert "danger-banner" in page
    assert "We have your report" in page
    bob, receipt = encounter_with(FIRE, cast.bob)
    for where in (receipt, "/tours/tour-mode/"):
        text = bob.get(where).content.decode()
        assert "danger-banner" in text
        assert 'href="tel:18"' in text
    alarms.acknowledge(DangerAlarm.objects.get(need=None).pk, AlarmStep.CALLED, cast.carol)
    assert "The people on duty have been told" not in bob.get("/tours/tour-mode/").content.decode()


def test_a_need_s_page_at_the_desk_has_the_numbers_and_the_steps(cast: Cast, signed_in: SignedIn) -> None:
    _client, _path, alarm = filed(FIRE)
    page = signed_in(cast.carol).get(f"/triage/{alarm.need_id}/").content.decode()
    assert 'href="tel:18"' in page
    assert f'name="alarm" value="{alarm.pk}"' in page


# --- the event page, and languages ---------------------------------------------------------------------------------


def test_the_event_page_asks_about_danger_first_with_numbers(cast: Cast) -> None:
    page = Client().get(f"/crisis/{opened(cast.diane).slug}/").content.decode()
    assert page.index('name="gate"') < page.index('name="category"')
    for number in ("119", "15", "112"):
        assert page.index(f'href="tel:{number}"') < page.index('name="category"')


@pytest.mark.parametrize("path", ["/help/none/form/", "event"])
def test_a_language_that_no_speaker_has_reviewed_shows_the_numbers_and_says_why(path: str, cast: Cast) -> None:
    from django.utils import timezone

    from needs.doors.language_reviews import reviews

    address = f"/crisis/{opened(cast.diane).slug}/" if path == "event" else path
    client = Client(headers={"Accept-Language": "ti"})
    assert "danger-unreviewed" in client.get(address).content.decode()
    reviews.record("ti", reviewer="-", on=timezone.localdate(), note="", by=cast.diane.pk)
    assert "danger-unreviewed" not in client.get(address).content.decode()
    for code in ("fr", "en"):
        assert "danger-unreviewed" not in Client(headers={"Accept-Language": code}).get(address).content.decode()


# --- answers from a phone queue, and attacks -----------------------------------------------------------------------


def test_an_answer_given_without_a_network_follows_its_report(cast: Cast) -> None:
    client, sent = Client(), filled_in(FIRE)
    report = item("need", sent, id=sent["id"])
    answer = item("danger-answer", {"answer": "cannot_call"}, parent=sent["id"])
    results = send(client, None, report, answer).json()["results"]
    assert [each["status"] for each in results] == [201, 201]
    assert DangerAlarm.objects.get().reporter_answer == "cannot_call"
    assert one(client, None, answer)["status"] == 200


def test_an_answer_follows_its_report_even_if_the_phone_never_heard_that_the_report_arrived(cast: Cast) -> None:
    phone, sent = Client(), filled_in(FIRE)
    report = item("need", sent, id=sent["id"])
    phone.get("/queue/hello/", headers={"X-Queue-Sends": "1"})
    known = dict(phone.cookies)
    assert one(phone, None, report)["status"] == 201
    phone.cookies.clear()  # the answer was lost, with its cookies
    phone.cookies.update(known)
    results = send(phone, None, report, item("danger-answer", {"answer": "called"}, parent=sent["id"])).json()[
        "results"
    ]
    assert [each["status"] for each in results] == [200, 201]
    assert DangerAlarm.objects.get().reporter_answer == "called"


def test_a_device_gets_its_name_only_when_it_sends(cast: Cast) -> None:
    reader = Client()
    reader.get("/queue/hello/")
    assert DEVICE_COOKIE not in reader.cookies


def test_nobody_else_answers_for_the_sender(cast: Cast) -> None:
    _client, _path, alarm = filed(FIRE)
    thing = item("danger-answer", {"answer": "not_emergency"}, parent=str(alarm.need_id))
    for user in (None, cast.bob, cast.carol):
        stranger = sign_in(Client(), user) if user else Client()
        assert one(stranger, user, thing)["status"] == 404
    alarm.refresh_from_db()
    assert alarm.reporter_answer == ""


def test_answers_to_nothing_and_unknown_answers_are_refused(cast: Cast) -> None:
    client, _path, alarm = filed(FIRE)
    for fields, parent in (
        ({"answer": "called"}, str(uuid.uuid4())), ({"answer": "x"}, str(alarm.need_id)), ({}, str(alarm.need_id)),
        ({"answer": "called"}, None),
    ):  # fmt: skip
        assert one(client, None, item("danger-answer", fields, parent=parent))["status"] == 404


def test_alarms_cannot_be_found_by_guessing(cast: Cast) -> None:
    _client, path, alarm = filed(FIRE)
    for guess in (f"/follow/{alarm.pk}/", f"/follow/{alarm.need_id}/", path[:-3] + "A/"):
        assert Client().get(guess).status_code == 404
    assert Client().get(f"/desk/alarms/{alarm.pk}/").status_code == 302  # to the sign-in, as for all ids
    assert Client().get(f"/desk/alarms/{uuid.uuid4()}/").status_code == 302


def test_an_answer_needs_the_csrf_token(cast: Cast) -> None:
    _client, path, alarm = filed(FIRE)
    assert Client(enforce_csrf_checks=True).post(path, {"say": "not_emergency"}).status_code == 403
    alarm.refresh_from_db()
    assert alarm.reporter_answer == ""


def test_a_report_without_danger_goes_straight_to_its_receipt(cast: Cast) -> None:
    client = Client()
    path = f"/follow/{follow_token(by_form(client, HARMLESS))}/"
    page = client.get(path).content.decode()
    assert "We have your report" in page
    assert "danger-banner" not in page
