"""Celery tasks of features that are off: they return at once."""

from typing import Any

from celery import Task

from solidarity.lib.site import features


class FeatureTask(Task):
    """A task that does nothing and returns None while the feature that owns it is off."""

    abstract = True

    def __call__(self, *args: Any, **options: Any) -> Any:
        if not features.has("tasks", self.name):
            return None
        return super().__call__(*args, **options)
