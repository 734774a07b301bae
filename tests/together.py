"""Concurrent calls."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

from django.db import connection


def together[T](calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run calls at the same time, in threads with their own connections; return their results."""
    gate, answers = threading.Barrier(len(calls)), list[T]()

    def run(call: Callable[[], T]) -> None:
        try:
            gate.wait()
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def tried[T](calls: Sequence[Callable[[], T]], *refused: type[Exception]) -> list[T | Exception]:
    """Run calls at the same time; return their results, or the exceptions of the named kinds that they raised."""

    def attempt(call: Callable[[], T]) -> T | Exception:
        try:
            return call()
        except refused as caught:
            return caught

    return together([partial(attempt, call) for call in calls])
