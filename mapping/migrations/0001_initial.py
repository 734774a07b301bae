import django.contrib.postgres.fields
import django.db.models.functions.comparison
import django.utils.timezone
from django.db import migrations, models

import solidarity.lib.database.region


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Carried",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cell", models.BigIntegerField()),
                (
                    "source",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "an association's search with logged time"),
                            (1, "an association's search without logged time"),
                            (2, "a citizen with an account"),
                            (3, "a citizen without an account"),
                        ]
                    ),
                ),
                ("day", models.FloatField()),
                ("rate", models.FloatField()),
                ("lives", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("persons", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("passes", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("searches", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("sweeps", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("contacts", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("last", models.FloatField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CarriedVoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cell", models.BigIntegerField()),
                ("origin", models.BigIntegerField()),
                ("day", models.FloatField()),
                ("lives", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("said", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
            ],
        ),
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
                ("pinned", models.BooleanField(default=False)),
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
