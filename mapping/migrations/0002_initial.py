import uuid

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import solidarity.lib.database.region


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("mapping", "0001_initial"),
        ("volunteers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CoverageSettings",
            fields=[
                (
                    "territory",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="coverage",
                        serialize=False,
                        to="volunteers.territory",
                    ),
                ),
                ("resolution", models.PositiveSmallIntegerField(default=9)),
                (
                    "adaptive",
                    models.BooleanField(
                        default=True, verbose_name="cell size depends on the number of people expected"
                    ),
                ),
                ("presence_only", models.BooleanField(default=False, verbose_name="nobody logs searches here")),
                ("m0", models.FloatField(default=1.0, editable=False)),
            ],
            options={
                "verbose_name": "coverage settings",
                "verbose_name_plural": "coverage settings",
            },
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "ready"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("events", models.PositiveIntegerField(default=0)),
                ("photos", models.PositiveIntegerField(default=0)),
                ("leaving_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "export of all data",
                "verbose_name_plural": "exports of all data",
                "ordering": ("-made_at",),
            },
        ),
        migrations.CreateModel(
            name="Evidence",
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
                ("cell", models.BigIntegerField()),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                ("day", models.FloatField()),
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
                ("origin", models.BigIntegerField()),
                ("persons", models.FloatField()),
                ("hours", models.FloatField(null=True)),
                ("contacts", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("zones", "zone report"), ("reports", "reports, one per row")], max_length=8
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("csv", "CSV"), ("geojson", "GeoJSON"), ("xlsx", "XLSX"), ("pdf", "PDF")], max_length=8
                    ),
                ),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("language", models.CharField(default="en", max_length=5)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "ready"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ("-made_at",),
            },
        ),
        migrations.CreateModel(
            name="FieldNote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("cell", models.BigIntegerField()),
                ("text", models.TextField(max_length=1000, verbose_name="note")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(verbose_name="shown until")),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "field note",
                "verbose_name_plural": "field notes",
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="LowZoomCell",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("cell", models.BigIntegerField()),
                ("resolution", models.PositiveSmallIntegerField()),
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
                        ]
                    ),
                ),
                ("cells", models.PositiveIntegerField()),
                ("outline", django.contrib.gis.db.models.fields.PolygonField(srid=4326)),
            ],
        ),
        migrations.CreateModel(
            name="MonthlyNeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cell", models.BigIntegerField()),
                ("month", models.DateField()),
                ("kind", models.CharField(max_length=10)),
                ("count", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("cell", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("persons", models.FloatField()),
                ("hours", models.FloatField(blank=True, null=True)),
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
                        ]
                    ),
                ),
                (
                    "model_status",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "covered"),
                            (2, "under-covered"),
                            (3, "uncovered"),
                            (4, "unknown: to verify"),
                            (5, "unknown: not searched"),
                            (6, "unknown: contradictory"),
                        ],
                        null=True,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("extended_reason", models.CharField(blank=True, max_length=500)),
                ("contest", models.UUIDField(default=uuid.uuid4)),
                ("expires_at", models.DateTimeField()),
                ("content_hash", models.CharField(max_length=64)),
                ("retracted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "override",
                "verbose_name_plural": "overrides",
            },
        ),
        migrations.CreateModel(
            name="Parameters",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "values",
                    models.JSONField(help_text="names and values as in mapping.coverage.cells.coverage_model.Model"),
                ),
                ("proposed", models.BooleanField(default=False)),
                ("declined_at", models.DateTimeField(blank=True, null=True)),
                ("grounds", models.JSONField(default=dict, help_text="why it is proposed: likelihoods, data used")),
            ],
            options={
                "verbose_name": "model parameters",
                "verbose_name_plural": "model parameters",
            },
        ),
        migrations.CreateModel(
            name="PublicPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=20)),
                ("level", models.CharField(max_length=1)),
                ("number", models.PositiveIntegerField()),
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
                        ]
                    ),
                ),
                ("coverage", models.PositiveSmallIntegerField()),
                ("count", models.PositiveIntegerField(null=True)),
                ("outline", django.contrib.gis.db.models.fields.MultiPolygonField(srid=4326)),
            ],
        ),
        migrations.CreateModel(
            name="Recompute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.CharField(max_length=12)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("cells", models.PositiveIntegerField(default=0)),
                ("zones", models.PositiveIntegerField(default=0)),
                ("difference", models.FloatField(null=True)),
            ],
            options={
                "get_latest_by": "started_at",
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("public", "the public"),
                            ("volunteer", "volunteers"),
                            ("association", "associations"),
                        ],
                        max_length=12,
                    ),
                ),
                ("as_of", models.DateTimeField()),
                ("published_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("folder", models.CharField(blank=True, editable=False, max_length=100)),
                ("memory", models.JSONField(default=dict, editable=False)),
            ],
            options={
                "get_latest_by": "published_at",
            },
        ),
        migrations.CreateModel(
            name="ReleaseFiles",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("folder", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="RetainedEvidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cell", models.BigIntegerField()),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
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
            name="RetainedSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cell", models.BigIntegerField()),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                ("origin", models.BigIntegerField()),
                ("day", models.FloatField()),
                ("lives", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("said", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
            ],
        ),
        migrations.CreateModel(
            name="UnseenFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("persons", models.FloatField()),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                ("cells", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ("day",),
            },
        ),
        migrations.CreateModel(
            name="Zone",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.UUIDField(default=uuid.uuid4)),
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
                        ]
                    ),
                ),
                ("shape", django.contrib.gis.db.models.fields.MultiPolygonField(srid=4326)),
                ("region", models.BigIntegerField(null=True)),
                ("cells", models.PositiveIntegerField()),
                ("persons", models.FloatField()),
                ("persons_low", models.FloatField()),
                ("persons_high", models.FloatField()),
                ("sweeps", models.FloatField()),
                ("chance", models.FloatField()),
                ("help_share", models.FloatField()),
                ("last_search", models.FloatField(null=True)),
                ("citizen_share", models.FloatField(default=0)),
                ("overridden", models.BooleanField(default=False)),
                ("overridden_until", models.DateTimeField(null=True)),
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
                ("cold", models.BooleanField(default=False)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("derived_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "zone",
                "verbose_name_plural": "zones",
            },
        ),
        migrations.CreateModel(
            name="ZoneChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("zone", models.UUIDField()),
                ("at", models.DateTimeField()),
                (
                    "before",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "covered"),
                            (2, "under-covered"),
                            (3, "uncovered"),
                            (4, "unknown: to verify"),
                            (5, "unknown: not searched"),
                            (6, "unknown: contradictory"),
                        ],
                        null=True,
                    ),
                ),
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
                        null=True,
                    ),
                ),
                ("overridden", models.BooleanField(default=False)),
                ("cells", models.PositiveIntegerField()),
                ("persons", models.FloatField()),
            ],
            options={
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ZoneReport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("payload", models.JSONField()),
            ],
            options={
                "ordering": ("-made_at",),
            },
        ),
        migrations.AddIndex(
            model_name="cellstate",
            index=models.Index(fields=["territory"], name="cellstate_territory"),
        ),
        migrations.AddIndex(
            model_name="cellstate",
            index=models.Index(fields=["zone"], name="cellstate_zone"),
        ),
        migrations.AddConstraint(
            model_name="countledger",
            constraint=models.UniqueConstraint(fields=("year", "number"), name="a_publication_of_counts_once"),
        ),
        migrations.AddConstraint(
            model_name="countledger",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1), ("number__lte", 12)), name="twelve_publications_of_counts_a_year"
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="departures", to="volunteers.association"
            ),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["report"], name="evidence_report"),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["cell", "day"], name="evidence_cell"),
        ),
        migrations.AddField(
            model_name="export",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="export",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="fieldnote",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="field_notes", to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="fieldnote",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="field_notes",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="fieldnote",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="monthlyneed",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="monthly_needs", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="overrides", to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="overrides",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="parameters",
            name="author",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="parameters",
            name="territory",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parameters",
                to="volunteers.territory",
            ),
        ),
        migrations.AddField(
            model_name="coveragesettings",
            name="model",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mapping.parameters",
            ),
        ),
        migrations.AddField(
            model_name="publicplace",
            name="commune",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(
                fields=("audience", "as_of"), name="one_release_per_audience_and_moment"
            ),
        ),
        migrations.AddField(
            model_name="publicplace",
            name="release",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="places", to="mapping.release"
            ),
        ),
        migrations.AddField(
            model_name="lowzoomcell",
            name="release",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="mapping.release"
            ),
        ),
        migrations.AddField(
            model_name="releasefiles",
            name="release",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="files", to="mapping.release"
            ),
        ),
        migrations.AddField(
            model_name="releasefiles",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
            ),
        ),
        migrations.AddConstraint(
            model_name="retainedevidence",
            constraint=models.UniqueConstraint(
                fields=("cell", "source"), name="one_retained_evidence_per_cell_and_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="retainedsource",
            constraint=models.UniqueConstraint(
                fields=("cell", "origin"), name="one_retained_source_per_cell_and_origin"
            ),
        ),
        migrations.AddField(
            model_name="unseenfigure",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="unseen", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="zone",
            name="model",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="mapping.parameters"
            ),
        ),
        migrations.AddField(
            model_name="zone",
            name="release",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="zones", to="mapping.release"
            ),
        ),
        migrations.AddField(
            model_name="zone",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="zones", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="zonechange",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="zonereport",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="zonereport",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="export",
            name="report",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="exports", to="mapping.zonereport"
            ),
        ),
        migrations.AddIndex(
            model_name="fieldnote",
            index=models.Index(fields=["cell", "expires_at"], name="fieldnote_cell"),
        ),
        migrations.AddConstraint(
            model_name="monthlyneed",
            constraint=models.UniqueConstraint(
                fields=("cell", "month", "kind"), name="one_monthly_need_per_place_and_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="override",
            index=models.Index(fields=["cell", "expires_at"], name="override_cell"),
        ),
        migrations.AddConstraint(
            model_name="parameters",
            constraint=models.UniqueConstraint(
                fields=("territory", "version"), name="a_version_once_per_territory", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="coveragesettings",
            constraint=models.CheckConstraint(condition=models.Q(("resolution__in", [8, 9])), name="resolution_8_or_9"),
        ),
        migrations.AddConstraint(
            model_name="publicplace",
            constraint=models.UniqueConstraint(fields=("release", "key"), name="a_place_once_per_release"),
        ),
        migrations.AddIndex(
            model_name="lowzoomcell",
            index=models.Index(fields=["resolution"], name="lowzoomcell_resolution"),
        ),
        migrations.AddConstraint(
            model_name="lowzoomcell",
            constraint=models.UniqueConstraint(
                fields=("release", "cell"), name="one_low_zoom_cell_per_release", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="releasefiles",
            constraint=models.UniqueConstraint(fields=("release", "territory"), name="files_once_per_release_and_area"),
        ),
        migrations.AddConstraint(
            model_name="unseenfigure",
            constraint=models.UniqueConstraint(fields=("territory", "day", "days"), name="one_unseen_figure_per_day"),
        ),
        migrations.AddIndex(
            model_name="zone",
            index=models.Index(fields=["territory", "status"], name="zone_territory_status"),
        ),
        migrations.AddConstraint(
            model_name="zone",
            constraint=models.UniqueConstraint(
                fields=("release", "key"), name="one_zone_per_release", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="zonechange",
            index=models.Index(fields=["zone", "at"], name="zonechange_zone"),
        ),
    ]
