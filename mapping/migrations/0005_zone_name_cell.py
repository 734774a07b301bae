"""Zones get the cell that names them. Stored zones get a cell inside their outline."""

from typing import Any

import h3.api.basic_int as h3
from django.contrib.gis.db.models.functions import PointOnSurface
from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    zone = apps.get_model("mapping", "Zone")
    coverage = apps.get_model("mapping", "CoverageSettings")
    resolutions = dict(coverage.objects.values_list("territory_id", "resolution"))
    rows = list(zone.objects.annotate(inside=PointOnSurface("shape")).only("pk", "territory_id"))
    for row in rows:
        row.name_cell = h3.latlng_to_cell(row.inside.y, row.inside.x, resolutions.get(row.territory_id, 9))
    zone.objects.bulk_update(rows, ["name_cell"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("mapping", "0004_status_words")]

    operations = [
        migrations.AddField("zone", "name_cell", models.BigIntegerField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
