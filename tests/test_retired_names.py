"""Retired names are not used again. docs/glossary.md lists the names in use."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.ROOT)
APPS = ("solidarity", "volunteers", "needs", "mapping")

# The glossary has the names to use instead: languages, retained evidence, offboarding, view as, presenter, override,
# tour, commitment, notification, unseen estimate, debounced task, datetimes, PII check, custom questions, pseudonyms.
MODULES = {
    "again", "answers_seen", "asking", "carried", "carried_voice", "discretion", "dispute", "drill", "face", "fates",
    "field", "fineness", "flips", "ground", "guard", "headline", "homes", "keeping", "kept", "law", "leaving",
    "letters", "light", "look_as", "looking", "moments", "notice", "once", "outbox", "parents", "parting", "pins", "prepared",
    "promise", "public_headline", "seen", "showing", "sorting", "sources", "stage", "stores", "telling", "tongues",
    "typed", "verdict", "wake", "walk", "walked", "walks", "wants", "weather", "zonebench",
}  # fmt: skip
CLASSES = {
    "CarriedVoice", "Dispute", "Drill", "Ground", "HeadlineFace", "Known", "Notice", "Pin", "Promise", "Seen",
    "States", "Stored", "Tongue", "Verdict", "Walk", "Weather",
}  # fmt: skip
FUNCTIONS = {
    "dispute", "guard_holds", "look_as", "looks_as", "tell", "tell_all", "wake",
}  # fmt: skip


def _modules() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def test_no_module_has_a_retired_name() -> None:
    found = [str(path.relative_to(ROOT)) for path in _modules() if {path.stem, path.parent.name} & MODULES]
    assert found == []


def test_no_class_type_or_function_has_a_retired_name() -> None:
    found = []
    defined = re.compile(rf"\b(?:class|type|def)\s+(?:{'|'.join(CLASSES | FUNCTIONS)})\b")
    for path in _modules():
        text = path.read_text(encoding="utf-8")
        if not defined.search(text):
            continue
        for node in ast.walk(ast.parse(text)):
            retired = CLASSES if isinstance(node, ast.ClassDef | ast.TypeAlias) else FUNCTIONS
            if isinstance(node, ast.ClassDef | ast.TypeAlias | ast.FunctionDef | ast.AsyncFunctionDef):
                name = node.name.id if isinstance(node, ast.TypeAlias) else node.name
                if name in retired:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    assert found == []
