"""Everything that documents name exists, and every document and heading that code cites exists."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from solidarity.local.make_verbs import VERBS

ROOT = Path(settings.ROOT)

CODE = (".py", ".html", ".js", ".css", ".toml", ".yml", ".yaml", ".txt", ".sh", ".cfg", ".example")
TOP = ("solidarity", "volunteers", "needs", "mapping", "tests", "docs", "templates", "locale", ".ci", "bench")


@cache
def tracked() -> tuple[str, ...]:
    """Return the paths of all tracked or new files, from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def documents() -> list[str]:
    return sorted(name for name in tracked() if name.endswith(".md") and not name.startswith("node_modules"))


def sources() -> list[str]:
    """Return the files of code, templates and configuration that may cite a document."""
    mine = "tests/test_documents.py"
    return sorted(
        name
        for name in tracked()
        if (name.endswith(CODE) or Path(name).name in {"Makefile", "Dockerfile", "run"})
        and not name.startswith("locale/")
        and Path(name).name not in {"requirements.txt", "package-lock.json"}
        and name != mine
    )


def slug(heading: str) -> str:
    """Return the anchor that forges generate for a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@cache
def headings(name: str) -> frozenset[str]:
    """Return the headings of a document, as written."""
    prose = re.sub(r"^```.*?^```", "", text_of(name), flags=re.M | re.S)
    return frozenset(match.strip() for match in re.findall(r"^#+ (.+)$", prose, re.M))


@cache
def decisions() -> frozenset[int]:
    return frozenset(int(match[1]) for name in documents() if (match := re.match(r"docs/adr/(\d{4})-", name)))


CITED = re.compile(
    r"""(?<![\w/.-])(?P<path>(?:[\w.-]+/)*[\w.-]+\.md)\b
        (?:\#(?P<anchor>[\w-]+)|,\s*["“«](?P<heading>[^"”»\n]{1,80})["”»])?""",
    re.X,
)


def wrong_citations(text: str, folder: str) -> Iterator[str]:
    """Yield cited documents, headings and decision records that do not exist. folder: where the text is."""
    for match in CITED.finditer(text):
        around = text[match.start() - 1 : match.start()] + text[match.end("path") : match.end("path") + 1]
        folders = ["docs"] if around in {'""', "''"} else []  # a path that code builds from parts
        paths = [match["path"], *(f"{each}/{match['path']}" for each in [folder, *folders])]
        name = next((path for path in paths if path in documents()), None)
        if name is None:
            yield match["path"]
            continue
        if match["anchor"] and match["anchor"] not in {slug(heading) for heading in headings(name)}:
            yield f"{match['path']}#{match['anchor']}"
        if match["heading"] and match["heading"].rstrip(".,") not in headings(name):
            yield f'{match["path"]}, "{match["heading"]}"'
    for match in re.finditer(r"\bADRs? (\d+)\b|\bdocs/adr/(\d{4})\b(?!-)", text):
        if int(match[1] or match[2]) not in decisions():
            yield match[0]


def test_code_cites_documents_and_headings_that_exist() -> None:
    wrong = {name: sorted(set(wrong_citations(text_of(name), ""))) for name in sources()}
    assert {name: cited for name, cited in wrong.items() if cited} == {}


def test_documents_cite_documents_and_headings_that_exist() -> None:
    wrong = {}
    for name in documents():
        prose = re.sub(r"\]\([^)]*\)", "]", text_of(name))  # the next test checks links
        wrong[name] = sorted(set(wrong_citations(prose, str(Path(name).parent))))
    assert {name: cited for name, cited in wrong.items() if cited} == {}


def wrong_links(name: str) -> Iterator[str]:
    """Yield the links of a document to files and headings of the repository that do not exist."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(name)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (ROOT / name).parent / path if path else ROOT / name
        if not found.exists():
            yield target
        elif anchor:
            document = found.resolve().relative_to(ROOT.resolve()).as_posix()
            if anchor not in {slug(heading) for heading in headings(document)}:
                yield target


def test_every_local_link_leads_somewhere() -> None:
    assert {name: wrong for name in documents() if (wrong := list(wrong_links(name)))} == {}


def quoted(name: str) -> list[str]:
    """Return the code in a document: between backticks, and lines of code blocks; without the files that a recipe makes."""
    text = re.sub(r"^\d\. New file `[^`]+`", "", text_of(name), flags=re.M)
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    lines += [line.strip() for line in re.findall(r"^    (\S.*)$", prose, re.M)]
    return re.findall(r"`([^`\n]+)`", prose) + lines


def is_placeholder(path: str) -> bool:
    return bool(re.search(r"[A-Z]{2,}(?![A-Z]*\.md)|[<>*…{]", path))


def missing_paths(code: str) -> Iterator[str]:
    for path in re.findall(rf"(?<![\w/.:-])((?:{'|'.join(map(re.escape, TOP))})/[\w./-]*)", code):
        path = path.rstrip(".").partition("::")[0]
        if path.startswith("bench/") or is_placeholder(path):
            continue  # results that benchmarks write
        if not (ROOT / path).exists():
            yield path


def missing_modules(code: str) -> Iterator[str]:
    if not re.fullmatch(r"(?:solidarity|volunteers|needs|mapping)(?:\.\w+)+(?:\(\))?", code):
        return
    parts = code.removesuffix("()").split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        module = next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), None)
        if module is None:
            continue
        rest = parts[length:]
        gathered = [module.read_text(encoding="utf-8")]
        if module.name == "__init__.py":  # a model class, cited by its app
            gathered += [each.read_text(encoding="utf-8") for each in module.parent.rglob("models.py")]
        known = set(re.findall(r"\w+", " ".join(gathered)))
        if not set(rest) <= known:
            yield code
        return
    yield code


def missing_commands(code: str) -> Iterator[str]:
    for command in re.findall(r"\bmanage\.py (\w+)", code):
        if command not in get_commands():
            yield f"manage.py {command}"
    for verb in re.findall(r"(?:^|[;&`] *)make ([a-z][a-z-]*)", code):
        if verb not in VERBS:
            yield f"make {verb}"


@cache
def environment() -> frozenset[str]:
    """Return the names of settings that code, compose file and commands read."""
    return frozenset(found for name in sources() for found in re.findall(r"SOLIDARITY_[A-Z0-9_]+", text_of(name)))


def derived() -> frozenset[str]:
    """Return the settings whose names code builds from SOLIDARITY_ and the name of a period."""
    from needs.base.retention_rules.retention_periods import PERIODS

    return frozenset(f"SOLIDARITY_{name}" for name in PERIODS)


def missing_settings(code: str) -> Iterator[str]:
    for name in re.findall(r"\bSOLIDARITY_[A-Z0-9_]*[A-Z0-9]", code):
        if name not in environment() and name not in derived():
            yield name


CHECKS = (missing_paths, missing_modules, missing_commands, missing_settings)


def test_paths_modules_commands_and_settings_that_documents_name_exist() -> None:
    missing = {
        name: sorted({wrong for code in quoted(name) for check in CHECKS for wrong in check(code)})
        for name in documents()
        if name != "CHANGELOG.md"
    }
    assert {name: wrong for name, wrong in missing.items() if wrong} == {}


def test_the_glossary_names_classes_that_exist() -> None:
    rows = [line for line in text_of("docs/glossary.md").splitlines() if line.startswith("| ")]
    named = {word for row in rows for word in re.findall(r"`([A-Z]\w+)`", row)}
    defined = {
        found
        for name in tracked()
        if name.endswith(".py")
        for found in re.findall(r"^class (\w+)", text_of(name), re.M)
    }
    assert named - defined == set()


def test_every_term_of_the_glossary_is_there_once() -> None:
    terms = re.findall(r"^\| ([^|]+?) \|", text_of("docs/glossary.md"), re.M)
    terms = [term for term in terms if term not in {"term"} and not term.startswith("-")]
    assert sorted(terms) == sorted(set(terms))


def test_every_decision_record_has_a_status_a_date_and_a_line_in_the_index() -> None:
    index = text_of("docs/adr/index.md")
    for name in documents():
        if re.match(r"docs/adr/\d{4}-", name):
            number = int(Path(name).name[:4])
            assert re.match(rf"# {number}\. \S.*\n\n- Status: \S.*\n- Date: \d{{4}}-\d\d-\d\d\n", text_of(name)), name
            assert f"({Path(name).name})" in index, name


def test_the_index_leads_to_every_document() -> None:
    index = text_of("docs/index.md")
    for name in documents():
        if re.fullmatch(r"docs/[\w.-]+\.md", name) and name != "docs/index.md":
            assert f"({Path(name).name})" in index, name


def test_all_files_name_the_same_version() -> None:
    (version,) = re.findall(r'^version = "([^"]+)"$', text_of("pyproject.toml"), re.M)
    assert re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", text_of("CHANGELOG.md"), re.M)
    assert f'"version": "{version}"' in text_of("package.json").splitlines()[2]
    assert re.search(rf"^softwareVersion: [\"']?{re.escape(version)}[\"']?$", text_of("publiccode.yml"), re.M)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("as docs/model.md says", []),
        ("see zones.md", ["zones.md"]),
        ('(docs/model.md, "Evidence")', []),
        ('(docs/model.md, "Miracles")', ['docs/model.md, "Miracles"']),
        ("docs/model.md#statuses", []),
        ("docs/model.md#nothing", ["docs/model.md#nothing"]),
        ("ADR 15 and docs/adr/0015", []),
        ("ADR 99 and docs/adr/0098", ["ADR 99", "docs/adr/0098"]),
        ("docs/adr/0015-another-name.md", ["docs/adr/0015-another-name.md"]),
    ],
)
def test_wrong_citations_are_found(text: str, wrong: list[str]) -> None:
    assert sorted(wrong_citations(text, "")) == wrong


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("mapping/coverage/cells/coverage_model.py", []),
        ("mapping/coverage/no_such.py", ["mapping/coverage/no_such.py"]),
        ("mapping.coverage.cells.coverage_model", []),
        ("mapping.coverage.cells.no_such_module", ["mapping.coverage.cells.no_such_module"]),
        ("manage.py migrate", []),
        ("manage.py fly", ["manage.py fly"]),
        ("make run", []),
        ("make coffee", ["make coffee"]),
        ("SOLIDARITY_DEMO=1", []),
        ("SOLIDARITY_NO_SUCH_SETTING", ["SOLIDARITY_NO_SUCH_SETTING"]),
    ],
)
def test_names_that_do_not_exist_are_found(code: str, wrong: list[str]) -> None:
    assert sorted({found for check in CHECKS for found in check(code)}) == wrong
