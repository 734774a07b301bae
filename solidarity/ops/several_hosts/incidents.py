"""What goes wrong with one host after the other while phones report, and how long the rest takes to catch up."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import OperationalError, connection
from django.db.models import Min
from django.utils import timezone

from mapping.models import CellTouch
from solidarity.ops.bench.network_conditions import NetworkProxy
from solidarity.ops.chaos.traffic import Phones
from solidarity.ops.several_hosts.far_links import DELAY, FarLinks
from solidarity.ops.several_hosts.machines import Machines
from solidarity.ops.several_hosts.replicated import OTHER, until

MOST_SECONDS = 60.0  # after an incident, everything must be caught up within these
FRESH_SECONDS = 10.0  # age of the oldest outbox row when it is caught up
SLOW_BYTES = 200_000  # bytes per second of all phones together


@dataclass(frozen=True, slots=True)
class Incident:
    """seconds: how long it lasted. outbox_s: age of the oldest outbox row at its end; infinity without an answer of the
    database. caught_up_s: seconds from its end until all reports that were due were acknowledged and no outbox
    row was older than FRESH_SECONDS; infinity if that took more than MOST_SECONDS."""

    what: str
    host: str
    seconds: float
    outbox_s: float
    caught_up_s: float

    def row(self) -> dict[str, Any]:
        return asdict(self)


class Incidents:
    """The incidents of one drill, while ``phones`` send."""

    def __init__(
        self, machines: Machines, links: FarLinks, street: NetworkProxy, phones: Phones, say: Callable[[str], Any]
    ) -> None:
        self.machines, self.links, self.street, self.phones, self._say = machines, links, street, phones, say
        self.found: list[Incident] = []
        self.primary = "pg1"

    def cut(self, host: str, seconds: float) -> None:
        """Take a host's cable away for some seconds."""
        self.machines.network.cut(host)
        self.wait(seconds)
        age = outbox_age()
        self.machines.network.join(host)
        self._note("cut off", host, seconds, age, time.monotonic())

    def kill(self, host: str, seconds: float) -> None:
        """Kill (-9) all that runs on a host, and start it again after some seconds."""
        self.machines.kill(host)
        self.wait(seconds)
        age = outbox_age()
        self.machines.start(host)
        self._note("killed", host, seconds, age, time.monotonic())

    def slow(self, seconds: float, stall: float) -> None:
        """Give the phones a slow network, and the far hosts ten times the delay; then let nothing pass for ``stall``
        seconds, on the street and on the lines to the database."""
        self.street.rate, self.links.delay = SLOW_BYTES, 10 * DELAY
        self.wait(seconds)
        self.links.stall(stall)
        with self.street.link:
            self.wait(stall)
        self.street.rate, self.links.delay = None, DELAY
        self._note("slow and stalled", "street, web2, worker2", seconds + stall, outbox_age(), time.monotonic())

    def promote(self, cut: bool = True) -> None:
        """Lose the primary for good, promote the replica by hand, and make the old primary its replica.

        Before, commits wait for the replica, so that nothing acknowledged is only on the primary. cut: if True, the host
        is gone, and connections to it wait; if False, only PostgreSQL is, and the host refuses connections.
        """
        old, new = self.machines.servers[self.primary], self.machines.servers[OTHER[self.primary]]
        until(old.followed, MOST_SECONDS, "the replica streams")
        old.wait_for_other()
        until(lambda: old.followed("sync"), MOST_SECONDS, "commits wait for the replica")
        self.wait(1.0)
        start = time.monotonic()
        if cut:
            self.machines.network.cut(old.name)
        self.machines.kill(old.name)
        new.ask("SELECT pg_promote()")
        self.primary = new.name
        end = time.monotonic()
        connection.close()
        self._note("promoted", new.name, end - start, outbox_age(), end)
        new.make_slot()
        self.machines.network.join(old.name)
        old.rebuild()
        self.machines.start(old.name)
        until(new.followed, MOST_SECONDS, "the old primary streams from the new one")
        self._say(f"{old.name} is the replica of {new.name}")

    def wait(self, seconds: float) -> None:
        """Let time pass, and start what ended by itself again."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.machines.look_after()
            time.sleep(min(0.2, left))

    def _note(self, what: str, host: str, seconds: float, outbox_s: float, end: float) -> None:
        """Wait until everything is caught up, and keep the incident. end: time.monotonic() when it was over."""
        while not self._caught_up() and time.monotonic() - end < MOST_SECONDS:
            self.wait(0.2)
        took = time.monotonic() - end
        caught_up = round(took, 1) if took < MOST_SECONDS else float("inf")
        self.found.append(Incident(what, host, round(seconds, 1), round(outbox_s, 1), caught_up))
        self._say(f"{what}: {host}, {seconds:.1f} s; oldest outbox row {outbox_s:.1f} s; caught up after {took:.1f} s")

    def _caught_up(self) -> bool:
        return self.phones.overdue() <= self.phones.per_second and outbox_age() <= FRESH_SECONDS


def outbox_age() -> float:
    """Return the age of the oldest outbox row in seconds; infinity while the database does not answer."""
    try:
        oldest = CellTouch.objects.aggregate(at=Min("at"))["at"]
    except OperationalError:
        connection.close()
        return float("inf")
    return 0.0 if oldest is None else (timezone.now() - oldest).total_seconds()
