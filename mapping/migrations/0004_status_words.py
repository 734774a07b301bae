"""Names of the statuses, and the days for which a public release calls a search recent.

Search coverage of 0 used to mean "less than 25 %". It now means that no tour has entered the place, so stored places
get the lower edge of the next bucket.
"""

from django.db import migrations, models

CHOICES = [
    (1, "covered"),
    (2, "under-covered"),
    (3, "uncovered"),
    (4, "to verify"),
    (5, "never searched, or searched too little"),
    (6, "contradictory"),
]


def status(**options):
    return models.PositiveSmallIntegerField(choices=CHOICES, **options)


class Migration(migrations.Migration):
    dependencies = [("mapping", "0003_default_parameters")]

    operations = [
        migrations.AddField("release", "recent_days", models.PositiveSmallIntegerField(default=14)),
        migrations.RunSQL(
            "UPDATE mapping_publicplace SET coverage = 1 WHERE coverage = 0",
            "UPDATE mapping_publicplace SET coverage = 0 WHERE coverage = 1",
            elidable=True,
        ),
        migrations.AlterField("cellstate", "computed", status(default=5)),
        migrations.AlterField("cellstate", "status", status(default=5)),
        migrations.AlterField("lowzoomcell", "status", status()),
        migrations.AlterField("override", "model_status", status(null=True)),
        migrations.AlterField("override", "status", status()),
        migrations.AlterField("publicplace", "status", status()),
        migrations.AlterField("zone", "computed", status(default=5)),
        migrations.AlterField("zone", "status", status()),
        migrations.AlterField("zonechange", "before", status(null=True)),
        migrations.AlterField("zonechange", "status", status(null=True)),
    ]
