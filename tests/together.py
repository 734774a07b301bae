"""Calls at the same time."""

import threading
from collections.abc import Callable, Sequence

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
