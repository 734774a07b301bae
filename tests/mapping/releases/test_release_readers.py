"""Code that queries zones, cells or places must use mapping.map.releases.release_filter or be listed here.

The test fails for any other module. Such a module should take its zones from mapping.map.releases.reading or
mapping.map.releases.release_filter, which decide which release a reader gets.
"""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.xdist_group("release readers")  # each module is parsed once

MODELS = {"Zone", "CellState", "LowZoomCell", "PublicPlace", "Evidence"}
TABLES = re.compile(r"\bmapping_(zone|cellstate|lowzoomcell|publicplace|evidence)\b")

# Modules that compute the live state and releases, and show them to nobody.
WRITERS = {
    "mapping/coverage/cells/cell_states.py": "the parameters of cells to fold",
    "mapping/coverage/cells/coverage_model.py": "no query: the model's arithmetic",
    "mapping/coverage/cells/ledger.py": "reports to evidence",
    "mapping/plans/parameters/nightly_rates.py": "the nightly estimate of how often citizens report",
    "mapping/coverage/cells/stored_states.py": "the live state",
    "mapping/coverage/cells/zone_rows.py": "the live zones",
    "mapping/coverage/cells/low_zoom_cells.py": "live low-zoom cells and those of a release",
    "mapping/coverage/folding/territory_cells.py": "cells of territories",
    "mapping/plans/parameters/versions.py": "taking versions into force",
    "mapping/out/retention/evidence_retention.py": "retention periods",
    "mapping/plans/self_checks/comparing.py": "stores sums without cells, which coordinators of the territory read",
    "mapping/coverage/cells/retained_evidence.py": "what erased reports still weigh",
    "mapping/coverage/folding/active_overrides.py": "overrides onto cells",
    "mapping/coverage/folding/rebuild.py": "the rebuild of everything",
    "mapping/coverage/folding/fold.py": "the fold of reports",
    "mapping/coverage/folding/cell_fold.py": "the fold of cells and zones",
    "mapping/coverage/folding/few_reports.py": "the fold of few reports",
    "mapping/coverage/cells/zone_sums.py": "sums of live zones",
    "mapping/coverage/lake/parquet_rows.py": "evidence to the lake, a folder that no page serves",
    "mapping/out/event_log/cell_csv.py": "the open format: evidence without cells",
    "mapping/map/releases/public/gathering.py": "what the partition of a public release reads",
    "mapping/map/releases/public/publishing.py": "the public release",
    "mapping/map/releases/public/counts.py": "repeats the counts of the release before",
}
FILTER = {
    "mapping/coverage/cells/models.py": "the tables, and the querysets that the filter is made of",
    "mapping/map/releases/release_filter.py": "the filter",
    "mapping/map/releases/volunteer_files.py": "the files of the volunteers' release that it is given",
    "mapping/map/live/tiles.py": "draws the release that the view was given by the filter",
    "mapping/map/live/live_shapes.py": "the shapes of live tiles, for views that the filter gave the live state",
    "mapping/map/overrides/field_notes.py": "joins the zones of the release of the reading",
    "mapping/plans/recurring_needs/monthly_counts.py": "names the zones of the reading around a place",
}
# Modules that show the live state to coordinators only. Their views take the territory from
# access.coordinated_territory, or refuse readers who do not read the live state.
COORDINATORS = {
    "mapping/out/home/overview.py": "dashboard",
    "mapping/coverage/unseen/unseen_estimate.py": "intervals of a live reading",
    "mapping/map/overrides/override_presenter.py": "contests in force, on the dashboard",
    "mapping/map/overrides/override_filing.py": "the model's word on cells, stored with a contest",
    "mapping/out/zone_reports/compose.py": "zone reports",
    "mapping/plans/tour_plans/tonight.py": "which cells of plans lie in the territory; of a cell's state it reads the cell alone",
    "mapping/map/why/why_presenter.py": "exact pages of a live reading",
    "mapping/map/why/recalculation.py": "recomputing, of a live reading",
}
TOOLS = {
    "mapping/map/wording/zone_names.py": "the worker's list of cells whose streets it reads ahead; shown to nobody",
    "solidarity/ops/bench/bench_region.py": "benchmark",
    "solidarity/ops/bench/maps/open_map.py": "benchmark",
    "solidarity/ops/bench/maps/tile_servers.py": "benchmark",
    "solidarity/ops/bench/maps/tile_speed.py": "benchmark",
    "solidarity/ops/demo/seeding.py": "demonstration",
    "solidarity/ops/chaos/outcome.py": "make chaos",
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
    """Return whether a module queries the tables of a release, through a model's manager or in SQL."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("objects", "_default_manager")
            and isinstance(node.value, ast.Name)
            and node.value.id in MODELS
        ):
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TABLES.search(node.value):
            return True
    return False


DECIDING = {"of_release", "audience_of"}


@functools.cache
def _found() -> tuple[set[str], set[str]]:
    """Return the modules that query the tables of a release, and those that use a name of DECIDING. Each module is
    parsed once for all tests."""
    asking, deciding = set(), set()
    for name, tree in _sources():
        if _asks(tree):
            asking.add(name)
        if any(isinstance(node, ast.Attribute) and node.attr in DECIDING for node in ast.walk(tree)):
            deciding.add(name)
    return asking, deciding


def test_no_module_reads_zones_or_cells_past_the_release_filter() -> None:
    asking, _deciding = _found()
    assert asking - set(NAMED) == set()
    # The search finds modules that are known to read releases.
    assert "mapping/out/home/overview.py" in asking and "mapping/map/live/tiles.py" in asking


def test_the_list_names_no_module_that_is_gone() -> None:
    assert {name for name in NAMED if not (Path(settings.ROOT) / name).is_file()} == set()


def test_views_and_api_ask_for_nothing_themselves() -> None:
    own = {name for name in NAMED if "/views" in name or "/api" in name}
    assert own == set()
    asking, _deciding = _found()
    assert [name for name in sorted(asking) if "/views/" in name] == []


def test_only_the_filter_decides_whose_release_a_reader_gets() -> None:
    """Only modules that decide which release a reader gets may call ``of_release`` and ``audience_of``."""
    _asking, callers = _found()
    assert callers == {
        "mapping/map/releases/release_filter.py",
        "mapping/map/releases/reading.py",
        "mapping/map/releases/volunteer_files.py",
    }
