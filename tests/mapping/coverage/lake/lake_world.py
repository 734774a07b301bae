"""A world with everything that a recompute computes, and comparisons of its states."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from mapping.coverage.cells.coverage_model import PUBLISHED
from mapping.coverage.folding import fold, rebuild
from mapping.coverage.folding.evidence_sums import EvidenceSums
from mapping.coverage.lake import engines
from mapping.coverage.lake.manifest import LakeFile, Manifest
from mapping.enums import Status
from mapping.models import CellState, CitizenRates, CoverageSettings, Evidence, Override, RetainedEvidence, evidence_day
from needs.base.cold_plans.models import ColdPlan
from needs.base.records.declarations import AidDraft, DraftPlace, EncounterDraft, NeedDraft, PresenceDraft
from needs.doors.retention import runner
from needs.models import Tour
from needs.reports import filing
from solidarity.lib import grid
from solidarity.ops.bench.lake import generated_lake
from tests import filing_verbs
from tests.support import Cast, City
from volunteers.models import Cell

DAY = timedelta(days=1)
AS_OF = float(generated_lake.LAST_DAY + 1)
"""Day at which the sums of a generated lake are computed."""


def settle(cast: Cast, city: City, reports: int = 160) -> datetime:
    """Store a world and return the moment at which it is computed: reports and retained evidence of 70 days, overrides, a
    cold plan in Nord, a Sud where nobody logs search effort, and a usual rate of citizens' reports."""
    now = timezone.now()
    random = Random(7)
    for _number in range(reports):
        _file(cast, random, now - timedelta(days=random.uniform(0, 70)))
    for cell in Cell.objects.filter(territory=city.nord).order_by("cell").values_list("cell", flat=True):
        for _visit in range(random.randint(1, 3)):  # enough search for a status that depends on the status before
            at, persons = now - timedelta(days=random.uniform(0, 3)), random.choice([0, 0, 0, 1, 1, 2])
            draft = EncounterDraft(at=at, place=DraftPlace(*grid.centre(cell)), persons=persons, minutes=40)
            filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
    fold.fold_outbox()
    ColdPlan.objects.create(territory=city.nord, start=now - DAY, norm_factor=2.0, persons_factor=1.5)
    CoverageSettings.objects.filter(territory=city.sud).update(presence_only=True)
    CitizenRates.objects.create(
        territory=city.nord, made_at=now - DAY, day=evidence_day(now) - 1, rate=0.2, quarters=[], rates=[], days=30.0,
        reports=20, weight=10.0, person_days=50.0,
    )  # fmt: skip
    overridden = Cell.objects.order_by("cell").values_list("cell", flat=True)[:2]
    for status, cell in zip((Status.COVERED, Status.UNCOVERED), overridden, strict=True):
        Override.objects.create(
            cell=cell, persons=2, hours=0.5, status=status, reason="seen", at=now - DAY, expires_at=now + 5 * DAY,
            association=cast.maraude, author=cast.bob, content_hash="0" * 64,
        )  # fmt: skip
    assert runner.run(now).failed == []
    rebuild.recompute_all(now, rebuild=True)
    assert Evidence.objects.filter(kind=6).count() == 2
    assert RetainedEvidence.objects.exists()
    return now


def _file(cast: Cast, random: Random, at: datetime) -> None:
    lat, lng = random.uniform(48.851, 48.874), random.uniform(2.331, 2.369)
    place = DraftPlace(lat, lng)
    kind = random.choice(["encounter", "encounter", "encounter", "citizen", "need", "aid", "tour"])
    if kind == "encounter":
        minutes = random.choice([None, 0, 25, 13])
        draft = EncounterDraft(at=at, place=place, persons=random.randint(0, 9), contacts=2, minutes=minutes)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
    elif kind == "citizen":
        source, account = f"s{random.randint(0, 3)}", random.random() < 0.5
        filing.report_presence(PresenceDraft(at=at, place=place, source=source, with_account=account))
    elif kind == "need":
        filing_verbs.report_need(NeedDraft(at=at, place=place, kinds=["food"], source=f"s{random.randint(0, 3)}"))
    elif kind == "aid":
        filing.log_aid(AidDraft(at=at, place=place, contacts=random.randint(1, 5)), association=None, author=None)
    else:
        tour = filing.start_tour(association=cast.maraude.pk, author=None, at=at)
        cells = {grid.cell_of(lat, lng): [random.uniform(1, 9), 12.0]}
        filing.close_tour(Tour.objects.get(pk=tour.id), ended_at=at + timedelta(minutes=40), cells=cells)


def pretend(status: Status) -> None:
    """Set the model's previous status of every cell, on which hysteresis depends."""
    CellState.objects.update(computed=status)


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of cell states, zones and low-zoom cells, without the zones' times."""
    found = {}
    queries = {
        "states": "SELECT * FROM mapping_cellstate ORDER BY cell",
        "zones": "SELECT key, status, overridden, computed, cold, cells, persons, persons_low, persons_high, sweeps, chance, "
        "help_share, last_search, citizen_share, shape::text FROM mapping_zone WHERE release_id IS NULL ORDER BY key",
        "low": "SELECT cell, status, cells FROM mapping_lowzoomcell WHERE release_id IS NULL ORDER BY cell",
    }
    with connection.cursor() as cursor:
        for name, query in queries.items():
            cursor.execute(query)
            found[name] = cursor.fetchall()
    return found


def columns(found: EvidenceSums) -> list[Any]:
    parts = found.associations
    return [
        parts.cell, parts.a, parts.x, parts.last, found.citizen_cells, found.citizens, found.help_cells,
        found.help_days, found.contacts,
    ]  # fmt: skip


def same_bits(one: EvidenceSums, other: EvidenceSums) -> bool:
    return all(each.tobytes() == it.tobytes() for each, it in zip(columns(one), columns(other), strict=True))


def locally(folder: Path, files: list[LakeFile]) -> EvidenceSums:
    return engines.local(str(folder), files, PUBLISHED, AS_OF, lambda _rows: None)


def gap(one: EvidenceSums, other: EvidenceSums) -> float:
    """Return the largest difference; the cells must be the same."""
    pairs = zip(columns(one), columns(other), strict=True)
    return max(float(np.nanmax(np.abs(each - it), initial=0.0)) for each, it in pairs)


def on_disk(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.parquet*")}


def named(manifest: Manifest) -> set[str]:
    return {file.path for file in manifest.files}
