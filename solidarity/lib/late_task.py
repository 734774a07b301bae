"""A task that is queued by modules that the task itself runs."""

from typing import Any, ClassVar

from celery import Task
from django.utils.module_loading import import_string


class LateTask:
    """A Celery task, given by its dotted path and imported when it is queued. The module of the task imports the modules
    that queue it, so they cannot import the task. A test imports every late task."""

    every: ClassVar[list["LateTask"]] = []

    def __init__(self, path: str) -> None:
        self.path = path
        self.every.append(self)

    def load(self) -> "Task[Any, Any]":
        """Return the task."""
        task: Task[Any, Any] = import_string(self.path)
        return task

    def delay(self, *args: Any) -> None:
        """Queue the task."""
        self.load().delay(*args)
