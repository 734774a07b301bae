"""The data of the access matrix, stored once per process and rolled back at the end of the module."""

import logging
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseNotFound
from pytest_django import DjangoDbBlocker

from needs.reports.danger import lane
from tests.access import doors, world
from tests.access.doors import AccessWorld


@pytest.fixture(scope="module")
def stored(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[AccessWorld]:
    """The stored data: (clients by role, URL arguments by state, accounts by role)."""
    before = dict(settings.API_RATES)
    urls = import_module(settings.ROOT_URLCONF)
    # Do not render error pages: that took a third of the time.
    setattr(urls, "handler404", lambda request, exception: HttpResponseNotFound())  # noqa: B010
    logging.getLogger("django.request").setLevel(logging.ERROR)  # the matrix causes thousands of refusals
    settings.OPEN311 = True
    settings.API_RATES.update(dict.fromkeys(before, "1000000/min"))
    patch = pytest.MonkeyPatch()
    patch.setattr(lane, "count_for", lambda viewer: 1)  # counting for the navigation takes half of a page's time
    with django_db_blocker.unblock():
        with transaction.atomic():
            accounts, ids = world.build()
            yield doors.clients(accounts), ids, accounts
            transaction.set_rollback(True)
        connection.close()
    patch.undo()
    settings.API_RATES.update(before)
    settings.OPEN311 = False
    delattr(urls, "handler404")  # noqa: B043
    logging.getLogger("django.request").setLevel(logging.NOTSET)


@pytest.fixture
def access_world(stored: AccessWorld, db: None) -> AccessWorld:
    """The stored data. A test that uses it needs the mark django_db; otherwise there is no test database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("test_")
    return stored
