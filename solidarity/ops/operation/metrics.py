"""Readings for Prometheus, and the rule who may read them. Readings contain no name, no place and no figure of a
territory."""

import hmac
import ipaddress
import time
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from solidarity.lib.http.client_address import address_of
from solidarity.ops.operation.probes import Reading, State

_FIGURES = {
    ("outbox", "age"): ("solidarity_outbox_age_seconds", "Age of the oldest report that waits for the map."),
    ("unfolded", "retried"): ("solidarity_unfolded_retried", "Reports whose fold failed and is tried again."),
    ("unfolded", "given_up"): ("solidarity_unfolded_dead_letters", "Reports whose fold failed too often."),
    ("reconcile", "difference"): ("solidarity_reconcile_difference", "Difference that the last nightly check found."),
    ("replica", "lag"): ("solidarity_replica_lag_seconds", "Time by which the database's replica is behind."),
    ("disk", "free"): ("solidarity_disk_free_ratio", "Free part of the fullest disk, from 0 to 1."),
}
_MOMENTS = {
    "worker": ("solidarity_worker_seen_timestamp_seconds", "Last sign of life of the worker."),
    "beat": ("solidarity_beat_seen_timestamp_seconds", "Last sign of life of the scheduler."),
    "fold": ("solidarity_last_fold_timestamp_seconds", "End of the last fold."),
    "reconcile": ("solidarity_last_reconcile_timestamp_seconds", "End of the last nightly check."),
    "backup": ("solidarity_last_backup_timestamp_seconds", "Time of the newest back-up."),
}
_MEDIA = {"mail": "email", "sms": "sms"}


def may_read(request: Any) -> bool:
    """Whether a request may read the metrics: with the token, or from one of our own addresses. Nobody may by
    default."""
    token, given = settings.METRICS_TOKEN, request.META.get("HTTP_AUTHORIZATION", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    if "HTTP_X_FORWARDED_FOR" in request.META and not settings.BEHIND_PROXY:
        return False  # behind a proxy that the settings do not name, everybody would seem to have the proxy's address
    try:
        address = ipaddress.ip_address(address_of(request))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in settings.METRICS_ADDRESSES)


def text_of(readings: Iterable[Reading]) -> bytes:
    """Return readings in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(list(readings)))
    text: bytes = generate_latest(registry)
    return text


class _Collector(Collector):
    def __init__(self, readings: list[Reading]) -> None:
        self.readings = readings

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        works = GaugeMetricFamily("solidarity_part_up", "1 if a part works, 0 if not.", labels=["part"])
        messages = {
            name: GaugeMetricFamily(f"solidarity_messages_{name}", said, labels=["medium"])
            for name, said in (
                ("delivered", "Messages delivered in the last day."),
                ("failed", "Messages not delivered since the last delivery."),
            )
        }
        regions = GaugeMetricFamily(
            "solidarity_outbox_region_age_seconds",
            "Age of the oldest report that waits in a region (H3 cell of resolution 5).",
            labels=["region"],
        )
        now = time.time()
        for reading in self.readings:
            if reading.state in (State.OK, State.RED):
                works.add_metric([reading.part], float(reading.state is State.OK))
            for region, age in reading.by_region.items():
                regions.add_metric([region], age)
            for name, value in reading.figures.items():
                if reading.part in _MEDIA:
                    messages[name].add_metric([_MEDIA[reading.part]], value)
                elif name == "age" and reading.part in _MOMENTS:
                    yield GaugeMetricFamily(*_MOMENTS[reading.part], value=now - value)
                else:
                    yield GaugeMetricFamily(*_FIGURES[reading.part, name], value=value)
        yield works
        yield regions
        yield from messages.values()
