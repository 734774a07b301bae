import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0010_crisis_texts"),
        ("volunteers", "0010_applications_and_profiles"),
    ]

    operations = [
        migrations.CreateModel(
            name="AssociationMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("tours", models.PositiveIntegerField(default=0)),
                ("minutes", models.FloatField(default=0)),
                ("encounters", models.PositiveIntegerField(default=0)),
                ("nobody_met", models.PositiveIntegerField(default=0)),
                ("people_met", models.PositiveIntegerField(default=0)),
                ("people_helped", models.PositiveIntegerField(default=0)),
                ("asked", models.JSONField(default=dict)),
                ("given", models.JSONField(default=dict)),
                ("answers", models.JSONField(default=dict)),
                (
                    "association",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="monthly_figures",
                        to="volunteers.association",
                    ),
                ),
            ],
            options={
                "ordering": ("month",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("association", "month"), name="figures_once_per_association_and_month"
                    )
                ],
            },
        ),
    ]
