import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mapping", "0006_packed_members"),
        ("volunteers", "0006_source_of_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkedday",
            name="first_visits",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.FloatField(), db_default=[], default=list
            ),
        ),
        migrations.AddField(
            model_name="coveragesettings",
            name="group_size",
            field=models.FloatField(db_default=1.0, default=1.0, editable=False),
        ),
        migrations.AddField(
            model_name="unseenfigure",
            name="expected_high",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="unseenfigure",
            name="expected_low",
            field=models.FloatField(null=True),
        ),
        migrations.CreateModel(
            name="Hindcast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("said", models.FloatField()),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                ("found", models.FloatField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("count", "a count by night"),
                            ("official", "an official figure"),
                            ("estimate", "an estimate by teams"),
                        ],
                        max_length=8,
                    ),
                ),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hindcasts", to="volunteers.territory"
                    ),
                ),
            ],
            options={
                "ordering": ("-day",),
                "constraints": [
                    models.UniqueConstraint(fields=("territory", "day"), name="one_hindcast_per_territory_and_day")
                ],
            },
        ),
    ]
