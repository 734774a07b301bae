"""Attacks on the private link: flooding a phone, forging ids, guessing links, spending the site's credit."""

import uuid

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState
from needs.help.following import link_limits, reporter_addresses
from needs.help.following.follow_link import Sending, path_of, send_by_mail, send_by_text
from needs.help.following.link_limits import Door
from needs.models import Need, ReporterAddress
from tests.needs.following.conftest import Choose, send_all
from tests.needs.triage.triage_cases import reported
from tests.support import City
from tests.volunteers.conftest import NewBrowser
from tests.volunteers.services import Web
from volunteers.enums import Medium

NUMBER = "+33612345678"


def ask(client: Client, need: Need, to: str, **more: str) -> int:
    return client.post(f"{path_of(need.pk)}link/", {"medium": "sms", "to": to, **more}).status_code


def door() -> Door:
    """A device with an address from a network that no other test uses."""
    return Door(uuid.uuid4().hex, uuid.uuid4().hex)


def numbers(count: int) -> list[str]:
    return [f"+336120000{number:02d}" for number in range(count)]


def test_one_number_cannot_be_flooded_through_many_needs(provider: Web, city: City) -> None:
    for _each in range(10):
        ask(Client(), reported(), NUMBER, each_step="on")
    assert len(provider.asked) == link_limits.LINKS_PER_ADDRESS
    assert ReporterAddress.objects.count() == link_limits.LINKS_PER_ADDRESS, "what was refused is not stored"


def test_another_spelling_is_the_same_number(provider: Web, city: City) -> None:
    for spelling in ("0612345678", "06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678", "06.12.34.56.78"):
        ask(Client(), reported(), spelling)
    assert len(provider.asked) == link_limits.LINKS_PER_ADDRESS


def test_the_number_with_a_zero_after_the_country_code_is_the_same_number(provider: Web, city: City) -> None:
    for spelling in ("+330612345678", "+33612345678", "0612345678", "00330612345678"):
        ask(Client(), reported(), spelling)
    assert len(provider.asked) == link_limits.LINKS_PER_ADDRESS
    assert {each.json["to"] for each in provider.asked} == {NUMBER}


@pytest.mark.parametrize(
    "aliases",
    [
        ["victim@example.org", "Victim+1@example.org", "victim+b@Example.org", '"victim"@example.org', "victim+@example.org"],
        ["ana.b@gmail.com", "an.ab@gmail.com", "a.n.a.b+x@googlemail.com", "anab@gmail.com", "ANAB@gmail.com"],
    ],
)  # fmt: skip
def test_one_mailbox_cannot_be_flooded_under_many_spellings(city: City, aliases: list[str]) -> None:
    results = [send_by_mail(reported().pk, each, door=door()) for each in aliases]
    assert results == [Sending.SENT] * link_limits.LINKS_PER_ADDRESS + [Sending.TOO_OFTEN] * 2
    assert [message.to for message in mail.outbox] == [[each] for each in aliases[:3]], "as it was written"


def test_news_cannot_flood_one_mailbox_under_many_spellings(city: City) -> None:
    allowed = [link_limits.may_tell(f"victim+{each}@example.org") for each in range(link_limits.NEWS_PER_ADDRESS + 2)]
    assert allowed == [True] * link_limits.NEWS_PER_ADDRESS + [False] * 2


def test_other_mailboxes_stay_apart(city: City) -> None:
    spellings = ("an.a@example.org", "ana@example.org", "ana@gmail.com", "ana@example.com", "+33612345678", "+@a.org")
    assert len({link_limits.mailbox_of(each) for each in spellings}) == len(spellings)


PREMIUM, SHARED, FIXED, SATELLITE = "+33899123456", "+33820123456", "+33145678901", "+881612345678"


@pytest.mark.parametrize("number", [PREMIUM, SHARED, FIXED, SATELLITE, "+14155550100", "+2348031234567", "+33600"])
def test_numbers_that_cost_us_money_get_nothing(provider: Web, need: Need, number: str) -> None:
    assert ask(Client(), need, number, each_step="on") == 400
    assert send_by_text(need.pk, number, door=door()) is Sending.NO_NUMBER
    assert provider.asked == []
    assert not ReporterAddress.objects.exists()


def test_dispatchers_reach_foreign_mobiles_and_no_premium_numbers(provider: Web, need: Need) -> None:
    assert send_by_text(need.pk, "+2348031234567") is Sending.SENT
    assert [send_by_text(need.pk, each) for each in (PREMIUM, SHARED)] == [Sending.NO_NUMBER] * 2


def test_the_countries_are_a_setting_and_the_own_one_is_among_them(
    provider: Web, need: Need, settings: Settings
) -> None:
    settings.SMS_COUNTRIES = ["NG"]
    assert send_by_text(need.pk, "+2348031234567", door=door()) is Sending.SENT
    assert send_by_text(need.pk, NUMBER, door=door()) is Sending.SENT
    assert send_by_text(need.pk, "+32470123456", door=door()) is Sending.NO_NUMBER


def test_a_report_that_waits_for_a_moderator_sends_no_link(provider: Web, city: City) -> None:
    held = reported(state="held")
    assert ask(Client(), held, NUMBER, each_step="on") == 302
    Client().post(f"{path_of(held.pk)}link/", {"medium": "email", "to": "victim@example.org", "each_step": "on"})
    assert (provider.asked, mail.outbox) == ([], [])
    assert not ReporterAddress.objects.exists()
    assert 'name="to"' not in Client().get(path_of(held.pk)).content.decode()


def test_news_of_many_needs_cannot_flood_one_number(provider: Web, city: City) -> None:
    for _each in range(link_limits.NEWS_PER_ADDRESS + 5):
        need = reported()
        reporter_addresses.keep(need.pk, Medium.SMS, NUMBER, "en")
        transitions.move(need.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER))
    send_all()
    assert len(provider.asked) == link_limits.NEWS_PER_ADDRESS


def test_one_need_cannot_send_to_many_numbers(provider: Web, need: Need) -> None:
    for number in numbers(12):
        ask(Client(), need, number)
    assert len(provider.asked) == link_limits.LINKS_PER_NEED


def test_one_device_cannot_send_to_many_numbers(provider: Web, city: City, client: Client) -> None:
    for number in numbers(12):
        ask(client, reported(), number)
    assert len(provider.asked) == link_limits.LINKS_PER_DEVICE


def test_one_network_cannot_send_to_many_numbers(provider: Web, city: City) -> None:
    for number in numbers(link_limits.LINKS_PER_NETWORK + 5):
        ask(Client(), reported(), number)
    assert len(provider.asked) == link_limits.LINKS_PER_NETWORK


def test_many_networks_cannot_spend_the_credit_of_the_site(provider: Web, city: City, settings: Settings) -> None:
    settings.LINK_TEXTS_PER_HOUR = 7
    results = [
        send_by_text(reported().pk, number, door=Door(uuid.uuid4().hex, f"network {number}")) for number in numbers(10)
    ]
    assert results == [Sending.SENT] * 7 + [Sending.TOO_OFTEN] * 3
    assert send_by_text(reported().pk, "+33612000099") is Sending.SENT, "strangers cannot silence the desk"


def test_many_networks_cannot_use_the_site_to_send_mails(city: City, settings: Settings) -> None:
    settings.LINK_MAILS_PER_HOUR = 4
    results = [send_by_mail(reported().pk, f"p{each}@example.org", door=door()) for each in range(6)]
    assert results == [Sending.SENT] * 4 + [Sending.TOO_OFTEN] * 2


def test_the_messages_of_dispatchers_do_not_use_up_the_limit_of_the_site(
    provider: Web, city: City, settings: Settings
) -> None:
    settings.LINK_TEXTS_PER_HOUR = 1
    assert {send_by_text(reported().pk, number) for number in numbers(4)} == {Sending.SENT}
    assert send_by_text(reported().pk, NUMBER, door=door()) is Sending.SENT


def test_a_refused_request_does_not_use_up_the_limit_of_the_number(provider: Web, city: City, client: Client) -> None:
    for number in numbers(link_limits.LINKS_PER_DEVICE):
        ask(client, reported(), number)
    for _each in range(5):
        ask(client, reported(), NUMBER)
    assert send_by_text(reported().pk, NUMBER) is Sending.SENT


def test_a_need_keeps_few_addresses(provider: Web, push_service: Web, new_browser: NewBrowser, need: Need) -> None:
    for number in numbers(5):
        ask(Client(), need, number, each_step="on")
    codes = [Client().post(f"{path_of(need.pk)}push/", new_browser(f"/{each}").fields).status_code for each in range(5)]
    assert codes == [200, 200, 200, 400, 400]
    assert ReporterAddress.objects.filter(medium="sms").count() == reporter_addresses.MOST_ADDRESSES


def test_forged_and_guessed_links_are_nothing(provider: Web, client: Client, need: Need) -> None:
    token = path_of(need.pk).split("/")[2]
    forged = (
        "x",
        "A" * 32,
        str(need.pk),
        need.follow_hash,
        token[:-1],
        f"{token}A",
        token.swapcase(),
        uuid.uuid4().hex,
    )
    for wrong in forged:
        assert client.get(f"/follow/{wrong}/state/").status_code == 404
        for page in ("link", "push", "stop"):
            data = {"medium": "sms", "to": NUMBER, "endpoint": "https://x", "address": str(uuid.uuid4())}
            assert client.post(f"/follow/{wrong}/{page}/", data).status_code == 404
    assert provider.asked == []
    assert send_by_text(uuid.uuid4(), NUMBER) is Sending.NO_NEED


def test_a_retracted_report_sends_nothing(provider: Web, client: Client, need: Need, settings: Settings) -> None:
    Need.objects.filter(pk=need.pk).update(retracted_at=need.at)
    ask(client, need, NUMBER, each_step="on")
    assert provider.asked == []
    assert not ReporterAddress.objects.exists()


def test_an_address_is_stopped_only_by_its_own_link(
    client: Client, provider: Web, need: Need, choose: Choose, city: City
) -> None:
    choose()
    row, other = ReporterAddress.objects.get(), reported()
    for wrong in (str(row.pk), "1", "x", ""):
        client.post(f"{path_of(other.pk)}stop/", {"address": wrong})
    assert ReporterAddress.objects.filter(pk=row.pk).exists()


def test_addresses_of_two_needs_cannot_be_compared(city: City) -> None:
    rows = [reporter_addresses.keep(reported().pk, Medium.SMS, NUMBER, "en") for _each in range(2)]
    assert rows[0].digest != rows[1].digest
    assert bytes(rows[0].address) != bytes(rows[1].address)


def test_only_known_push_services_are_called(
    client: Client, push_service: Web, new_browser: NewBrowser, need: Need
) -> None:
    malformed = ("https://[", "https://x:99999", "https://fcm.googleapis.com:x/")
    for wrong in ("https://evil.example/x", "http://127.0.0.1/x", "http://169.254.169.254/latest", *malformed):
        answer = client.post(f"{path_of(need.pk)}push/", {**new_browser().fields, "endpoint": wrong})
        assert answer.status_code == 400
    assert not ReporterAddress.objects.exists()


def test_another_site_cannot_post_to_the_page(need: Need, provider: Web) -> None:
    strict = Client(enforce_csrf_checks=True)
    for page in ("link", "push", "stop"):
        assert strict.post(f"{path_of(need.pk)}{page}/", {"medium": "sms", "to": NUMBER}).status_code == 403
    assert provider.asked == []
