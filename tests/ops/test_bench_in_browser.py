"""The parts of the benchmark that drive Chromium, and the pages that it loads."""

import pytest

from solidarity.ops.bench.maps import nginx_servers
from tests.ops.test_bench import REPEATED, ShortRun, short_run

__all__ = ["short_run"]


@pytest.mark.browser
@pytest.mark.repetition
@pytest.mark.xdist_group("bench")
def test_a_short_run_measures_what_a_browser_shows(short_run: ShortRun) -> None:
    measured = short_run([*REPEATED])
    if nginx_servers.program() is not None:
        assert measured["page home by proxy"]["reference"] > 0
