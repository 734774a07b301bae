"""``make chaos``: file reports while processes are killed, then count missing reports. The test uses only its own
services."""

import json
import random
import time
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from solidarity import env
from solidarity.local.checkout import Checkout
from solidarity.ops.chaos import identical_posts, outages, outcome, town, traffic
from solidarity.ops.ports import free_port


class Command(BaseCommand):
    help = (
        "Kills web server, worker, scheduler, Redis and PostgreSQL while reports are filed, and counts what is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reports", type=int, default=10_000)
        parser.add_argument("--per-second", type=float, default=50)
        parser.add_argument("--kill-every", type=float, nargs=2, default=(20, 40), metavar=("FROM", "TO"))
        parser.add_argument("--down", type=float, nargs=2, default=(0.5, 3), metavar=("FROM", "TO"))
        parser.add_argument("--kills", type=int, default=None, help="maximum (default: until all is sent)")
        parser.add_argument(
            "--identical", type=int, default=200, help=f"sets of {identical_posts.AT_ONCE} posts at once"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, default=None, help="file for the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if env.text("SOLIDARITY_CHAOS", "") != "1":
            raise CommandError("This kills the database. Run it as: make chaos")
        call_command("migrate", verbosity=0)
        own = town.settle()
        seed, count = options["seed"], options["reports"]
        deployment = outages.Deployment(Checkout.here(), free_port())
        waiting = traffic.reports(count, town.BOX, own, timezone.now(), seed)
        same = traffic.reports(options["identical"], town.BOX, own, timezone.now(), seed + 1000)
        phones = traffic.Phones(deployment.port, waiting, options["per_second"], seed)
        with deployment.running():
            at_once = identical_posts.all_at_once(same, phones.send)
            acknowledged = all(phones.take_for_sent(report) for report in same)
            start = time.monotonic()
            phones.start()
            self._trouble(deployment, phones, options)
            sent = time.monotonic() - start
            connection.close()  # the restart of PostgreSQL may have broken the connection
            drained = outcome.drained()
        found = outcome.judge(phones.log, count + len(same), drained)
        result = found.row() | {
            "identical": at_once.row(),
            "kills": dict(sorted(deployment.kills.items())),
            "flushes": deployment.flushes,
            "died_by_themselves": dict(deployment.died),
            "answers": {str(status): number for status, number in sorted(phones.log.answers.items())},
            "answers_cut": phones.log.cut,
            "hashes_that_disagree": phones.log.disagreeing,
            "fsync": outcome.fsync(),
            "per_second": options["per_second"],
            "seconds": round(sent, 1),
        }
        text = json.dumps(result, indent=1)
        if options["out"]:
            options["out"].parent.mkdir(parents=True, exist_ok=True)
            options["out"].write_text(text + "\n")
        self.stdout.write(text)
        if not found.holds() or phones.log.disagreeing or at_once.wrong or not acknowledged:
            raise CommandError("The chaos test failed: see the figures above.")

    def _trouble(self, deployment: outages.Deployment, phones: traffic.Phones, options: dict[str, Any]) -> None:
        """Kill the processes in turn, each at least once, while the phones send. Flush Redis once."""
        chance = random.Random(options["seed"])
        for name in islice(outages.order(options["seed"]), options["kills"]):
            everybody = len(deployment.kills) == len(outages.OURS) + len(outages.STORES)
            self._wait(deployment, phones if everybody else None, chance.uniform(*options["kill_every"]))
            if everybody and not phones.busy():
                return
            self.stdout.write(f"kill -9 {name}", self.style.WARNING)
            deployment.kill(name)
            time.sleep(chance.uniform(*options["down"]))
            deployment.revive()
            if not deployment.flushes and sum(deployment.kills.values()) >= 2:
                self._wait(deployment, None, 1)
                deployment.flush()
                self.stdout.write("flushed Redis")
        self._wait(deployment, phones, traffic.PATIENCE * 2)

    def _wait(self, deployment: outages.Deployment, phones: traffic.Phones | None, seconds: float) -> None:
        """Restart processes that end by themselves, for some seconds or until the phones have sent everything."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and (phones is None or phones.busy()):
            time.sleep(0.2)
            deployment.look_after()
