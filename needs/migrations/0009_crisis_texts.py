"""Texts of events in several languages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("needs", "0009_hand_over_link")]

    operations = [
        migrations.AddField(
            model_name="crisis",
            name="language",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=8, verbose_name="language of these texts"
            ),
        ),
        migrations.AddField(
            model_name="crisis",
            name="texts",
            field=models.JSONField(blank=True, db_default={}, default=dict, editable=False),
        ),
    ]
