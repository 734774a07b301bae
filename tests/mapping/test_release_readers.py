"""One filter: whoever asks the database for zones, cells or places goes through mapping.release, or is named here.

A new module that reads them without being named fails. What it should do instead: take its zones from mapping.reading or
mapping.release, which decide whose release a reader gets.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

MODELS = {"Zone", "CellState", "ParentCell", "PublicPlace", "Evidence"}
TABLES = re.compile(r"\bmapping_(zone|cellstate|parentcell|publicplace|evidence)\b")

# The machinery: makes live state and releases; answers nobody.
WRITERS = {
    "mapping/evidence.py": "no query: the model's arithmetic",
    "mapping/ledger.py": "reports to evidence",
    "mapping/states.py": "the live state",
    "mapping/live_zones.py": "the live zones",
    "mapping/zones.py": "drawing zones",
    "mapping/parents.py": "live parents and those of a release",
    "mapping/territories.py": "cells of territories",
    "mapping/parameters.py": "taking versions into force",
    "mapping/retention.py": "what is kept how long",
    "mapping/carried.py": "what erased reports still weigh",
    "mapping/recompute/pins.py": "overrides onto cells",
    "mapping/recompute/whole.py": "everything anew",
    "mapping/recompute/redraw.py": "what a fold touched",
    "mapping/eventlog/cells.py": "the open format: evidence without cells",
    "mapping/public/gathering.py": "what the partition of a public release reads",
    "mapping/public/publishing.py": "the public release",
    "mapping/public/counts.py": "repeats the counts of the release before",
}
FILTER = {
    "mapping/models/zones.py": "the tables, and the querysets that the filter is made of",
    "mapping/release.py": "the filter",
    "mapping/release_files.py": "the files of the volunteers' release that it is given",
    "mapping/tiles.py": "draws the release that the view was given by the filter",
    "mapping/notes.py": "joins the zones of the release of the reading",
    "mapping/recurring.py": "names the zones of the reading around a place",
}
# The live state, for coordinators alone: their views take the territory from access.coordinated_territory, or refuse a
# reading that is not live.
COORDINATORS = {
    "mapping/overview.py": "dashboard",
    "mapping/unseen.py": "intervals of a live reading",
    "mapping/disputes.py": "contests in force, on the dashboard",
    "mapping/contesting.py": "the model's word on cells, stored with a contest",
    "mapping/reports/compose.py": "zone reports",
    "mapping/why/page.py": "exact pages of a live reading",
    "mapping/why/again.py": "computing anew, of a live reading",
}
TOOLS = {
    "mapping/bench/region.py": "benchmark",
    "mapping/bench/tiles.py": "benchmark",
    "mapping/demo/seeding.py": "demonstration",
    "mapping/drill/verdict.py": "make chaos",
    "mapping/management/commands/recompute_zones.py": "command line",
}
NAMED = WRITERS | FILTER | COORDINATORS | TOOLS


def _sources() -> Iterator[tuple[str, ast.Module]]:
    root = Path(settings.ROOT)
    for app in ("mapping", "needs", "volunteers", "solidarity"):
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(root)), ast.parse(path.read_text(encoding="utf-8"))


def _asks(tree: ast.Module) -> bool:
    """Whether a module asks the database for what a release holds: by a model's manager, or by SQL."""
    for node in ast.walk(tree):
        manager = isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager")
        if manager and isinstance(node.value, ast.Name) and node.value.id in MODELS:
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TABLES.search(node.value):
            return True
    return False


def test_no_module_reads_zones_or_cells_past_the_release_filter() -> None:
    asking = {name for name, tree in _sources() if _asks(tree)}
    assert asking - set(NAMED) == set()
    assert "mapping/overview.py" in asking and "mapping/tiles.py" in asking  # the search finds what is there


def test_the_list_names_no_module_that_is_gone() -> None:
    assert {name for name in NAMED if not (Path(settings.ROOT) / name).is_file()} == set()


def test_views_and_api_ask_for_nothing_themselves() -> None:
    own = {name for name in NAMED if "/views" in name or "/api" in name}
    assert own == set()
    for name, tree in _sources():
        if "/views/" in name:
            assert not _asks(tree), name


def test_only_the_filter_decides_whose_release_a_reader_gets() -> None:
    """``of_release`` and ``audience_of`` are called where the decision is made, and nowhere else."""
    callers = {
        name
        for name, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("of_release", "audience_of")
    }
    assert callers == {"mapping/release.py", "mapping/reading.py", "mapping/release_files.py"}
