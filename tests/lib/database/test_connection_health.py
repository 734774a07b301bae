"""Silent idle connections are used without a question; those that the server closed are replaced."""

import subprocess
import sys
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import close_old_connections
from django.db import connection as default

from solidarity.lib.database.connection_health import trust_silent_connections
from tests.support import City

connection: Any = default
_RECEIVERS = """
import os

import django
from django.core.signals import request_started

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")
django.setup()
for _key, receiver, *_more in request_started.receivers:
    print(receiver().__name__)
"""


@pytest.mark.django_db(transaction=True)
def test_a_silent_connection_is_used_without_a_question_and_a_closed_one_is_replaced() -> None:
    connection.close()
    connection.connect()
    connection.health_check_enabled = True
    first = connection.connection
    close_old_connections()
    assert not connection.health_check_done
    trust_silent_connections()
    assert connection.health_check_done
    _end(first.info.backend_pid)
    close_old_connections()
    trust_silent_connections()
    assert not connection.health_check_done
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert connection.connection is not first


@pytest.mark.django_db(transaction=True)
def test_a_connection_after_an_error_is_asked(city: City) -> None:
    connection.ensure_connection()
    connection.health_check_enabled, connection.health_check_done, connection.errors_occurred = True, False, True
    trust_silent_connections()
    assert not connection.health_check_done


def test_requests_look_at_the_sockets_after_django() -> None:
    """In a new process, because Django's test client connects ``close_old_connections`` again after each request."""
    done = subprocess.run([sys.executable, "-c", _RECEIVERS], cwd=settings.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    receivers = done.stdout.split()
    assert receivers.index(close_old_connections.__name__) < receivers.index(trust_silent_connections.__name__)


def _end(pid: int) -> None:
    """End a backend, and wait until it has ended."""
    params = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg2.connect(**{name: params[name] for name in names if params.get(name)}) as other:
        cursor = other.cursor()
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
