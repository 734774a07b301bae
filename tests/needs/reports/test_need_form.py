"""The emergency gate, the need form, its limits and the private follow-up link."""

import logging
import uuid
from typing import Any, cast

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from mapping.coverage.folding import fold, reconciliation
from mapping.models import CellTouch
from needs.enums import NeedState
from needs.help.triage import reporter_answers
from needs.models import Need
from needs.reports import intake
from solidarity.lib.http.client_network import network_of
from tests.support import Cast, City, SignedIn
from volunteers.models import AuditEntry
from volunteers.people.audit.recording import digest_of
from volunteers.people.audit.verbs import Verb

URL = "/help/none/form/"


def typed(**changes: Any) -> dict[str, Any]:
    """Return the form data that somebody typed."""
    values = {
        "id": str(uuid.uuid4()),
        "latitude": "48.866000",
        "longitude": "2.350000",
        "place_text": "rue de Dunkerque 18",
        "kinds": ["food", "blanket"],
        "urgency": "now",
        "origin": "citizen",
        "persons": "2",
        "text": "two people without a blanket",
        "contact": "06 12 34 56 78",
    }
    return {**values, **changes}


def follow_page(client: Client, **changes: Any) -> tuple[Need, str]:
    """File a need; return the row and its follow-up page."""
    response = client.post(URL, typed(**changes))
    assert response.status_code == 302
    return Need.objects.latest("filed_at"), response["Location"]


# --- the emergency gate ----------------------------------------------------------------------------------------------


def test_the_gate_comes_first_and_asks_three_questions(client: Client, db: None) -> None:
    page = client.get("/help/").content.decode()
    for gate in ("minor", "medical", "cold", "none"):
        assert f'href="/help/{gate}/' in page


@pytest.mark.parametrize(("gate", "first"), [("minor", "119"), ("medical", "15"), ("cold", "112")])
def test_a_danger_shows_whom_to_call_before_going_on(client: Client, db: None, gate: str, first: str) -> None:
    page = client.get(f"/help/{gate}/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert main.index(f'href="tel:{first}"') < main.index(f"/help/{gate}/form/")
    assert client.get(f"/help/{gate}/form/").context["form"]["urgency"].value() == "now"


def test_each_country_has_its_numbers_and_an_unknown_one_gets_112(client: Client, db: None, settings: Settings) -> None:
    settings.COUNTRY = "GB"
    assert 'href="tel:999"' in client.get("/help/medical/").content.decode()
    settings.COUNTRY = "XX"
    assert 'href="tel:112"' in client.get("/help/medical/").content.decode()


def test_an_unknown_gate_is_nothing(client: Client, db: None) -> None:
    assert client.get("/help/fire/").status_code == 404
    assert client.get("/help/fire/form/").status_code == 404


# --- filing --------------------------------------------------------------------------------------------------------


def test_anybody_files_a_need_and_gets_a_private_link(client: Client, city: City) -> None:
    need, address = follow_page(client)
    assert (need.kinds, need.urgency, need.persons, need.origin) == (["food", "blanket"], "now", 2, "citizen")
    assert need.state == NeedState.NEW
    assert not need.with_account
    assert need.source
    assert CellTouch.objects.filter(report=need.pk).exists()
    page = client.get(address)
    assert page.status_code == 200
    assert page["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert page["X-Robots-Tag"] == "noindex"
    assert address in page.content.decode()
    assert "48.86" not in address
    assert str(need.pk) not in address


def test_the_contact_is_encrypted_at_rest(client: Client, cast: Cast) -> None:
    need, _address = follow_page(client)
    with connection.cursor() as cursor:
        # As JSON, because a row's text has times such as "2026-12-06 12:34".
        cursor.execute(
            "SELECT to_jsonb(n)::text, convert_from(contact, 'UTF8') FROM needs_need n WHERE id = %s", [need.pk]
        )
        row = " ".join(cursor.fetchone())
    assert "06 12" not in row
    assert "12 34" not in row
    assert reporter_answers.reveal_contact(need, dispatcher=cast.carol) == "06 12 34 56 78"


def test_words_alone_are_enough_for_a_place(client: Client, city: City) -> None:
    need, _address = follow_page(client, latitude="", longitude="")
    assert (need.point, need.cell, need.place_text) == (None, None, "rue de Dunkerque 18")


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"latitude": "", "longitude": "", "place_text": ""}, "Say where"),
        ({"latitude": "48.8", "longitude": ""}, "both latitude and longitude"),
        ({"kinds": []}, "Choose at least one"),
        ({"urgency": ""}, "Say how urgent"),
        ({"origin": ""}, "Say whether you need it yourself"),
        ({"persons": "0"}, "greater than or equal to 1"),
        ({"kinds": ["gold"]}, "not one of the available choices"),
    ],
)
def test_an_error_names_its_cure_and_keeps_what_was_typed(
    client: Client, db: None, wrong: dict[str, Any], cure: str
) -> None:
    response = client.post(URL, typed(**wrong))
    assert response.status_code == 400
    page = response.content.decode()
    assert cure in page
    assert "two people without a blanket" in page
    assert "06 12 34 56 78" in page
    assert not Need.objects.exists()


def test_the_same_form_sent_twice_is_one_need_also_from_a_device_that_keeps_no_cookies(db: None, city: City) -> None:
    form = typed()
    first, second = Client().post(URL, form), Client().post(URL, form)
    assert first["Location"] == second["Location"]
    assert Need.objects.count() == 1


def test_other_content_under_the_same_id_is_refused_and_can_be_sent_as_a_new_report(client: Client, city: City) -> None:
    form = typed()
    client.post(URL, form)
    response = client.post(URL, typed(id=form["id"], text="another"))
    assert response.status_code == 409
    assert "already sent under this number" in response.content.decode()
    assert client.post(URL, response.context["form"].data).status_code == 302
    assert Need.objects.count() == 2


def test_a_need_of_an_account_is_listed_in_its_reports(cast: Cast, signed_in: SignedIn) -> None:
    alice = signed_in(cast.alice)
    need, address = follow_page(alice)
    assert need.with_account
    assert need.author == cast.alice
    assert address in alice.get("/encounters/").content.decode()


def test_the_page_is_light(client: Client, db: None) -> None:
    for address in ("/help/", "/help/cold/", URL):
        assert len(client.get(address).content) <= 50_000


# --- limits --------------------------------------------------------------------------------------------------------


def test_past_five_an_hour_a_device_s_needs_wait_for_a_moderator_and_it_is_told(client: Client, city: City) -> None:
    client.get(URL)
    states = []
    for _each in range(7):
        need, address = follow_page(client)
        states.append(need.state)
    assert states == [NeedState.NEW] * 5 + [NeedState.HELD] * 2
    assert not CellTouch.objects.filter(report=need.pk).exists()
    assert "a moderator reads it" in client.get(address).content.decode()


def test_a_need_sent_again_counts_once(client: Client, city: City) -> None:
    client.get(URL)
    form = typed()
    for _each in range(8):
        client.post(URL, form)
    assert follow_page(client)[0].state == NeedState.NEW


def test_another_device_of_the_network_is_not_held(client: Client, city: City) -> None:
    client.get(URL)
    for _each in range(6):
        follow_page(client)
    assert follow_page(Client())[0].state == NeedState.NEW


def waits_alone(device: str, network: str = "203.0.113.0/24") -> bool:
    return bool(intake.must_wait([uuid.uuid4()], device=device, network=network))


def test_past_sixty_an_hour_a_network_s_needs_wait(db: None) -> None:
    waits = [waits_alone(uuid.uuid4().hex) for _each in range(62)]
    assert waits == [False] * 60 + [True] * 2
    assert not waits_alone(uuid.uuid4().hex, network="198.51.100.0/24")


def test_a_phone_that_files_too_much_does_not_hold_the_others_of_its_network(db: None) -> None:
    """As in the wifi of a day centre: its own needs wait, and they do not count for the network."""
    assert sum(waits_alone("one phone") for _each in range(100)) == 95
    people = [uuid.uuid4().hex for _each in range(11)]
    assert not any(waits_alone(device) for device in people for _each in range(5))
    assert waits_alone("one more phone"), "60 needs of the network: 5 of the first phone, 55 of the others"


def test_forged_devices_of_one_network_are_limited_together(db: None) -> None:
    passed = [not waits_alone(f"forged {number % 40}") for number in range(400)]
    assert sum(passed) == 60
    assert not any(waits_alone(f"elsewhere {number}", network="198.51.100.0/24") for number in range(5))


def test_a_flood_without_cookies_is_held_and_another_network_is_not(
    client: Client, city: City, settings: Settings
) -> None:
    settings.ANONYMOUS_PER_NETWORK_HOUR = 4
    states = [follow_page(Client())[0].state for _each in range(6)]
    assert states == [NeedState.NEW] * 4 + [NeedState.HELD] * 2
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert follow_page(elsewhere)[0].state == NeedState.NEW


def test_past_twenty_a_day_a_device_s_needs_wait(db: None, settings: Settings) -> None:
    settings.ANONYMOUS_PER_HOUR = 1000
    assert [waits_alone("phone") for _each in range(21)] == [False] * 20 + [True]


def test_needs_that_come_together_count_in_order_and_each_once(db: None) -> None:
    """As when each comes alone."""
    needs = [uuid.uuid4() for _each in range(7)]
    sent = [*needs[:3], needs[0], *needs[3:]]
    assert intake.must_wait(sent, device="phone", network="203.0.113.0/24") == set(needs[5:])
    assert intake.must_wait(needs[:2], device="phone", network="203.0.113.0/24") == set(needs[:2])  # a late repeat
    assert intake.must_wait([uuid.uuid4()], device="other", network="203.0.113.0/24") == set()


def test_counters_hold_no_address_and_no_device_and_end_within_a_day(rf: RequestFactory) -> None:
    waits_alone("phone")
    store = caches["default"]
    assert isinstance(store, RedisCache)
    keys = cast(list[bytes], store._cache.get_client().keys("*counter:*"))
    assert len(keys) == 4
    for key in keys:
        assert b"203" not in key.split(b":")[-1] or b"203.0" not in key
        assert b"phone" not in key
        assert 0 < store._cache.get_client().ttl(key) <= 24 * 3600


def test_a_need_is_kept_for_a_moderator_while_the_cache_is_away(client: Client, city: City, settings: Settings) -> None:
    gone = {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock?db=0"}
    settings.CACHES = {"default": gone}
    need, address = follow_page(client)
    assert need.state == NeedState.HELD
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("proxied", "address", "forwarded", "network"),
    [
        (False, "203.0.113.77", "", "203.0.113.0/24"),
        (False, "203.0.113.77", "198.51.100.9", "203.0.113.0/24"),
        (True, "127.0.0.1", "10.0.0.1, 198.51.100.9", "198.51.100.0/24"),
        (True, "203.0.113.77", "", "203.0.113.0/24"),
        (False, "2001:db8:1:2::3", "", "2001:db8:1::/48"),
        (False, "::ffff:203.0.113.5", "", "203.0.113.0/24"),
        (False, "", "", "unknown"),
    ],
)
def test_networks_are_cut_and_forwarded_addresses_count_behind_a_proxy_only(
    rf: RequestFactory, settings: Settings, proxied: bool, address: str, forwarded: str, network: str
) -> None:
    settings.BEHIND_PROXY = proxied
    headers = {"X-Forwarded-For": forwarded} if forwarded else None
    assert network_of(rf.get("/", headers=headers, REMOTE_ADDR=address)) == network


def test_a_forged_device_cookie_is_a_new_device(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.COOKIES[intake.DEVICE_COOKIE] = "mine:forged"
    assert intake.device_of(request) != "mine"


def test_members_of_associations_are_not_limited(cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    assert [follow_page(carol)[0].state for _each in range(7)] == [NeedState.NEW] * 7


# --- needs to sort -------------------------------------------------------------------------------------------------


@pytest.fixture
def held(client: Client, city: City, settings: Settings) -> Need:
    settings.ANONYMOUS_PER_HOUR = 0
    need, _address = follow_page(client)
    assert need.state == NeedState.HELD
    return need


def test_needs_to_sort_are_for_dispatchers_only(client: Client, held: Need, cast: Cast, signed_in: SignedIn) -> None:
    pages = [reverse(f"needs:{name}", args=[held.pk]) for name in ("triage_step", "triage_call", "contact")]
    assert "/accounts/login/" in client.get("/triage/")["Location"]
    for stranger in (cast.alice, cast.bob, cast.edith, cast.diane, cast.farid):
        browser = signed_in(stranger)
        assert browser.get("/triage/").status_code == 404
        assert browser.get(reverse("needs:triage_need", args=[held.pk])).status_code == 404
        assert [browser.post(page).status_code for page in pages] == [404, 404, 404]
    held.refresh_from_db()
    assert held.state == NeedState.HELD


def test_the_most_urgent_stand_first_and_the_contact_does_not_stand_there(
    client: Client, cast: Cast, signed_in: SignedIn
) -> None:
    follow_page(client, urgency="later", text="can wait")
    follow_page(client, urgency="now", text="cannot wait")
    page = signed_in(cast.carol).get("/triage/").content.decode()
    assert page.index("cannot wait") < page.index("can wait")
    assert "06 12" not in page


def test_the_list_asks_the_same_number_of_questions_for_few_and_many(
    client: Client, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(12):
        follow_page(Client())
    carol = signed_in(cast.carol)
    with django_assert_max_num_queries(28):
        carol.get("/triage/")


def decide(client: Client, need: Need, state: str, **more: str) -> Any:
    """Press a button on a held need's page as a dispatcher."""
    address = reverse("needs:triage_step", args=[need.pk])
    return client.post(address, {"seen": "held", "state": state, **more}, follow=True)


def test_a_released_need_counts_from_then_on(held: Need, cast: Cast, signed_in: SignedIn) -> None:
    from mapping.models import CellState

    fold.fold_outbox()
    assert not CellState.objects.filter(ac__gt=0).exists()
    decide(signed_in(cast.carol), held, "new")
    held.refresh_from_db()
    assert held.state == NeedState.NEW
    assert list(held.steps.values_list("state", flat=True)) == [NeedState.HELD, NeedState.NEW]
    fold.fold_outbox()
    assert CellState.objects.filter(ac__gt=0).exists()
    difference = reconciliation.reconcile().difference
    assert difference is not None and difference < 1e-9


def test_a_rejected_need_never_counts(held: Need, cast: Cast, signed_in: SignedIn) -> None:
    from mapping.models import CellState

    decide(signed_in(cast.carol), held, "rejected", reason="junk")
    held.refresh_from_db()
    assert held.state == NeedState.REJECTED
    fold.fold_outbox()
    assert not CellState.objects.filter(ac__gt=0).exists()


def test_of_two_dispatchers_the_second_is_told(held: Need, cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    decide(carol, held, "new")
    page = decide(carol, held, "rejected", reason="junk").content.decode()
    assert "Somebody else changed this need in the meantime" in page
    held.refresh_from_db()
    assert held.state == NeedState.NEW


def test_looking_at_a_contact_is_logged_without_the_contact(
    held: Need, cast: Cast, signed_in: SignedIn, caplog: Any
) -> None:
    carol = signed_in(cast.carol)
    address = reverse("needs:contact", args=[held.pk])
    assert carol.get(address).status_code == 405
    with caplog.at_level(logging.INFO):
        page = carol.post(address)
    assert "06 12 34 56 78" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    said = AuditEntry.objects.get(verb=Verb.CONTACT_SHOWN)
    assert (said.actor, said.object, said.details) == (cast.carol.key, digest_of("need", held.pk), {})
    assert "06 12" not in caplog.text


def test_a_need_without_contact_has_none_to_show(client: Client, cast: Cast, signed_in: SignedIn) -> None:
    need, _address = follow_page(client, contact="")
    assert need.contact is None
    assert signed_in(cast.carol).post(reverse("needs:contact", args=[need.pk])).status_code == 404


def test_a_contact_under_another_key_is_said_to_be_unreadable(
    held: Need, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    from cryptography.fernet import Fernet

    settings.FIELD_KEY = Fernet.generate_key().decode()
    page = signed_in(cast.carol).post(reverse("needs:contact", args=[held.pk])).content.decode()
    assert "cannot be read" in page


def test_the_administration_shows_no_exact_place_no_contact_and_no_text(
    held: Need, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.DJANGO_ADMIN = True
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=cast.farid, type="totp", data={"secret": "x"})
    page = signed_in(cast.farid).get(reverse("admin:needs_need_change", args=[held.pk]))
    assert page.status_code == 200
    text = page.content.decode()
    for secret in ("48.86", "06 12", "rue de Dunkerque", "without a blanket", held.follow_hash, held.source):
        assert secret not in text
    assert signed_in(cast.farid).post(reverse("admin:needs_need_change", args=[held.pk]), {}).status_code == 403
