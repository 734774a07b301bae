"""``make chaos``, ``make several-hosts`` and ``make bad-night``: on services of their own, which write to disk."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from solidarity.local import make_run, settings_file
from solidarity.local.checkout import Checkout
from solidarity.local.services import data_dirs
from solidarity.local.services.running_services import Stores

FOREIGN = ("SOLIDARITY_DB_", "SOLIDARITY_REDIS_")


def perform(checkout: Checkout, python: Path, arguments: Sequence[str], command: str = "chaos") -> int:
    """Run the chaos test, or another command, on new services in the state folder and return its exit code.

    The chaos test kills its services, so it ignores services named in the environment.
    """
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    own = Checkout(checkout.root, checkout.state / command.partition("_")[0])
    Stores(own, "chaos").stop()  # left by an earlier chaos test that was killed
    data_dirs.remove(own, "chaos")
    shutil.rmtree(own.state, ignore_errors=True)
    own.keep_to_ourselves()
    settings_file.complete(own.state / "env", {})
    environment = {
        **make_run.environment(own),
        "SOLIDARITY_CHAOS": "1",
        "SOLIDARITY_DEMO": "1",
        "SOLIDARITY_DEBUG": "0",
    }
    try:
        with Stores(own, "chaos").serving(own.state / "env"):
            return subprocess.run(
                [str(python), "manage.py", command, *arguments], cwd=own.root, env=environment
            ).returncode
    finally:
        data_dirs.remove(own, "chaos")
