"""Guides: pages from Markdown files, whose buttons and pictures exist."""

import re
from html import unescape

import polib
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import Resolver404, resolve

from solidarity.lib.site import features, site_choices
from solidarity.ops.demo.people import LOGINS
from solidarity.ops.guide_screenshots.shots import SHOTS
from volunteers.site.guides.guide_files import ABOUT, FOLDER, LANGUAGES, NAMES, guide

pytestmark = pytest.mark.django_db

DANGER = {"en": "danger-comes-first", "fr": "le-danger-dabord"}
WORDS_ON_TWO_PAGES = 1000
FILES = [(name, language) for name in NAMES for language in LANGUAGES]


def source(name: str, language: str) -> str:
    path = FOLDER / (f"{name}.md" if language == "en" else f"{name}.{language}.md")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "language"), FILES)
def test_what_a_guide_says_to_tap_is_written_on_the_interface(name: str, language: str) -> None:
    catalogue = polib.pofile(str(settings.ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
    written = {entry.msgid if language == "en" else entry.msgstr for entry in catalogue if not entry.obsolete}
    bold = {re.sub(r"[ \n]+", " ", each) for each in re.findall(r"\*\*(.+?)\*\*", source(name, language), re.S)}
    assert bold
    assert {each for each in bold if not {each, each.rstrip("."), f"{each}."} & written} == set()


@pytest.mark.parametrize(("name", "language"), FILES)
def test_a_guide_has_two_pages_and_pictures_that_exist(name: str, language: str) -> None:
    text = source(name, language)
    assert len(text.split()) <= WORDS_ON_TWO_PAGES
    pictures = re.findall(r"!\[(.+?)\]\((.+?)\)", text)
    assert pictures and all(words for words, _path in pictures)
    for _words, path in pictures:
        assert (FOLDER / path).is_file()
        assert path.split("/")[1] == language
        assert finders.find(f"guides/{path.removeprefix('screenshots/')}")


def test_every_picture_is_in_a_guide_and_can_be_taken_anew() -> None:
    kept = {path.relative_to(FOLDER).as_posix() for path in (FOLDER / "screenshots").rglob("*.webp")}
    shown = {path for file in FILES for path in re.findall(r"!\[.+?\]\((.+?)\)", source(*file))}
    assert kept == shown == {f"screenshots/{language}/{shot.name}.webp" for shot in SHOTS for language in LANGUAGES}
    assert {shot.login for shot in SHOTS} <= {login.mailbox for login in LOGINS}
    for shot in SHOTS:
        try:
            resolve(shot.path)
        except Resolver404:
            pytest.fail(f"{shot.name}: no page at {shot.path}")


@pytest.mark.parametrize(("language", "title"), [("en", "Guide for dispatchers"), ("fr", "Guide de la régulation")])
def test_everybody_reads_a_guide_in_their_language(client: Client, language: str, title: str) -> None:
    html = unescape(client.get("/guides/dispatcher/", headers={"accept-language": language}).content.decode())
    assert f"<h1>{title}</h1>" in html
    for anchor, part in guide("dispatcher", language).parts:
        assert f'<a href="#{anchor}">{unescape(part)}</a>' in html and f'id="{anchor}"' in html
    assert re.search(rf'<img[^>]+src="/static/guides/{language}/dispatcher-queue\S*\.webp"', html)
    links = re.findall(r'<article class="guide">.*</article>', html, re.S)[0]
    assert ".md" not in links


def test_a_guide_for_no_role_is_not_there(client: Client) -> None:
    assert client.get("/guides/president/").status_code == 404
    assert client.get("/guides/").status_code == 200


def test_the_pages_that_a_guide_explains_lead_to_it() -> None:
    leading = {
        name
        for path in (settings.ROOT / "templates").rglob("*.html")
        for name in re.findall(r'includes/guide_link.html" with guide="(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert leading == set(NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_leaves_out_what_is_off(client: Client, language: str) -> None:
    heading = {"en": "Borrow, lend and give", "fr": "Emprunter"}[language]
    asked = {"accept-language": language}
    assert heading in client.get("/guides/volunteer/", headers=asked).content.decode()
    site_choices.keep({features.FIELD: ["lending", "desk"]}, 1e9)
    page = client.get("/guides/volunteer/", headers=asked).content.decode()
    assert heading not in page and "<!-- " not in page
    left = guide("dispatcher", language, features.off()).parts
    assert [anchor for anchor, _heading in left][:1] == [DANGER[language]]  # danger is never off
    assert len(left) < len(guide("dispatcher", language).parts)


def test_guides_name_only_features_that_exist() -> None:
    keys = {each.key for each in features.every()}
    named = {key for file in FILES for about in ABOUT.findall(source(*file)) for key in about.split()}
    assert named and named <= keys
    for name in NAMES:
        by_language = [ABOUT.findall(source(name, language)) for language in LANGUAGES]
        assert by_language[0] == by_language[1]
