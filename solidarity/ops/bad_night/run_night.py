"""One night: run locust in its own process, measure the age of the outbox during the run, and judge the results."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from mapping.models import CellTouch
from solidarity.ops.bad_night.night_people import Crowd
from solidarity.ops.bench.timing import percentile

MOST_MS, MOST_AGE = 300.0, 5.0
READER_EVERY = 3.0  # seconds between two pages of a reader
ACTIONS = (
    "sign in", "home", "map", "map tile", "open needs", "open need", "take a need", "tour mode", "queue send", "report in the queue",
    "desk list", "triage step", "desk search", "desk search result", "open the crisis", "crisis page",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """users: number of simulated people of each kind. requests: number of requests after which
    the night ends; 0: it ends after ``duration`` seconds. every_action: True if the night continues until each of
    ACTIONS has succeeded, for at most ten times its length. pause: number of seconds between two actions of a person.
    pace: 1 for readers at their usual speed, less for faster readers. ramp: number of people who arrive per second."""

    users: dict[str, int]
    duration: float = 0.0
    requests: int = 0
    every_action: bool = False
    pause: float = 15.0
    pace: float = 1.0
    ramp: float = 4.0


@dataclass(frozen=True, slots=True)
class Page:
    """Answers to one kind of request. p50, p95: milliseconds. failed: responses of 500 and more, and missing responses.
    refused: other errors by status, for example because somebody else took the need."""

    name: str
    count: int
    p50: float
    p95: float
    failed: int
    refused: dict[int, int]

    @property
    def done(self) -> int:
        return self.count - self.failed - sum(self.refused.values())


@dataclass(frozen=True, slots=True)
class NightOutcome:
    pages: list[Page]
    age: float
    took: float

    def problems(self) -> list[str]:
        """Return the problems of the night, in words."""
        found = [f"{page.name}: {page.failed} failed" for page in self.pages if page.failed]
        found += [f"{page.name}: p95 {page.p95:.0f} ms" for page in self.pages if page.p95 > MOST_MS]
        if self.age > MOST_AGE:
            found.append(f"the outbox was {self.age:.1f} s old")
        return found + [f"nobody could: {name}" for name in self.missing()]

    def missing(self) -> list[str]:
        """Return the actions that never succeeded."""
        done = {page.name for page in self.pages if page.done}
        return [name for name in ACTIONS if name not in done]

    def table(self) -> str:
        lines = [f"{'page':<24} {'requests':>8} {'p50 ms':>8} {'p95 ms':>8} {'failed':>7}  refused"]
        for page in self.pages:
            refused = ", ".join(f"{number} x {status}" for status, number in page.refused.items())
            figures = f"{page.count:>8,} {page.p50:>8.0f} {page.p95:>8.0f} {page.failed:>7}"
            lines.append(f"{page.name:<24} {figures}  {refused}")
        total = sum(page.count for page in self.pages)
        return "\n".join(
            [*lines, f"{total:,} requests in {self.took:.0f} s; oldest report in the outbox {self.age:.1f} s"]
        )


def run(
    crowd: Crowd,
    plan: Plan,
    host: str,
    *,
    watch: Callable[[], None] = lambda: None,
    at_middle: Callable[[], None] = lambda: None,
) -> NightOutcome:
    """Run the night against a host. watch: function that is called about once a second. at_middle: function that is
    called once, in the middle of the night.

    Raise RuntimeError with the end of locust's output if it fails.
    """
    with tempfile.TemporaryDirectory(prefix="night-") as name:
        folder = Path(name)
        out, middle, said = folder / "out.json", folder / "middle", folder / "said"
        described = {
            **asdict(plan),
            "actions": ACTIONS,
            "crowd": crowd.as_json(),
            "host": host,
            "out": str(out),
            "middle": str(middle),
            "reader_every": READER_EVERY * plan.pace,
        }
        (folder / "plan.json").write_text(json.dumps(described))
        everybody = sum(plan.users.values()) + 1
        command = [
            sys.executable, "-m", "locust", "--headless", "--only-summary", "--loglevel", "WARNING",
            "-f", str(Path(__file__).with_name("locustfile.py")), "--host", host, "-u", str(everybody), "-r", str(plan.ramp),
        ]  # fmt: skip
        environment = {**os.environ, "BAD_NIGHT": str(folder / "plan.json"), "PYTHONPATH": _path()}
        age, over = 0.0, False
        with said.open("wb") as log:
            child = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            while True:
                try:
                    child.wait(1)
                    break
                except subprocess.TimeoutExpired:
                    pass
                age = max(age, outbox_age())
                watch()
                if not over and middle.exists():
                    over = True
                    at_middle()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
        if not out.exists():
            raise RuntimeError(f"locust failed: {said.read_text()[-3000:]}")
        return judged(json.loads(out.read_text()), age)


def _path() -> str:
    return os.pathsep.join([str(settings.ROOT), *filter(None, [os.environ.get("PYTHONPATH", "")])])


def outbox_age() -> float:
    """Return the age in seconds of the oldest report that waits for the map; 0 without any."""
    oldest = CellTouch.objects.order_by("id").values_list("at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def judged(found: dict[str, Any], age: float) -> NightOutcome:
    """Return the verdict on the results that locust wrote."""
    pages = []
    for name, said in sorted(found["pages"].items()):
        statuses = Counter({int(status): number for status, number in said["statuses"].items()})
        failed = sum(number for status, number in statuses.items() if status == 0 or status >= 500)
        refused = {status: number for status, number in sorted(statuses.items()) if 400 <= status < 500}
        times = [1000 * seconds for seconds in said["seconds"]]
        pages.append(Page(name, len(times), percentile(times, 0.5), percentile(times, 0.95), failed, refused))
    return NightOutcome(pages, age, found["took"])
