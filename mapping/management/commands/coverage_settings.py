"""manage.py coverage_settings: whether searches are logged in a territory, and the parameters of all territories."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Max

from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding import territory_cells
from mapping.models import CoverageSettings, Parameters
from volunteers.models import Territory
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


class Command(BaseCommand):
    help = (
        "Say whether nobody logs searches in a territory, or save a version of the parameters for all territories. "
        "The parameters of one territory have a page."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--territory", metavar="SHORT_NAME", help="for --presence-only")
        parser.add_argument("--presence-only", choices=["yes", "no"], help="yes: nobody logs searches there")
        parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="parameters for all territories")
        parser.add_argument("--reason", default="", help="for --set: the reason that the page of versions shows")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["presence_only"]:
            self._presence_only(options["territory"], options["presence_only"] == "yes")
        elif options["set"] and options["reason"]:
            self._save(options["set"], options["reason"])
        else:
            raise CommandError("Give --territory with --presence-only, or --set with --reason.")

    def _presence_only(self, slug: str | None, presence_only: bool) -> None:
        territory = Territory.objects.filter(slug=slug or "").first()
        if territory is None:
            raise CommandError("--territory: there is no territory with this short name.")
        with transaction.atomic():
            CoverageSettings.objects.filter(territory=territory).update(presence_only=presence_only)
            territory_cells.settle_after(territory)
            recording.record(
                None, Verb.TERRITORY_CHANGED, "territory", territory.pk, purpose=Purpose.ADMINISTRATION,
                scope=territory.slug, details={"presence_only": presence_only},
            )  # fmt: skip
        self.stdout.write(f"{territory.slug}: presence only = {presence_only}")

    def _save(self, pairs: list[str], reason: str) -> None:
        current = Parameters.objects.in_force(None)
        values = Model.of(current.values).values()
        for pair in pairs:
            name, _sign, value = pair.partition("=")
            if name not in values:
                raise CommandError(f"--set: there is no parameter {name}. Known: {', '.join(sorted(values))}.")
            try:
                values[name] = float(value)
            except ValueError:
                raise CommandError(f"--set: {name} needs a number.") from None
        try:
            checked = Model.of(values).values()
        except (KeyError, TypeError, ValueError) as error:
            raise CommandError(f"--set: {error}") from error
        with transaction.atomic():
            newest = Parameters.objects.filter(territory=None).aggregate(newest=Max("version"))["newest"] or 0
            row = Parameters.objects.create(territory=None, version=newest + 1, values=checked, reason=reason)
            territory_cells.settle_after(None)
            recording.record(
                None, Verb.PARAMETERS_SAVED, "parameters", row.pk, purpose=Purpose.ADMINISTRATION,
                details={"version": row.version},
            )  # fmt: skip
        self.stdout.write(f"Version {row.version} for all territories is saved.")
