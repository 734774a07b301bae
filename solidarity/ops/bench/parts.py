"""The parts of the benchmark, in the order in which they run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure

type Say = Callable[[str], None]


class LimitMissed(Exception):
    """A required limit is missed. figures: what was measured."""

    def __init__(self, figures: list[Figure]) -> None:
        super().__init__("a line that must hold does not")
        self.figures = figures


@dataclass(frozen=True, slots=True)
class Part:
    """One part. database: it needs the benchmark's own database. ledger: it needs the ledger filled."""

    measure: Callable[[Size, Say], list[Figure]]
    database: bool = True
    ledger: bool = True


def _matching(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import matching_speed

    return matching_speed.measure(size)


def _phone(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import phone

    return phone.measure(size)


def _fold(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import filing_and_fold

    return filing_and_fold.fold_figures(size)


def _filing(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import filing_and_fold

    return filing_and_fold.filing_verb(size)


def _http(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import filing_http

    return filing_http.measure(size)


def _recompute(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import filing_and_fold

    return filing_and_fold.full_recompute(size)


def _tiles(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import tile_speed

    return tile_speed.measure(size)


def _exports(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import export_speed

    return export_speed.measure(size)


def _reconcile(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import filing_and_fold

    return filing_and_fold.difference()


def _pii(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import pii_check_quality

    return pii_check_quality.measure(size)


def _privacy(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import privacy_attack

    figures, holds = privacy_attack.measure(say, size.attack_seeds, size.attack_targets)
    return _limits(figures, holds, size)


def _model(size: Size, say: Say) -> list[Figure]:
    from solidarity.ops.bench.measurements import model_scores

    data = Path(settings.DATA_DIR) if settings.DATA_DIR and len(size.model_seeds) > 1 else None
    out = settings.ROOT / "bench" / "model.json"
    figures, holds = model_scores.measure(out, data, say, size.model_seeds, size.loop_seeds)
    return _limits(figures, holds, size)


def _limits(figures: list[Figure], holds: bool, size: Size) -> list[Figure]:
    if size.strict and not holds:
        raise LimitMissed(figures)
    return figures


PARTS = {
    "matching": Part(_matching, ledger=False),
    "phone": Part(_phone, ledger=False),
    "fold": Part(_fold, ledger=False),  # fills the ledger itself, at two sizes
    "recompute": Part(_recompute),
    "tiles": Part(_tiles),
    "exports": Part(_exports),
    "filing": Part(_filing),
    "http": Part(_http),
    "reconcile": Part(_reconcile),
    "pii": Part(_pii, database=False),
    "privacy": Part(_privacy, database=False),
    "model": Part(_model, database=False),
}
