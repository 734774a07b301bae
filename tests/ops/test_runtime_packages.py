"""Web, worker and beat need only requirements.txt and the folders of the image. Packages installed for the tests, and the
commands of make, could hide that something is missing."""

import re
import subprocess
import sys

from django.conf import settings

_PROGRAM = """
import importlib.abc, importlib.metadata, sys

wanted = set(sys.argv[1].split())

def name_of(package):
    return package.lower().replace("_", "-").replace(".", "-")

class OnlyRuntime(importlib.abc.MetaPathFinder):
    packages = importlib.metadata.packages_distributions()
    def find_spec(self, name, path=None, target=None):
        if name.startswith("solidarity.local"):
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)
        owners = self.packages.get(name.partition(".")[0], ())
        if owners and not wanted & {name_of(owner) for owner in owners}:
            raise ModuleNotFoundError(f"{name} is in no package of requirements.txt", name=name)

sys.meta_path.insert(0, OnlyRuntime())
import kombu.transport.redis, celery.backends.redis, celery.bin.celery, granian
import solidarity.wsgi, solidarity.urls
import solidarity.ops.management.commands.backup, solidarity.ops.management.commands.restore
import solidarity.ops.management.commands.upgrade
from solidarity.celery import app
app.loader.import_default_modules()
print("complete")
"""


def test_web_and_worker_load_with_the_packages_of_requirements_and_the_files_of_the_image_alone() -> None:
    assert "solidarity/local" in (settings.ROOT / ".dockerignore").read_text().splitlines()
    lines = (settings.ROOT / "requirements.txt").read_text()
    wanted = {name.lower().replace("_", "-").replace(".", "-") for name in re.findall(r"^([\w.-]+)==", lines, re.M)}
    assert "packaging" in wanted
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, " ".join(sorted(wanted))], cwd=settings.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("complete\n")
