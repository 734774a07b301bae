"""Fixtures of the attacks: a city full of reports."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from tests.conftest import copied_rows, empty_tables, filled_tables, paste_rows

_rows: dict[str, bytes] = {}


@pytest.fixture(scope="module")
def stored(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demonstration's last weeks, stored once for all tests of a module and rolled back after them. They are computed
    once per test process; later modules copy their rows."""
    from mapping.coverage.cells.coverage_model import Model
    from mapping.models import Parameters
    from solidarity.ops.demo import seeding

    with django_db_blocker.unblock():
        with transaction.atomic():
            if _rows:
                empty_tables()
                paste_rows(_rows)
            else:
                Parameters.objects.get_or_create(territory=None, version=1, defaults={"values": Model().values()})
                seeding.seed(50, 1, timezone.now(), passwords=False)
                _rows.update(copied_rows(filled_tables()))
            yield
            transaction.set_rollback(True)
        connection.close()


@pytest.fixture
def demo(stored: None) -> Iterator[None]:
    """Roll back the changes of each test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
