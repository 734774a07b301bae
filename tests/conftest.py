"""Fixtures: the cast, a small city, a real worker and a real browser.

Nord and Sud are two districts of the small city "Ville" in the middle of Paris (about 70 cells).
"""

import contextlib
import faulthandler
import fcntl
import functools
import gc
import importlib
import io
import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import psycopg2
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.cache import caches
from django.db import OperationalError, connection, transaction
from django.test import Client, TransactionTestCase
from django.test import utils as test_utils
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from playwright.sync_api import Browser, BrowserContext, Playwright, ViewportSize, expect
from pytest_django import DjangoDbBlocker, Settings
from pytest_django.live_server_helper import LiveServer

from mapping.models import Parameters
from needs.base.site_categories import site_list
from solidarity.lib.http.sessions import SessionStore
from solidarity.lib.site import site_choices
from solidarity.local.packages import BROWSERS
from solidarity.settings import cache_url
from tests import forked_workers
from tests.repetitions import TEST_ALL
from tests.support import Cast, City
from volunteers.models import User

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# ``make test`` tries the same examples each time and lets a busy machine take its time; ``make test-all`` draws new ones.
hypothesis.settings.register_profile(
    "project", deadline=None, derandomize=not TEST_ALL, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("project")
PATIENCE = 60_000
"""The time in milliseconds that a browser test waits for what it expects; a busy machine takes its time."""
expect.set_options(timeout=PATIENCE)

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a long enough passphrase"
SOUTH_WEST = (48.850, 2.330)
MIDDLE_LAT = 48.8625
NORTH_EAST = (48.875, 2.370)


def redis_url_of(worker: str) -> str:
    """Return the broker of an xdist process. Each process has its own numbered database."""
    base, _separator, number = settings.REDIS_URL.partition("?virtual_host=")
    if not _separator:
        return settings.REDIS_URL
    offset = int(worker.removeprefix("gw")) if worker.startswith("gw") else 0
    return f"{base}?virtual_host={int(number or 0) + offset}"


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_modify_db_settings: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Create the test database for every choice of tests. pytest-django creates it only if a test requests ``db``, so a
    module that stores the demonstration once would use the real database when it runs alone."""
    keep = django_db_keepdb and not django_db_createdb
    with django_db_blocker.unblock():
        made = _databases(request.config, tmp_path_factory.getbasetemp().parent, keep)
        published_parameters()  # the version for all tests; later versions come from migrations
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            _end_other_sessions()
            teardown_databases(made, verbosity=request.config.option.verbose)


def _end_other_sessions() -> None:
    """End sessions that a thread of a live server or a program of a test has not closed yet: the database could not be
    dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _databases(config: pytest.Config, shared: Path, keep: bool) -> Any:
    """Create the test database. The first test process migrates its own and copies it for the others, because the
    migrations take most of the time.

    shared: a folder of this run that all its test processes see."""
    creation: Any = connection.creation
    own = creation._get_test_db_name()  # ends with the name of the test process, such as "gw0"
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    with (shared / "databases.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        copied = shared / f"{own}.copied"
        if copied.exists():
            before = connection.settings_dict["NAME"]
            connection.close()
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
            return [(connection, before, True)]
        made = setup_databases(
            verbosity=config.option.verbose,
            interactive=False,
            aliases={"default": True},
            keepdb=keep,
            serialized_aliases=set(),  # no test restores the rows of migrations
        )
        if processes > 1 and not keep and not list(shared.glob("*.copied")):
            start = own.rpartition("_gw")[0]
            connection.close()
            with creation._nodb_cursor() as cursor:
                for other in {f"{start}_gw{number}" for number in range(processes)} - {own}:
                    cursor.execute(f'DROP DATABASE IF EXISTS "{other}"')
                    cursor.execute(f'CREATE DATABASE "{other}" TEMPLATE "{own}"')
                    (shared / f"{other}.copied").touch()
    return made


KEPT_TABLES = {"django_content_type", "auth_permission"}
"""Tables that migrations fill and no test changes."""
NO_DELETION = ("needs_erasure", "volunteers_auditentry")
"""Tables whose trigger refuses deletion, but not truncation."""


@functools.cache
def tables() -> list[str]:
    """Return the tables of all models, except those that only migrations fill."""
    return sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT_TABLES)


def filled_tables() -> list[str]:
    """Return those of ``tables`` that have rows. Most have no page on the disk; planning a look into each of
    them took half of the time of emptying."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM unnest(%s) AS name WHERE pg_relation_size(name::regclass) > 0", [tables()])
        used = [name for (name,) in cursor.fetchall()]
        if not used:
            return []
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in used))
        return [name for (name,) in cursor.fetchall()]


def empty_tables() -> None:
    """Empty the tables that have rows. Django would truncate all of them and create the content types again, which
    takes ten times as long. The lock waits for the last requests of a live server."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables())} IN SHARE ROW EXCLUSIVE MODE")
        for name in filled_tables():
            cursor.execute(f"{'TRUNCATE' if name in NO_DELETION else 'DELETE FROM'} {name}")


def copied_rows(names: Iterable[str]) -> dict[str, bytes]:
    """Return the rows of tables, for ``paste_rows``. The keys name the columns: a test of migrations changes their order."""
    rows = {}
    with connection.cursor() as cursor:
        for table in names:
            cursor.execute(
                """SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''""",
                [table],
            )
            [columns] = cursor.fetchone()
            out = io.BytesIO()
            cursor.cursor.copy_expert(f"COPY {table} ({columns}) TO STDOUT (FORMAT binary)", out)
            rows[f"{table} ({columns})"] = out.getvalue()
    return rows


def paste_rows(rows: dict[str, bytes]) -> None:
    with connection.cursor() as cursor:
        for columns, content in rows.items():
            cursor.cursor.copy_expert(f"COPY {columns} FROM STDIN (FORMAT binary)", io.BytesIO(content))


@pytest.fixture(scope="session", autouse=True)
def emptied_once_the_server_has_answered() -> Iterator[None]:
    """Empty the tables after a test with real transactions, except for the published parameters; again if that
    deadlocks with a page's last request to the live server."""

    def patiently(case: TransactionTestCase) -> None:
        for attempt in range(5):
            try:
                empty_tables()
                published_parameters()
                return
            except OperationalError as error:
                if attempt == 4 or not isinstance(error.__cause__, psycopg2.errors.DeadlockDetected):
                    raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", patiently)
        yield


@pytest.fixture(scope="session", autouse=True)
def own_broker(worker_id: str) -> str:
    """Give each test process its own broker and cache. No page is kept: tests change rows without the verbs."""
    from solidarity.celery import app

    settings.KEPT_PAGE_SECONDS = 0  # tests/lib/test_kept_pages.py keeps them
    url = redis_url_of(worker_id)
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    settings.CACHES["default"]["LOCATION"] = cache_url(url)
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.environ.get('SOLIDARITY_TEST_SUFFIX', 'main')}-{worker_id}"
    with contextlib.suppress(AttributeError):
        del caches["default"]  # other test processes could empty a cache at the shared address
    caches["default"].clear()
    return url


@pytest.fixture(scope="session", autouse=True)
def own_media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    media = tmp_path_factory.mktemp("media")
    settings.MEDIA_ROOT = media
    settings.EXPORTS_ROOT = media / "exports"
    settings.ERASURES_FILE = media / "erasures" / "erasures.jsonl"
    settings.BASEMAP_ROOT = media / "basemap"
    settings.AUDIT_ANCHOR = media / "audit" / "anchor.json"
    settings.RELEASES_ROOT = media / "releases"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is missing
    return media


@pytest.fixture(scope="session", autouse=True)
def static_files_looked_up_once() -> Iterator[None]:
    """Read the static directories once. If each test client read them, it would take a sixth of the suite's time."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look_up = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def remember(middleware: Any) -> None:
        if not found:
            look_up(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", remember)
        yield


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of collected files. One test process fills it, before the others read it. The folder is kept, so that only
    the first run compresses everything."""
    from solidarity.ops.bench import bench_server

    folder: Path = settings.STATE / "collected"
    done = tmp_path_factory.getbasetemp().parent / "collected"  # a folder of this run that all its test processes see
    with done.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if "PYTEST_XDIST_WORKER" not in os.environ or not done.exists():
            bench_server.collect(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session", autouse=True)
def context_of_the_page_alone(django_test_environment: None) -> Iterator[None]:
    """Record ``response.context`` once per page. Django records it for each included template and each form field as
    well, which takes half of the time of a page."""
    from django.template import Template

    recorded: Callable[[Template, Any], Any] = vars(test_utils)["instrumented_test_render"]
    plain: Callable[[Template, Any], Any] = vars(test_utils)["_TestState"].saved_data.template_render
    within = threading.local()

    def render(template: Template, context: Any) -> Any:
        if getattr(within, "a_page", False):
            return plain(template, context)
        within.a_page = True
        try:
            return recorded(template, context)
        finally:
            within.a_page = False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Hash the cast's passwords with a fast algorithm; production uses argon2."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def tokens_without_words() -> Iterator[None]:
    """Write the random tokens of forms in two letters: no name or number that a test looks for in a page can occur in
    them by chance. Django adds two such tokens letter by letter, and sums of these two are these two again."""
    from django.middleware import csrf

    letters = csrf.CSRF_ALLOWED_CHARS[0] + csrf.CSRF_ALLOWED_CHARS[len(csrf.CSRF_ALLOWED_CHARS) // 2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csrf, "_get_new_csrf_string", lambda: get_random_string(csrf.CSRF_SECRET_LENGTH, letters))
        yield


@pytest.fixture
def open311(settings: Settings) -> None:
    """Switch Open311 on; it is off by default."""
    settings.OPEN311 = True


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Empty the cache and reset what another test may have set: the language, and the site's own choices."""
    caches["default"].clear()
    site_list.forget()
    site_choices.keep({}, 1e9)
    yield
    translation.deactivate()


def square(south: float, west: float, north: float, east: float) -> MultiPolygon:
    return MultiPolygon(
        Polygon([(west, south), (east, south), (east, north), (west, north), (west, south)], srid=4326), srid=4326
    )


@pytest.fixture
def parameters(db: None) -> Any:
    return published_parameters()


def published_parameters() -> Any:
    """Restore version 1 of the global parameters, with the published values: transactional tests empty the tables."""
    from mapping.coverage.cells.coverage_model import PUBLISHED
    from mapping.models import Parameters

    values = PUBLISHED.values()
    stored = list(Parameters.objects.filter(territory=None))
    if len(stored) == 1 and (stored[0].version, stored[0].values) == (1, values):
        return stored[0]
    Parameters.objects.filter(territory=None, version__gt=1).delete()
    return Parameters.objects.update_or_create(
        territory=None, version=1, defaults={"values": values}, create_defaults={"pk": 1, "values": values}
    )[0]


_CITY_TABLES = (
    "volunteers_territory", "volunteers_cell", "mapping_coveragesettings", "mapping_cellstate", "mapping_zone",
    "mapping_lowzoomcell",
)  # fmt: skip
_city_rows: dict[str, bytes] = {}


def _settle_city() -> None:
    from mapping.coverage.folding import territory_cells
    from volunteers.enums import CountKind, Level

    whole = square(*SOUTH_WEST, *NORTH_EAST)
    root = territory_cells.save_territory(
        "Ville", whole, Level.CITY, zoned=False, expected_persons=70, count_kind=CountKind.OFFICIAL
    )
    territory_cells.save_territory("Nord", square(MIDDLE_LAT, SOUTH_WEST[1], *NORTH_EAST), Level.DISTRICT, parent=root)
    territory_cells.save_territory("Sud", square(*SOUTH_WEST, MIDDLE_LAT, NORTH_EAST[1]), Level.DISTRICT, parent=root)
    territory_cells.assign_cells(root)


@pytest.fixture
def city(parameters: Parameters) -> City:
    return small_city()


def small_city() -> City:
    """The small city. It is computed once per test process; later tests copy its rows."""
    from volunteers.models import Territory

    if _city_rows:
        paste_rows(_city_rows)
    else:
        _settle_city()
        _city_rows.update(copied_rows(_CITY_TABLES))
    territories = {territory.slug: territory for territory in Territory.objects.all()}
    return City(*(territories[slug] for slug in ("ville", "nord", "sud")))


@pytest.fixture
def cast(city: City) -> Cast:
    return people_of(city)


def people_of(city: City) -> Cast:
    """Store the cast and return it."""
    from allauth.account.models import EmailAddress

    from volunteers.enums import Duty, Role
    from volunteers.models import Assignment, Association, Membership, Vouch, WorkArea

    def person(name: str, **fields: Any) -> Any:
        return User(email=f"{name}@example.org", password=hashed, display_name=name.title(), **fields)

    hashed = make_password(PASSWORD)
    maraude, other = Association.objects.bulk_create([
        Association(slug="maraude-du-nord", name="Maraude du Nord"), Association(slug="soupe-du-sud", name="Soupe du Sud"),
    ])  # fmt: skip
    people = {name: person(name) for name in ("alice", "bob", "carol", "diane", "edith", "greta")}
    people["farid"] = person("farid", is_superuser=True, is_staff=True)
    User.objects.bulk_create(people.values())
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people.values()
    )
    Membership.objects.bulk_create([
        Membership(user=people["bob"], association=maraude),
        Membership(user=people["carol"], association=maraude, role=Role.DISPATCHER),
        Membership(user=people["edith"], association=other),
    ])  # fmt: skip
    purpose = "coordination of the winter tours"
    Assignment.objects.bulk_create([
        Assignment(user=people["alice"], territory=city.nord, duty=Duty.VOLUNTEER),
        Assignment(user=people["diane"], territory=city.root, duty=Duty.COORDINATOR, purpose=purpose),
        Assignment(user=people["carol"], territory=city.root, duty=Duty.DISPATCHER),
    ])  # fmt: skip
    WorkArea.objects.create(association=other, territory=city.root, by=people["diane"])
    Vouch.objects.create(user=people["alice"], association=maraude, accepted=True, answered_at=timezone.now())
    return Cast(**people, maraude=maraude, other=other)


def sign_in(client: Client, user: User, seconds_ago: float = 0) -> Client:
    """Sign a user in as if they had given their password some seconds ago."""
    if settings.SESSION_COOKIE_NAME in client.cookies:
        client.force_login(user)
        session = client.session
    else:  # force_login would store the session five times
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - seconds_ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


@pytest.fixture
def signed_in() -> Callable[[Any], Client]:
    """A function that returns a client signed in as a user."""

    def client_of(user: User) -> Client:
        return sign_in(Client(), user)

    return client_of


@pytest.fixture
def seen(cast: Cast) -> Callable[..., Any]:
    """A function that files an encounter of Bob's association, without folding it, and returns the result of filing."""
    from needs.base.records.declarations import DraftPlace, EncounterDraft
    from tests import filing_verbs

    def file(lat: float = 48.866, lng: float = 2.350, persons: int = 3, hours_ago: float = 2, **more: Any) -> Any:
        draft = EncounterDraft(
            at=timezone.now() - timedelta(hours=hours_ago), place=DraftPlace(lat, lng), persons=persons, **more
        )
        return filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)

    return file


@pytest.fixture
def told(cast: Cast, city: City) -> Callable[..., None]:
    """A function that stores the folded evidence of tours by eight associations all over the city some days ago. They
    had looked in three weeks before, without a search, so that they are no new sources."""

    from mapping.enums import Source
    from mapping.models import Evidence, evidence_day
    from needs.enums import ReportKind
    from volunteers.models import Cell

    def tell(days_ago: float, persons: float = 1.0, associations: int = 8) -> None:
        day = evidence_day(timezone.now()) - days_ago
        Evidence.objects.bulk_create(
            Evidence(
                kind=ReportKind.TOUR, report=uuid.uuid4(), cell=cell, day=day - 21 * earlier, source=Source.LOGGED,
                origin=origin, persons=persons * (not earlier), hours=0.3 * (not earlier), contacts=persons * (not earlier),
            )
            for earlier in (False, True)
            for cell in Cell.objects.values_list("cell", flat=True)
            for origin in range(associations)
        )  # fmt: skip

    return tell


# --- a real worker -------------------------------------------------------------------------------------------------


def environment(own_broker: str, media: Path) -> dict[str, str]:
    """Return the environment for a process that uses this test's database and broker."""
    values = connection.settings_dict
    return {
        **os.environ,
        "SOLIDARITY_DB_NAME": values["NAME"],
        "SOLIDARITY_DB_HOST": values["HOST"],
        "SOLIDARITY_DB_PORT": str(values["PORT"]),
        "SOLIDARITY_DB_USER": values["USER"],
        "SOLIDARITY_REDIS_URL": own_broker,
        "SOLIDARITY_SECRET_KEY": settings.SECRET_KEY,
        "SOLIDARITY_FIELD_KEY": settings.FIELD_KEY,
        "SOLIDARITY_AUDIT_KEY": settings.AUDIT_KEY,
        "SOLIDARITY_AUDIT_ANCHOR": str(settings.AUDIT_ANCHOR),
        "SOLIDARITY_MEDIA_ROOT": str(media),
        "SOLIDARITY_ERASURES_FILE": str(settings.ERASURES_FILE),
        "SOLIDARITY_CACHE_PREFIX": settings.CACHES["default"]["KEY_PREFIX"],
    }


@pytest.fixture(scope="session")
def forking() -> Iterator[None]:
    yield
    forked_workers.close()


@pytest.fixture
def worker(
    transactional_db: None, own_broker: str, own_media: Path, tmp_path: Path, forking: None
) -> Iterator[forked_workers.Worker]:
    """A real Celery worker with its beat on the test's database."""
    log = tmp_path / "worker.log"
    process = forked_workers.start(environment(own_broker, own_media), log)
    try:
        until(lambda: log.exists() and b" ready." in log.read_bytes(), 90, "the worker did not start")
        yield process
    finally:
        process.end()


def until(
    condition: Callable[[], Any], seconds: float = 60, message: str = "it did not happen in time", *,
    again: Callable[[], Any] | None = None, every: float = 2,
) -> Any:  # fmt: skip
    """Wait until the condition is true and return its value; raise AssertionError if it stays false. The looks are 10 ms
    apart at first and 100 ms later.

    again: called every ``every`` seconds until the condition is true.
    """
    begin = last = time.monotonic()
    pause = 0.01
    while (now := time.monotonic()) < begin + seconds:
        if again and now >= last + every:
            again()
            last = now
        value = condition()
        if value:
            return value
        time.sleep(pause)
        pause = min(2 * pause, 0.1)
    raise AssertionError(message)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a long parameter by its length. Otherwise the whole file or text would be the test's name, which every test
    process compares with the others, sends and prints."""
    return f"{argname} of {len(val)}" if isinstance(val, str | bytes) and len(val) > 200 else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import another share of the test modules in each test process before all are collected. After a change, each module
    is then compiled once and not in each process, which in a new clone takes ten seconds more.

    A module that cannot be imported is imported again by the collection, which reports it. Nothing that collection makes
    is garbage, so none is looked for.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        gc.disable()
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if count > 1 and session.config.args == session.config.getini("testpaths"):
        own = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))[own::count]:
            with contextlib.suppress(Exception, pytest.skip.Exception):
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


@pytest.hookimpl(trylast=True)  # pytest-django sorts by transactions
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the repetitions, unless ``make test-all`` runs the tests. Put the tests with a browser or a worker first:
    a long test at the end would run alone."""
    repeated = [item for item in items if item.get_closest_marker("repetition")]
    if repeated and os.environ.get("SOLIDARITY_TEST_ALL") != "1":
        config.hook.pytest_deselected(items=repeated)
        items[:] = [item for item in items if not item.get_closest_marker("repetition")]
    items.sort(key=lambda item: not (item.get_closest_marker("browser") or item.get_closest_marker("worker")))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Exclude everything loaded so far from garbage collection, and collect new objects less often."""
    grouped = [item for item in session.items if item.get_closest_marker("xdist_group")]
    if "PYTEST_XDIST_WORKER" in os.environ and not all("@" in item.nodeid for item in grouped):
        raise pytest.UsageError("Groups of tests do not stay together: this pytest and this pytest-xdist do not fit.")
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Add the state of the processes and of the database to the report of a test that timed out."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed and {"live_server", "worker"} & set(getattr(item, "fixturenames", ())):
        report.sections.append(("what was going on", _going_on()))
        for page in (each for context in _contexts(item) for each in context.pages):
            with contextlib.suppress(Exception):
                told = page.wait_for_function(ON_THE_PAGE, timeout=3_000).json_value()
                report.sections.append((f"what {page.url} did", str(told)))


def _contexts(item: pytest.Item) -> list[Any]:
    """Return the contexts of the test's browser that are still open."""
    browser = getattr(item, "funcargs", {}).get("browser")
    return browser.contexts if browser is not None else []


ON_THE_PAGE = """() => JSON.stringify({
  hidden: document.hidden, map: {...document.querySelector('[data-map]')?.dataset},
  notes: [...document.querySelectorAll('[data-note]:not([hidden])')].map((each) => each.dataset.note),
  loaded: performance.getEntriesByType('resource').slice(-40).map(({name, responseStatus, startTime, duration}) => [
    name.replace(location.origin, ''), responseStatus, Math.round(startTime), Math.round(duration)]),
}, (key, value) => (typeof value === 'string' && value.length > 300 ? value.slice(0, 300) : value))"""


def _going_on() -> str:
    """Return the stack of each thread of this process, and the activity of each connection to the test database."""
    from solidarity.ops.bench.measurements.filing_and_fold import raw_connection

    with tempfile.TemporaryFile("w+") as stacks:
        faulthandler.dump_traceback(stacks, all_threads=True)
        stacks.seek(0)
        text = stacks.read()
    with contextlib.closing(raw_connection()) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT pid, application_name, state, wait_event_type, wait_event, now() - xact_start, pg_blocking_pids(pid),"
            " left(query, 200) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        rows = "\n".join(" | ".join(map(str, row)) for row in cursor)
    return f"{text}\n{rows}"


# --- a real browser ------------------------------------------------------------------------------------------------


def _chromium(*names: str) -> str | None:
    """Return the first of these programs that is installed; None means Playwright's own Chromium."""
    return os.environ.get("SOLIDARITY_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": _chromium("chromium-headless-shell", *BROWSERS),
        "args": ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Block the service worker, which loads every page of the phone app. A test that needs it allows it in ``enter``."""
    return {**browser_context_args, "service_workers": "block", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def whole_browser(playwright: Playwright, browser_type_launch_args: dict[str, Any]) -> Iterator[Any]:
    """The full Chromium: the headless shell shows no notifications."""
    with playwright.chromium.launch(**{**browser_type_launch_args, "executable_path": _chromium(*BROWSERS)}) as whole:
        yield whole


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def log_in(live_server: LiveServer, context: BrowserContext) -> Callable[[Any], None]:
    """Give the browser the session of a user."""

    def enter(user: User) -> None:
        client = sign_in(Client(), user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return enter


@pytest.fixture
def enter(live_server: LiveServer) -> Iterator[Callable[..., Any]]:
    """A function that opens a page in its own context, signed in or not. The context is closed when the test ends."""
    contexts: list[Any] = []

    def open_page(browser: Browser, user: User, size: dict[str, int], geolocation: Any = None, **options: Any) -> Any:
        if geolocation:
            options |= {"geolocation": geolocation, "permissions": ["geolocation"]}
        viewport = ViewportSize(width=size["width"], height=size["height"])
        context = browser.new_context(
            viewport=viewport, **{"locale": "en-GB", "service_workers": "block", "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if user is not None:
            client = sign_in(Client(), user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of the accessibility checker (axe-core), from the project's npm packages."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
