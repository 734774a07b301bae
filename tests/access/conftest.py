"""The world of the matrix, stored once in a process and rolled back at the end of the module."""

import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.conf import settings
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from tests.access import doors, world


@pytest.fixture(scope="module")
def stored(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Any, Any, Any]]:
    """(clients by role, arguments by state, accounts by role)."""
    before = dict(settings.API_RATES)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # thousands of refusals are what is wanted here
    settings.API_RATES.update(dict.fromkeys(before, "1000000/min"))
    with django_db_blocker.unblock():
        with transaction.atomic():
            accounts, ids = world.build()
            yield doors.clients(accounts), ids, accounts
            transaction.set_rollback(True)
        connection.close()
    settings.API_RATES.update(before)
    logging.getLogger("django.request").setLevel(logging.NOTSET)


@pytest.fixture
def city_of_doors(stored: Any, db: None) -> tuple[Any, Any, Any]:
    """The tests must be marked django_db, or no test database is made at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("test_")
    return cast(tuple[Any, Any, Any], stored)
