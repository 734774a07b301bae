"""The readiness page and the metrics: what they say, to whom, and attacks on both."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from mapping.models import CellTouch
from solidarity import env
from solidarity.ops.operation import kept_readings, probes
from tests.support import Cast, Seen, SignedIn
from volunteers.models import Association, Territory, User

pytestmark = pytest.mark.django_db
READY, METRICS = "/health/ready", "/metrics"
TOKEN = "k3Yz8vQpLw2nRt7mXb4cHs9dJf6gTa1e"


@pytest.fixture
def with_token(settings: Settings) -> str:
    settings.METRICS_TOKEN = TOKEN
    return TOKEN


def figures(client: Client) -> dict[str, float]:
    """Return the metrics by name and labels."""
    answer = client.get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    samples = [
        sample for family in text_string_to_metric_families(answer.content.decode()) for sample in family.samples
    ]
    return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


# --- readiness -----------------------------------------------------------------------------------------------------


def test_a_site_whose_parts_all_work_is_ready(client: Client, alive: None) -> None:
    answer = client.get(READY)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "parts": dict.fromkeys(("web", "database", "redis", "worker", "beat", "outbox", "fold"), "ok"),
    }
    assert "no-store" in answer["Cache-Control"]


def test_readiness_names_what_is_down_and_nothing_more(client: Client, cast: Cast, seen: Seen, alive: None) -> None:
    seen()
    CellTouch.objects.update(at=timezone.now() - timedelta(hours=1))
    answer = client.get(READY)
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    assert {part for part, state in answer.json()["parts"].items() if state != "ok"} == {"outbox"}
    assert not re.search(r"\d", answer.content.decode())


def test_readiness_answers_while_the_database_is_down(client: Client, alive: None) -> None:
    def down(*_query: Any) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(down):
        answer = client.get(READY)
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "red"
    assert answer.json()["parts"]["outbox"] == "unknown"
    assert "closed the connection" not in answer.content.decode()


def test_a_flood_of_requests_runs_the_probes_once(client: Client, alive: None) -> None:
    client.get(READY)
    with CaptureQueriesContext(connection) as queries:
        answers = {client.get(READY).status_code for _each in range(200)}
    assert answers == {200}
    assert len(queries) == 0


def test_a_slow_probe_holds_up_one_request_of_many() -> None:
    runs = []

    def slow() -> probes.Reading:
        runs.append(1)
        return probes.Reading("slow", probes.State.OK)

    kept = kept_readings.KeptReadings((slow,), 60)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _each: kept.get(), range(500)))
    assert len(runs) == 1
    assert all(readings == found[0] for readings in found)
    kept = kept_readings.KeptReadings((slow,), 0)
    before = kept.get()
    kept._lock.acquire()  # another request is running the probes
    assert kept.get() is before


def test_a_flood_while_a_part_is_red_does_not_fill_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert {client.get(READY).status_code for _each in range(50)} == {503}
    assert [record.name for record in caplog.records] == []


def test_readings_are_taken_anew_after_their_time(client: Client, alive: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get(READY).status_code == 200
    monkeypatch.setattr(kept_readings.essential, "seconds", 0)
    monkeypatch.setattr(probes, "SILENT", -1)
    assert client.get(READY).status_code == 503


# --- metrics -------------------------------------------------------------------------------------------------------


def test_metrics_are_off_by_default(client: Client, signed_in: SignedIn, cast: Cast, settings: Settings) -> None:
    assert (settings.METRICS_TOKEN, settings.METRICS_ADDRESSES) == ("", [])
    missing = client.get("/no/such/page")
    for one in (client, signed_in(cast.farid)):
        for header in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}"):
            assert one.get(METRICS, headers={"Authorization": header}).status_code == missing.status_code == 404


def test_metrics_tell_ages_and_counts_of_the_whole_site(
    client: Client, cast: Cast, with_token: str, alive: None, backed_up: Path
) -> None:
    said = figures(client)
    now = timezone.now().timestamp()
    assert said["solidarity_part_up worker"] == said["solidarity_part_up database"] == 1
    assert said["solidarity_outbox_age_seconds"] == 0
    assert said["solidarity_messages_failed email"] == 0
    assert 0 < said["solidarity_disk_free_ratio"] < 1
    for name in ("last_backup", "last_fold", "worker_seen", "beat_seen"):
        assert said[f"solidarity_{name}_timestamp_seconds"] == pytest.approx(now, abs=60)


def test_metrics_say_when_a_part_is_down(client: Client, cast: Cast, with_token: str) -> None:
    said = figures(client)
    assert said["solidarity_part_up worker"] == said["solidarity_part_up beat"] == 0
    assert "solidarity_worker_seen_timestamp_seconds" not in said


@pytest.mark.parametrize(
    "header", ["", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"bearer {TOKEN}", "Bearer é"]
)
def test_a_wrong_token_is_answered_as_if_there_were_no_metrics(header: str, client: Client, with_token: str) -> None:
    assert client.get(METRICS, headers={"Authorization": header}).status_code == 404
    assert client.get(f"{METRICS}?token={TOKEN}").status_code == 404


def test_own_addresses_may_read_metrics_without_a_token(client: Client, settings: Settings) -> None:
    settings.METRICS_ADDRESSES = [ip_network("10.1.0.0/16"), ip_network("::1")]
    for address, status in {"10.1.2.3": 200, "::ffff:10.1.2.3": 200, "::1": 200, "10.2.0.1": 404, "": 404}.items():
        assert client.get(METRICS, REMOTE_ADDR=address).status_code == status, address


def test_a_forged_address_does_not_open_the_metrics(client: Client, settings: Settings) -> None:
    settings.METRICS_ADDRESSES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]

    def asked(forwarded: str, address: str) -> int:
        return client.get(METRICS, headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=address).status_code

    settings.BEHIND_PROXY = True
    assert asked("10.0.0.5, 198.51.100.7", "127.0.0.1") == 404
    assert asked("127.0.0.1, 198.51.100.7", "127.0.0.1") == 404
    assert asked("198.51.100.7, 10.0.0.5", "127.0.0.1") == 200
    settings.BEHIND_PROXY = False
    assert asked("10.0.0.5", "198.51.100.7") == 404
    assert asked("198.51.100.7", "127.0.0.1") == 404, "a proxy on the same machine that the settings do not name"


def test_metrics_hold_no_name_and_no_figure_of_a_territory(
    client: Client, cast: Cast, seen: Seen, with_token: str, alive: None
) -> None:
    seen()
    answer = client.get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    private = [*Territory.objects.values_list("name", flat=True), *Territory.objects.values_list("slug", flat=True)]
    private += [*Association.objects.values_list("name", flat=True), *User.objects.values_list("email", flat=True)]
    assert len(private) > 10
    assert [text for text in private if text.lower() in answer.lower()] == []
    labels = set(re.findall(r'(\w+)="', answer))
    assert labels == {"part", "medium", "region"}
    assert {(int(region, 16) >> 52) & 15 for region in re.findall(r'region="(\w+)"', answer)} == {5}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOLIDARITY_METRICS_TOKEN", "short"), ("SOLIDARITY_METRICS_TOKEN", "a" * 40),
        ("SOLIDARITY_METRICS_ADDRESSES", "anywhere"), ("SOLIDARITY_METRICS_ADDRESSES", "10.0.0.1/8"),
    ],
)  # fmt: skip
def test_an_unsafe_setting_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(env._VALUES, name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        (env.token if name.endswith("TOKEN") else env.networks)(name)
