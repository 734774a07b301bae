"""The pages that nginx caches for many readers, and attacks on this cache: poisoned answers, and answers that belong to
one reader."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.map.releases import archives
from mapping.map.releases.public import publishing
from mapping.models import Release
from needs.crises import crisis_events
from needs.models import Encounter
from tests.conftest import until
from tests.needs.crises import crisis_cases
from tests.ops.deployment.conftest import SITE, Answer, Proxy
from tests.privacy import filed
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn

pytestmark = pytest.mark.xdist_group("deployment")
PAGES = ("/", "/about/", "/map/public/", "/places/bearings.geojson")
KEPT = "/.well-known/security.txt"  # public for a day, without a database


@pytest.fixture
def fate(proxy: Proxy) -> Any:
    """A function that sends a request and returns the answer and what nginx did with it: HIT, MISS, …, - for none."""

    def ask(path: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[Answer, str]:
        before = len(proxy.log.read_text().splitlines())
        answer = proxy.get(path, headers, method=method)
        until(lambda: len(proxy.log.read_text().splitlines()) > before, 10, "nginx wrote no line")  # after the answer
        [line] = proxy.log.read_text().splitlines()[before:]
        return answer, line.rpartition(" ")[2]

    return ask


def test_what_everybody_may_have_is_asked_of_the_application_once(fate: Any) -> None:
    languages = {"Accept-Language": "fr-once"}
    first, how = fate(KEPT, languages)
    assert (first.status, how) == (200, "MISS")
    again, how = fate(KEPT, languages)
    assert (again.body, how) == (first.body, "HIT")
    assert fate(KEPT, languages, "HEAD")[1] == "HIT"
    tag = fate("/places/bearings.geojson")[0].headers["etag"]
    known, how = fate("/places/bearings.geojson", {"If-None-Match": tag})
    assert (known.status, known.body, how) == (304, b"", "HIT")


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "sessionid=none"},
        {"Cookie": "django_language=ar"},
        {"Authorization": "Bearer none"},
        {"HX-Request": "true"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_who_says_more_than_a_language_reaches_the_application(headers: dict[str, str], fate: Any) -> None:
    plain = {"Accept-Language": "en"}
    fate(KEPT, plain)
    assert fate(KEPT, plain)[1] == "HIT"
    assert fate(KEPT, plain | headers)[1] == "-"
    assert fate(f"{KEPT}?near=48.8566", plain)[1] == "-"


def test_a_poisoned_answer_reaches_nobody_else(fate: Any) -> None:
    """Host, query, method and claims about other hosts either belong to the key, or reach no page."""
    evil = "evil.example"
    for path in PAGES:
        for poison in (
            {"Host": f"{SITE}:{666}"},
            {
                "X-Forwarded-Host": evil,
                "X-Forwarded-Proto": "http",
                "X-Forwarded-Port": "666",
                "Forwarded": f"host={evil}",
                "X-Original-URL": f"/{evil}",
                "X-Rewrite-URL": f"/{evil}",
                "X-HTTP-Method-Override": "DELETE",
            },
            {"Accept-Language": f"{evil},ar"},
            {"Range": "bytes=0-3"},
            {"If-None-Match": "*"},
        ):
            fate(path, {"Accept-Language": "en"} | poison)
        fate(f"{path}?evil={evil}", {"Accept-Language": "en"})
        clean, _how = fate(path, {"Accept-Language": "en"})
        assert clean.status == 200 and len(clean.body) > 30, path
        assert evil not in clean.body.decode() and ":666" not in clean.body.decode(), path
        assert 'dir="rtl"' not in clean.body.decode()[:500], path


def test_each_language_gets_its_own_page(fate: Any) -> None:
    for _twice in range(2):
        for language in ("fr", "ar", "en-GB,en;q=0.9,fr;q=0.8"):
            page, _how = fate("/about/", {"Accept-Language": language})
            found = re.search(r'<html[^>]* lang="([a-z]+)', page.body.decode())
            assert found and found.group(1) == language[:2]


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_renewed_never_turns_old_again(proxy: Proxy, cast: Cast) -> None:
    crisis = crisis_cases.opened(cast.edith)
    path = reverse("needs:crisis_report", args=[crisis.slug]).encode()

    def is_on_the_home_page() -> bool:
        return path in proxy.get("/", {"Accept-Language": "en"}).body

    until(is_on_the_home_page, 20, "the page is still the old one")
    assert all(is_on_the_home_page() for _ in range(20))  # each process of nginx has files open
    crisis_events.close(crisis, now=timezone.now())
    until(lambda: not is_on_the_home_page(), 20, "the page is still the old one")
    assert not any(is_on_the_home_page() for _ in range(40))


def test_nothing_that_is_not_called_public_is_kept_on_the_disk(fate: Any, proxy: Proxy) -> None:
    secret = "Zgq8-private"
    for path in (f"/follow/{secret}/", "/queue/hello/", f"/help/{secret}/form/", f"/about/?{secret}", f"/{secret}"):
        for _twice in range(2):
            assert fate(path, {"Accept-Language": "en"})[1] in ("-", "MISS"), path
    assert fate(KEPT)[0].status == 200
    files = [path for path in (proxy.certificate.parent / "pages").rglob("*") if path.is_file()]
    assert files and not any(secret.encode() in path.read_bytes() for path in files)
    assert not any(re.search(rb"(?i)\nset-cookie:|csrfmiddlewaretoken", path.read_bytes()) for path in files)


# --- releases, and signed-in readers -------------------------------------------------------------------------------


@pytest.fixture
def published(cast: Cast, city: City, seen: Seen) -> Iterator[Release]:
    publish_north(seen)
    yield publishing.publish_week(timezone.now())


def cookie(client: Client) -> dict[str, str]:
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


@pytest.mark.django_db(transaction=True)
def test_each_audience_gets_its_own_release_and_nobody_that_of_another(
    fate: Any, published: Release, cast: Cast, signed_in: SignedIn
) -> None:
    readers = {name: signed_in(getattr(cast, name)) for name in ("diane", "alice", "bob", "edith")}
    addresses = [reverse("mapping:tile", args=["nord", 12, 2074, 1409]), "/map/t/nord/zones/"]
    filed.file_many(readers["edith"])  # the live map, which coordinators read, contains more than the releases
    volunteer, coordinator = (readers[name].get(addresses[0]).content for name in ("alice", "diane"))
    assert volunteer != coordinator  # parts that must not be mixed up
    for address in addresses:
        own = {name: client.get(address) for name, client in readers.items()}
        for name in ("diane", "alice", None, "bob", "edith", "alice", None, "diane"):
            answer, how = fate(address, cookie(readers[name]) if name else None)
            assert how in ("-", "MISS"), (address, name)
            if name is None:
                assert answer.status in (302, 404), address
            else:
                assert answer.status == own[name].status_code
                if address.endswith(".mvt"):
                    assert answer.body == own[name].content, (address, name)


@pytest.mark.django_db(transaction=True)
def test_a_signed_in_page_is_never_kept(fate: Any, cast: Cast, signed_in: SignedIn) -> None:
    alice = cookie(signed_in(cast.alice))
    for path in ("/", "/me/", "/about/"):
        hers, how = fate(path, alice)
        assert (hers.status, how) == (200, "-")
        assert "private" in hers.headers.get("cache-control", "private")
        other, _how = fate(path)
        assert other.body != hers.body
        assert "sessionid" not in other.headers.get("set-cookie", "")
        assert b"/accounts/logout/" not in other.body and cast.alice.display_name.encode() not in other.body


@pytest.mark.django_db(transaction=True)
def test_a_public_release_stands_still_while_people_report_and_ends_when_it_is_withdrawn(
    fate: Any, proxy: Proxy, published: Release, cast: Cast, signed_in: SignedIn
) -> None:
    folder = published.folder
    file = f"/map/releases/{folder}/{archives.MAP}"
    lines = len(proxy.log.read_text().splitlines())
    before = proxy.get(file)
    assert before.status == 200 and before.body == archives.file_of(folder, archives.MAP).read_bytes()
    assert before.headers["etag"] != f'"{folder.partition("/")[2]}"'  # the header of the application
    latest, _how = fate("/public/latest.geojson")
    assert len(proxy.log.read_text().splitlines()) == lines + 1  # files are not logged
    assert latest.status == 200 and fate("/public/latest.geojson")[1] == "HIT"
    had = Encounter.objects.count()
    filed.file_encounter(signed_in(cast.edith))
    assert Encounter.objects.count() == had + 1
    after = proxy.get(file)
    assert (after.body, after.headers["etag"]) == (before.body, before.headers["etag"])
    assert proxy.get(file, {"If-None-Match": before.headers["etag"]}).status == 304
    volunteers = next(archives.root().glob("volunteer/*/"), None)
    if volunteers is not None:
        for way in ("volunteer", "public/../volunteer", "public/..%2fvolunteer", "public//../volunteer"):
            assert fate(f"/map/releases/{way}/{volunteers.name}/{archives.MAP}")[0].status == 404, way
    archives.drop(folder)
    assert fate(file)[0].status == 404


def test_only_the_two_files_of_a_release_come_from_disk(proxy: Proxy, own_media: Path) -> None:
    place = archives.file_of(f"public/{proxy.release}", "notes.txt")
    place.write_text("not a file of the release")
    try:
        for name in ("notes.txt", "", "map.pmtiles/", "..%2fnotes.txt", "map.pmtiles%00.txt"):
            assert proxy.get(f"/map/releases/public/{proxy.release}/{name}").status in (400, 404), name
        assert proxy.get(f"/map/releases/public/{proxy.release.upper()}x/map.pmtiles").status == 404
    finally:
        place.unlink()
