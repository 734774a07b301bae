"""Static files: each name in a template exists, Bootstrap's classes in use are compiled, and collected files refer to
each other by names that contain their hash."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from pytest_django import Settings

from solidarity.lib.http.compressed_pages import CompressedPages
from solidarity.lib.http.static_files import HashedFiles, StaticFilesMiddleware

ROOT: Path = settings.ROOT
TEMPLATES: Path = ROOT / "templates"
OWN: Path = ROOT / "solidarity" / "static"
NAME = re.compile(r"""\{%\s*static\s+['"]([^'"]+)['"]""")
IN_CODE = re.compile(r"""static\(["']([\w./-]+)["']\)""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def sources(*endings: str) -> Iterator[Path]:
    """Return our templates, scripts or modules."""
    for folder in (TEMPLATES, OWN, *(ROOT / app for app in ("solidarity", "volunteers", "needs", "mapping"))):
        yield from (path for ending in endings for path in folder.rglob(f"*{ending}") if "migrations" not in path.parts)


def test_each_static_file_that_a_page_names_exists() -> None:
    named = {
        (name, path.relative_to(ROOT).as_posix())
        for path in sources(".html", ".py")
        for name in (NAME if path.suffix == ".html" else IN_CODE).findall(path.read_text(encoding="utf-8"))
    }
    assert len(named) > 150
    assert sorted((name, where) for name, where in named if finders.find(name) is None) == []


# --- the parts of Bootstrap -----------------------------------------------------------------------------------------

COMMENT = re.compile(r"/\*.*?\*/", re.S)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
# Words of our own texts, and classes of our own, with a name that Bootstrap also defines; they do not mean Bootstrap's
# classes.
OWN_WORDS = {
    "active", "border", "card", "col", "container", "figure", "h1", "h2", "h3", "hiding", "mark", "nav", "placeholder",
    "progress", "ratio", "rounded", "row", "show", "showing", "visible", "fixed-top", "invisible",
}  # fmt: skip


def classes_of(path: Path) -> set[str]:
    """Return the classes for which a style sheet has rules."""
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    return set(CLASS.findall(re.sub(r"\{[^{}]*\}", "{}", text)))


def words_of(path: Path) -> set[str]:
    """Return the words that can be classes: of class attributes in templates, of strings in scripts and modules."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        found = re.findall(r'class="([^"]*)"', text) + re.findall(r'with [^%]*?"([^"]*)"', text)
    else:
        found = re.findall(r"""["'`]([^"'`\n]*)["'`]""", text)
    return {word for each in found for word in re.findall(r"[\w-]+", each)}


def missing_classes(path: Path, compiled: set[str], every: set[str]) -> set[str]:
    own = classes_of(OWN / "solidarity" / "theme.css") | OWN_WORDS
    return (words_of(path) & every) - compiled - own


def test_every_class_of_bootstrap_in_use_is_compiled_for_both_directions() -> None:
    every = classes_of(ROOT / "node_modules" / "bootstrap" / "dist" / "css" / "bootstrap.css")
    assert len(every) > 1000
    for direction in ("ltr", "rtl"):
        compiled = classes_of(Path(str(finders.find(f"vendor/bootstrap/{direction}/bootstrap.css"))))
        assert {"btn", "alert", "form-check-input", "table", "nav-tabs", "visually-hidden", "mt-4"} <= compiled
        absent = {
            (path.relative_to(ROOT).as_posix(), word)
            for path in sources(".html", ".js")
            if not {"rules", "pii_check"} & set(path.parts)  # words in nine languages, not classes
            for word in missing_classes(path, compiled, every)
        }
        assert sorted(absent) == []


def test_the_check_finds_a_class_that_is_not_compiled(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<div class="accordion btn mt-4">')
    every = classes_of(ROOT / "node_modules" / "bootstrap" / "dist" / "css" / "bootstrap.css")
    compiled = classes_of(Path(str(finders.find("vendor/bootstrap/ltr/bootstrap.css"))))
    assert missing_classes(page, compiled, every) == {"accordion"}


def test_the_right_to_left_styles_mirror_the_others() -> None:
    left, right = (
        Path(str(finders.find(f"vendor/bootstrap/{direction}/bootstrap.css"))).read_text()
        for direction in ("ltr", "rtl")
    )
    assert "padding-left: 2rem" in left and "padding-right: 2rem" in right


# --- collected files ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with three scripts, one style sheet and one picture."""
    folder = tmp_path_factory.mktemp("source")
    files = {
        "first.js": 'import { two } from "./second.js";\nexport const style = new URL("./look.css", import.meta.url);\n',
        "second.js": 'export const two = () => import("./third.js");\n',
        "third.js": "export default 3;\n",
        "look.css": '.a { background: url("dot.svg"); }\n',
        "dot.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n" + "<!-- a -->" * 40,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def hashed(source: Path, out: Path) -> dict[str, str]:
    """Collect a folder and return the names with hashes. Raise the error that stops the collection."""
    shutil.copytree(source, out, dirs_exist_ok=True)
    storage = HashedFiles(location=str(out), base_url="/static/")
    paths = {path.name: (storage, path.name) for path in source.iterdir()}
    for _name, _new, processed in storage.post_process(paths):
        if isinstance(processed, Exception):
            raise processed
    return dict(storage.hashed_files)


def test_a_changed_file_and_its_importers_get_new_names_and_no_others(small: Path, tmp_path: Path) -> None:
    before = hashed(small, tmp_path / "out")
    assert all(HASHED.search(name) for name in before.values())
    first = (tmp_path / "out" / before["first.js"]).read_text()
    assert before["second.js"] in first and before["look.css"] in first
    assert before["third.js"] in (tmp_path / "out" / before["second.js"]).read_text()
    assert before["dot.svg"] in (tmp_path / "out" / before["look.css"]).read_text()
    changed = shutil.copytree(small, tmp_path / "changed")
    (changed / "third.js").write_text("export default 4;\n")
    after = hashed(changed, tmp_path / "out")
    assert {name for name in before if before[name] != after[name]} == {"first.js", "second.js", "third.js"}


@pytest.mark.parametrize(
    "text",
    [
        'import { gone } from "./gone.js";',
        'const gone = () => import("./gone.js");',
        'const gone = new URL("./gone.js", import.meta.url);',
    ],
)
def test_a_reference_to_a_missing_file_stops_the_collection(small: Path, tmp_path: Path, text: str) -> None:
    broken = shutil.copytree(small, tmp_path / "broken")
    (broken / "second.js").write_text(text + "\n")
    with pytest.raises(ValueError, match=r"gone\.js"):
        hashed(broken, tmp_path / "out")


def test_a_server_without_collected_files_refuses_to_start_and_says_what_to_do(
    tmp_path: Path, settings: Settings
) -> None:
    settings.STATIC_ROOT = tmp_path
    with pytest.raises(ImproperlyConfigured, match="collectstatic"):
        HashedFiles(location=str(tmp_path), base_url="/static/").refuse_incomplete()
    environment = {"SOLIDARITY_STATIC_FROM_SOURCE": "0", "SOLIDARITY_STATIC_ROOT": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", "import solidarity.wsgi"],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "static files are not collected" in done.stderr
    assert "manage.py collectstatic" in done.stderr


@pytest.mark.xdist_group("deployment")
def test_a_collected_file_that_was_deleted_is_noticed_at_the_start(collected: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(collected, tmp_path / "static")
    storage = HashedFiles(location=str(folder), base_url="/static/")
    storage.refuse_incomplete()
    lost = storage.hashed_files["solidarity/base.js"]
    (folder / lost).unlink()
    with pytest.raises(ImproperlyConfigured, match=re.escape(lost)):
        storage.refuse_incomplete()


@pytest.mark.xdist_group("deployment")
def test_collected_scripts_and_styles_refer_to_names_with_a_hash_only(collected: Path) -> None:
    names = set(json.loads((collected / "staticfiles.json").read_text())["paths"].values())
    relative = re.compile(r"""["'(](\.{1,2}/[\w./-]+\.(?:m?js|css|svg|png|woff2))["')]""")
    plain = []
    for name in names:
        if name.startswith("solidarity/") and name.endswith((".js", ".css")):
            text = (collected / name).read_text(encoding="utf-8")
            plain += [(name, near) for near in relative.findall(text) if not HASHED.search(near)]
            assert '"/static/' not in text, name
    assert plain == []
    assert not [name for name in names if name.endswith(".map") or name.startswith("rest_framework/")]


# --- compression of pages -------------------------------------------------------------------------------------------


def answer_to(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    return cast(HttpResponse, CompressedPages(lambda _request: response)(request))


def asked(signed_in: bool = False, **headers: str) -> HttpRequest:
    factory = RequestFactory(headers={"Accept-Encoding": "gzip, br", **headers})
    if signed_in:
        factory.cookies[settings.SESSION_COOKIE_NAME] = "something"
    return factory.get("/")


def page(kind: str = "text/html; charset=utf-8", **options: int) -> HttpResponse:
    return HttpResponse("words " * 200, content_type=kind, **options)


def test_pages_are_compressed_for_readers_and_for_those_who_navigate_on_the_site() -> None:
    for request in (asked(), asked(True), asked(True, **{"Sec-Fetch-Site": "same-origin"})):
        assert answer_to(request, page()).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in answer_to(RequestFactory().get("/"), page()).headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_asks_for_in_the_name_of_a_signed_in_person_is_not_compressed(site: str) -> None:
    said = {"Sec-Fetch-Site": site}
    assert "Content-Encoding" not in answer_to(asked(True, **said), page()).headers
    assert answer_to(asked(False, **said), page()).headers["Content-Encoding"] == "gzip"


def test_the_same_page_is_compressed_to_different_sizes() -> None:
    sizes = {len(answer_to(asked(), page()).content) for _ in range(40)}
    assert len(sizes) > 5


def test_pictures_pieces_of_files_and_streams_are_not_compressed() -> None:
    for response in (page("image/png"), page("application/pdf"), page(status=206)):
        assert "Content-Encoding" not in answer_to(asked(), response).headers
    assert "Content-Encoding" not in answer_to(asked(), StreamingHttpResponse(["words "] * 200)).headers


PUBLIC = ("/", "/about/", "/help/", "/help/none/form/", "/accounts/login/", "/accounts/signup/", "/queue/", "/offline/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PUBLIC)
def test_pages_without_an_account_need_no_htmx(client: Client, path: str) -> None:
    text = client.get(path).content.decode()
    assert not re.search(r"\shx-(?:get|post|put|patch|delete|trigger)=", text)
    assert "htmx.min.js" not in text


def test_the_tests_serve_the_source_files() -> None:
    assert settings.STATIC_FROM_SOURCE
    StaticFilesMiddleware(lambda _request: HttpResponse())
