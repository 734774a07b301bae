"""Every row of docs/reliability.md cites existing tests."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS = [
    "Chaos", "Several hosts", "A replica", "50 identical posts", "Offline phone", "Any order", "Schemathesis",
    "Matrix of role", "Two dispatchers", "Uploads", "Anonymous filing", "Requests to outside", "CSV and XLSX",
    "Audit log", "Back-up and restore", "A region that is stuck", "Two regions at once", "A report whose fold fails",
    "Imports",
]  # fmt: skip
NOT_YET = {"Offline phone"}
"""Rows whose tests do not exist yet; rows may only be removed from this set."""


def rows() -> list[list[str]]:
    """Return the rows of the table as [what, passes when, shown by]."""
    lines = (ROOT / "docs" / "reliability.md").read_text().partition("## How it works")[0].splitlines()
    table = [line for line in lines if line.startswith("| ")]  # the line below the header begins with |-
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1:]]


def functions_of(path: Path) -> set[str]:
    """Return the names of all functions in a file."""
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_every_row_cites_existing_tests(number: int) -> None:
    what, _passes, shown = rows()[number]
    assert what.startswith(ROWS[number])
    if shown.startswith("not yet") and ROWS[number] in NOT_YET:
        return
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", shown)
    assert named, f"nothing shows: {what}"
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert name in functions_of(ROOT / path), f"{path}::{name}"


def test_the_table_has_every_row() -> None:
    assert len(rows()) == len(ROWS)


def test_every_table_writer_neutralises_its_cells() -> None:
    plain = {  # read by a program alone, never by a spreadsheet
        "needs/reports/importers/any_table/table_converter.py",
        "solidarity/ops/bench/measurements/export_speed.py",
    }
    writers = set()
    for app in ("mapping", "needs", "volunteers", "solidarity"):
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text()
            if str(path.relative_to(ROOT)) in plain:
                continue
            if "csv.writer(" in text or "csv.DictWriter(" in text or "add_worksheet(" in text:
                writers.add(str(path.relative_to(ROOT)))
                assert "neutral(" in text, f"{path} writes cells that a spreadsheet could run"
    assert len(writers) >= 3


def test_the_privacy_documents_cite_existing_files() -> None:
    pages = [
        "docs/privacy.md",
        "docs/privacy.fr.md",
        "docs/threat-model.md",
        "docs/impact-assessment.md",
        "SECURITY.md",
    ]
    for page in pages:
        text = (ROOT / page).read_text()
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert ((ROOT / page).parent / target).exists(), f"{page} leads to {target}"
        for path in re.findall(r"`(tests/[\w/.]*)`", text):
            assert (ROOT / path).exists(), f"{page} names {path}"


def test_both_privacy_documents_have_the_same_structure() -> None:
    english, french = ((ROOT / "docs" / name).read_text() for name in ("privacy.md", "privacy.fr.md"))
    for mark in (r"^## ", r"^\| ", r"^- ", r"^\d\. "):
        assert len(re.findall(mark, english, re.M)) == len(re.findall(mark, french, re.M)), mark
