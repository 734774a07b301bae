"""Kept public pages: the same for all readers without session, without cookie and query, and never of one reader."""

import gzip
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from redis.exceptions import ConnectionError as NoRedis

from needs.crises import crisis_events
from needs.models import Crisis, Need
from solidarity.lib.http import kept_pages
from tests.needs.crises.conftest import crisis  # noqa: F401  (a fixture)
from tests.support import Cast
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.site.site_details import saving

pytestmark = pytest.mark.django_db

PAGES = ["/", "/help/", "/help/medical/", "/help/none/form/", "/map/public/", "/accounts/login/", "/accounts/signup/",
         "/accounts/password/reset/", "/about/", "/legal-notice/", "/guides/", "/guides/volunteer/", "/crisis/heat/"]  # fmt: skip
SECRETS = re.compile(rb'name="csrfmiddlewaretoken"|name="id" value|sessionid')


@pytest.fixture(autouse=True)
def keeping(settings: Settings) -> Iterator[None]:
    settings.KEPT_PAGE_SECONDS = 60
    kept_pages.forget()
    yield
    kept_pages.forget()


@pytest.fixture
def pages(crisis: Crisis) -> list[str]:  # noqa: F811
    return [path.replace("heat", crisis.slug) for path in PAGES]


def test_a_kept_page_needs_no_query_and_no_cookie_and_comes_as_304_the_second_time(pages: list[str]) -> None:
    for path in pages:
        first = Client().get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            again = Client().get(path)
        assert first.status_code == again.status_code == 200, path
        assert not queries.captured_queries, path
        assert not first.cookies and not again.cookies, path
        assert again.content == first.content and not SECRETS.search(again.content), path
        assert again["Cache-Control"] == "no-cache" and "Expires" not in again, path
        assert {"Cookie", "Accept-Language", "Accept-Encoding"} <= set(again["Vary"].split(", ")), path
        assert again["X-Accel-Expires"] == "2" and again["Content-Security-Policy"], path
        same = Client().get(path, headers={"if-none-match": again["ETag"]})
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", again["ETag"]), path
        assert Client().get(path, headers={"if-none-match": '"another"'}).status_code == 200, path


def test_a_page_made_anew_is_the_same_page(pages: list[str]) -> None:
    def shown() -> list[str]:
        kept_pages.forget()
        return [Client().get(path)["ETag"] for path in pages]

    assert shown() == shown()


def test_a_kept_page_comes_compressed_under_its_own_tag() -> None:
    plain, zipped = Client().get("/"), Client().get("/", headers={"accept-encoding": "gzip, br"})
    assert zipped["Content-Encoding"] == "gzip" and gzip.decompress(zipped.content) == plain.content
    assert zipped["ETag"] != plain["ETag"]
    assert Client().get("/", headers={"accept-encoding": "gzip", "if-none-match": plain["ETag"]}).status_code == 200


def test_each_language_and_picture_mode_has_its_own_page() -> None:
    def page(path: str, accept: str, **cookies: str) -> bytes:
        client = Client(headers={"accept-language": accept})
        client.cookies.load(cookies)
        return client.get(path).content

    french, arabic = page("/help/", "fr"), page("/help/", "ar,fr;q=0.5")
    assert b'lang="fr"' in french and b'dir="rtl"' in arabic
    assert page("/help/", "en", django_language="fr") == french
    assert b'lang="fr"' in page("/guides/", "ar,fr;q=0.5") and b'lang="en"' in page("/guides/", "ar")
    assert b'class="pictures"' in page("/help/", "fr", pictures="1") and b'class="pictures"' not in french
    # Many ways to ask for the same languages share one page.
    before = len(kept_pages._slots)
    for number in range(50):
        assert page("/help/", f"x-{number},fr-CA;q=0.{number:02},de;q=0.01") == french
    assert len(kept_pages._slots) == before


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_a_kept_page_is_the_page_that_would_be_rendered(settings: Settings, pages: list[str], language: str) -> None:
    token = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="\w+">|(?<=X-CSRFToken": ")\w+')
    for path in pages:
        settings.KEPT_PAGE_SECONDS = 60
        client = Client(headers={"accept-language": language})
        kept = client.get(path).content.decode()
        settings.KEPT_PAGE_SECONDS = 0
        assert token.sub("", kept) == token.sub("", client.get(path).content.decode()), path


# --- attacks -------------------------------------------------------------------------------------------------------


def test_signed_in_readers_and_readers_with_a_message_never_get_or_leave_a_kept_page(
    cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    signed_in(cast.bob).get("/")
    assert not kept_pages._slots
    stranger = Client().get("/").content
    own = signed_in(cast.bob).get("/")
    assert own.content != stranger and "X-Accel-Expires" not in own and len(kept_pages._slots) == 1
    for cookies in ({"sessionid": "made-up"}, {"messages": "made-up"}):
        client = Client()
        client.cookies.load(cookies)
        assert "X-Accel-Expires" not in client.get("/")
    assert Client().get("/", headers={"authorization": "Token made-up"}).has_header("X-Accel-Expires") is False
    assert Client().get("/").content == stranger


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/?next=/me/", "/?utm=1", "/help/?x", "/accounts/x.css", "/me/x.css", "/me/", "/accounts/login/x.css",
     "/help//", "/follow/made-up/", "/find/", "/queue/hello/", "/crisis/none/", "/map/public/?status=under_covered",
     "/accounts/logout/", "/accounts/confirm-email/made-up/"],
)  # fmt: skip
def test_personal_addresses_queries_and_disguised_ones_are_never_kept(path: str, client: Client) -> None:
    assert "X-Accel-Expires" not in client.get(path) and not kept_pages._slots


def test_a_form_that_is_sent_is_never_kept(client: Client) -> None:
    client.post("/accounts/login/", {"login": "poison@example.org", "password": "x"})
    client.post("/help/none/form/", {"text": "poison"})
    assert not kept_pages._slots
    assert b"poison" not in Client().get("/accounts/login/").content + Client().get("/help/none/form/").content


def test_headers_of_one_reader_never_reach_the_page_of_another(settings: Settings, pages: list[str]) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    poison = {
        "x-forwarded-host": "evil.example", "x-forwarded-proto": "evil", "x-forwarded-for": "evil.example",
        "forwarded": "host=evil.example", "x-original-url": "/evil", "x-kept": "evil", "hx-request": "true",
        "accept-language": "evil,en", "user-agent": "evil", "referer": "https://evil.example/", "origin": "evil",
    }  # fmt: skip
    clean = {path: Client(headers={"accept-language": "en"}).get(path).content for path in pages}
    kept_pages.forget()
    for path in pages:
        evil = Client(headers=poison)
        evil.cookies.load({"csrftoken": "e" * 32, "device": "evil", "django_language": "evil", "pictures": "evil"})
        evil.get(path)
        evil.get(path, headers={"host": "evil.example"})
        evil.get(path, headers={"host": "other.example"})
        found = Client(headers={"accept-language": "en"}).get(path)
        assert found.content == clean[path] and b"evil" not in found.content and b"other.example" not in found.content
        assert not found.cookies
    assert Client().get("/", headers={"host": "evil.example"}).status_code == 400


def test_an_answer_that_sets_a_cookie_or_is_no_page_is_never_kept() -> None:
    answers = [HttpResponse("own"), HttpResponse("none", status=404), HttpResponse(status=302)]
    answers[0].set_cookie("own", "1")

    def view(request: HttpRequest) -> HttpResponse:
        return answers.pop(0)

    serve = kept_pages.kept_pages(view)
    for status in (200, 404, 302):
        assert serve(RequestFactory().get("/about/")).status_code == status
    assert not kept_pages._slots


def test_a_flood_of_addresses_and_hosts_fills_no_memory(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pages, "MOST", 5)
    serve = kept_pages.kept_pages(lambda request: HttpResponse("page"))
    for number in range(50):
        serve(RequestFactory().get("/about/", headers={"host": f"testserver:{number + 1}"}))
    hosts = {key.host for key in kept_pages._slots}
    assert hosts == {f"testserver:{number}" for number in range(46, 51)}
    # Addresses without a page push no page out of the cache.
    for number in range(10):
        assert Client().get(f"/crisis/made-up-{number}/").status_code == 404
        assert Client().get(f"/guides/made-up-{number}/").status_code == 404
    assert {key.host for key in kept_pages._slots} == hosts


# --- forms without token -------------------------------------------------------------------------------------------


def strict(**headers: str) -> Client:
    return Client(enforce_csrf_checks=True, headers=headers)


def test_a_kept_form_is_accepted_from_our_own_page_and_refused_from_any_other() -> None:
    post = {"language": "fr", "next": "/"}
    for good in ({"origin": "http://testserver"},):
        assert strict(**good).post("/i18n/setlang/", post).status_code == 302
    bad: list[dict[str, str]] = [
        {}, {"origin": "null"}, {"origin": "https://testserver"}, {"origin": "http://testserver.evil.example"},
        {"origin": "http://evil.example"}, {"origin": "http://evil.example", "referer": "http://testserver/"},
        {"referer": "http://testserver/"}, {"sec-fetch-site": "same-origin"},
    ]  # fmt: skip
    for headers in bad:
        assert strict(**headers).post("/i18n/setlang/", post).status_code == 403, headers
        assert strict(**headers).post("/accounts/login/", {"login": "a", "password": "b"}).status_code == 403, headers


def test_over_https_the_page_that_sent_the_form_is_enough_for_old_phones() -> None:
    post = {"language": "fr", "next": "/"}
    assert strict(referer="https://testserver/help/").post("/i18n/setlang/", post, secure=True).status_code == 302
    for referer in ("http://testserver/", "https://evil.example/", "https://testserver.evil.example/", ""):
        assert strict(referer=referer).post("/i18n/setlang/", post, secure=True).status_code == 403
    assert strict().post("/i18n/setlang/", post, secure=True).status_code == 403


def test_signed_in_people_need_the_token_from_whichever_page(cast: Cast, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(cast.bob)
    client.handler.enforce_csrf_checks = True
    own = {"origin": "http://testserver"}
    assert client.post(reverse("volunteers:me"), {"name": "Forged"}, headers=own).status_code == 403
    token = re.search(rb'csrfmiddlewaretoken" value="(\w+)"', client.get("/me/").content)
    assert token is not None
    sent = {"csrfmiddlewaretoken": token[1].decode()}
    assert client.post("/i18n/setlang/", {**sent, "language": "fr"}, headers=own).status_code == 302


def report(client: Client, path: str, **more: str) -> Any:
    topic = Crisis.objects.get().categories.first()
    assert topic is not None
    said = {
        "category": str(topic.pk),
        "urgency": "now",
        "place_text": "under the bridge",
        "persons": "1",
        "text": "Cold.",
    }
    return client.post(path, {**said, **more}, headers={"origin": "http://testserver"})


def test_a_report_from_a_kept_form_sent_twice_without_scripts_is_stored_once(crisis: Crisis) -> None:  # noqa: F811
    path = reverse("needs:crisis_report", args=[crisis.slug])
    first, second, other = (Client(enforce_csrf_checks=True) for _ in range(3))
    first.get(path)
    sent = report(first, path)
    assert sent.status_code == 302 and set(sent.cookies) >= {"device"}
    assert report(first, path).url == sent.url  # after the answer, the device is known
    assert report(second, path).url == sent.url  # before the answer, there is no cookie yet
    assert Need.objects.count() == 1
    # Another device with the same words, and the same device with other words, are other reports.
    report(other, path, text="Hungry.")
    assert report(other, path).url != sent.url
    report(first, path, text="Thirsty.")
    assert Need.objects.count() == 4


# --- staleness -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_verbs_renew_the_pages_that_show_what_they_change(crisis: Crisis, cast: Cast) -> None:  # noqa: F811
    path = reverse("needs:crisis_report", args=[crisis.slug])
    assert b'data-queue="crisis"' in Client().get(path).content and path.encode() in Client().get("/").content
    crisis_events.close(crisis, now=timezone.now())
    assert b'data-queue="crisis"' not in Client().get(path).content and path.encode() not in Client().get("/").content
    crisis_events.reopen(crisis, Viewer(cast.diane))
    assert b'data-queue="crisis"' in Client().get(path).content and path.encode() in Client().get("/").content
    saving.save(cast.edith, "organisation", name="Maraude du Nord")
    assert b"Maraude du Nord" in Client().get("/about/").content


def test_another_process_sees_a_new_version_and_a_page_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = iter(["first", "second", "third"])
    serve = kept_pages.kept_pages(lambda request: HttpResponse(next(texts)))

    def text() -> bytes:
        answer = serve(RequestFactory().get("/about/"))
        assert isinstance(answer, HttpResponse)
        return answer.content

    now = time.monotonic()
    monkeypatch.setattr("solidarity.lib.http.kept_pages.time.monotonic", lambda: now)
    assert text() == text() == b"first"
    caches["default"].set(kept_pages.VERSION, 7, None)  # by another process
    assert text() == b"first"
    now += kept_pages.LOOKS + 0.1
    assert text() == text() == b"second"
    now += 61
    assert text() == b"third"


def test_without_redis_pages_are_kept_for_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_key: object, **_more: object) -> None:
        raise NoRedis

    monkeypatch.setattr("solidarity.lib.cache.cache.get", away)
    first = Client().get("/about/")
    with CaptureQueriesContext(connection) as queries:
        assert Client().get("/about/").content == first.content
    assert first.status_code == 200 and not queries.captured_queries
