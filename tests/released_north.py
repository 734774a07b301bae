"""Old reports in the north, and the releases that show them."""

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from tests.support import Seen


def publish_north(seen: Seen) -> None:
    """Store six encounters older than every reader's delay, fold them, and publish all releases."""
    for step in range(6):
        seen(lat=48.8655 + step * 0.0012, lng=2.335 + step * 0.005, persons=step * 3, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
