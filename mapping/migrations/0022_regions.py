import django.contrib.postgres.fields
import django.db.models.functions.comparison
from django.db import migrations, models

import solidarity.lib.database.region

# Zones get the regions of their cells. A row of the outbox now names only the regions of its cells, so the waiting rows of
# a tour become one row for each region of the tour.
FORWARDS = """
UPDATE mapping_zone z SET regions = q.regions
  FROM (SELECT zone, array_agg(DISTINCT region ORDER BY region) AS regions FROM mapping_cellstate GROUP BY zone) q
 WHERE z.release_id IS NULL AND z.key = q.zone;
INSERT INTO mapping_celltouch (kind, report, old_cell, new_cell, at)
SELECT 1, c.tour_id, min(c.cell), min(c.cell), min(t.at)
  FROM mapping_celltouch t JOIN needs_tourcell c ON c.tour_id = t.report WHERE t.kind = 1 GROUP BY c.tour_id, c.region;
"""


class Migration(migrations.Migration):
    dependencies = [("mapping", "0021_map_tree"), ("needs", "0032_tour_passes")]

    operations = [
        migrations.CreateModel(
            name="UnfoldedReport",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
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
                ("old_cell", models.BigIntegerField(null=True)),
                ("new_cell", models.BigIntegerField(null=True)),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(
                            django.db.models.functions.comparison.Coalesce(models.F("new_cell"), models.F("old_cell"))
                        ),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                ("at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField()),
                ("error", models.CharField(max_length=40)),
                ("retry_at", models.DateTimeField()),
            ],
            options={"ordering": ("at", "id")},
        ),
        migrations.AddField(
            model_name="zone",
            name="regions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="celltouch", index=models.Index(fields=["region", "id"], name="celltouch_region")
        ),
        migrations.RunSQL(FORWARDS, migrations.RunSQL.noop, elidable=True),
    ]
