"""Executable rules of the architecture."""

import ast
import graphlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver

from solidarity.celery import app as celery
from solidarity.lib.late_task import LateTask

ROOT = settings.ROOT
APPS = ("solidarity", "volunteers", "needs", "mapping")


def test_imports_point_down() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_dependency_is_declared_and_used() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "deptry"), "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# Modules longer than MOST_LINES, with the reason. Remove a module from the list when it becomes shorter.
MOST_LINES = 400
LONGER = {
    "solidarity/settings.py": "one flat list of settings",
}


def test_no_module_is_longer_than_one_can_hold_in_mind() -> None:
    long = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES
    }
    assert long == set(LONGER)


MOST_IN_AN_APP, MOST_IN_A_ROOM = 12, 20


def test_no_room_is_crowded() -> None:
    counts: dict[Path, int] = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" not in path.parts and path.name != "__init__.py":
                counts[path.parent] = counts.get(path.parent, 0) + 1
    roots = {ROOT / app for app in APPS}
    crowded = {
        str(folder.relative_to(ROOT)): number
        for folder, number in counts.items()
        if number > (MOST_IN_AN_APP if folder in roots else MOST_IN_A_ROOM)
    }
    assert crowded == {}


LAYERS = {
    "__init__", "admin", "api", "apps", "contents", "danger_quotes", "enums", "features", "forms", "formats", "models",
    "serializers", "signals", "tasks", "undo", "urls", "views",
}  # fmt: skip


def test_no_two_wings_have_modules_of_the_same_name_unless_it_is_a_layer_s() -> None:
    names: dict[str, set[str]] = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if path.stem not in LAYERS and not {"migrations", "commands"} & set(path.parts):
                names.setdefault(path.stem, set()).add("/".join(path.relative_to(ROOT).parts[:2]))
    assert {name: wings for name, wings in names.items() if len(wings) > 1} == {}


def test_no_task_is_sent_by_its_name() -> None:
    by_name = [
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "send_task(" in path.read_text(encoding="utf-8")
    ]
    assert by_name == []


def test_every_scheduled_task_is_registered() -> None:
    celery.autodiscover_tasks(force=True)
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - set(celery.tasks) == set()


def test_every_late_task_is_a_task_with_the_name_of_its_path() -> None:
    celery.autodiscover_tasks(force=True)
    get_resolver().url_patterns  # noqa: B018  # imports the modules that queue tasks
    assert len(LateTask.every) >= 9
    assert {task.path for task in LateTask.every} - set(celery.tasks) == set()
    assert [task.path for task in LateTask.every if task.load().name != task.path] == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_setting_is_documented() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "solidarity").glob("*.py"))
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text)) | {"SOLIDARITY_STATE"}
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text()))
    assert names - documented == set()
    assert {name for name in documented - names if name.startswith("SOLIDARITY_DB")} == set()


@pytest.mark.parametrize("language", ["fr"])
def test_no_string_of_the_interface_is_missing(language: str, tmp_path: Path) -> None:
    for name in (*APPS, "templates", "locale"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo", "fixtures")
        )
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", language, "--no-location", "--no-wrap"],
        cwd=tmp_path, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    catalogue = polib.pofile(str(tmp_path / "locale" / language / "LC_MESSAGES" / "django.po"))
    missing = [entry.msgid for entry in catalogue.untranslated_entries()]
    unsure = [entry.msgid for entry in catalogue.fuzzy_entries()]
    assert missing == []
    assert unsure == []
    for entry in catalogue.translated_entries():
        texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        for name in re.findall(r"%\(\w+\)[sd]", entry.msgid):
            # In the singular, a translation may write the number as a word.
            assert name in "".join(texts), (entry.msgid, name)


def test_no_template_is_unused() -> None:
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in (*APPS, "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt"}
    )
    named_by_framework = ("400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html")
    for path in (ROOT / "templates").rglob("*.html"):
        name = str(path.relative_to(ROOT / "templates"))
        if name in named_by_framework or name.startswith(
            ("account/", "mfa/", "allauth/", "usersessions/", "socialaccount/")
        ):
            continue
        assert f'"{name}"' in sources or f"'{name}'" in sources, f"{name} is used by nothing"


MOST_COLUMNS = 120


def test_no_line_of_a_template_is_too_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (*sorted((ROOT / "templates").rglob("*")), *sorted((ROOT / "solidarity" / "ops").rglob("*.html")))
        if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > MOST_COLUMNS
    ]
    assert long == []


def test_no_source_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    unwanted = re.compile(r"/work/(main|shared)|registry\.npmjs|files\.pythonhosted|pypi\.org/simple")
    for name in listed:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".txt", ".json", ".yml", ".html", ".js", ".toml", ""} and path.is_file():
            found = unwanted.search(path.read_text(encoding="utf-8", errors="ignore"))
            assert found is None or name == "tests/test_architecture.py", f"{name}: {found and found.group()}"


# Modules that handle requests or tasks. All other modules are verbs, models and their helpers.
_DOORS = re.compile(
    r"(urls|views|forms|serializers|api|admin|tasks|apps|schema|permissions|filters)"
    r"|\w+_(urls|views|forms|fields|serializers|api)"
    r"|kinds|(message|report|tour)_(kinds|handlers)|queued_tour_end"  # the phone queue parses forms, as views do
    r"|public_files"  # a middleware that answers with a view
)
_FACES = re.compile(r"views|\w+_views|api|\w+_api|forms|\w+_forms|serializers|\w+_serializers")
_NOT_ROOMS = {"migrations", "management", "templatetags", "api", "web_app"}
_NO_FACES = {"solidarity.lib.pii_check.forms", "solidarity.lib.pii_check.serializers"}


def _imported(path: Path) -> set[str]:
    """Return the modules that a module imports, by name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found


def test_verbs_import_no_views_forms_or_serializers() -> None:
    wrong = []
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        place = path.relative_to(ROOT)
        if len(place.parts) < 3 or _NOT_ROOMS & set(place.parts) or _DOORS.fullmatch(path.stem):
            continue
        for name in _imported(path) - _NO_FACES:
            is_module = (ROOT / (name.replace(".", "/") + ".py")).is_file()
            if is_module and name.split(".")[0] in APPS and _FACES.fullmatch(name.rpartition(".")[2]):
                wrong.append(f"{place} imports {name}")
    assert wrong == []


def _wings() -> dict[str, list[str]]:
    """Return the wings of each app that has wings, from below, as the import contracts name them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    wings = {each["containers"][0]: each["layers"][::-1] for each in contracts if each.get("containers")}
    assert set(wings) == {"volunteers", "needs", "mapping"}
    return {app: [f"{app}.{wing}" for wing in named] for app, named in wings.items()}


def _inner_imports(app: str) -> dict[str, set[str]]:
    """Return what each module of an app imports from the same app. A model counts for the module that defines it."""
    paths = {".".join(each.relative_to(ROOT).with_suffix("").parts): each for each in (ROOT / app).rglob("*.py")}
    paths = {name: path for name, path in paths.items() if not name.endswith("__init__") and ".migrations." not in name}
    homes = {
        f"{app}.models.{each.name}": node.module
        for node in ast.parse(paths[f"{app}.models"].read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module
        for each in node.names
    }
    found = {}
    for name, path in paths.items():
        imported = {homes.get(each, each) for each in _imported(path)}
        found[name] = {each for each in imported if each in paths} - {name, f"{app}.models"}
    return found


def test_every_room_is_in_a_wing() -> None:
    outside = {"management", "migrations", "templatetags"}
    for app, wings in _wings().items():
        rooms = {path.name for path in (ROOT / app).iterdir() if (path / "__init__.py").is_file()}
        assert {f"{app}.{room}" for room in rooms - outside} == set(wings)


def test_a_wing_imports_no_model_of_a_wing_above() -> None:
    up = []
    for app, wings in _wings().items():
        height = {wing: number for number, wing in enumerate(wings)}
        for name, imported in _inner_imports(app).items():
            own = height.get(".".join(name.split(".")[:2]), len(wings))
            up += [f"{name} imports {each}" for each in imported if height.get(".".join(each.split(".")[:2]), -1) > own]
    assert up == []


def test_no_rooms_and_no_modules_import_each_other_in_a_circle() -> None:
    for app, wings in _wings().items():
        modules = _inner_imports(app)
        rooms: dict[str, set[str]] = {}
        for name, imported in modules.items():
            if ".".join(name.split(".")[:2]) in wings:
                room = ".".join(name.split(".")[:3])
                others = {".".join(each.split(".")[:3]) for each in imported if each.count(".") > 2}
                rooms[room] = rooms.get(room, set()) | others - {room}
        assert len(rooms) > 20
        graphlib.TopologicalSorter(rooms).prepare()  # raises CycleError, which names the circle
        graphlib.TopologicalSorter(modules).prepare()


IN_A_BROWSER = {"Browser", "BrowserContext", "Enter", "LogIn", "OpenPhone", "Page"}
"""The types of the fixtures that drive a browser."""
MARK = "mark.browser"


def drives_a_browser(test: ast.FunctionDef) -> bool:
    """Return whether a test is marked as a browser test, or uses a fixture of the browser."""
    marked = any(MARK in ast.unparse(each) for each in test.decorator_list)
    return marked or bool(IN_A_BROWSER & {ast.unparse(each.annotation) for each in test.args.args if each.annotation})


def test_browser_tests_are_in_modules_that_say_so() -> None:
    elsewhere, seen = [], 0
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if not any(word in text for word in (MARK, *IN_A_BROWSER)):
            continue
        tests = [each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef)]
        driving = [each.name for each in tests if each.name.startswith("test_") and drives_a_browser(each)]
        seen += len(driving)
        if not path.stem.endswith("_in_browser"):
            elsewhere += [f"{path.relative_to(ROOT)}: {name}" for name in driving]
    assert elsewhere == []
    assert seen > 100
