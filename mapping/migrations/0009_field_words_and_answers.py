import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mapping", "0008_overrides_of_coordinators"),
        ("volunteers", "0007_where_associations_work"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="words",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.CreateModel(
            name="QuotedNote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("chosen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("agreed", models.BooleanField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="quotes", to="mapping.fieldnote"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="quotes", to="mapping.zonereport"
                    ),
                ),
            ],
            options={
                "ordering": ("note__at", "id"),
                "constraints": [models.UniqueConstraint(fields=("report", "note"), name="a_report_quotes_a_note_once")],
            },
        ),
        migrations.CreateModel(
            name="SelfCheckNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unlogged", "many tours log no time"),
                            ("search", "the logged time does not fit how the map counts a search"),
                        ],
                        max_length=8,
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("found_on", models.DateField()),
                ("answer", models.TextField(blank=True, default="", max_length=500, verbose_name="your answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "association",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.association"
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("territory", "association", "kind"), name="one_notice_per_finding")
                ],
            },
        ),
    ]
