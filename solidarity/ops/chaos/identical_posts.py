"""Fifty simultaneous identical posts: one stores the report, none fails, and other content under its id is refused."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from solidarity.ops.chaos.traffic import Report

AT_ONCE = 50

type Send = Callable[[Report], tuple[int, bytes]]


@dataclass
class Outcome:
    """rounds: number of sets of identical posts. answers: number of each HTTP status. wrong: number of rounds with an
    unexpected answer."""

    rounds: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        answers = {str(status): number for status, number in sorted(self.answers.items())}
        return {"rounds": self.rounds, "at_once": AT_ONCE, "answers": answers, "wrong": self.wrong}


def all_at_once(reports: Sequence[Report], send: Send) -> Outcome:
    """Post each report from AT_ONCE threads at once, then post other content under its id."""
    found = Outcome()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for report in reports:
            gate = threading.Barrier(AT_ONCE)

            def post(_number: int, report: Report = report, gate: threading.Barrier = gate) -> tuple[int, bytes]:
                gate.wait(60)
                return send(report)

            answers = list(pool.map(post, range(AT_ONCE)))
            other, _body = send(replace(report, body=_changed(report.body)))
            _judge(found, answers, other)
    return found


def _judge(found: Outcome, answers: Sequence[tuple[int, bytes]], other: int) -> None:
    found.rounds += 1
    found.answers.update(status for status, _body in answers)
    codes = sorted(status for status, _body in answers)
    if codes != [200] * (AT_ONCE - 1) + [201]:
        found.wrong.append(f"round {found.rounds}: {dict(Counter(codes))}")
    elif len({json.loads(body)["content_hash"] for _status, body in answers}) != 1:
        found.wrong.append(f"round {found.rounds}: acknowledgements differ")
    if other != 409:
        found.wrong.append(f"round {found.rounds}: other content under the same id was answered {other}")


def _changed(body: bytes) -> bytes:
    said = json.loads(body)
    return json.dumps(said | {"persons": said["persons"] + 1}).encode()
