"""The question of a worker to a Redis that hangs, as one does that was cut off: nothing answers, nothing closes."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery.exceptions import CPendingDeprecationWarning
from kombu.connection import Connection

from mapping.tasks import sweep
from solidarity.celery import app
from solidarity.lib.database.broker_watch import BrokerWatch, ask, forget
from solidarity.lib.database.worker_classes import ConfirmedRequest, Consumer
from solidarity.local.services.data_dirs import ACCOUNT, Home
from solidarity.local.services.redis import Redis
from tests.conftest import until


@pytest.fixture
def redis() -> Iterator[Redis]:
    folder = Path(tempfile.mkdtemp(prefix="sol-redis-"))
    (folder / "s").mkdir()
    account = ACCOUNT if os.geteuid() == 0 else None
    if account is not None:
        for path in (folder, folder / "s"):
            shutil.chown(path, account, account)
    server = Redis(Home(folder, folder / "s", account))
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_redis_that_hangs_is_an_error_of_the_connection(redis: Redis) -> None:
    with Connection(redis.url, transport_options={"socket_timeout": 0.3}) as connection:  # type: ignore[no-untyped-call]
        consumer = SimpleNamespace(connection=connection)
        ask(consumer)
        server = redis.running()
        assert server is not None
        server.signal(signal.SIGSTOP)
        try:
            with pytest.raises(connection.connection_errors):  # with these, the worker reconnects
                ask(consumer)
        finally:
            server.signal(signal.SIGCONT)
        ask(consumer)


def test_a_task_that_could_not_be_confirmed_makes_the_worker_reconnect(redis: Redis) -> None:
    task = app.tasks[sweep.name]
    with Connection(redis.url, transport_options={"socket_timeout": 0.3}) as connection:  # type: ignore[no-untyped-call]
        consumer = SimpleNamespace(connection=connection)
        for _number in range(2):
            task.apply_async(producer=connection.Producer())
        queue = app.amqp.queues["celery"](connection.default_channel)
        first, second = (
            ConfirmedRequest(
                message,
                app=app,
                task=task,
                on_ack=message.ack_log_error,
                connection_errors=connection.connection_errors,
            )
            for message in (queue.get(), queue.get())
        )
        first.acknowledge()
        for _number in range(3):
            ask(consumer)
        server = redis.running()
        assert server is not None
        server.signal(signal.SIGSTOP)
        try:
            second.acknowledge()
        finally:
            server.signal(signal.SIGCONT)
        try:
            ask(consumer)  # Celery may still be confirming it
            with pytest.raises(connection.connection_errors):
                ask(consumer)
            ask(consumer)
        finally:
            forget()


def test_a_worker_that_waits_for_tasks_and_has_an_unconfirmed_one_outlives_its_redis(redis: Redis) -> None:
    connection: Any = Connection(redis.url, transport_options={"socket_timeout": 0.3})  # type: ignore[no-untyped-call]
    app.tasks[sweep.name].apply_async(producer=connection.Producer())
    queue = app.amqp.queues["celery"]
    channel, another = connection.default_channel, connection.channel()  # a worker has another for its remote control
    connection.Consumer([queue], channel=channel, callbacks=[lambda _body, _message: None]).consume()
    connection.drain_events(timeout=5)
    connection.Consumer([queue], channel=another).consume()
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.2)  # now both wait for a task
    assert channel._in_poll and another._in_poll and channel.qos._delivered
    server = redis.running()
    assert server is not None
    server.signal(signal.SIGKILL)
    until(lambda: redis.running() is None)
    worker = Consumer.__new__(Consumer)
    worker.connection, worker.app, worker.pool = connection, app, SimpleNamespace(num_processes=1)
    worker.prefetch_multiplier, worker.qos_global = 1, True
    with pytest.warns(CPendingDeprecationWarning):
        worker.on_connection_error_after_connected(ConnectionError())
    assert worker.connection is None


def test_every_worker_asks_and_every_task_tells_whether_it_was_confirmed() -> None:
    assert BrokerWatch in app.steps["consumer"]
    assert app.conf.worker_consumer == f"{Consumer.__module__}:{Consumer.__name__}"
    assert app.tasks[sweep.name].Request == f"{ConfirmedRequest.__module__}:{ConfirmedRequest.__name__}"
