"""The parts of the benchmark, in the order in which they run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from solidarity.ops.bench.lake import lake_speed
from solidarity.ops.bench.maps import growth, open_map, release_speed, tile_servers, tile_speed
from solidarity.ops.bench.measurements import (
    address_search,
    catalogue_speed,
    export_speed,
    filing_and_fold,
    filing_speed,
    matching_speed,
    message_flow,
    model_scores,
    open_now_speed,
    page_speed,
    phone,
    proxied_pages,
    region_folds,
    tour_stop_speed,
    weight,
)
from solidarity.ops.bench.protection import danger_words, pii_check_quality, privacy_attack
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure

type Say = Callable[[str], None]


class LimitMissed(Exception):
    """A required limit is not met. figures: the measured figures."""

    def __init__(self, figures: list[Figure]) -> None:
        super().__init__("a line that must hold does not")
        self.figures = figures


@dataclass(frozen=True, slots=True)
class Part:
    """One part. database: whether it needs the benchmark's own database. ledger: whether it needs a filled ledger."""

    measure: Callable[[Size, Say], list[Figure]]
    database: bool = True
    ledger: bool = True


def _privacy(size: Size, say: Say) -> list[Figure]:
    figures, holds = privacy_attack.measure(say, size.attack_seeds, size.attack_targets)
    return _limits(figures, holds, size)


def _model(size: Size, say: Say) -> list[Figure]:
    data = Path(settings.DATA_DIR) if settings.DATA_DIR and len(size.model_seeds) > 1 else None
    out = settings.ROOT / "bench" / "model.json"
    figures, holds = model_scores.measure(out, data, say, size.model_seeds, size.loop_seeds, size.world_seeds)
    return _limits(figures, holds, size)


def _tiles(size: Size, say: Say) -> list[Figure]:
    return tile_speed.measure(size) + (tile_servers.measure(size, say) if size.strict else [])


def _limits(figures: list[Figure], holds: bool, size: Size) -> list[Figure]:
    if size.strict and not holds:
        raise LimitMissed(figures)
    return figures


PARTS = {
    "matching": Part(lambda size, _say: matching_speed.measure(size), ledger=False),
    "stops": Part(lambda size, _say: tour_stop_speed.measure(size), ledger=False),
    "addresses": Part(lambda size, _say: address_search.measure(size), ledger=False),
    "places": Part(lambda size, _say: open_now_speed.measure(size), ledger=False),
    "catalogue": Part(lambda size, _say: catalogue_speed.measure(size), ledger=False),
    "phone": Part(lambda size, _say: phone.measure(size), ledger=False),
    "weight": Part(lambda size, _say: weight.measure(size), ledger=False),
    # The fold fills the ledger itself, at the sizes of Size.growth.
    "fold": Part(lambda size, _say: filing_and_fold.fold_figures(size), ledger=False),
    "regions": Part(lambda size, _say: region_folds.measure(size)),
    "recompute": Part(lambda size, _say: filing_and_fold.full_recompute(size)),
    "lake": Part(lambda size, _say: lake_speed.measure(size), ledger=False),
    "tiles": Part(_tiles),
    "releases": Part(lambda size, _say: release_speed.measure(size), ledger=False),
    "open-map": Part(lambda size, _say: open_map.measure(size)),
    "exports": Part(lambda size, _say: export_speed.measure(size)),
    "filing": Part(lambda size, _say: filing_speed.verbs(size)),
    "pages": Part(lambda size, _say: page_speed.measure(size) + proxied_pages.measure(size), ledger=False),
    "http": Part(lambda size, _say: filing_speed.endpoints(size)),
    "messages": Part(lambda size, _say: message_flow.measure(size), ledger=False),
    "reconcile": Part(lambda _size, _say: filing_and_fold.difference()),
    # This fills the ledger itself too. It comes after the parts that read the ledger, because it leaves the largest size.
    "growth": Part(lambda size, _say: growth.measure(size), ledger=False),
    "pii": Part(lambda size, _say: pii_check_quality.measure(size), database=False),
    "danger": Part(lambda size, _say: danger_words.measure(size), database=False),
    "privacy": Part(_privacy, database=False),
    "model": Part(_model, database=False),
}
