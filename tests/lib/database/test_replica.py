"""Reads from a real streaming replica: never older than the reading's start, and from the primary when in doubt."""

import io
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings as site
from django.core.cache import caches
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from mapping.coverage.folding import fold
from mapping.enums import ExportFormat, ExportState
from mapping.map.live import live_drawing, live_shapes, map_versions, tiles
from mapping.map.releases.release_filter import publish
from mapping.models import Export, Release, ZoneReport
from mapping.out.exports import export_jobs
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from needs.models import Encounter
from solidarity.lib.database import replica
from solidarity.local.services.data_dirs import ACCOUNT, Home
from solidarity.local.services.postgres import SUPERUSER
from solidarity.ops.operation import probe_words, probes
from solidarity.ops.operation.probes import State
from solidarity.ops.several_hosts.replicated import Server, program
from tests.conftest import until
from tests.support import Cast, City, Seen
from volunteers.enums import Audience

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("replica")]

TILE = (12, 2074, 1409)


@dataclass
class Standby:
    """A standby of the tests' own server. sockets: folder of its socket."""

    home: Home
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def sockets(self) -> str:
        return str(self.home.sockets)

    def start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": self.sockets, "port": "5432", "fsync": "off",
                   "max_connections": "100", "hot_standby": "on", "jit": "off"}  # fmt: skip
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [program("postgres"), "-D", str(self.home.data), *words], user=self.home.account, group=self.home.account,
            extra_groups=None if self.home.account is None else [], cwd=self.home.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(self.accepts, 30, "the standby does not answer")

    def accepts(self) -> bool:
        try:
            return bool(self.ask("SELECT true"))
        except psycopg2.OperationalError:
            return False

    def stop(self) -> None:
        """Break off all its connections. After SIGKILL, they would go on for a moment without the server."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()

    def ask(self, query: str) -> Any:
        link = psycopg2.connect(host=self.sockets, port=5432, user=SUPERUSER, dbname="postgres")
        link.autocommit = True
        try:
            with link.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchone()[0]  # type: ignore[index]
        finally:
            link.close()


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Standby]:
    folder = Path(tempfile.mkdtemp(prefix="sol-replica-"))
    folder.chmod(0o700)
    import os

    account = ACCOUNT if os.geteuid() == 0 else None
    (folder / "s").mkdir(mode=0o700)
    if account is not None:
        shutil.chown(folder / "s", account, account)
        shutil.chown(folder, account, account)
    standby = Standby(Home(folder, folder / "s", account))
    host, port = str(site.DATABASES["default"]["HOST"]), str(site.DATABASES["default"]["PORT"])
    try:
        Server("pg2", standby.home).copy_from(host, port)
        with (standby.home.data / "postgresql.auto.conf").open("a") as file:
            file.write(f"primary_conninfo = 'host={host} port={port} user={SUPERUSER}'\n")
        standby.home.run(["touch", str(standby.home.data / "standby.signal")])
        standby.start()
        yield standby
    finally:
        standby.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def standby(server: Standby, transactional_db: None, settings: Settings) -> Iterator[Standby]:
    """The standby in use. Its replay goes on and it runs again after a test, whatever the test did."""
    settings.REPLICA = {"HOST": server.sockets, "PORT": "5432"}
    settings.REPLICA_WAIT_SECONDS = 20
    replica.ask_again()
    yield server
    if replica.ALIAS in connections.settings:
        connections[replica.ALIAS].close()
        del connections[replica.ALIAS]
        del connections.settings[replica.ALIAS]
    replica.ask_again()
    if not server.accepts():
        server.start()
    server.ask("SELECT pg_wal_replay_resume()::text")


def is_replica() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return bool(cursor.fetchone()[0])


def hold_back(standby: Standby, settings: Settings) -> None:
    """Let the replica fall behind: it receives everything and shows nothing of it."""
    standby.ask("SELECT pg_wal_replay_pause()::text")
    until(lambda: standby.ask("SELECT pg_get_wal_replay_pause_state()") == "paused", 20, "replay goes on")
    settings.REPLICA_WAIT_SECONDS = 0


def file_of(city: City, cast: Cast) -> str:
    export = export_jobs.ask_for_rows(city.root, Period.latest(), ExportFormat.CSV, cast.diane)
    assert export_jobs.run(export.pk) == ExportState.DONE
    return export_jobs.path_of(Export.objects.get(pk=export.pk)).read_text()


def asked_of_replica(work: Callable[[], Any]) -> str:
    """Return the SQL that the replica was asked while ``work`` ran, and that of the statements that it has prepared."""
    assert replica.read(is_replica)
    with CaptureQueriesContext(connections[replica.ALIAS]) as captured:
        work()
    with connections[replica.ALIAS].cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements")
        prepared = dict(cursor.fetchall())
    asked = [query["sql"] for query in captured.captured_queries]
    return "\n".join([*asked, *(prepared[name] for name in prepared if any(f"EXECUTE {name}" in sql for sql in asked))])


# --- what is read where -------------------------------------------------------------------------------------------------


def test_what_was_written_just_before_is_read_from_the_replica(standby: Standby, cast: Cast, seen: Seen) -> None:
    for number in range(1, 6):
        seen()
        assert replica.read(lambda: (is_replica(), Encounter.objects.count())) == (True, number)
    assert not is_replica()


def test_exports_and_zone_reports_are_read_from_the_replica_and_are_the_same(
    standby: Standby, city: City, cast: Cast, seen: Seen, settings: Settings
) -> None:
    for lat in (48.866, 48.855):
        seen(lat=lat)
    fold.fold_outbox()
    texts: list[str] = []
    payloads: list[ZoneReport] = []
    assert "needs_encounter" in asked_of_replica(lambda: texts.append(file_of(city, cast)))
    made = asked_of_replica(lambda: payloads.append(make_report(city.root, Period.latest(), cast.diane)))
    assert "needs_encounter" in made and "mapping_zone" in made
    settings.REPLICA = {}
    assert file_of(city, cast) == texts[0] and len(texts[0].splitlines()) == 3
    assert make_report(city.root, Period.latest(), cast.diane).payload == payloads[0].payload


def forget_maps() -> None:
    """Empty this process's memory of the live map."""
    live_shapes._known.update({kind: live_shapes._Known() for kind in live_shapes.FIELDS})
    live_drawing._kept.clear()
    tiles._drawn.clear()


def test_tiles_are_drawn_from_the_replica_and_are_the_same(
    standby: Standby, city: City, cast: Cast, seen: Seen, settings: Settings
) -> None:
    seen(persons=4)
    fold.fold_outbox()
    release = publish(Audience.ASSOCIATION, timezone.now() + timedelta(seconds=1))
    drawn: list[bytes] = []

    def draw() -> None:
        view = map_versions.of_view("ville")
        assert view is not None
        forget_maps()
        caches["default"].clear()
        drawn.append(tiles.live_tile(*TILE, view).data)
        drawn.append(tiles.released_tile(*TILE, city.root.path, release.pk).data)

    until(lambda: replica.read(Release.objects.filter(pk=release.pk).exists), 20, "no release")
    asked = asked_of_replica(draw)
    assert "mapping_mapversion" in asked and "FROM mapping_zone WHERE release_id IS NULL" in asked
    settings.REPLICA = {}
    draw()
    assert drawn[:2] == drawn[2:] and all(drawn)


def test_a_new_file_of_the_log_does_not_look_like_a_lag(standby: Standby, settings: Settings) -> None:
    settings.REPLICA_WAIT_SECONDS = 3
    primary = site.DATABASES["default"]
    with closing(
        psycopg2.connect(host=primary["HOST"], port=primary["PORT"], user=SUPERUSER, dbname="postgres")
    ) as link:
        link.autocommit = True
        link.cursor().execute("SELECT pg_switch_wal()")
    assert replica.read(is_replica)


# --- a replica that is behind, away or no replica -----------------------------------------------------------------------


def test_a_replica_that_is_behind_shows_nobody_what_was_retracted(
    standby: Standby, city: City, cast: Cast, seen: Seen, settings: Settings
) -> None:
    kept, retracted = seen(lat=48.866).id, seen(lat=48.855).id
    assert replica.read(lambda: (is_replica(), Encounter.objects.count())) == (True, 2)
    hold_back(standby, settings)
    Encounter.objects.filter(pk=retracted).update(retracted_at=timezone.now())
    found = file_of(city, cast)
    assert str(kept) in found and str(retracted) not in found


def test_a_tile_of_a_newer_map_is_not_drawn_from_a_replica_that_is_behind(
    standby: Standby, city: City, cast: Cast, seen: Seen, settings: Settings
) -> None:
    view = map_versions.of_view("ville")
    assert view is not None and replica.read(is_replica)
    before = tiles.live_tile(*TILE, view).data
    hold_back(standby, settings)
    seen(persons=4)
    fold.fold_outbox()
    newer = map_versions.of_view("ville")
    assert newer is not None and newer.key != view.key
    shown = tiles.live_tile(*TILE, newer).data
    assert shown != before
    settings.REPLICA = {}
    forget_maps()
    assert tiles.live_tile(*TILE, newer).data == shown


def test_a_release_of_a_renamed_territory_is_not_drawn_from_a_replica_that_has_the_old_name(
    standby: Standby, city: City, cast: Cast, seen: Seen, settings: Settings
) -> None:
    """The tile would be empty, and the cache would keep it for an hour."""
    seen(persons=4)
    fold.fold_outbox()
    release = publish(Audience.ASSOCIATION, timezone.now() + timedelta(seconds=1))
    assert replica.read(Release.objects.filter(pk=release.pk).exists)
    hold_back(standby, settings)
    city.nord.slug = "north"
    city.nord.save()
    shown = tiles.released_tile(*TILE, city.nord.path, release.pk).data
    drawn = tiles.draw(*TILE, city.nord.path, release.pk)
    assert drawn and shown == drawn


def test_without_the_replica_the_primary_answers_and_the_replica_rests(
    standby: Standby, city: City, cast: Cast, seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    seen()
    assert replica.read(is_replica)
    standby.stop()
    assert len(file_of(city, cast).splitlines()) == 2
    assert replica.read(is_replica) is False
    assert [record.message for record in caplog.records if "replica" in record.message] == [
        "The replica failed (DatabaseError): reading from the primary."
    ]
    standby.start()
    assert replica.read(is_replica) is False
    replica.ask_again()
    assert replica.read(is_replica) is True


def test_a_reading_that_breaks_off_in_the_middle_is_made_again_on_the_primary(standby: Standby, cast: Cast) -> None:
    servers = []
    out = io.BytesIO()

    def work() -> int:
        out.seek(0)
        out.truncate()
        servers.append(is_replica())
        out.write(b"half")
        if is_replica():
            standby.stop()
            is_replica()
        return out.write(b" and half")

    assert replica.read(work) == 9
    assert servers == [True, False] and out.getvalue() == b"half and half"


def test_who_writes_after_all_writes_to_the_primary(standby: Standby, cast: Cast, seen: Seen) -> None:
    key = seen().id

    def work() -> Encounter:
        again = Encounter.objects.get(pk=key)
        Encounter.objects.filter(pk=key).update(persons=7)
        return again

    read = replica.read(partial(Encounter.objects.get, pk=key))
    read.persons = 5
    read.save()  # what the replica gave is written to the primary
    assert Encounter.objects.get(pk=key).persons == 5
    replica.read(work)
    assert Encounter.objects.get(pk=key).persons == 7


def test_a_transaction_of_the_caller_is_read_on_the_primary(standby: Standby, cast: Cast, seen: Seen) -> None:
    with transaction.atomic():
        seen()
        assert replica.read(lambda: (is_replica(), Encounter.objects.count())) == (False, 1)


def test_a_reading_in_a_reading_uses_the_same_replica(standby: Standby, cast: Cast, seen: Seen) -> None:
    seen()
    assert replica.read(lambda: replica.read(lambda: (is_replica(), Encounter.objects.count()))) == (True, 1)
    assert not is_replica()


def test_what_runs_says_how_far_the_replica_is_behind(
    standby: Standby, cast: Cast, seen: Seen, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said() -> tuple[State, str]:
        (line,) = probe_words.lines([probes.replica()])
        return line.state, line.detail

    seen()
    until(lambda: said() == (State.OK, "Up to date."), 30, "the replica is behind")
    monkeypatch.setattr(replica, "LAG_SECONDS", 0)
    hold_back(standby, settings)
    seen()
    until(lambda: said()[1].endswith("seconds behind."), 30, "nothing is behind")
    assert said()[0] is State.OK
    monkeypatch.setattr(probes, "LATE", 1)
    assert said()[0] is State.RED
    standby.stop()
    assert said() == (State.RED, "Does not answer, or is no replica any more.")
    assert not is_replica()
    settings.REPLICA = {}
    assert said()[0] is State.OFF


def test_a_primary_that_is_called_replica_is_not_trusted(standby: Standby, settings: Settings) -> None:
    """So a replica that was promoted is not read by those who still have the old primary."""
    default = site.DATABASES["default"]
    settings.REPLICA = {"HOST": default["HOST"], "PORT": default["PORT"]}
    settings.REPLICA_WAIT_SECONDS = 0
    assert probes.replica().state is State.RED
    used = replica.read(lambda: connection.connection)
    assert used is connections["default"].connection
