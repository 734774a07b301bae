"""Solidarity: a map of where help is missing and where nobody has looked."""

from solidarity.celery import app as celery_app

__all__ = ["celery_app"]
