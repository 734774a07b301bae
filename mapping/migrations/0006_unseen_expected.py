"""The unseen estimate gets the figures that it is compared with, and releases keep the estimate of their day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mapping", "0005_zone_name_cell")]

    operations = [
        migrations.AddField("unseenfigure", "expected", models.FloatField(null=True)),
        migrations.AddField("unseenfigure", "to_verify", models.FloatField(null=True)),
        migrations.AddField("unseenfigure", "in_both", models.FloatField(null=True)),
        migrations.AddField("release", "unseen", models.JSONField(default=dict, editable=False)),
    ]
