import django.db.models.functions.comparison
import django.utils.timezone
from django.db import migrations, models

import solidarity.lib.database.region


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CellState",
            fields=[
                ("cell", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                ("territory", models.IntegerField()),
                ("day", models.FloatField()),
                ("a", models.FloatField(default=0)),
                ("x", models.FloatField(default=0)),
                ("xt", models.FloatField(default=0)),
                ("s", models.FloatField(default=0)),
                ("ac", models.FloatField(default=0)),
                ("xc", models.FloatField(default=0)),
                ("last_search", models.FloatField(null=True)),
                ("shape", models.FloatField(default=0)),
                ("rate", models.FloatField(default=1)),
                ("theta", models.FloatField(default=0)),
                ("mean", models.FloatField(default=0)),
                ("chance", models.FloatField(default=0)),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "covered"),
                            (2, "under-covered"),
                            (3, "uncovered"),
                            (4, "unknown: to verify"),
                            (5, "unknown: not searched"),
                            (6, "unknown: contradictory"),
                        ],
                        default=5,
                    ),
                ),
                (
                    "computed",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "covered"),
                            (2, "under-covered"),
                            (3, "uncovered"),
                            (4, "unknown: to verify"),
                            (5, "unknown: not searched"),
                            (6, "unknown: contradictory"),
                        ],
                        default=5,
                    ),
                ),
                ("overridden", models.BooleanField(default=False)),
                ("zone", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CellTouch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "tour"),
                            (2, "encounter"),
                            (3, "citizen report"),
                            (4, "need"),
                            (5, "aid"),
                            (6, "override"),
                        ]
                    ),
                ),
                ("report", models.UUIDField()),
                ("old_cell", models.BigIntegerField(null=True)),
                ("new_cell", models.BigIntegerField(null=True)),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(
                            django.db.models.functions.comparison.Coalesce(models.F("new_cell"), models.F("old_cell"))
                        ),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="CountLedger",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField()),
                ("number", models.PositiveSmallIntegerField()),
                ("month", models.DateField(unique=True)),
                ("epsilon", models.FloatField()),
                ("spent_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
    ]
