"""The link of the first start, the first administrator's account, and attacks on both."""

import io
import re
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from volunteers.models import FirstStart, User
from volunteers.people.audit.models import AuditEntry
from volunteers.site.first_start import first_administrator, start_link
from volunteers.site.first_start.first_administrator import Draft, LinkUsed

PASSWORD = "blue-river-lantern-42"


@pytest.fixture(autouse=True)
def real_site(db: None, settings: Settings) -> None:
    settings.MFA_REQUIRED = True
    settings.MFA_TOTP_TOLERANCE = 1  # a code may arrive in the half minute after its own


def printed() -> str:
    out = io.StringIO()
    call_command("first_start_link", stdout=out)
    return out.getvalue().strip()


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def secret_on(page: Any) -> str:
    found = re.search(r'<code id="key">([A-Z2-7 ]+)</code>', page.content.decode())
    assert found
    return found[1].replace(" ", "")


def fill_in(client: Client, email: str = "head@example.org") -> Any:
    sent = {"email": email, "display_name": "Head", "password1": PASSWORD}
    return client.post("/first-start/", sent)


def test_the_link_creates_an_administrator_with_a_second_factor_and_leads_to_the_checklist(
    client: Client, settings: Settings
) -> None:
    settings.SITE_URL, settings.DEMO = "https://solidarity.example", False
    link = printed()
    assert link.startswith("https://solidarity.example/first-start/")
    opened = client.get(path_of(link))
    assert (opened.status_code, opened["Location"]) == (302, "/first-start/")
    assert fill_in(client)["Location"] == "/first-start/factor/"
    page = client.get("/first-start/factor/")
    assert "no-store" in page["Cache-Control"]
    secret = secret_on(page)
    assert f"secret={secret}&amp;issuer=Solidarity" in page.content.decode()
    done = client.post("/first-start/factor/", {"code": code_for(secret)})
    assert done["Location"] == "/first-start/codes/"
    person = User.objects.get()
    assert (
        person.is_superuser
        and person.is_staff
        and person.check_password(PASSWORD)
        and person.email == "head@example.org"
    )
    assert EmailAddress.objects.get().verified
    assert {row.type for row in Authenticator.objects.filter(user=person)} == {"totp", "recovery_codes"}
    assert not FirstStart.objects.exists()
    assert AuditEntry.objects.get().verb == "first_administrator"
    assert len(re.findall(r"<li><code>\d{8}</code></li>", client.get("/first-start/codes/").content.decode())) == 10
    organisation = client.post("/set-up/organisation/", {"name": "Maraude du Nord", "email": "nord@example.org"})
    assert organisation["Location"] == "/set-up/country/"
    assert "Step 4 of 5" in client.get("/set-up/country/").content.decode()
    country = client.post("/set-up/country/", {"country": "FR", "language": "en", "public_languages": ["ar"]})
    assert country["Location"] == "/set-up/messages/"
    assert "Continue to the checklist" in client.get("/set-up/messages/").content.decode()
    assert "8 of 10 are still to do" in " ".join(client.get("/set-up/").content.decode().split())
    assert client.get("/first-start/codes/").status_code == 404
    assert "Step 3" not in client.get("/set-up/organisation/").content.decode()


def test_nothing_is_printed_and_no_page_exists_once_there_is_an_administrator(client: Client) -> None:
    link = printed()
    client.get(path_of(link))
    User.objects.create_superuser("farid@example.org", PASSWORD, is_active=False)  # a blocked administrator counts too
    for address in (path_of(link), "/first-start/", "/first-start/factor/", "/first-start/codes/"):
        assert client.get(address).status_code in ({404} if address != "/first-start/codes/" else {302})
    assert fill_in(client).status_code == 404
    assert printed() == ""
    assert not FirstStart.objects.exists()


def test_who_opens_the_link_second_is_told_how_to_get_a_new_one_and_cannot_go_on(client: Client) -> None:
    link = printed()
    assert client.head(path_of(link)).status_code == 405  # a preview of the link does not use it up
    assert client.get(path_of(link)).status_code == 302
    assert client.get(path_of(link)).status_code == 302  # the same browser may come back
    second = Client()
    refused = second.get(path_of(link))
    assert refused.status_code == 410
    assert "somebody else has seen it" in refused.content.decode()
    assert fill_in(second).status_code == 404
    # The next start ends the link and what was begun with it.
    fresh = printed()
    assert fresh != link
    assert fill_in(client).status_code == 404
    assert client.get(path_of(link)).status_code == 404
    assert second.get(path_of(fresh)).status_code == 302


@pytest.mark.parametrize("token", ["a", "x" * 43, "None", "factor%2F", "0" * 64, "%00", "../admin"])
def test_a_guessed_token_is_not_there(token: str, client: Client) -> None:
    printed()
    assert client.get(f"/first-start/{token}/").status_code == 404
    row = FirstStart.objects.get()
    assert client.get(f"/first-start/{row.token}/").status_code == 404  # the digest of a stolen back-up opens nothing
    assert not row.claim and not FirstStart.objects.get().claim


def test_an_expired_link_says_so_and_one_that_expires_meanwhile_creates_nobody(client: Client) -> None:
    link = printed()
    client.get(path_of(link))
    fill_in(client)
    secret = secret_on(client.get("/first-start/factor/"))
    FirstStart.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post("/first-start/factor/", {"code": code_for(secret)}).status_code == 404
    assert "has expired" in Client().get(path_of(link)).content.decode()
    assert not User.objects.exists()


def test_a_foreign_host_header_is_refused_and_never_appears_in_the_link(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["solidarity.example"]
    link = printed()
    assert client.get(path_of(link), headers={"Host": "evil.example"}).status_code == 400
    answer = client.get(path_of(link), headers={"Host": "solidarity.example"})
    assert answer["Location"] == "/first-start/"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"email": "head", "password1": PASSWORD}, "This is not an e-mail address"),
        ({"email": "head@example.org", "password1": "short"}, "Use at least 10 characters"),
        ({"email": "headofall@example.org", "password1": "headofall@example"}, "looks like your e-mail address"),
        ({"email": "used@example.org", "password1": PASSWORD}, "There is an account with this address"),
        ({"email": "", "password1": ""}, "Choose a password"),
    ],
)
def test_bad_input_names_the_field_and_keeps_what_was_typed(sent: dict[str, str], words: str, client: Client) -> None:
    User.objects.create_user("used@example.org", PASSWORD)
    client.get(path_of(printed()))
    answer = client.post("/first-start/", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert f'value="{sent["email"]}"' in answer.content.decode() or not sent["email"]


def test_a_wrong_code_keeps_the_secret_and_a_right_one_works_once(client: Client) -> None:
    client.get(path_of(printed()))
    assert client.get("/first-start/factor/")["Location"] == "/first-start/"
    fill_in(client)
    secret = secret_on(client.get("/first-start/factor/"))
    right = code_for(secret)
    wrong = client.post("/first-start/factor/", {"code": f"{(int(right) + 1) % 10**6:06}"})
    assert wrong.status_code == 422
    assert "This code is wrong or too old" in wrong.content.decode()
    assert secret_on(wrong) == secret
    client.post("/first-start/factor/", {"code": right})
    stranger = Client()
    stranger.post("/accounts/login/", {"login": "head@example.org", "password": PASSWORD})
    again = stranger.post("/accounts/2fa/authenticate/", {"code": right})
    assert again.status_code == 200 and "_auth_user_id" not in stranger.session


def test_a_late_request_of_a_script_does_not_sign_the_new_administrator_out(client: Client) -> None:
    client.get(path_of(printed()))
    late = Client()
    late.cookies["sessionid"] = client.cookies["sessionid"].value
    fill_in(client)
    secret = secret_on(client.get("/first-start/factor/"))
    client.post("/first-start/factor/", {"code": code_for(secret)})  # the session gets another key
    answer = late.get("/me/", headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 302 and "sessionid" not in answer.cookies
    assert "Cookie" in answer["Vary"]
    assert late.get("/me/", headers={"Sec-Fetch-Mode": "navigate"}).cookies["sessionid"].value == ""
    out = client.post("/accounts/logout/", headers={"Sec-Fetch-Mode": "cors"})
    assert out.cookies["sessionid"].value == ""  # when the session really ends, the cookie is still deleted


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_create_one_administrator(client: Client) -> None:
    client.get(path_of(printed()))
    session, made = client.session, []

    def create(number: int) -> None:
        try:
            draft = Draft(f"head{number}@example.org", "", "!")
            made.append(first_administrator.create(draft, "A" * 32, code_for("A" * 32), session))
        except LinkUsed:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=create, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == User.objects.count() == 1
    assert start_link.has_administrator()
