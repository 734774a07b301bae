import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mapping", "0014_citizen_rates"),
        ("volunteers", "0019_moderation"),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckedAssociation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("tours", models.PositiveIntegerField()),
                ("unlogged", models.PositiveIntegerField()),
                ("visits", models.PositiveIntegerField()),
                ("expected", models.FloatField()),
                ("met", models.FloatField()),
                ("variance", models.FloatField()),
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
                    models.UniqueConstraint(
                        fields=("territory", "day", "association"), name="one_checked_day_per_association_and_territory"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckedDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("bands", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("likelihoods", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("meetings", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                ("reported", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("territory", "day"), name="one_checked_day_per_territory_and_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="Prediction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("m0", models.FloatField()),
                ("values", models.JSONField()),
                ("table", models.BinaryField()),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("territory", "day"), name="one_prediction_per_territory_and_day")
                ],
            },
        ),
    ]
