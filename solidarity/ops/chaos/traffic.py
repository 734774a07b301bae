"""Reports as phones send them: the phone creates the id and repeats the report until it is acknowledged."""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

TIMEOUT = 6.0  # seconds that a phone waits for an answer
CUT = 0.04  # share of first attempts whose connection is cut before the answer
AGAIN = 0.03  # share of acknowledged reports that are sent once more
ANONYMOUS = 0.1  # share of reports without an account
PATIENCE = 240.0  # seconds after which a report is given up and the chaos test fails


@dataclass(frozen=True, slots=True)
class Report:
    """A report to send. sender: headers that identify the account (token or session), empty without an account."""

    id: uuid.UUID
    path: str
    body: bytes
    sender: Mapping[str, str]


@dataclass
class Log:
    """The answers to the reports. acknowledged: id → content hash. answers: number of each status, 0 for no answer."""

    acknowledged: dict[uuid.UUID, str] = field(default_factory=dict)
    refused: dict[uuid.UUID, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    cut: int = 0
    disagreeing: int = 0
    given_up: int = 0


def reports(
    count: int, box: tuple[float, float, float, float], senders: Sequence[Mapping[str, str]], now: datetime, seed: int
) -> list[Report]:
    """Return encounters and needs of the last three days in a box (south, west, north, east; degrees)."""
    chance = random.Random(seed)
    south, west, north, east = box
    made = []
    for _number in range(count):
        key = uuid.UUID(int=chance.getrandbits(128), version=4)
        zone = timezone(timedelta(hours=chance.choice((-5, 0, 1, 2, 5.5))))
        said: dict[str, Any] = {
            "id": str(key),
            "at": (now - timedelta(minutes=chance.uniform(1, 4320))).astimezone(zone).isoformat(),
            "latitude": round(chance.uniform(south, north), 6),
            "longitude": round(chance.uniform(west, east), 6),
        }
        if chance.random() < ANONYMOUS:
            said |= {"kinds": ["food"], "persons": chance.randint(1, 4)}
            made.append(Report(key, "/api/v1/needs/", json.dumps(said).encode(), {}))
        else:
            said |= {"persons": chance.randint(0, 5), "minutes": chance.choice((None, 10, 20)), "given": ["food"]}
            made.append(Report(key, "/api/v1/encounters/", json.dumps(said).encode(), chance.choice(senders)))
    return made


class Phones:
    """Threads that send reports at a given rate, and repeat each until it is acknowledged."""

    def __init__(self, port: int, waiting: Sequence[Report], per_second: float, seed: int, threads: int = 24) -> None:
        self.log = Log()
        self._port = port
        self._waiting = waiting
        self.per_second = per_second
        self._every = 1 / per_second
        self._seed = seed
        self._next = 0
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(threads)]

    def start(self) -> None:
        self._start = time.monotonic()
        for thread in self._threads:
            thread.start()

    def busy(self) -> bool:
        """Return whether a report still waits for its acknowledgement."""
        return any(thread.is_alive() for thread in self._threads)

    def overdue(self) -> int:
        """Return the number of reports that were due and are not settled."""
        with self._lock:
            due = min(len(self._waiting), int((time.monotonic() - self._start) / self._every) + 1)
            return due - len(self.log.acknowledged) - len(self.log.refused) - self.log.given_up

    def finish(self) -> int:
        """Begin no further report; return the number of reports begun. The threads end when these are settled."""
        with self._lock:
            self._waiting = self._waiting[: self._next]
            return self._next

    def _take(self) -> tuple[Report, float] | None:
        with self._lock:
            if self._next >= len(self._waiting):
                return None
            due = self._start + self._next * self._every
            self._next += 1
            return self._waiting[self._next - 1], due

    def _work(self, number: int) -> None:
        chance = random.Random(self._seed * 1000 + number)
        while (taken := self._take()) is not None:
            report, due = taken
            time.sleep(max(0.0, due - time.monotonic()))
            self._deliver(report, chance)

    def take_for_sent(self, report: Report) -> bool:
        """Send a report that other threads already sent; return False if it is not acknowledged."""
        return self._settled(report, self.send(report))

    def _deliver(self, report: Report, chance: random.Random) -> None:
        end, wait = time.monotonic() + PATIENCE, 0.2
        if chance.random() < CUT:
            self.send(report, cut=True)
        while not self._settled(report, self.send(report)):
            if time.monotonic() > end:
                with self._lock:
                    self.log.given_up += 1
                return
            time.sleep(wait * chance.uniform(0.5, 1.5))
            wait = min(wait * 1.6, 2.0)
        if chance.random() < AGAIN:
            self._settled(report, self.send(report))

    def _settled(self, report: Report, answer: tuple[int, bytes]) -> bool:
        """Return whether the phone may delete the report: it was acknowledged under its id, or refused."""
        status, body = answer
        with self._lock:
            self.log.answers[status] += 1
            if status in (200, 201):
                said = json.loads(body)
                if said["id"] != str(report.id):
                    return False
                known = self.log.acknowledged.setdefault(report.id, said["content_hash"])
                self.log.disagreeing += known != said["content_hash"]
                return True
            if 400 <= status < 500 and status not in (408, 425, 429):
                self.log.refused[report.id] = f"{status} {body[:200]!r}"
                return True
        return False

    def send(self, report: Report, cut: bool = False) -> tuple[int, bytes]:
        """Return (status, body), or (0, empty) without a complete answer. cut: if True, close the connection after
        sending."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        headers = {"Content-Type": "application/json", **report.sender}
        try:
            connection.request("POST", report.path, report.body, headers)
            if cut:
                with self._lock:
                    self.log.cut += 1
                return 0, b""
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()
