"""The interface without a browser: contrast, pictograms, content security policy of the templates."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template, render_to_string
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from mapping.enums import STATUS_KEYS
from needs.enums import Category, TourMode
from tests.support import Cast, SignedIn

TEMPLATES: Path = settings.ROOT / "templates"
STATIC: Path = settings.ROOT / "solidarity" / "static" / "solidarity"
GROUNDS = ("paper", "surface", "sunken")
TEXTS = ("ink", "ink-soft", "accent", "accent-strong", "danger", "ok", "warn")
STATUSES = tuple(key.replace("_", "-") for key in STATUS_KEYS.values())

Tokens = dict[str, str]


def sheet() -> str:
    return re.sub(r"/\*.*?\*/", "", (STATIC / "theme.css").read_text(encoding="utf-8"), flags=re.S)


def tokens(selector: str) -> Tokens:
    """Return the colours declared in a selector's first block, by name without the leading dashes."""
    block = sheet()[sheet().index(selector) :]
    block = block[block.index("{") + 1 : block.index("}")]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))


LIGHT = tokens(':root,\n[data-bs-theme="light"]')
DARK = tokens('\n[data-bs-theme="dark"] {')
THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2) of a colour written #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_in_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_all_themes_define_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK)
    assert len(LIGHT) > 40
    assert tokens(":root:not([data-bs-theme])") == DARK


def test_paper_is_light_even_when_the_screen_is_dark() -> None:
    assert tokens('\n  [data-bs-theme="dark"] {') == LIGHT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", TEXTS)
def test_text_has_enough_contrast_on_every_background(theme: Tokens, text: str) -> None:
    assert min(contrast(theme[text], theme[ground]) for ground in GROUNDS) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("on-danger", "danger"),
        ("ink", "accent-soft"),
        ("accent", "accent-soft"),
        ("danger", "danger-soft"),
        ("ok", "ok-soft"),
        ("warn", "warn-soft"),
    ],
)
def test_coloured_text_has_enough_contrast_on_its_background(theme: Tokens, text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_field_borders_have_enough_contrast(theme: Tokens) -> None:
    assert min(contrast(theme["edge"], theme[ground]) for ground in GROUNDS) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("status", STATUSES)
def test_statuses_have_enough_contrast(theme: Tokens, status: str) -> None:
    name = f"status-{status}"
    assert min(contrast(theme[f"{name}-text"], theme[ground]) for ground in GROUNDS) >= 4.5
    assert min(contrast(theme[f"{name}-edge"], theme[ground]) for ground in GROUNDS) >= 3
    assert contrast(theme[f"{name}-on"], theme[name]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_status_fills_are_those_of_the_design(theme: Tokens) -> None:
    fills = [theme[f"status-{status}"] for status in ("covered", "under-covered", "uncovered", "to-verify")]
    assert fills == ["#1f7a6d", "#d98a00", "#b3361f", "#6a4c93"]


def test_each_status_has_its_own_sign_and_word() -> None:
    signs = dict(re.findall(r'\n\.status-swatch\[data-status="(\w+)"\]::after \{ content: "(.)"; \}', sheet()))
    signs["not_searched"] = re.findall(r'\n\.status-swatch::after \{ content: "(.)"', sheet())[0]
    assert set(signs) == set(STATUS_KEYS.values())
    assert len(set(signs.values())) == len(signs)
    with translation.override("en"):
        words = [render_to_string("includes/status.html", {"status": key}) for key in signs]
    assert all(re.search(r"<span>[a-z]", word) for word in words)
    assert len({re.sub(r'data-status="\w+"', "", word) for word in words}) == len(signs)


def test_every_colour_used_is_defined_by_the_themes() -> None:
    css = sheet()
    declared = set(re.findall(r"(--[\w-]+):", css))
    used = set(re.findall(r"var\((--[\w-]+)", css))
    assert {name for name in used - declared if not name.startswith("--bs-")} == set()


def pictograms() -> set[str]:
    root = ElementTree.parse(STATIC / "icons.svg").getroot()
    return {element.attrib["id"] for element in root.iter("{http://www.w3.org/2000/svg}symbol")}


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def named(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def test_every_pictogram_in_a_template_exists() -> None:
    wanted: dict[str, str] = {}
    for path in templates():
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r'includes/icon\.html" with name="([\w-]+)"', text) + re.findall(
            r'\bicon="([\w-]+)"', text
        ):
            wanted[name] = named(path)
    assert len(wanted) > 20
    assert {name: where for name, where in wanted.items() if name not in pictograms()} == {}


@pytest.mark.parametrize("choices", [Category, TourMode])
def test_every_choice_with_pictograms_has_one_for_each_value(choices: Any) -> None:
    assert set(choices.values) - pictograms() == set()


def test_the_page_of_components_shows_every_pictogram() -> None:
    shown = set(re.findall(r'with name="([\w-]+)" size="large"', (TEMPLATES / "styleguide.html").read_text()))
    assert shown == pictograms()


def against_the_content_policy(text: str) -> list[str]:
    """Return what a browser would refuse in a template, or load from another host."""
    refused = {
        "inline style": r"\sstyle\s*=",
        "inline event handler": r"\son[a-z]+\s*=\s*[\"']",
        "code in an attribute": r"\bhx-on\b|[\"'\s]js:|javascript:",
        "another host": r"(?:src|href|action)=\"(https?:)?//",
    }
    found = [name for name, pattern in refused.items() if re.search(pattern, text)]
    scripts = re.findall(r"<script\b([^>]*)>", text)
    if any("src=" not in attributes and "application/json" not in attributes for attributes in scripts):
        found.append("inline script")
    return found


def test_every_template_compiles_and_keeps_to_the_content_policy() -> None:
    assert against_the_content_policy('<p style="x" onclick="y" hx-on="z"><a href="//host/"></a><script></script>') == [
        "inline style", "inline event handler", "code in an attribute", "another host", "inline script",
    ]  # fmt: skip
    wrong: dict[str, list[str]] = {}
    for path in templates():
        get_template(named(path))
        text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        wrong[named(path)] = against_the_content_policy(text)
        # A mail carries its style, because programs for mail load no files.
        if "<style" in text and not path.name.endswith("_mail.html"):
            wrong[named(path)].append("style element")
    assert {name: found for name, found in wrong.items() if found} == {}


def test_every_file_of_the_base_template_exists() -> None:
    wanted = set()
    for path in templates():
        wanted |= set(re.findall(r"\{% static ['\"]([^'\"]+)['\"] %\}", path.read_text(encoding="utf-8")))
    for css in ("theme.css", "fonts.css"):
        for address in re.findall(r'url\("([^"]+)"\)', (STATIC / css).read_text()):
            wanted.add(
                "vendor/" + address.removeprefix("../vendor/") if "vendor" in address else f"solidarity/{address}"
            )
    assert any(name.endswith(".woff2") for name in wanted)
    assert {name for name in wanted if finders.find(name) is None} == set()


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((settings.ROOT / "package-lock.json").read_text())
    assert all("resolved" not in entry for entry in lock["packages"].values())
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_start_page_shows_emergency_numbers_and_three_doors_first(client: Client, language: str) -> None:
    page = client.get("/", headers={"accept-language": language}).content.decode()
    assert f'lang="{language}"' in page
    numbers = [page.index(f'href="tel:{number}"') for number in (15, 112, 115, 119)]
    doors = [found.start() for found in re.finditer('class="door"', page)]
    assert len(doors) == 3
    assert max(numbers) < min(doors) < max(doors) < page.index('class="home-more"')


@pytest.mark.django_db
def test_the_chosen_language_is_remembered(client: Client) -> None:
    done = client.post("/i18n/setlang/", {"language": "fr", "next": "/about/"})
    assert (done.status_code, done["location"]) == (302, "/about/")
    page = client.get("/about/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="fr"' in page
    assert re.search(r'value="fr"\s+lang="fr"\s+dir="ltr"\s+aria-pressed="true"', page)


ROLES = [
    ("greta", {"Map", "Report a need"}, {"Log an encounter", "The desk", "Zone report", "Administrators"}),
    ("bob", {"Map", "Log an encounter", "Tours"}, {"The desk", "Zone report", "Administrators"}),
    ("carol", {"Log an encounter", "The desk"}, {"Zone report", "Administrators"}),
    ("diane", {"Map", "Territories", "Zone report"}, {"Log an encounter", "Administrators"}),
    ("farid", {"Map", "Territories", "Zone report", "Administrators"}, {"Log an encounter"}),
]


@pytest.mark.parametrize(("name", "offered", "hidden"), ROLES, ids=[role[0] for role in ROLES])
def test_the_navigation_offers_what_a_role_can_do(
    cast: Cast, signed_in: SignedIn, settings: Settings, name: str, offered: set[str], hidden: set[str]
) -> None:
    settings.MFA_REQUIRED = False
    page = signed_in(getattr(cast, name)).get("/", headers={"accept-language": "en"}).content.decode()
    links = set(re.findall(r"<span>([^<]+)</span></a></li>", page))
    assert offered <= links
    assert links & hidden == set()


@pytest.mark.django_db
def test_demo_mode_is_shown_on_every_page(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    assert "band--demo" in client.get("/about/").content.decode()
    settings.DEMO = False
    assert "band--demo" not in client.get("/about/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_an_empty_form_says_what_is_missing_and_points_to_the_field(client: Client, address: str) -> None:
    page = client.post(address, {}, headers={"accept-language": "en"}).content.decode()
    target = re.search(r'class="error-summary".*?<a href="#([\w-]+)">', page, flags=re.S)
    assert target is not None
    field = re.search(rf'<input[^>]*id="{target.group(1)}"[^>]*>', page)
    assert field is not None
    assert 'aria-invalid="true"' in field.group()
    note = re.search(r'aria-describedby="([^"]+)"', field.group())
    assert note is not None
    assert all(f'id="{name}"' in page for name in note.group(1).split())


def test_the_error_page_needs_nothing_from_the_request() -> None:
    with translation.override("fr"):
        page = get_template("500.html").render()
    assert '<html lang="fr"' in page
    assert "112" in page


@pytest.mark.django_db
def test_an_unknown_url_gets_our_own_404_page(client: Client) -> None:
    answer = client.get("/nothing-of-the-kind/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
