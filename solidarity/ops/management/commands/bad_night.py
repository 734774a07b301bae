"""``make bad-night``: the load of a bad night on the demonstration, on services of its own."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection

from solidarity import env
from solidarity.local.checkout import Checkout
from solidarity.ops.bad_night import night_people, run_night
from solidarity.ops.bench.machine import description
from solidarity.ops.chaos import outages
from solidarity.ops.ports import free_port
from volunteers.models import Territory

READERS_A_MINUTE = 5_000


class Command(BaseCommand):
    help = "Lets 400 people on phones, 30 dispatchers and 5,000 readers a minute use the demonstration at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--minutes", type=float, default=6, help="length of the night with the arrivals")
        parser.add_argument("--phones", type=int, default=400, help="half of them members, half volunteers")
        parser.add_argument("--dispatchers", type=int, default=30)
        parser.add_argument("--readers", type=int, default=READERS_A_MINUTE, help="public pages a minute")
        parser.add_argument("--days", type=int, default=90, help="length of the demonstration before the night")
        parser.add_argument("--kill-redis", action="store_true", help="restart Redis once, in the middle")
        parser.add_argument("--out", type=Path, default=None, help="file for the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if env.text("SOLIDARITY_CHAOS", "") != "1":
            raise CommandError("This fills the database and can kill Redis. Run it as: make bad-night")
        call_command("migrate", verbosity=0)
        call_command("seed_demo", days=options["days"])
        half = options["phones"] // 2
        people = night_people.gather(
            Territory.objects.get(slug="paris"), members=half, volunteers=options["phones"] - half,
            dispatchers=options["dispatchers"], needs=max(200, options["phones"] * 2),
        )  # fmt: skip
        connection.close()
        deployment = outages.Deployment(Checkout.here(), free_port())
        readers = round(options["readers"] / 60 * run_night.READER_EVERY)
        users = {"members": half, "volunteers": options["phones"] - half, "dispatchers": options["dispatchers"]}
        plan = run_night.Plan(users | {"readers": readers}, duration=options["minutes"] * 60)
        self.stdout.write(description())

        def kill_redis() -> None:
            self.stdout.write("kill -9 Redis", self.style.WARNING)
            deployment.kill("Redis")  # look_after restarts it about a second later

        with deployment.running():
            verdict = run_night.run(
                people, plan, f"http://127.0.0.1:{deployment.port}", watch=deployment.look_after,
                at_middle=kill_redis if options["kill_redis"] else lambda: None,
            )  # fmt: skip
        self.stdout.write(verdict.table())
        if options["out"]:
            options["out"].parent.mkdir(parents=True, exist_ok=True)
            found = asdict(verdict) | {"machine": description(), "kills": dict(deployment.kills)}
            options["out"].write_text(json.dumps(found, indent=1) + "\n")
        problems = verdict.problems() + [f"{name} died" for name, times in deployment.died.items() if times]
        if problems:
            raise CommandError("A bad night:\n" + "\n".join(f"  {problem}" for problem in problems))
