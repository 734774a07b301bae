"""Silent idle connections are used without a question; those that the server closed are replaced."""

from typing import Any

import psycopg2
import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.db import connection as default

from solidarity.lib.database.idle_connections import trust_silent_connections
from tests.support import City

connection: Any = default


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
    receivers = [each[1]() if callable(each[1]) else each[1] for each in request_started.receivers]
    assert trust_silent_connections in receivers


def _end(pid: int) -> None:
    """End a backend, and wait until it has ended."""
    params = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg2.connect(**{name: params[name] for name in names if params.get(name)}) as other:
        cursor = other.cursor()
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
