"""Volunteers choose the kinds of help that they give; by default, three needs at once."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("volunteers", "0006_place_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="profile",
            name="kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("food", "food"),
                        ("water", "water"),
                        ("clothes", "clothes"),
                        ("blanket", "blanket"),
                        ("tent", "tent"),
                        ("hygiene", "hygiene"),
                        ("health", "health care"),
                        ("shelter", "shelter"),
                        ("papers", "papers"),
                        ("transport", "transport"),
                        ("phone", "phone"),
                        ("pet", "pet"),
                        ("company", "company"),
                        ("other", "other"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="profile",
            name="most",
            field=models.PositiveSmallIntegerField(default=3, verbose_name="how many needs at once"),
        ),
    ]
