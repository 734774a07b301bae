"""The recipes of docs/contributing.md for a page, a notification and an undo, followed word by word in a copy of the code."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest
from django.conf import settings

from tests.conftest import environment
from tests.needs.crises.crisis_cases import opened
from tests.support import Cast

ROOT = settings.ROOT
COPIED = ("mapping", "needs", "volunteers", "solidarity", "templates", "docs")
STEP = re.compile(
    r"^\d\. (?P<how>At the end of|New file|In) `(?P<file>[^`]+)`"
    r"(?:,\s+(?P<where>below|above|in place of)\s+`(?P<line>[^`]+)`)?:.*?"
    r"^    ```\w+\n(?P<code>.*?)^    ```$",
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code; what has no module stays where it is."""
    for name in COPIED:
        skipped = shutil.ignore_patterns("__pycache__", "static", "locale")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skipped)
    (tmp_path / "solidarity" / "static").symlink_to(ROOT / "solidarity" / "static")
    for name in ("locale", "node_modules", "manage.py", "pyproject.toml", "package.json", ".local"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def follow(heading: str, copy: Path) -> set[str]:
    """Do the steps of a recipe. Return the files that it changes."""
    text = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    [recipe] = re.findall(rf"^### {heading}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    steps = list(STEP.finditer(recipe))
    assert steps
    for step in steps:
        path = copy / step["file"]
        code = re.sub(r"^    ", "", step["code"], flags=re.MULTILINE)
        if step["how"] == "New file":
            assert not path.exists()
            path.write_text(code, encoding="utf-8")
            continue
        imports = "".join(re.findall(r"^(?:from|import) .*\n", code, re.MULTILINE))
        code = re.sub(r"^(?:from|import) .*\n\n?", "", code, flags=re.MULTILINE)
        old = path.read_text(encoding="utf-8")
        if step["how"] == "At the end of":
            new = f"{old}\n\n{code}"
        else:
            assert old.count(step["line"] + "\n") == 1
            around = {"below": f"{step['line']}\n{code}", "above": f"{code}\n\n{step['line']}\n", "in place of": code}
            new = old.replace(step["line"] + "\n", around[step["where"]])
        path.write_text(re.sub(r"^(?=from|import)", imports, new, count=1, flags=re.MULTILINE), encoding="utf-8")
    return {step["file"] for step in steps}


def run(copy: Path, program: str) -> None:
    """Run a program in the copy, with this test's database. It changes nothing that lasts."""
    own = environment(settings.REDIS_URL, copy / "media") | {
        "DJANGO_SETTINGS_MODULE": "solidarity.settings",
        "PYTHONPATH": str(copy),
    }
    whole = f"{HEAD}{indent(dedent(program), '    ')}    transaction.set_rollback(True)\nprint('followed')\n"
    done = subprocess.run([sys.executable, "-c", whole], cwd=copy, env=own, capture_output=True, text=True, check=False)
    assert done.stdout.endswith("followed\n"), done.stderr


HEAD = """
import django
django.setup()
from django.db import transaction
from django.test import Client
from django.utils import timezone
from needs.models import SavedSearch, Tour
from volunteers.models import Association, Membership, Notification, User
with transaction.atomic():
    bob = User.objects.get(display_name="Bob")
    own = Association.objects.get(slug="maraude-du-nord")
    tour = Tour.objects.create(association=own, author=bob, at=timezone.now(), content_hash="x")
    client = Client(headers={"Host": "localhost"})
"""


@pytest.mark.django_db(transaction=True)
def test_a_page_costs_three_files(cast: Cast, copy: Path) -> None:
    assert len(follow("Add a page", copy)) == 3
    run(copy, """
        assert client.get("/tours/last/").status_code == 302, "a page requires sign-in"
        client.force_login(bob)
        page = client.get("/tours/last/")
        assert page.status_code == 200 and f"/tours/{tour.pk}/" in page.content.decode()
        assert "no-store" in page["Cache-Control"]
    """)  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_notification_costs_one_file_and_is_sent_once(cast: Cast, copy: Path) -> None:
    assert len(follow("Add a notification", copy)) == 1
    run(copy, """
        from needs.tours.running import notify_open
        assert notify_open(tour) == 1 and notify_open(tour) == 0
        [told] = Notification.objects.filter(user=bob)
        assert told.topic == "tour" and told.path == f"/tours/{tour.pk}/"
    """)  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_an_undo_costs_two_files(cast: Cast, copy: Path) -> None:
    opened(cast.diane)
    assert len(follow("Add something that can be undone", copy)) == 2
    run(copy, """
        import re
        from html import unescape
        from needs.models import Crisis
        carol, crisis = User.objects.get(display_name="Carol"), Crisis.objects.get()
        search = SavedSearch.objects.create(user=carol, page="crisis", crisis=crisis, name="cold")
        client.force_login(carol)
        page = client.post(f"/crises/{crisis.slug}/searches/{search.pk}/alert/", {"on": "1"}, follow=True)
        [token] = re.findall(r'name="undo"\\s+value="([^"]+)"', unescape(page.content.decode()))
        search.refresh_from_db()
        assert search.alert
        page = client.post("/undo/", {"undo": token}, follow=True)
        search.refresh_from_db()
        assert "Undone. The alert is as before." in page.content.decode() and not search.alert
        assert "changed in the meantime" in client.post("/undo/", {"undo": token}, follow=True).content.decode()
    """)  # fmt: skip
