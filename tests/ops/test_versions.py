"""Databases of released versions: a back-up of each is restored, migrated forward and recomputed. Then it has the tables of
a new database, which is made without the single steps.

A release adds ``tests/ops/versions/VERSION.tar``, a back-up of the small city. To write it for this version:
``SOLIDARITY_WRITE_VERSION=1 make test ARGS="tests/ops/test_versions.py"``.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import Settings

from mapping.coverage.folding import fold
from solidarity.ops.backups.making import make
from tests.conftest import environment
from tests.ops.test_backups import ask, empty_cluster
from tests.support import Cast, Seen

__all__ = ["empty_cluster"]

VERSIONS = Path(__file__).parent / "versions"
FIRST = (0, 2, 0)


def released() -> list[str]:
    """Return the versions of the changelog from 0.2.0 on."""
    found = re.findall(
        r"^## \[?(\d+)\.(\d+)\.(\d+)\]?+(?! - unreleased)", (settings.ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    numbers = [tuple(map(int, parts)) for parts in found]
    return [".".join(map(str, parts)) for parts in numbers if parts >= FIRST]


def test_this_version_is_in_the_changelog_and_every_version_has_its_database() -> None:
    project = tomllib.loads((settings.ROOT / "pyproject.toml").read_text())["project"]
    assert released()[0] == project["version"]
    assert {path.stem for path in VERSIONS.glob("*.tar")} == set(released())


if os.environ.get("SOLIDARITY_WRITE_VERSION") == "1":

    @pytest.mark.django_db(transaction=True)
    def test_write_the_database_of_this_version(cast: Cast, seen: Seen, settings: Settings, tmp_path: Path) -> None:
        settings.BACKUP_ROOT, settings.BACKUP_KEY = tmp_path, ""
        settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
        for number in range(12):
            seen(lat=48.852 + number / 600, persons=number % 4, hours_ago=2 + 7 * number, minutes=20)
        fold.fold_outbox()
        VERSIONS.mkdir(exist_ok=True)
        shutil.copyfile(make().file, VERSIONS / f"{released()[0]}.tar")


WORKS = """
import uuid
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from mapping.coverage.folding.reconciliation import reconcile
from needs.models import Need
from needs.reports import filing
from tests import filing_verbs
from needs.base.records.declarations import DraftPlace, NeedDraft
from volunteers.models import Membership, User
call_command("migrate", "--check")
assert reconcile().difference < 1e-9, "the states are those of the reports"
for place in (DraftPlace(48.866, 2.35), DraftPlace(48.95, 2.5), None):
    filing_verbs.report_need(NeedDraft(at=timezone.now(), place=place, kinds=["food"], source=uuid.uuid4().hex, place_text="x"))
people = User.objects.filter(pk__in=Membership.objects.dispatching().values("user"))
assert people.exists()
for person in people:
    client = Client(HTTP_HOST="localhost")
    client.force_login(person)
    queue = client.get("/triage/").content.decode()
    for need in Need.objects.all():
        assert str(need.pk) in queue
        assert client.get(f"/triage/{need.pk}/").status_code == 200
call_command("recompute_zones")
print("dispatchers who can work:", people.count())
"""
SHAPE = """
SELECT format('%s.%s %s %s %s %s %s', t.relname, c.attname, format_type(c.atttypid, c.atttypmod), c.attnotnull,
              c.attidentity, c.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute c JOIN pg_class t ON t.oid = c.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = c.attnum
WHERE t.relkind IN ('r', 'S') AND t.relnamespace = 'public'::regnamespace AND c.attnum > 0 AND NOT c.attisdropped
UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
UNION ALL SELECT regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL SELECT 'extension ' || extname FROM pg_extension
UNION ALL SELECT format('migration %s %s', app, name) FROM django_migrations
"""
"""Columns, constraints, indexes without their names, triggers, functions, extensions and applied migrations."""


def shape(rows: list[tuple[Any, ...]]) -> set[str]:
    """Return what SHAPE found, without casts and parentheses, which PostgreSQL writes otherwise after a restore.

    One of Django's own tables has a different type of key.
    """
    other = re.compile("auth_group_permissions")
    return {re.sub(r"::(character varying|text)(\[\])?|[()]", "", line) for (line,) in rows if not other.match(line)}


@pytest.mark.xdist_group("setup")
@pytest.mark.parametrize("version", released())
def test_a_database_of_a_released_version_is_migrated_forward(
    version: str, empty_cluster: dict[str, str], db: None, own_broker: str, tmp_path: Path
) -> None:
    there = environment(own_broker, tmp_path / "media") | empty_cluster | {"SOLIDARITY_STATE": str(tmp_path)}
    for name in ("SOLIDARITY_AUDIT_ANCHOR", "SOLIDARITY_BACKUP_ROOT"):
        there.pop(name, None)

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=settings.ROOT, env=there, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with connection.cursor() as cursor:
        cursor.execute(SHAPE)
        new = shape(cursor.fetchall())
    assert len(new) > 1000
    assert "verified" in manage("restore", str(VERSIONS / f"{version}.tar"), "--force")
    assert shape(ask(empty_cluster, SHAPE)) == new
    assert "dispatchers who can work: 1" in manage("shell", "-c", WORKS)
    assert ask(empty_cluster, "SELECT count(*) FROM mapping_cellstate")[0][0] > 50
    assert ask(empty_cluster, "SELECT count(*) FROM mapping_zone WHERE release_id IS NULL")[0][0] > 0
