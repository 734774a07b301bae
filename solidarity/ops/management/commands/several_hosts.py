"""``make several-hosts``: a drill on nine hosts in network namespaces. Hosts are cut off and killed while reports are
filed."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from mapping.enums import ExportFormat, ExportState
from mapping.models import Export
from mapping.out.exports import export_jobs
from mapping.out.report_figures.report_period import Period
from solidarity import env
from solidarity.local import settings_file
from solidarity.local.checkout import Checkout
from solidarity.local.make_run import Address
from solidarity.local.services import data_dirs
from solidarity.ops.bench.network_conditions import network_proxy
from solidarity.ops.chaos import outcome, town, traffic
from solidarity.ops.several_hosts import machines, network
from solidarity.ops.several_hosts.far_links import FarLinks
from solidarity.ops.several_hosts.incidents import MOST_SECONDS, Incidents
from solidarity.ops.several_hosts.machines import Machines
from solidarity.ops.several_hosts.replicated import Server, until
from volunteers.models import Territory, User

MOST_REPORTS = 100_000
HOSTS = [name for name in network.ADDRESSES if name != "proxy"]  # clients see nothing but the proxy


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # they ask the database, which does not run yet
    help = "Cuts hosts off and kills them while reports are filed, and counts what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cut", nargs="*", choices=HOSTS, default=["web1", "worker1", "pg1", "pg2", "redis1"])
        parser.add_argument("--cut-seconds", type=float, default=60)
        parser.add_argument("--kill", nargs="*", choices=HOSTS, default=HOSTS)
        parser.add_argument("--down", type=float, default=3, help="seconds between a kill and the restart")
        parser.add_argument("--slow-seconds", type=float, default=20)
        parser.add_argument("--stall-seconds", type=float, default=5)
        parser.add_argument(
            "--lost",
            choices=["host", "server"],
            default="host",
            help="what the promotion loses: pg1, or its PostgreSQL",
        )
        parser.add_argument("--per-second", type=float, default=30)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, default=None, help="file for the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if env.text("SOLIDARITY_CHAOS", "") != "1":
            raise CommandError("This kills databases. Run it as: make several-hosts")
        if missing := network.missing_programs():
            raise CommandError(f"Missing: {', '.join(missing)} (Debian: iproute2, util-linux).")
        if os.geteuid() != 0:
            raise CommandError("Only root may make network namespaces.")
        if not network.is_separate():  # begin again in a network of its own, with the addresses there
            command = ["unshare", "--net", sys.executable, *sys.argv]
            os.execvpe(command[0], command, {**os.environ, **machines.SETTINGS})
        with ExitStack() as stack:
            drill = stack.enter_context(self._running(stack, options))
            for host in options["cut"]:
                drill.cut(host, options["cut_seconds"])
            for host in options["kill"]:
                drill.kill(host, options["down"])
            drill.slow(options["slow_seconds"], options["stall_seconds"])
            rows = self._exported(drill)
            drill.promote(cut=options["lost"] == "host")
            call_command("backup", stdout=self.stdout)  # of the primary, although the first host is a replica now
            sent = drill.phones.finish()
            end = time.monotonic() + traffic.PATIENCE
            while drill.phones.busy() and time.monotonic() < end:
                drill.wait(0.2)
            found = outcome.judge(drill.phones.log, sent, outcome.drained(MOST_SECONDS))
            log = drill.phones.log
            result = found.row() | {
                "incidents": [incident.row() for incident in drill.found],
                "rows_exported_from_the_replica": rows,
                "died_by_themselves": dict(drill.machines.died),
                "answers": {str(status): number for status, number in sorted(log.answers.items())},
                "hashes_that_disagree": log.disagreeing,
                "per_second": options["per_second"],
                "fsync": outcome.fsync(),
            }
            connection.close()
        text = json.dumps(result, indent=1)
        if options["out"]:
            options["out"].parent.mkdir(parents=True, exist_ok=True)
            options["out"].write_text(text + "\n")
        self.stdout.write(text)
        late = [incident for incident in drill.found if incident.caught_up_s > MOST_SECONDS]
        if late or not found.holds() or found.drained_s > MOST_SECONDS or log.disagreeing or not rows:
            raise CommandError("The drill failed: see the figures above.")

    @contextmanager
    def _running(self, stack: ExitStack, options: dict[str, Any]) -> Iterator[Incidents]:
        """Run all hosts, and phones that report, inside the block."""
        checkout = Checkout.here()
        private = settings_file.read(checkout.state / "env")
        hosts, links = network.Network(), FarLinks()
        stack.callback(hosts.stop)
        servers = {}
        for name in ("pg1", "pg2"):
            data_dirs.remove(checkout, name)
            stack.callback(data_dirs.remove, checkout, name)
            servers[name] = Server(name, data_dirs.home(checkout, name))
        hosts.start()
        running = Machines(checkout, hosts, servers)
        stack.callback(running.stop)
        servers["pg1"].copy_from(private["SOLIDARITY_DB_HOST"], private["SOLIDARITY_DB_PORT"])
        running.start("pg1")
        until(servers["pg1"].accepts, 30, "pg1 answers")
        servers["pg1"].make_slot()
        call_command("migrate", verbosity=0)
        senders = town.settle()
        servers["pg2"].rebuild()
        stack.enter_context(links.running(network.HERE, machines.FAR_PORTS))
        for host in network.ADDRESSES:
            running.start(host)
        for host in ("web1", "web2", "proxy"):
            port = 80 if host == "proxy" else 8000
            until(partial(_answers, Address(network.ADDRESSES[host], port)), 90, f"{host} answers")
        until(servers["pg1"].followed, 30, "pg2 streams from pg1")
        street = stack.enter_context(network_proxy(f"http://{network.ADDRESSES['proxy']}"))
        waiting = traffic.reports(MOST_REPORTS, town.BOX, senders, timezone.now(), options["seed"])
        phones = traffic.Phones(street.server_port, waiting, options["per_second"], options["seed"])
        drill = Incidents(running, links, street, phones, self.stdout.write)
        phones.start()
        yield drill

    def _exported(self, drill: Incidents) -> int:
        """Let a worker export all reports, and return the number of rows; 0 if it did not read them from the replica."""
        before = drill.machines.servers["pg2"].ask(_READ)
        export = export_jobs.ask_for_rows(
            Territory.objects.get(slug="town"), Period.latest(), ExportFormat.CSV, User.objects.first()
        )
        end = time.monotonic() + MOST_SECONDS
        while export.state not in (ExportState.DONE, ExportState.FAILED) and time.monotonic() < end:
            drill.wait(0.2)
            export = Export.objects.get(pk=export.pk)
        read = drill.machines.servers["pg2"].ask(_READ) > before
        return export.total if read and export.state == ExportState.DONE else 0


def _answers(address: Address) -> bool:
    return address.answers() == 200


_READ = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'solidarity'"
