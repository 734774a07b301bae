"""The private follow page: the state comes first, the reporter can answer, and a part refreshes itself."""

import re

from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from mapping.coverage.folding import fold
from mapping.models import CellState
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.enums import NeedState
from needs.help.commitments import taking
from needs.help.following import qr_code
from needs.help.following.follow_link import path_of
from needs.help.reporter_messages.reporter_subjects import AboutCommitment
from needs.help.triage import duplicates
from needs.models import Message, Need
from tests.needs.reports.test_need_form import follow_page
from tests.support import Cast, City, without_times


def text_of(client: Client, need: Need) -> str:
    answer = client.get(path_of(need.pk))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_an_unknown_link_is_nothing(client: Client, city: City) -> None:
    need, _address = follow_page(client)
    for token in ("x", "A" * 32, need.follow_hash, str(need.pk)):
        assert client.get(f"/follow/{token}/").status_code == 404


def test_the_reporter_says_that_it_is_solved(client: Client, city: City) -> None:
    need, address = follow_page(client)
    page = client.post(address, {"say": "solved"}, follow=True).content.decode()
    need.refresh_from_db()
    assert need.state == NeedState.MET
    assert "You told us that it is solved" in page


def test_still_needed_reopens_a_need_that_counted_as_met(client: Client, city: City) -> None:
    need, address = follow_page(client)
    client.post(address, {"say": "solved"})
    page = client.post(address, {"say": "still_needed"}, follow=True).content.decode()
    need.refresh_from_db()
    assert need.state == NeedState.REOPENED
    assert "You told us that it is still needed" in page


def test_still_needed_is_noted_once_an_hour(client: Client, city: City) -> None:
    need, address = follow_page(client)
    for _each in range(4):
        client.post(address, {"say": "still_needed"})
    assert need.steps.filter(by_reporter=True).count() == 1


def test_the_reporter_of_a_merged_report_reads_no_message_of_the_other_one(client: Client, cast: Cast) -> None:
    """Otherwise a stranger could file a false duplicate, and read and write messages in the name of the person in
    need."""
    victim, _own = follow_page(client)
    false, address = follow_page(Client())
    transitions.move(victim.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    duplicates.merge(victim.pk, false.pk, cast.carol)
    held = taking.take(victim, cast.alice)
    writing.write(AboutCommitment(held), Speaker.VOLUNTEER, cast.alice, "I come at nine")
    writing.write(AboutCommitment(held), Speaker.REPORTER, None, "I wait at the door")
    page = text_of(client, false)
    assert "Somebody is taking care of it" in page
    for secret in ("I come at nine", "I wait at the door", "until"):
        assert secret not in page.split("What became of it")[0].split('id="now-title"')[1]
    assert client.post(f"{address}message/", {"text": "it is me"}).status_code == 409
    assert Message.objects.filter(conversation__commitment=held).count() == 2
    assert client.post(f"{address}feedback/{held.pk}/", {"went": "bad"}).status_code == 404
    assert "I come at nine" in text_of(client, victim)


def test_solved_before_moderation_carries_no_evidence(client: Client, city: City, settings: Settings) -> None:
    settings.ANONYMOUS_PER_HOUR = 0
    need, address = follow_page(client)
    assert need.state == NeedState.HELD
    client.post(address, {"say": "solved"})
    fold.fold_outbox()
    assert not CellState.objects.filter(ac__gt=0).exists()
    assert client.get(address).status_code == 200
    assert client.post(address, {"say": "still_needed"}).status_code == 302


def test_the_contact_never_stands_on_the_follow_up_page(client: Client, city: City) -> None:
    _need, address = follow_page(client)
    page = client.get(address).content.decode()
    assert "06 12" not in page
    assert "48.86" not in without_times(page)


def test_the_state_comes_before_the_link(client: Client, need: Need) -> None:
    page = text_of(client, need)
    main = page[page.index("<main") :]
    assert main.index("A dispatcher reads it next") < main.index("It is still needed") < main.index("Keep this link")


def test_the_latest_step_is_the_heading(client: Client, need: Need) -> None:
    transitions.move(need.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER))
    heading = re.search(r'data-follow-now><span\s+class="said">([^<]+)<', text_of(client, need))
    assert heading is not None
    assert heading[1] == "A dispatcher checked it."


# --- the part that refreshes itself ----------------------------------------------------------------------------------


def test_the_live_part_is_sent_only_when_something_changed(client: Client, cast: Cast, need: Need) -> None:
    address = f"{path_of(need.pk)}state/"
    version = re.search(r'data-follow-version="(\w+)"', text_of(client, need))
    assert version is not None
    etag = f'"{version[1]}"'

    def news() -> bool:
        nonlocal etag
        answer = client.get(address, headers={"If-None-Match": etag})
        assert answer["ETag"]
        assert "no-store" in answer["Cache-Control"]
        if answer.status_code == 304:
            assert answer.content == b""
            assert answer["ETag"] == etag
            return False
        assert answer.status_code == 200
        etag = answer["ETag"]
        assert not client.get(address, headers={"If-None-Match": etag}).content
        return True

    assert not news()
    transitions.move(need.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    assert news()
    own = taking.take(need, cast.alice)
    assert news()
    writing.write(AboutCommitment(own), Speaker.VOLUNTEER, cast.alice, "I come at eight")
    assert news()
    writing.write(AboutCommitment(own), Speaker.REPORTER, None, "thank you")
    assert news()
    client.post(path_of(need.pk), {"say": "still_needed"})
    assert news()
    assert not news()


def test_the_live_part_has_all_parts_of_the_page_and_nothing_private(client: Client, need: Need) -> None:
    part = client.get(f"{path_of(need.pk)}state/").content.decode()
    names = re.findall(r'data-follow-part="(\w+)"', part)
    assert names == re.findall(r'data-follow-part="(\w+)"', text_of(client, need))
    assert set(names) == {"alarm", "now", "place", "care", "talk", "judge", "steps"}
    for secret in ("48.86", "church", str(need.pk)):
        assert secret not in part
    assert "rue de Dunkerque 18" in part  # the place in words, so that its reporter can correct it


def test_a_look_without_news_costs_few_queries(
    client: Client, need: Need, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    address = f"{path_of(need.pk)}state/"
    etag = client.get(address)["ETag"]
    with django_assert_max_num_queries(6):
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_without_scripts_a_link_reloads_the_page(client: Client, need: Need) -> None:
    assert f'<a href="{path_of(need.pk)}">Look again</a>' in text_of(client, need)


# --- the QR code -----------------------------------------------------------------------------------------------------


def test_the_path_draws_the_modules_of_the_qr_code() -> None:
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    text = "https://solidarity.example/follow/0123456789abcdefABCDEF-_01234567/"
    side, path = qr_code.qr_path(text)
    drawn = [[False] * side for _row in range(side)]
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        for column in range(int(x), int(x) + int(run)):
            drawn[int(y)][column] = True
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    assert drawn == code.get_matrix()
    assert len(path) < 8_000
